from django.apps import AppConfig

from portal.retention.keepers import register


class PromptsConfig(AppConfig):
    name = "portal.prompts"
    label = "prompts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # The models are there only now.
        from portal.prompts.keeping import PromptKeeper  # noqa: PLC0415

        register(PromptKeeper())

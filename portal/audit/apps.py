from django.apps import AppConfig
from prometheus_client import REGISTRY


class AuditConfig(AppConfig):
    name = "portal.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from portal.audit.gauges import JournalGauges  # noqa: PLC0415 - needs the loaded models

        REGISTRY.register(JournalGauges())

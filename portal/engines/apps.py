from django.apps import AppConfig

from portal.core.catalogue import ENGINE
from portal.core.readiness import add_probe


class EnginesConfig(AppConfig):
    name = "portal.engines"
    label = "engines"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from portal.departments.authority import register_authority  # noqa: PLC0415
        from portal.engines.access import require_management  # noqa: PLC0415
        from portal.engines.health import engine_components  # noqa: PLC0415 - models need the loaded apps

        add_probe(engine_components)
        register_authority(ENGINE, require_management)

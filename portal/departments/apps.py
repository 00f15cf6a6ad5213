from django.apps import AppConfig
from django.db.models.signals import post_delete, post_migrate


class DepartmentsConfig(AppConfig):
    name = "portal.departments"
    label = "departments"

    def ready(self) -> None:
        # The models are there only now.
        from portal.departments.builtin import refresh_builtin_roles  # noqa: PLC0415
        from portal.departments.subjects import forget_group  # noqa: PLC0415

        post_migrate.connect(refresh_builtin_roles, sender=self, dispatch_uid="departments.builtin")
        for sender in ("departments.Department", "departments.Role"):
            post_delete.connect(forget_group, sender=sender, dispatch_uid=f"{sender}.group")

from django.apps import AppConfig


class DepartmentsConfig(AppConfig):
    name = "portal.departments"
    label = "departments"
    default_auto_field = "django.db.models.BigAutoField"

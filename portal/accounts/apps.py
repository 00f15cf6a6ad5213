from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "portal.accounts"
    label = "accounts"

    def ready(self) -> None:
        from portal.accounts import sign_in_audit  # noqa: F401, PLC0415 - signal receivers need the loaded apps

from django.db import models


class Version(models.Model):
    """One change of one setting. The newest row of a setting is in force; rows are never changed (``migrations``)."""

    setting = models.CharField(max_length=64)
    # None: the default again. Only what the setting's kind takes is written here.
    value = models.JSONField(null=True)
    # No foreign key: this room knows no people, and a version outlives whoever made it.
    changed_by_id = models.UUIDField(null=True)
    changed_by_name = models.CharField(max_length=150)
    at = models.DateTimeField()
    note = models.CharField(max_length=300, blank=True)
    # The version whose value was brought back.
    reverts = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "configuration_version"
        default_permissions = ()
        indexes = [models.Index(fields=["setting", "-id"], name="configuration_newest")]

    def __str__(self) -> str:
        return f"{self.pk} {self.setting}"

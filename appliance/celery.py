import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "appliance.settings")

app = Celery("appliance")
app.config_from_object("django.conf:settings", namespace="CELERY")
# Named here and not found by scanning: the portal sends by name and must not import a worker.
app.conf.include = ["workers.tasks"]

"""The Celery application. Tasks live in the tasks.py of each app and of each noun of reporting, the schedule in the
settings."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vvdash.settings")

NOUNS = ["reporting.months", "reporting.packs"]  # packages with tasks that are no apps

app = Celery("vvdash")
# For every thread, not only for the one that imports this: gunicorn answers in several.
app.set_default()
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(list(NOUNS))

"""The Celery application of beat: `celery --app vvdash.beat beat`. It only sends a wake each minute, by a task's name.
So it loads neither our tasks nor Django's apps, which are two thirds of what a worker has in memory."""

import logging.config

from celery import Celery
from django.conf import settings

from vvdash.celery import PATIENT_WITH_REDIS

app = Celery("vvdash", set_as_current=False, fixups=[])
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS | PATIENT_WITH_REDIS
logging.config.dictConfig(settings.LOGGING)

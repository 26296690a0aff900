"""The Celery application. Tasks are in the tasks.py of each app and of some packages of reporting. The schedule is in
the settings."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_init

from vvdash import task_log  # noqa: F401  # connects itself to Celery's signals
from vvdash.checks import refuse_unsafe
from vvdash.logs import begin_no_threads
from vvdash.postgres import PATIENCE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vvdash.settings")

PATIENT_WITH_REDIS = {"socket_connect_timeout": 2, "socket_timeout": 5}  # seconds
PACKAGES = ["reporting.months", "reporting.packs"]  # packages with tasks that aren't apps

app = Celery("vvdash", task_cls="vvdash.hints:Hint")
# Set this for every thread, not only the one that imports this: gunicorn answers in several.
app.set_default()
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(list(PACKAGES))
# As they start, and not on import: manage.py imports this too.
worker_init.connect(refuse_unsafe)
beat_init.connect(refuse_unsafe)


@worker_init.connect
def be_patient(**_: Any) -> None:
    """Wait as long as a worker does. Its processes are children of this one."""
    begin_no_threads()
    PATIENCE.become("worker")
    wait_for_redis()


@beat_init.connect
def wait_for_redis(**_: Any) -> None:
    """Wait longer than a page may."""
    options = app.conf.broker_transport_options  # the very dict of the settings: never change it in place
    app.conf.broker_transport_options = options | PATIENT_WITH_REDIS

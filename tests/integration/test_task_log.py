"""A worker's log says which request queued a task."""

import logging
from threading import Event

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker
from celery.signals import setup_logging, worker_init

from core.context import Trail, trail
from vvdash import celery, task_log  # noqa: F401  # connects itself to Celery's signals

ORDINARY = 20  # seconds


def keep(**_: object) -> None:
    """Stand in for Celery's own set-up, which would change the log of all tests after this."""


@pytest.fixture
def app():
    setup_logging.connect(keep)
    worker_init.disconnect(celery.be_patient)  # it would leave this process as patient as a worker
    yield Celery("test", broker="memory://of-this-test/", set_as_current=False, fixups=[])
    worker_init.connect(celery.be_patient)
    setup_logging.disconnect(keep)
    # The worker made its app the current one of this thread and the default of all: the product's tasks would go into
    # its queue, in silence, and no later test of this process would see them run.
    celery.app.set_current()
    celery.app.set_default()


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")
def test_a_task_has_the_id_of_the_request_that_queued_it(app):
    seen, done = [], Event()

    @app.task(name="tests.look", shared=False)
    def look() -> None:
        own = trail.get()
        seen.append(own.describe() if own else None)
        done.set()

    with start_worker(app, pool="solo", perform_ping_check=False, loglevel=logging.ERROR):
        token = trail.set(Trail("of-a-request"))
        look.delay()
        trail.reset(token)
        assert done.wait(ORDINARY)
        done.clear()
        look.delay()  # by nobody, such as beat
        assert done.wait(ORDINARY)

    assert seen[0] == {"request": "of-a-request", "task": "tests.look"}
    assert seen[1]["request"] != "of-a-request"
    assert len(str(seen[1]["request"])) == 16
    assert trail.get() is None

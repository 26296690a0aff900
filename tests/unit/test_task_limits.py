"""A task ends in time, and what ends it isn't taken for a fault of one area."""

import pytest
from django.conf import settings

from core.timetable import OutOfTime, SomeFailed, for_each
from vvdash import celery, jobs


def test_every_task_has_limits_that_leave_it_time_to_end():
    celery.app.autodiscover_tasks(force=True)
    celery.app.autodiscover_tasks(list(celery.PACKAGES), force=True)
    conf = celery.app.conf
    for name, task in celery.app.tasks.items():
        if not name.startswith("celery."):
            soft = task.soft_time_limit or conf.task_soft_time_limit
            hard = task.time_limit or conf.task_time_limit
            assert (soft >= 60, hard - soft) == (True, jobs.GRACE), name
    assert celery.app.tasks["reporting.packs.tasks.make_pack_bundle"].soft_time_limit == 1200
    assert settings.CELERY_TASK_SOFT_TIME_LIMIT == 300


def test_the_end_of_the_time_is_no_fault_of_one_part():
    done = []

    def do(part: str) -> str:
        if part == "slow":
            raise OutOfTime
        if part == "broken":
            raise ValueError(part)
        return part

    with pytest.raises(OutOfTime):
        done.extend(for_each(["one", "broken", "slow", "never"], do))
    parts = for_each(["one", "broken", "last"], do)
    assert next(parts) == "one"
    assert next(parts) == "last"
    with pytest.raises(SomeFailed):
        next(parts)

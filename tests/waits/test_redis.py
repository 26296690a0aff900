"""A Redis that is paused, or gone: pages go on, and the jobs do what could not be queued."""

import logging
import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from celery import Celery
from django.conf import settings
from django.test import Client
from django.urls import reverse
from redis import Redis

from core.calendar import Month
from indicators.models import Submission
from tests.scenarios import accept, make_town, newest_lines, stale_months, submit, sweep
from tests.waiting import wait_until
from tests.waits.lines import Line, line
from tests.waits.serving import served
from vvdash import celery, hints
from vvdash.breaker import Breaker

OCTOBER = Month(2024, 10)
ALL_TWENTY = 0.4  # seconds; measured: 0.11, and 0.1 of it is the wait of the first


@pytest.fixture
def redis_line(redis_url: str) -> Iterator[Line]:
    with line(urlsplit(redis_url).port) as made:
        yield made


@pytest.fixture
def queue(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url) as client:
        client.flushall()
        yield client


def by(redis_url: str, line: Line) -> str:
    return redis_url.replace(f":{urlsplit(redis_url).port}/", f":{line.port}/")


@pytest.fixture
def patience(request: pytest.FixtureRequest) -> Mapping[str, float]:
    """How long an answer from Redis may take: as we have it, or as a test's parameter says, in seconds."""
    usual = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    return usual | {
        name: getattr(request, "param", usual[name]) for name in ("socket_connect_timeout", "socket_timeout")
    }


@pytest.fixture
def hint(
    redis_url: str, redis_line: Line, queue: Redis, patience: Mapping[str, float], monkeypatch
) -> Iterator[hints.Hint]:
    """A task of an application like ours, on a Redis by a line that can go deaf."""
    monkeypatch.setattr(hints, "BREAKER", Breaker("server", rest=0.4))
    app = Celery("waits", broker=by(redis_url, redis_line), task_cls=hints.Hint, set_as_current=False)
    app.conf.update(
        broker_transport_options=patience,
        task_publish_retry=settings.CELERY_TASK_PUBLISH_RETRY,
        task_ignore_result=True,
    )

    @app.task(name="waits.hint", shared=False)
    def hint() -> None: ...

    hint.delay()  # opens the connection
    yield hint
    app.close()


def publish(hint: hints.Hint) -> float:
    began = time.monotonic()
    hint.delay()
    return time.monotonic() - began


def test_a_paused_redis_holds_up_one_page_for_a_moment(hint: hints.Hint, redis_line: Line, queue: Redis, caplog):
    with redis_line.deaf(), caplog.at_level(logging.WARNING, logger="vvdash.hints"):
        took = [publish(hint) for _ in range(20)]
        assert sum(took) <= ALL_TWENTY
        assert took[0] >= 0.1
        assert [record.message.partition(", so")[0] for record in caplog.records] == ["We could not queue waits.hint"]
    time.sleep(0.4)  # the breaker's rest
    assert hint.delay() is not None
    wait_until(lambda: queue.llen("celery") >= 2, what="nothing is queued any more")
    assert not hints.BREAKER.is_open


# A machine that is busy for a tenth of a second isn't a Redis that keeps silent.
@pytest.mark.parametrize("patience", [2.0], indirect=True)
def test_a_redis_that_is_gone_holds_up_nobody(hint: hints.Hint, redis_line: Line):
    """And it is asked again each time, because a refusal takes no time."""
    redis_line.close()
    assert sorted(publish(hint) for _ in range(20))[10] <= 0.05  # measured: 0.002
    assert not hints.BREAKER.is_open


def test_every_task_is_a_hint():
    celery.app.autodiscover_tasks(force=True)
    ours = {name: task for name, task in celery.app.tasks.items() if not name.startswith("celery.")}
    assert {name for name, task in ours.items() if not isinstance(task, hints.Hint)} == set()
    assert (hints.BREAKER.rest, celery.app.conf.broker_transport_options["socket_timeout"]) == (30, 0.1)


def test_a_return_is_accepted_while_redis_is_paused(
    shared_database: str, redis_url: str, redis_line: Line, client: Client, tmp_path: Path
):
    town = make_town()
    accept(town, OCTOBER, {"arrests": 12, "charges": 4})
    submit(town, OCTOBER.next, {"arrests": 5, "charges": 4})
    sweep()
    client.force_login(town.coordinator)
    page = reverse("indicators:return-edit", args=[town.area.slug, OCTOBER.next, "police"])
    decide = reverse("reporting:return-decide", args=[town.area.slug, OCTOBER.next, "police"])
    with served(tmp_path, workers=1, DATABASE_URL=shared_database, REDIS_URL=by(redis_url, redis_line)) as server:
        server.cookies["sessionid"] = client.cookies[settings.SESSION_COOKIE_NAME].value
        (token,) = set(re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', server.ask(page).words))
        with redis_line.deaf():
            form = {"csrfmiddlewaretoken": token, "decision": "accept", "revision": "1"}
            accepted = server.ask(decide, form)
            assert accepted.status == 302
            assert accepted.seconds <= 3  # it took 5 for each task
            assert server.ask(page).status == 200
    assert Submission.objects.get(period__starts_on=OCTOBER.next.first_day).state == "accepted"
    assert stale_months(town) == ["2024-11"]
    sweep()
    assert newest_lines(town, OCTOBER.next)["arrests"].change == -7

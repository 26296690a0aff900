"""Several workers that call hooks at once: each event is told once."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from core import outside
from core.months import Month
from reporting.hooks.selectors import find_events
from reporting.hooks.services import calls
from reporting.models import HookCall
from tests import scenarios
from tests.integration.at_once import WAIT, WORKERS, by_all
from tests.integration.rows_of_hooks import ADDRESS
from tests.integration.test_hooks import a_day_later, hook_of
from tests.scenarios import Town, make_town

MONTHS = [Month(2026, number) for number in (7, 8, 9)]


@pytest.fixture
def town(shared_database: str) -> Town:
    town = make_town()
    hook_of(town, ADDRESS)
    for month in MONTHS:
        scenarios.accept(town, month, {"arrests": 3, "charges": 12})
        scenarios.publish(town, month)
    return town


@pytest.fixture
def others() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(WORKERS) as pool:
        yield pool


@pytest.fixture
def got(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The months that the receiver was told."""
    got: list[str] = []

    def post(url: str, body: bytes, headers: object, **_: object) -> outside.Answer:
        got.append(json.loads(body)["data"]["month"])
        return outside.Answer(200, 1)

    monkeypatch.setattr(outside, "post", post)
    return got


def test_several_workers_tell_each_event_once(
    town: Town, others: ThreadPoolExecutor, got: list[str], monkeypatch: pytest.MonkeyPatch
):
    have_looked = threading.Barrier(WORKERS)

    def look(*args):
        """Every worker has seen that nothing is told, before the first tells."""
        events = find_events(*args)
        have_looked.wait(WAIT)
        return events

    monkeypatch.setattr(calls, "find_events", look)
    assert sum(by_all(others, calls.send_calls)) == 3
    assert Counter(got) == Counter(map(str, MONTHS))
    assert HookCall.objects.filter(sent_at__isnull=False).count() == HookCall.objects.count() == 3


def test_several_workers_try_a_failed_one_again_once(
    town: Town, others: ThreadPoolExecutor, got: list[str], monkeypatch: pytest.MonkeyPatch
):
    with monkeypatch.context() as patch:
        patch.setattr(outside, "post", lambda *_, **__: outside.Answer(500, 1))
        assert calls.send_calls() == 1  # and the others wait, because the receiver is down
    a_day_later()
    assert sum(by_all(others, calls.send_calls)) == 3
    assert Counter(got) == Counter(map(str, MONTHS))

"""A short run of bench.faults, always the same: nothing that was acknowledged is lost, doubled or spoilt. And its
checks find what is.
"""

import subprocess
import sys
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from bench.faults import checks
from bench.faults.model import State, Write, key_of
from bench.faults.plans import make_plan
from boards.rules import Role
from core.calendar import Month
from core.models import OutboxEntry
from tests import databases
from tests.challenging import ask
from tests.integration.rows import empty_the_record
from tests.letters import leave_letter
from tests.planning import plan
from tests.scenarios import Town, accept, sweep

ROOT = Path(__file__).resolve().parents[2]
OCTOBER = Month(2026, 10)
KINDS = {
    "sqlite": ("the site is killed", "a worker is killed", "Redis is gone"),
    "postgresql": (
        "PostgreSQL is started again",
        "a process of PostgreSQL is killed",
        "a process of the site is killed",
    ),
}


@pytest.mark.both_databases
@pytest.mark.release  # test_worker.py and the tests of two at once
def test_nothing_acknowledged_is_lost(db: None, tmp_path: Path):
    is_sqlite = connection.vendor == "sqlite"
    migrated = (
        databases.migrated_on_sqlite() if is_sqlite else databases.dump_migrated(connection, tmp_path / "migrated.sql")
    )
    command = [sys.executable, "-m", "bench.faults", "--seed=22", "--faults=3", "--longest=1"]
    command += [f"--only={kind}" for kind in KINDS[connection.vendor]]
    command += [f"--database={'sqlite' if is_sqlite else 'postgres'}", f"--migrated={migrated}", f"--logs={tmp_path}"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "Nothing is lost, doubled or spoilt." in ran.stdout


def test_the_seed_decides_everything():
    kinds = ["one", "two", "three"]
    made = make_plan(7, 12, kinds, longest=8)
    assert made == make_plan(7, 12, kinds, longest=8)
    assert made != make_plan(8, 12, kinds, longest=8)
    assert all({step.fault for step in made[number : number + 3]} == set(kinds) for number in (0, 3, 6, 9))
    acts = [act for step in made for act in step.acts]
    assert len({act.number for act in acts}) == len(acts)
    months = [(act.town, act.slot) for act in acts if act.kind in ("figures by key", "file by key")]
    assert len(set(months)) == len(months), "two systems would write over each other"


@pytest.mark.parametrize(
    ("state", "times", "is_fault"),
    [
        (State.ACKNOWLEDGED, 0, True),
        (State.ACKNOWLEDGED, 1, False),
        (State.ACKNOWLEDGED, 2, True),
        (State.UNKNOWN, 0, False),
        (State.UNKNOWN, 1, False),
        (State.UNKNOWN, 2, True),
        (State.REFUSED, 0, False),
        (State.REFUSED, 1, True),
    ],
)
def test_what_is_lost_or_doubled_is_found(town: Town, state: State, times: int, is_fault: bool):
    write = Write("action", key_of(7), f"{key_of(7)} was talked about", state=state)
    for _ in range(times):
        plan(town, title=write.text)
    assert bool(list(checks.look_for(write))) is is_fault


def test_what_is_spoilt_is_found(town: Town):
    write = Write("action", key_of(7), f"{key_of(7)} was talked about", state=State.ACKNOWLEDGED)
    plan(town, title=write.text[:-3])
    assert [words.partition(":")[0] for words in checks.look_for(write)] == ["Not whole"]


def test_a_return_that_never_reached_its_month_is_found(town: Town):
    where = {"town": town.area.slug, "agency": "police", "month": OCTOBER, "figure": ("arrests", 12)}
    write = Write("accepted", key_of(7), "", where, State.ACKNOWLEDGED)
    assert [words.partition(":")[0] for words in checks.look_for(write)] == ["0 times"]
    accept(town, OCTOBER, {"arrests": 12, "charges": 4})
    assert [words.partition(":")[0] for words in checks.look_for(write)] == ["Its month has []"]
    sweep()
    assert list(checks.look_for(write)) == []
    write.where["figure"] = ("arrests", 13)
    assert [words.partition(":")[0] for words in checks.look_for(write)] == ["Its month has [12]"]


def test_an_event_that_is_missing_is_found(town: Town):
    plan(town)
    assert list(checks.look_at_events()) == []
    empty_the_record()
    assert list(checks.look_at_events()) == ["The record has action.added 0 times, and there are 1."]


def test_an_email_that_is_lost_or_doubled_is_found(town: Town):
    ask(town)
    answerer = town.people[Role.BOARD_MEMBER]
    (missing,) = checks.look_at_letters([])
    assert missing.startswith(f"{answerer.email} got no email")
    now = timezone.now()
    letter = leave_letter(answerer, now.date())
    assert any(words.startswith("Never sent") for words in checks.look_at_letters([]))
    OutboxEntry.objects.filter(pk=letter.pk).update(sent_at=now)
    assert any(words.startswith("Marked as sent") for words in checks.look_at_letters([]))
    one = EmailMessage()
    one["To"], one["Message-ID"] = answerer.email, "<1@x>"
    assert list(checks.look_at_letters([one, one])) == []

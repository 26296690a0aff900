"""A short run of script/faults, always the same: nothing that was acknowledged is lost, doubled or spoilt."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from tests import databases
from tests.faults.plans import make_plan

ROOT = Path(__file__).resolve().parents[2]
KINDS = {
    "sqlite": ("the site is killed", "a worker is killed", "Redis is gone"),
    "postgresql": (
        "PostgreSQL is started again",
        "a process of PostgreSQL is killed",
        "a process of the site is killed",
    ),
}


@pytest.mark.slow
def test_nothing_acknowledged_is_lost(db: None, tmp_path: Path):
    is_sqlite = connection.vendor == "sqlite"
    migrated = (
        databases.migrated_on_sqlite() if is_sqlite else databases.dump_migrated(connection, tmp_path / "migrated.sql")
    )
    command = [sys.executable, "script/faults.py", "--seed=22", "--faults=3", "--longest=1"]
    command += [f"--only={kind}" for kind in KINDS[connection.vendor]]
    command += [f"--database={'sqlite' if is_sqlite else 'postgres'}", f"--migrated={migrated}", f"--logs={tmp_path}"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "Nothing is lost, doubled or spoilt." in ran.stdout


def test_the_seed_decides_everything():
    kinds = ["one", "two", "three"]
    plan = make_plan(7, 12, kinds, longest=8)
    assert plan == make_plan(7, 12, kinds, longest=8)
    assert plan != make_plan(8, 12, kinds, longest=8)
    assert all({step.fault for step in plan[number : number + 3]} == set(kinds) for number in (0, 3, 6, 9))
    acts = [act for step in plan for act in step.acts]
    assert len({act.number for act in acts}) == len(acts)
    months = [(act.town, act.slot) for act in acts if act.kind in ("figures by key", "file by key")]
    assert len(set(months)) == len(months), "two systems would write over each other"

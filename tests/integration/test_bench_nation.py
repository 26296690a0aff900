"""bench.nation, with few areas: what it measures and when it fails."""

import json
import os
import subprocess
import sys

import pytest
from django.db import connection

from bench.nation import TARGETS, list_missed

MET = {name: most for name, (most, _) in TARGETS.items()}


@pytest.mark.both_databases
@pytest.mark.release  # test_constant_queries.py
def test_a_small_nation_is_measured(shared_database):
    command = [sys.executable, "-m", "bench.nation", "--areas", "3", "--months", "4"]
    environment = {**os.environ, "DATABASE_URL": shared_database}
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ran.stdout, ran.stderr
    found = json.loads(ran.stdout)
    missed = [line for line in ran.stderr.splitlines() if line.startswith("Missed")]
    assert ran.returncode == bool(missed)
    # A lock is measured by the clock, and this machine may be busy.
    assert [line for line in missed if "lock" not in line] == []
    assert (found["months"], found["reminder_queries"]) == (3, 6)
    if connection.vendor == "postgresql":
        assert found["samples"] > 0
        assert found["server"] > 0
        assert found["longest_wait"] == 0


@pytest.mark.parametrize("name", TARGETS)
def test_each_target_can_be_missed(name):
    assert list(list_missed(MET, areas=400)) == []
    (said,) = list_missed({**MET, name: MET[name] * 1.1}, areas=400)
    assert said.startswith(f"Missed: {MET[name] * 1.1:.2f} ")
    assert list(list_missed({**MET, name: None}, areas=400)) == []


def test_fewer_areas_may_take_less():
    assert list(list_missed({**MET, "cpu": 14}, areas=200)) == []
    assert list(list_missed({**MET, "cpu": 16}, areas=200)) == [
        "Missed: 16.00 s of CPU for a month of each area, of at most 15."
    ]

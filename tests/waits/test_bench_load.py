"""A short working day of bench.load: nobody waits in vain, and nobody gets an error."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from bench.load.day import make_host
from tests import databases

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.release  # a measurement: test_server.py asks for eight packs at once
def test_fifty_people_get_no_error(db: None, tmp_path: Path):
    migrated = databases.dump_migrated(connection, tmp_path / "migrated.sql")
    command = [sys.executable, "-m", "bench.load", "--people=50", "--minutes=0.2", "--think=4", "--months=3"]
    command += [f"--migrated={migrated}", f"--logs={tmp_path}"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert " 0 errors." in ran.stdout
    for kind in ("home", "return saved", "plan", "public", "all"):
        assert f"\n{kind} " in ran.stdout, ran.stdout


def test_each_person_comes_from_an_address_of_their_own():
    hosts = [make_host(number) for number in range(100_000)]
    assert len(set(hosts)) == len(hosts)
    assert all(host.startswith("127.") and all(int(part) < 256 for part in host.split(".")) for host in hosts)

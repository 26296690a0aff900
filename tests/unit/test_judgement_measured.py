"""What docs/judgement.md and the method page promise is what the code does: a part of each table, measured again."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from script.judgement import DOCUMENT, MEASURED, Measure, signed

measure = Measure(200, 1)


@pytest.fixture(scope="module")
def measured() -> dict:
    return json.loads(MEASURED.read_text())


def test_how_often_it_is_wrong(measured: dict):
    first = next(measure.steady())

    assert measured["steady"][0] == {"what": first.what, "any": first.any, "stands_out": first.stands_out}


@pytest.mark.parametrize(("size", "change"), [(2, 1.0), (20, -0.3)])
def test_how_soon_a_change_is_found(measured: dict, size: int, change: float):
    assert measured["found"][str(size)][signed(change)] == list(measure.found(size, change))


def test_the_document_says_what_was_measured(measured: dict):
    text = DOCUMENT.read_text()

    for row in measured["steady"]:
        assert f"| {row['what']} | {row['any']} | {row['stands_out']} |" in text
    for size, row in measured["found"].items():
        assert f"| {size} | {' | '.join(f'{out} ({watched})' for out, watched in row.values())} |" in text
    for share in measured["towns"].values():
        assert f" | {share} |" in text


def test_the_script_runs():
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "script/judgement.py", "--series", "2"], cwd=root, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0
    assert "| 200 |" in done.stdout

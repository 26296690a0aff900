"""What docs/measured/judgement.md and the method page say is what the code does: a part of each table again."""

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from bench.judgement import DOCUMENT, MEASURED, SIZES, Measure, signed
from indicators.ratios import RatioKind
from tests.made_up import JUMPING

FOUND = ("found", "found_in_shares", "found_in_rates")

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


def test_how_often_it_is_wrong_of_rates(measured: dict):
    """One row, of residents that jump each quarter."""
    what = f"Rates of residents {JUMPING}: by chance"
    row = measure.wrongly_of_ratios(what, RatioKind.RATE, measure.rates(SIZES, 1, JUMPING))

    assert asdict(row) in measured["steady_ratios"]


def test_how_soon_a_change_of_a_share_or_rate_is_found(measured: dict):
    assert measured["found_in_shares"]["30"]["40% to 50%"] == list(measure.found_in_share(0.4, 0.5, 30))
    assert measured["found_in_rates"]["10"]["−30%"] == list(measure.found_in_rate(10, -0.3))


def test_of_steady_ratios_few_months_stand_out(measured: dict):
    """But for few cases in clusters, and seasons before they are known, which docs/judgement.md names."""
    rows = {row["what"]: row["stands_out"] for row in measured["steady_ratios"]}
    named = {what for what in rows if what.endswith("fewer on one side") or what == "Shares with seasons"}

    assert len(named) == 3
    assert all(stands_out <= 5 for what, stands_out in rows.items() if what not in named)


def test_the_document_says_what_was_measured(measured: dict):
    text = DOCUMENT.read_text()

    for row in measured["steady"] + measured["steady_ratios"]:
        assert f"| {row['what']} | {row['any']} | {row['stands_out']} |" in text
    for size, row in [pair for name in FOUND for pair in measured[name].items()]:
        assert f"| {size} | {' | '.join(f'{out} ({watched})' for out, watched in row.values())} |" in text
    for share in measured["towns"].values():
        assert f" | {share} |" in text


def test_the_script_runs():
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "bench.judgement", "--series", "2"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0
    assert "| 200 |" in done.stdout

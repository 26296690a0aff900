"""What the method says of ten years of six London boroughs: with the first lockdown in them, and steady years."""

from itertools import pairwise

import pytest

from core.calendar import Month
from indicators.judgement.judge import Entry, Signal, Tier, judge
from tests import london

type Judged = list[tuple[london.Series, list[Entry]]]


@pytest.fixture(scope="module")
def judged() -> Judged:
    return [(each, judge(each.values)) for each in london.series()]


def months(judged: Judged, crime: str, *of: Month) -> list[Entry]:
    return [entries[month - london.FIRST] for each, entries in judged if each.crime == crime for month in of]


def test_in_lockdown_violence_was_better_and_nowhere_worse(judged: Judged):
    entries = months(judged, london.VIOLENCE, *london.LOCKDOWN)
    stand_out = [entry.signal for entry in entries if entry.tier is Tier.STANDS_OUT]

    assert len(entries) == 12
    assert Signal.HIGH not in stand_out
    assert stand_out.count(Signal.LOW) >= 3


def test_in_the_tenth_year_few_months_have_a_signal(judged: Judged):
    """By the rules until November 2026, 71 of 100 were Worse."""
    year = [entries[Month(2019, number) - london.FIRST] for _, entries in judged for number in range(1, 13)]
    read = [entry for entry in year if entry.signal is not None]

    assert len(read) > 0.95 * len(year)
    assert sum(entry.tier is not None for entry in read) <= 0.12 * len(read)


def test_homicide_is_read_in_every_month_after_its_twelfth(judged: Judged):
    for each, entries in judged:
        if each.crime == london.HOMICIDE:
            assert all(entry.signal is not None for entry in entries[12:])


def test_what_is_said_of_a_month_never_changes(judged: Judged):
    for each, entries in judged[::7]:
        for end in range(5, len(entries), 13):
            assert judge(each.values[:end]) == entries[:end]


@pytest.mark.parametrize("crime", [london.VIOLENCE, london.ROBBERY])
def test_levels_last_for_a_year_at_least(judged: Judged, crime: str):
    for each, entries in judged:
        if each.crime == crime:
            starts = list(dict.fromkeys(entry.since for entry in entries[12:] if entry.since is not None))
            assert 2 <= len(starts) <= 8
            assert all(after - before >= 12 for before, after in pairwise(starts))

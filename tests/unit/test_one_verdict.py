"""No two sentences about a series disagree: of its month, of its year, and of what happened, wherever it is judged."""

import random
import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations
from typing import NamedTuple

import pytest

from actions.selectors.events import Happened, Happening, NamedAim
from core.calendar import NAMES, Month
from indicators.disclosure import Audience
from indicators.judgement.judge import Counted
from indicators.trend import CellState, Polarity
from reporting.impact.presenters.outcomes import (
    NOTHING,
    Claim,
    compare_published,
    describe_claim,
    describe_elsewhere,
    find_teller,
    find_verdict,
)
from reporting.impact.results import Outcome
from reporting.impact.selectors import Part
from reporting.models import IndicatorLine
from reporting.months.inputs import Figure
from reporting.months.lines import what_is_said
from reporting.months.presenters.month import make_glance
from reporting.months.presenters.sentences import NO_MORE, NO_MORE_THAN_CHANCE
from reporting.months.presenters.series import series_of_lines
from reporting.packs.presenters.month import make_tile
from reporting.packs.presenters.year import year_row
from reporting.public.presenters.month import headline
from tests.disclosed import passed
from tests.unit.test_presenters import line as make_line
from tests.unit.test_presenters import view as month_of

LAST, DUE, MONTHS = Month(2026, 10), date(2026, 11, 10), 72
FIRST = LAST + -(MONTHS - 1)
SEEDS = (3, 6, 9, 12)


def expect(month: int) -> dict[str, float]:
    """Return the expected count of the months 0 to 71, of ten kinds of series."""
    ago = MONTHS - 1 - month
    return {
        "steady": 20,
        "rare": 0.4,
        "rises in the last three months": 34 if ago < 3 else 18,
        "falls for half a year": 8 if ago < 6 else 14,
        "a new level a year ago": 30 if ago < 12 else 20,
        "a new level two years ago": 18 if ago < 24 else 30,
        "up and back": 40 if 6 <= ago < 16 else 20,
        "creeps up": 10 + month / 4,
        "seasonal": 32 if month % 12 in (5, 6, 7) else 20,
        "restless": 12 if month // 5 % 2 else 28,
    }


KINDS = tuple(expect(0))


def make_values(kind: str, seed: int) -> list[int]:
    chance = random.Random(f"{kind} {seed}")  # made-up figures
    return [sum(chance.random() < expect(month)[kind] / 500 for _ in range(500)) for month in range(MONTHS)]


def roll_up(values: Sequence[int], last: Month) -> IndicatorLine:
    """Return the line of a month as a roll-up makes it."""
    figures = {FIRST + place: Figure(CellState.FIGURE, values[place], "") for place in range(last - FIRST + 1)}
    said = what_is_said(figures, {FIRST.first_day: ""}, polarity=Polarity.NEUTRAL, counted=Counted.FLOW)
    return make_line("arrests", said.pop("value"), said.pop("change"), **{"polarity_reason": "They vary."} | said)


# --- What is said ---------------------------------------------------------------------------------


def list_said_of_month(line: IndicatorLine) -> tuple[str, list[str]]:
    """Return the verdict, and what pages and packs say of the month and its year."""
    (series,) = series_of_lines([line], LAST, DUE, audience=Audience.PARTNERS)
    month = month_of(line)
    said = [
        series.line.sentence,
        " ".join(text for text, _ in make_tile(series.line).words),
        *(words for words in headline(month) if words.startswith("Arrests. ")),
    ]
    return series.line.verdict, said


def test_a_row_of_the_year_has_the_verdicts_sentence_on_the_year():
    """Beside a year's sum the usual range of a month would be heard of the year."""
    for kind in KINDS:
        (series,) = series_of_lines([roll_up(make_values(kind, SEEDS[0]), LAST)], LAST, DUE, audience=Audience.PARTNERS)
        for said in year_row(series)[1].more:
            assert f"{series.line.verdict}.".endswith(said)
            assert said.startswith(("The year as a whole", "Rising", "Falling"))


def test_the_first_screen_has_the_verdict_in_a_line_with_its_numbers():
    """There is no room for the year."""
    for kind in KINDS:
        line = roll_up(make_values(kind, SEEDS[0]), LAST)
        (series,) = series_of_lines([line], LAST, DUE, audience=Audience.PARTNERS)
        for stand_out in make_glance(month_of(line), {}).stand_outs:
            verdict = series.line.verdict
            is_its_start = verdict == stand_out.sentence or verdict.startswith(f"{stand_out.sentence}. ")
            shortened = re.match(r"(\w+: \S+) in .+, usually about (\S+)$", stand_out.sentence)
            assert is_its_start or (
                shortened and re.match(f"{shortened[1]} from .+, where about {shortened[2]} is", verdict)
            )


def tell_events(values: Sequence[int]) -> list[tuple[Claim, str]]:
    """Return an event in each of the last two years' months, with its sentence. Each second one was foreseen."""
    published = [Part(1, last, passed(roll_up(values, last))) for last in (LAST, LAST + -36) if last > FIRST]
    aim = NamedAim("arrests", "Arrests", "")
    claims = []
    for ago in range(24):
        event = LAST + -ago
        happening = Happening(Happened.OPERATION, ago, f"Of {event}", event.first_day, None, "", "", "", (aim,))
        compared = compare_published(published, happening, NOTHING)
        claims.append(Claim(happening, aim, compared, is_foreseen=ago % 2 == 0))
    told = []
    for claim in claims:
        teller = find_teller(claim, claims)
        result = claim.compared.result
        told.append((claim, describe_elsewhere(teller, result) if teller else describe_claim(claim)))
    return told


# --- What a listener takes from it ----------------------------------------------------------------


class Heard(NamedTuple):
    """Some months are higher (1), lower (-1) or no different from chance (0), compared with others."""

    first: Month
    last: Month
    than: str
    way: int


MONTH = rf"({'|'.join(NAMES)})"
LABEL = r"(?:Higher|Lower|Watch|Better|Worse)"
USUAL = r"usually (?:about )?(\S+?)(?: to (\S+?))?(?:\.|$)"


def hear_verdict(verdict: str) -> Iterator[Heard]:
    """Yield all that a verdict claims. Fails if a sentence of it isn't known."""
    for sentence in verdict.split(". "):
        if re.fullmatch(r"Within the usual range of \d+ to \d+", sentence):
            yield Heard(LAST, LAST, "usual", 0)
        elif told := re.fullmatch(rf"{LABEL}: (\d+) in October, usually (\d+) to (\d+)", sentence):
            value, lower, upper = map(int, told.groups())
            yield Heard(LAST, LAST, "usual", (value > upper) - (value < lower))
        elif told := re.fullmatch(
            rf"({LABEL}): (\d+) from {MONTH}(?: (\d+))? to October(?: 2026)?, where about ([\d.]+) is usual; "
            r"(?:\d+|none) of them in October",
            sentence,
        ):
            label, counted, name, year, due = told.groups()
            first = Month(int(year or 2026), NAMES.index(name) + 1)
            way = 1 if float(counted) > float(due) else -1
            assert label not in ("Higher", "Lower") or (label == "Higher") == (way > 0), verdict
            yield Heard(first, LAST, "usual", way)
        elif told := re.fullmatch(r"About [\d.]+ a month since (\S+) (\d+), (up|down) from about [\d.]+", sentence):
            since = Month(int(told[2]), NAMES.index(told[1]) + 1)
            yield Heard(since, LAST, "the level before", 1 if told[3] == "up" else -1)
        elif told := re.fullmatch(
            rf"(?:{LABEL}: )?(?i:(rising|falling)) for three years, by about \d+% a year", sentence
        ):
            yield Heard(LAST + -35, LAST, "the first of them", 1 if told[1].lower() == "rising" else -1)
        elif told := re.fullmatch(r"The year as a whole (?:is (\w+) than|differs from) the year before.*", sentence):
            yield Heard(LAST + -11, LAST, "the 12 months before", {"higher": 1, "lower": -1, None: 0}[told[1]])
        else:
            assert re.fullmatch(r"Back at the level from before \S+ \d+|Too early to tell: .*", sentence), sentence


def hear_outcome(claim: Claim, sentence: str) -> Heard | None:
    """Return what an event's sentence claims; None without a claim. Fails if it doesn't say what it compares with."""
    comparison = claim.compared.result.comparison
    if comparison is None or sentence.startswith("Not judged here: "):
        return None
    # What is said of other months says nothing of these.
    if re.search(r"at \d+ other months|other months had a change that large", sentence):
        return None
    if sentence == f"Too close to call: {NO_MORE_THAN_CHANCE}.":
        return Heard(LAST + -11, LAST, "the 12 months before", 0)
    told = re.match(r"(Rose|Fell|Stayed|Too close to call).* compared with (the \d+ months before)", sentence)
    assert told, sentence
    event = claim.happening.first_after
    way = {"Rose": 1, "Fell": -1}.get(told[1], 0)
    return Heard(event, event + (comparison.span.after - 1), told[2], way)


def disagree(one: Heard, other: Heard) -> bool:
    return one[:3] == other[:3] and one.way != other.way


@pytest.mark.parametrize("kind", KINDS)
def test_no_two_sentences_disagree(kind: str):
    for seed in SEEDS:
        values = make_values(kind, seed)
        verdict, said = list_said_of_month(roll_up(values, LAST))
        heard = list(hear_verdict(verdict))
        for words in said:
            assert verdict in words
            rest = words.replace(verdict, "")
            assert not re.search(r"chance|usual|[Hh]igher|[Ll]ower|[Bb]etter|[Ww]orse|[Rr]ose|[Ff]ell", rest), rest
        for claim, sentence in tell_events(values):
            assert claim.compared.verdict == verdict
            heard += filter(None, [hear_outcome(claim, sentence)])
        assert [pair for pair in combinations(heard, 2) if disagree(*pair)] == [], (kind, seed, verdict)


@pytest.mark.parametrize("kind", KINDS)
def test_no_two_events_tell_one_change(kind: str):
    for seed in SEEDS:
        told = [
            claim
            for claim, sentence in tell_events(make_values(kind, seed))
            if claim.compared.result.outcome in (Outcome.FELL, Outcome.ROSE) and sentence[0] in "FR"
        ]
        assert not [pair for pair in combinations(told, 2) if pair[0].is_same_change(pair[1])]


def test_beside_a_claimed_change_the_year_is_not_said_to_be_chance():
    claims = [claim for kind in KINDS for seed in SEEDS for claim, _ in tell_events(make_values(kind, seed))]
    shown = [
        (claim.compared.result.outcome.is_claimed, claim.compared.verdict, find_verdict(claim.compared))
        for claim in claims
        if claim.compared.result.comparison is not None
    ]
    cut = [verdict for is_claimed, verdict, _ in shown if is_claimed and verdict.endswith(NO_MORE)]
    assert cut
    for is_claimed, verdict, words in shown:
        if is_claimed and verdict.endswith(NO_MORE):
            assert verdict.startswith(f"{words}. ")
            assert not words.endswith(NO_MORE)
        else:
            assert words == verdict


def test_each_kind_of_claim_is_heard():
    """The test above would find nothing if nothing were claimed."""
    verdicts = [list_said_of_month(roll_up(make_values(kind, seed), LAST))[0] for kind in KINDS for seed in range(12)]
    ways = {(heard.than, heard.way) for verdict in verdicts for heard in hear_verdict(verdict)}
    assert ways >= {("usual", -1), ("usual", 0), ("usual", 1), ("the level before", 1), ("the level before", -1)}
    assert ways >= {("the 12 months before", way) for way in (-1, 0, 1)}

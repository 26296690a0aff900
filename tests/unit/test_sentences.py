"""The sentence of a line, word for word; the method page shows the same lines."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from core.calendar import Month
from indicators.judgement.judge import Judgement, Method, Signal, Tier, usual_range
from indicators.judgement.promises import one_month_in
from indicators.trend import CellState, NoArrowReason
from reporting.months.presenters.month import describe_tile, make_glance
from reporting.months.presenters.past_months import past_months
from reporting.months.presenters.sentences import describe_leaning
from reporting.months.presenters.words import describe_chance, describe_found, describe_often, describe_unjudged
from reporting.pages.presenters.examples import DUE, NEVER_CAME, NOT_JUDGED, OCTOBER, examples, make_line, signal
from tests.disclosed import view_line
from tests.unit.test_presenters import view as month_of

SENTENCES = [
    "12 arrests, up 3 since September. Within the usual range of 4 to 16",
    "41 cuckooed houses, up 5 since September. Worse: 41 in October, usually 9 to 36",
    "13 cuckooed houses, down 3 since September. Better: 81 from May to October, where about 125 is usual; 13 of "
    "them in October",
    "13 cuckooed houses, down 3 since September. Within the usual range of 5 to 26. About 13 a month since May "
    "2024, down from about 21",
    "27 cuckooed houses, up 9 since September. Worse: 27 in October, usually 5 to 26. Back at the level from "
    "before May 2024",
    "17 children, up 4 since September. Watch: 17 in October, usually 4 to 16",
    "5 referrals, down 2 since September. Lower: 71 from November 2025 to October 2026, where about 119 is usual; 5 of "
    "them in October. No judgement: more referrals can mean better recognition",
    "2 woundings. No arrow: September’s figure from NHS is awaited. Within the usual range of 0 to 4",
    "1 charge, level with September. Too early to tell: 5 figures; we need 12 earlier ones",
    "12 arrests, up 3 since September. Within the usual range of 4 to 16. Provisional, so it may still change",
    "Interviews: awaited from Police (due 10 Nov)",
]
VERDICTS = [
    "Within the usual range of 4 to 16",
    "Worse: 41 in October, usually 9 to 36",
    "Better: 81 from May to October, where about 125 is usual; 13 of them in October",
    "Within the usual range of 5 to 26. About 13 a month since May 2024, down from about 21",
    "Worse: 27 in October, usually 5 to 26. Back at the level from before May 2024",
    "Watch: 17 in October, usually 4 to 16",
    "Lower: 71 from November 2025 to October 2026, where about 119 is usual; 5 of them in October",
    "Within the usual range of 0 to 4",
    "Too early to tell: 5 figures; we need 12 earlier ones",
    "Within the usual range of 4 to 16",
    "No figure this month: 4 to 16 is usual",
]


def test_each_example_reads_word_for_word():
    assert [example.line.sentence for example in examples()] == SENTENCES
    assert [example.line.verdict for example in examples()] == VERDICTS


def said(value, change=None, **fields) -> str:
    return view_line(make_line("arrest", "arrests", value, change, **fields), OCTOBER, DUE).sentence


@pytest.mark.parametrize(
    ("value", "change", "words"),
    [
        (0, 0, "0 arrests, level with September"),
        (0, -1, "0 arrests, down 1 since September"),
        (1, 1, "1 arrest, up 1 since September"),
        (2, 1, "2 arrests, up 1 since September"),
        (1200, -1034, "1,200 arrests, down 1,034 since September"),
    ],
)
def test_the_grammar_is_right_for_none_one_and_many(value, change, words):
    assert said(value, change) == f"{words}. Within the usual range of 4 to 16"


@pytest.mark.parametrize(
    ("window", "words"),
    [
        (3, "30 from August to October, where about 20 is usual; 12 of them in October"),
        (6, "30 from May to October, where about 20 is usual; 12 of them in October"),
        (12, "30 from November 2025 to October 2026, where about 20 is usual; 12 of them in October"),
    ],
)
def test_what_each_window_says(window, words):
    found = signal(Signal.HIGH, Tier.STANDS_OUT, Judgement.HIGH, window, window_sum=30, window_due=20.0)
    assert said(12, 3, **found).split(". ")[1] == f"Higher: {words}"


@pytest.mark.parametrize(("due", "words"), [(9.94, "9.9"), (9.95, "10"), (2.0, "2"), (0.4, "0.4"), (1234.5, "1,234")])
def test_what_was_due_is_told_in_as_many_digits_as_it_deserves(due, words):
    found = signal(Signal.HIGH, Tier.WATCH, Judgement.USUAL, 3, window_sum=30, window_due=due)
    assert f"about {words} is usual" in said(12, 3, **found)


def test_a_level_that_has_a_name_is_told_with_it():
    level = {"level": 13.3, "level_since": date(2024, 5, 1), "level_before": 2.44, "level_name": "The new team"}
    assert said(12, 3, **level).endswith(". About 13 a month since May 2024 (The new team), up from about 2.4")


def test_the_level_of_a_stock_is_no_number_a_month():
    level = {"level": 44.0, "level_since": date(2025, 2, 1), "level_before": 7.0, "counts_as": "stock"}
    assert said(12, 3, **level).endswith(". About 44 since February 2025, up from about 7")


def years(before: int, now: int, **fields: Any) -> str:
    """Return the verdict of a year beside a steady year before it."""
    history, steps = [before] * 24 + [now] * 12, [{"at": 0, "from": "2023-11-01", "method": "judged", "signals": {}}]
    fields = {"history": history, "steps": steps} | fields
    return view_line(make_line("arrest", "arrests", now, 0, **fields), OCTOBER, DUE).verdict


def test_the_verdict_says_how_month_and_year_go_together():
    higher = signal(Signal.HIGH, Tier.STANDS_OUT, Judgement.HIGH, 3, window_sum=36, window_due=27.0)
    month = "Higher: 36 from August to October, where about 27 is usual; 12 of them in October"
    assert (
        years(11, 12, **higher) == f"{month}. The year as a whole differs from the year before by no more than chance"
    )
    assert years(4, 12, **higher) == f"{month}. The year as a whole is higher than the year before"
    assert years(40, 12, **higher) == f"{month}. The year as a whole is lower than the year before"
    assert years(11, 12) == "Within the usual range of 4 to 16"  # nothing to reconcile
    assert years(4, 12, category_code="leeds") == "Within the usual range of 4 to 16"
    assert years(4, 12) == "Within the usual range of 4 to 16. The year as a whole is higher than the year before"


def test_a_steady_trend_is_told_as_one_and_not_as_a_new_alarm():
    rising = [round(100 * 1.12 ** (month / 12)) for month in range(36)]
    trend = "rising for three years, by about 12% a year"
    alarm = signal(Signal.HIGH, Tier.STANDS_OUT, Judgement.HIGH, 24, window_sum=2844, window_due=2400.0)
    assert years(0, 125, history=rising) == f"Within the usual range of 4 to 16. R{trend[1:]}"
    assert years(0, 125, history=rising, **alarm) == f"Higher: {trend}"
    # What stands out for a quarter is new; and who hears that two years are lower doesn't hear that they rise.
    quarter = alarm | {"window_months": 3, "window_sum": 400, "window_due": 300.0}
    assert years(0, 125, history=rising, **quarter).endswith(f"; 125 of them in October. R{trend[1:]}")
    lower = alarm | {"signal": Signal.LOW.value, "judgement": Judgement.LOW.value}
    assert years(0, 125, history=rising, **lower).endswith(f" in October. R{trend[1:]}")
    falling = years(0, 100, history=rising[::-1], **lower)
    assert falling == "Lower: falling for three years, by about 11% a year"


def test_of_a_share_a_trend_is_told_in_points():
    shares = {"ratio": "share", "per": 100, "denominators": [100] * 36}
    numerators = [40 + month // 2 for month in range(36)]
    history = [10 * cases for cases in numerators]
    assert years(0, 570, history=history, numerators=numerators, **shares).endswith(
        "Rising for three years, by about 6.0 percentage points a year"
    )


def killed(*earlier: int | None, now: int, **fields: Any) -> str:
    line = make_line("person killed", "people killed", now, 0, counts_as="deaths", history=[*earlier, now], **fields)
    view = view_line(line, OCTOBER, DUE)
    assert view.sentence == view.verdict
    return view.verdict


def test_a_rare_death_is_told_in_words():
    assert killed(*[0] * 35, now=1) == "One person killed in October; none in the 35 months before"
    assert killed(*[0] * 34, 2, now=0) == "None in October; two people killed in the 35 months before"
    assert killed(None, 1, now=0) == "None in October; one person killed in the month before"
    assert killed(*[0] * 35, now=0) == "None in October; none in the 35 months before"
    assert killed(now=1) == "One person killed in October"
    worse = signal(Signal.HIGH, Tier.STANDS_OUT, Judgement.WORSE)
    assert killed(*[0] * 35, now=2, **worse) == "Worse: two people killed in October; none in the 35 months before"
    watched = signal(Signal.HIGH, Tier.WATCH, Judgement.USUAL)
    assert killed(*[0] * 35, now=1, **watched) == "One person killed in October; none in the 35 months before"


def test_no_page_of_the_month_says_of_deaths_what_is_usual():
    """Not the tile, nor what is worth watching, nor the table of months."""
    steps = [{"at": 0, "from": "2026-09-01", "method": "judged", "signals": {"1": ["high", "watch", 1, 1, 0.1]}}]
    steps[0] |= {"usual": [0.1, 0.1], "lower": [0, 0], "upper": [1.2, 1.2]}
    fields = signal(Signal.HIGH, Tier.WATCH, Judgement.USUAL) | {"counts_as": "deaths", "history": [0, 1]}
    month = month_of(make_line("person killed", "people killed", 1, 1, steps=steps, **fields))
    (line,) = month.lines
    said = [make_glance(month, {}).besides, *(words for _, words in describe_tile(line)), line.sentence]
    said += [past.shows for past in past_months(line, line.polarity)]
    assert "Worth watching: People killed (one person killed in October; none in the month before)." in said[0]
    assert not any("usual" in words for words in said)
    assert {past.usual_text for past in past_months(line, line.polarity)} == {""}
    assert line.sparkline.band == ""


def test_a_month_without_any_and_a_share_say_so_beside_the_window():
    lower = signal(Signal.LOW, Tier.STANDS_OUT, Judgement.LOW, 3, window_sum=3, window_due=27.0)
    assert said(0, -3, **lower).split(". ")[1] == (
        "Lower: 3 from August to October, where about 27 is usual; none of them in October"
    )
    share = {"ratio": "share", "per": 100, "history": [], "window_sum": 507, "window_due": 727.0}
    assert "50.7% from August to October, where about 72.7% is usual; 45.2% in October" in said(
        452, -3, **lower | share
    )


def test_a_category_names_itself():
    assert said(10, 2, category_code="leeds", category_name="Leeds").startswith(
        "Leeds: 10 arrests, up 2 since September"
    )


def test_no_arrow_and_within_the_usual_range():
    assert said(4, **NEVER_CAME) == (
        "4 arrests. No arrow: September’s figure from Police is awaited. Within the usual range of 4 to 16"
    )


def test_no_figure_is_never_judged():
    line = make_line(
        "arrest",
        "arrests",
        None,
        state=CellState.NOT_AVAILABLE.value,
        note="The system was down",
        no_arrow_reason=NoArrowReason.NOT_AVAILABLE.value,
        **NOT_JUDGED,
    )
    view = view_line(line, OCTOBER, DUE)
    assert view.sentence == "Arrests: not available: The system was down"
    assert view.verdict == "No figure this month"
    assert (view.look, view.signal, view.tier, view.judgement) == ("usual", "", "", "")


def test_too_early_is_a_token_of_its_own():
    view = view_line(make_line("x", "xs", 1, 0, method=Method.TOO_EARLY.value, **NOT_JUDGED), OCTOBER, DUE)
    assert (view.signal, view.judgement) == ("", "too_early")
    assert not view.has_signal


@pytest.mark.parametrize(
    ("lower", "upper", "words"),
    [
        (3.2, 16.6, "4 to 16"),
        (-2.5, 7.9, "0 to 7"),
        (4.0000000001, 15.9999999999, "4 to 16"),
        (4.2, 4.8, "4 to 5"),
        (-9.0, -1.0, "0 to 0"),
        (1000.5, 2000.5, "1,001 to 2,000"),
    ],
)
def test_the_usual_range_is_in_whole_numbers_from_0(lower, upper, words):
    assert usual_range(lower, upper) == words


@pytest.mark.parametrize(
    ("change", "words"),
    [(4, "Up 4 on October 2025"), (-1, "Down 1 on October 2025"), (0, "Level with October 2025"), (None, "")],
)
def test_year_on_year(change, words):
    line = make_line("arrest", "arrests", 12, 3, year_change=change)
    assert view_line(line, Month(2026, 10), DUE).year_words == words


# --- A month beside what chance does ---------------------------------------------------------------------------


OUT = signal(Signal.HIGH, Tier.STANDS_OUT, Judgement.HIGH)
WATCHED = signal(Signal.HIGH, Tier.WATCH, Judgement.USUAL)


@pytest.mark.parametrize(
    ("signals", "found"),
    [
        ([{}, {}, {}], "Nothing stands out in 3 figures"),
        ([OUT, {}, {}], "What stands out: 1 of 3 figures"),
        ([OUT, OUT, WATCHED], "What stands out: 2 of 3 figures"),
        ([{}, WATCHED, WATCHED], "Nothing stands out in 3 figures"),
        ([{}], "The one figure doesn’t stand out"),
    ],
)
def test_a_month_says_how_many_were_judged_and_what_chance_alone_would_do(signals, found):
    month = month_of(*(make_line("arrest", "arrests", 12, 3, **fields) for fields in signals))
    chance = f"By chance alone, something stands out about once in {round(one_month_in(len(signals)) / 12):,} years."
    assert (describe_found(month), describe_chance(month)) == (found, chance)


@pytest.mark.parametrize(("state", "said"), [("draft", ""), ("published", "By chance alone, something stands out")])
def test_a_draft_that_awaits_figures_says_nothing_of_chance(state: str, said: str):
    late = {"state": CellState.AWAITED.value, "no_arrow_reason": NoArrowReason.AWAITED.value, **NOT_JUDGED}
    lines = (make_line("arrest", "arrests", 12, 3), make_line("charge", "charges", None, None, **late))
    words = describe_chance(replace(month_of(*lines), state=state))
    assert words.startswith(said)
    assert bool(words) == bool(said)


def test_a_month_of_which_nothing_is_judged_says_nothing_of_chance():
    month = month_of(make_line("x", "xs", 1, 0, method=Method.TOO_EARLY.value, **NOT_JUDGED))
    assert describe_chance(month) == "We need 12 earlier figures to say what is usual."


def test_of_a_month_of_which_the_public_sees_no_figure_nothing_is_said_of_chance():
    month = month_of(make_line("x", "xs", None, None, state="withheld", no_arrow_reason="withheld", **NOT_JUDGED))
    assert (describe_found(month), describe_chance(month)) == ("None of the figures can be shown", "")


def test_where_all_are_counted_no_earlier_figures_are_asked_for():
    month = month_of(make_line("person", "people", 26, 0, method=Method.CENSUS.value, **NOT_JUDGED))
    assert (describe_found(month), describe_chance(month)) == ("Chance plays no part in these figures", "")
    (line,) = month.lines
    assert line.verdict == "All are counted, so chance plays no part"
    assert "chance" not in line.sentence


@pytest.mark.parametrize(
    ("whole", "part", "words"),
    [
        ({}, {}, "Nothing stands out in 2 figures"),
        ({}, OUT, "What stands out: 0 of 2 figures, 1 of their parts"),
        (OUT, OUT, "What stands out: 1 of 2 figures, 1 of their parts"),
    ],
)
def test_parts_are_counted_beside_the_figures_that_the_month_has_in(whole, part, words):
    of_leeds = make_line("line", "lines", 4, 1, category_code="leeds", category_name="Leeds", **part)
    month = month_of(make_line("line", "lines", 12, 3, **whole), make_line("group", "groups", 3, 1), of_leeds)
    assert describe_found(month) == words
    assert month.completeness.sentence == "All 2 figures in"


def test_what_cannot_be_judged_is_named():
    early = make_line("x", "xs", 1, 0, method=Method.TOO_EARLY.value, title="Interviews", **NOT_JUDGED)
    month = month_of(make_line("line", "lines", 12, 3), early)
    assert describe_unjudged(month) == "We can’t judge 1 of the 2: interviews (fewer than 12 earlier figures)."


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"method": Method.AVERAGE.value, "ratio": "average"}, "an average"),
        ({"method": Method.WITHHELD.value}, "some earlier months are not shown"),
        ({"method": Method.WITHHELD.value, "protected_by": "round-7-5"}, "its figures are rounded"),
        ({"no_arrow_reason": NoArrowReason.HELD.value, "movement": "none"}, "it isn’t asked for each month"),
        ({"no_arrow_reason": NoArrowReason.AWAITED.value, "state": CellState.AWAITED.value}, "awaited"),
        (
            {"no_arrow_reason": NoArrowReason.NOT_AVAILABLE.value, "state": CellState.NOT_AVAILABLE.value},
            "not available",
        ),
    ],
)
def test_the_reason_is_told_beside_the_name(fields, why):
    value, change = (None, None) if "state" in fields else (1, 0)
    other = make_line("x", "xs", value, change, title="Interviews", **(NOT_JUDGED | fields))
    month = month_of(make_line("line", "lines", 12, 3), other)
    assert describe_unjudged(month) == f"We can’t judge 1 of the 2: interviews ({why})."


def test_figures_with_one_reason_are_named_together():
    early = NOT_JUDGED | {"method": Method.TOO_EARLY.value}
    names = ("Interviews", "Visits")
    lines = [make_line("x", "xs", 1, 0, title=name, indicator_code=name, **early) for name in names]
    average = make_line("x", "xs", 1, 0, title="Days", method="average", ratio="average", **NOT_JUDGED)
    month = month_of(make_line("line", "lines", 12, 3), *lines, average)
    said = "We can’t judge 3 of the 4: interviews and visits (fewer than 12 earlier figures); days (an average)."
    assert describe_unjudged(month) == said


@pytest.mark.parametrize(
    ("lines", "words"),
    [(25, "about once in 3 years"), (46, "about once in 2 years"), (80, "about once in 13 months")],
)
def test_how_often_chance_alone_makes_something_stand_out(lines, words):
    assert describe_often(lines) == words


# --- Which parts of a whole lean the same way ---------------------------------------------------------------

BEFORE = 24  # months before the six that stand out


def place(name: str, before: int, now: int | None, **fields: Any):
    """A category with so many a month before, and so many in each of six months."""
    history = [*[before] * BEFORE, *[now] * 6]
    return make_line("line", "lines", now, category_code=name.lower(), category_name=name, history=history, **fields)


def whole_of(parts, **fields: Any):
    """Their whole, which stands out in its last six months: as many a month are due as before."""
    history = [sum(month) if None not in month else None for month in zip(*(one.history for one in parts), strict=True)]
    stands_out = signal(Signal.LOW, Tier.STANDS_OUT, Judgement.LOW, 6, window_due=6.0 * (history[0] or 0))
    return make_line("line", "lines", history[-1], **stands_out | {"history": history} | fields)


def leaning(parts, **fields: Any) -> str:
    return describe_leaning(whole_of(parts, **fields), parts)


def test_parts_that_lean_the_same_way_are_counted_and_the_largest_are_named():
    parts = [place("London", 9, 5), place("Luton", 4, 3), place("Kent", 2, 2), place("Essex", 4, 1)]

    assert leaning(parts) == (
        "Three of its 4 parts are lower, most of all London (30, usually about 54) and Essex (6, usually about 24)"
    )
    assert leaning([*parts[:2], parts[3]]).startswith("All 3 parts are lower, most of all London")


def test_few_parts_are_all_named():
    assert leaning([place("London", 9, 5), place("Kent", 2, 2)]) == (
        "One of its 2 parts is lower: London (30, usually about 54)"
    )
    assert leaning([place("London", 9, 5), place("Kent", 2, 1)]) == (
        "Both its parts are lower: London (30, usually about 54) and Kent (6, usually about 12)"
    )


def test_where_the_whole_is_higher_the_parts_that_are_lower_are_not_named():
    parts = [place("London", 3, 5), place("Luton", 4, 3), place("Kent", 2, 4)]
    stands_out = signal(Signal.HIGH, Tier.STANDS_OUT, Judgement.HIGH, 6, window_due=54.0)

    assert leaning(parts, **stands_out) == (
        "Two of its 3 parts are higher: London (30, usually about 18) and Kent (24, usually about 12)"
    )


@pytest.mark.parametrize(
    ("parts", "fields"),
    [
        ([place("London", 9, 5)], {}),
        ([place("London", 9, 5), place("Kent", 2, None)], {}),
        ([place("London", 9, 5), place("Kent", 2, 1)], {"tier": Tier.WATCH.value}),
        ([place("London", 9, 5), place("Kent", 2, 1)], {"protected_by": "small"}),
        ([place("London", 9, 5), place("Kent", 2, 1)], {"steps": [{"at": 14}]}),
        ([place("London", 9, 5), place("Kent", 2, 1)], {"steps": [{"at": 0, "levels": [{"at": 14}]}]}),
    ],
)
def test_parts_are_not_told_where_they_cannot_be_compared(parts, fields):
    """A single one, one without a figure, a whole that doesn't stand out, the public, and too few months before."""
    assert leaning(parts, **fields) == ""

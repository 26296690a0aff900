"""What a region's totals say to anybody: judged only if every month of them is shown, and only of the same areas."""

import json

from core.calendar import Month
from indicators.judgement.judge import Counted, Method
from indicators.trend import Polarity
from reporting.regions.cells import Told, judge_totals

OCTOBER = Month(2026, 10)
AREAS = ("ash", "beech", "cedar")
FIRST = OCTOBER + -23


def totals(**changed: Told) -> dict[Month, Told]:
    """Two years of totals about 40. `changed` has months such as m2026_03."""
    found = {FIRST + place: Told(38 + place % 5, AREAS, "Arrests.") for place in range(24)}
    return found | {Month.parse(name[1:].replace("_", "-")): told for name, told in changed.items()}


def judge(told: dict[Month, Told]) -> dict:
    return judge_totals(told, OCTOBER, polarity=Polarity.NEUTRAL, counted=Counted.FLOW)


def test_with_every_total_shown_there_is_a_usual_range():
    line = judge(totals())
    assert (line["method"], line["value"], line["since"]) == (Method.JUDGED, 41, "2024-11")
    assert line["lower"] < 41 < line["upper"]
    assert line["history"] == [told.value for told in totals().values()]


def test_with_one_total_withheld_nothing_is_judged():
    line = judge(totals(m2026_03=Told(None, AREAS, "Arrests.", is_withheld=True)))
    assert (line["method"], line["value"], line["change"]) == (Method.WITHHELD, 41, 1)
    assert {line[name] for name in ("usual", "lower", "upper", "level", "window_sum")} == {None}
    assert line["signal"] == line["tier"] == line["judgement"] == ""
    (step,) = line["steps"]
    assert step["without"] == {"16": "withheld"}
    assert not step.keys() & {"usual", "lower", "upper", "levels"}
    # A month that isn't public at all is a gap too.
    gone = totals()
    del gone[Month(2026, 3)]
    assert judge(gone)["method"] == Method.WITHHELD


def test_a_total_of_other_areas_isnt_in_the_series():
    told = totals(**{f"m2025_{number:02}": Told(400, AREAS[:2], "Arrests.") for number in range(1, 13)})
    line = judge(told)
    assert 400 not in line["history"]
    # Two months of 2024 are of these areas, with a gap behind them.
    assert (line["since"], line["method"]) == ("2024-11", Method.WITHHELD)


def test_a_new_definition_starts_a_new_part():
    told = totals(**{f"m2026_{number:02}": Told(90, AREAS, "Arrests and cautions.") for number in range(1, 11)})
    line = judge(told)
    assert [step["from"] for step in line["steps"]] == ["2024-11-01", "2026-01-01"]
    assert line["definition_from"] == "2026-01-01"


def test_without_a_total_there_is_no_series():
    hidden = {month: Told(None, AREAS, "Arrests.", is_withheld=True) for month in totals()}
    assert judge(hidden) == {}
    # What is hidden now ends the series with a gap, and can be saved as JSON.
    line = judge(totals(m2026_10=hidden[OCTOBER]))
    assert (line["state"], line["value"], line["movement"]) == ("withheld", None, "none")
    assert json.loads(json.dumps(line)) == line

"""The sentence about a region as a whole: it says what its areas' own lines would."""

import re

import pytest

from boards.models import Region
from indicators.models import Indicator
from reporting.models import IndicatorLine
from tests.disclosed import view_line
from tests.pages.test_region_pages import INDICATOR, MONTH, make_simple, member, text_of
from tests.pages.test_region_ratios import RIGHT, make_ratios
from tests.regional import OCTOBER, publish_lines

pytestmark = pytest.mark.django_db
RISEN = [5, 6] * 15 + [30]
ONE_REASON = "More arrests can mean better police work."


def sentence_about(region: Region, code: str) -> str:
    return text_of(member(region).get(INDICATOR.format(code))).split("as a whole", 1)[1].split("first month that")[0]


def make_risen(*reasons: str) -> Region:
    """A region of towns, each with its own reason why its arrests aren't judged, and a month that stands out."""
    region, found = make_simple(values={f"Town {number}": [5] for number in range(len(reasons))})
    for indicator, reason in zip(found.values(), reasons, strict=True):
        Indicator.objects.filter(pk=indicator.pk).update(polarity="neutral", polarity_reason=reason)
        indicator.refresh_from_db()
        publish_lines(indicator.area, OCTOBER, {indicator: RISEN})
    return region


def test_it_says_why_nothing_is_judged_if_all_areas_say_the_same():
    said = sentence_about(make_risen(*[ONE_REASON] * 3), "arrests")
    assert "No judgement: more arrests can mean better police work. " in said


def test_it_gives_no_reason_if_the_areas_give_several():
    said = sentence_about(make_risen(ONE_REASON, ONE_REASON, "It depends."), "arrests")
    assert "No judgement. " in said


def test_it_counts_in_the_singular_too():
    region, _ = make_simple(values={"Ash": [0, 1], "Beech": [0, 0], "Cedar": [0, 0]})
    assert "1 one, up 1" in sentence_about(region, "arrests")


def test_the_month_and_the_areas_own_pages_say_one_verdict():
    region = make_risen(*[ONE_REASON] * 3)
    month = text_of(member(region).get(MONTH))
    lines = IndicatorLine.objects.filter(snapshot__period__starts_on=OCTOBER.first_day, indicator_code="arrests")
    verdicts = {view_line(line, OCTOBER, OCTOBER.first_day).verdict for line in lines}
    (of_area,) = {verdict for verdict in verdicts if "30" in verdict}  # of the versions with all months
    assert "The year as a whole" in of_area
    assert month.count(of_area) == 3
    # First the towns in which something stands out, then each with the town's name first.
    assert re.search(
        r"Essex \(1\), Town 0 \(1\), Town 1 \(1\), Town 2 \(1\) Essex: Arrests 90 .*? Town 0: Arrests 30", month
    )
    (of_region,) = re.findall(r"Higher: 90 in October[^.]*\. The year as a whole .*? chance", month)
    assert of_region in sentence_about(region, "arrests")


def test_it_says_what_a_share_is_out_of():
    region = make_ratios(dict.fromkeys(("Ash", "Beech", "Cedar"), RIGHT), kind="share")
    assert "(12 out of 15)" in sentence_about(region, "ratio")

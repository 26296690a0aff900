"""A region's rates: beside its counts, in its files, and compared with the region."""

import pytest

from indicators.models import Indicator
from tests.factories.workbooks import parts_of
from tests.pages.test_region_pages import (
    INDICATOR,
    MONTH,
    add_population,
    make_simple,
    member,
    row_of,
    text_of,
    words_of,
)

pytestmark = pytest.mark.django_db


def test_rates_are_shown_beside_counts_where_residents_are_counted():
    region, found = make_simple(values={"Ash": [10], "Beech": [20], "Cedar": [40]})
    Indicator.objects.update(counts_residents=True)
    for name, residents, year in (("Ash", 10_000, 2021), ("Beech", 40_000, 2018), ("Cedar", 100_000, 2027)):
        add_population(found[name], residents, year)
    director = member(region)
    page = director.get(f"{MONTH}?as=rates")
    # Cedar's number is of a year to come, so it has none: and so has the region's total.
    assert row_of(page, "Arrests") == ["? 70", "10.0 10", "5.0 20", "? 40"]
    assert "Residents of 2018: Beech. Residents of 2021: Ash." in text_of(page)
    assert "We have no number of residents, and so no rate, for Cedar." in text_of(page)
    add_population(found["Cedar"], 100_000, 2020)
    assert row_of(director.get(f"{MONTH}?as=rates"), "Arrests")[0] == "4.7 70"
    told = text_of(director.get(INDICATOR.format("arrests")))
    assert "Ash is higher than the region (beyond the 95% limit)." in told
    assert "With fewer than 5 areas, we cannot estimate whether they differ by more than chance." in told
    # The month says it too, and leads there.
    month = director.get(f"{MONTH}?sort=name")
    assert 'href="?sort=name&amp;as=rates">Show rates beside the counts' in month.content.decode()
    assert "Show rates beside" not in page.content.decode()
    assert (
        "Compared with the region: 1 of 3 judged figures is outside the 95% limits, and none outside the 99.8% limits. "
        "Chance alone puts fewer than 1 outside the 95% limits."
    ) in text_of(month)
    assert "Arrests : Ash is higher than the region (beyond the 95% limit)." in text_of(month)
    # That it is too early for a judgement comes after it.
    assert text_of(month).index("What stands out, compared with the region") < text_of(month).index(
        "It is too early to compare"
    )
    assert f'href="{INDICATOR.format("arrests")}?month=2026-10#s-funnel"' in month.content.decode()


def test_files_have_the_regions_rate_exactly_and_the_funnel():
    region, found = make_simple(values={"Ash": [10], "Beech": [20], "Cedar": [40]})
    Indicator.objects.update(counts_residents=True)
    for name, residents, year in (("Ash", 10_000, 2021), ("Beech", 40_000, 2021), ("Cedar", 100_000, 2020)):
        add_population(found[name], residents, year)
    director = member(region)
    own, ash = director.get(f"{MONTH}figures.json").json()["figures"][:2]
    assert (own["residents"], own["residents_year"], own["rate"]) == (150_000, None, pytest.approx(14 / 3, rel=1e-12))
    assert (ash["residents"], ash["residents_year"], ash["rate"]) == (10_000, 2021, 10)
    # As the indicator's file says it.
    assert own["judgement"] == ash["judgement"] == "too_early"
    page = INDICATOR.format("arrests")
    document = director.get(f"{page}figures.json").json()
    assert {row["judgement"] for row in document["figures"]} == {"too_early"}
    first = document["funnel"][0]
    assert {name: first[name] for name in ("area", "months", "events", "out_of", "rate", "compared")} == {
        "area": "Ash", "months": "October 2026", "events": 10, "out_of": 10_000, "rate": 10, "compared": "higher",
    }  # fmt: skip
    assert first["average"] == pytest.approx(14 / 3)
    assert first["variance_factor"] == 1
    beech = document["funnel"][1]
    assert beech["lower_far"] < beech["lower_usual"] < beech["average"] < beech["upper_usual"] < beech["upper_far"]
    sheet = words_of(director.get(f"{page}figures.xlsx"))
    assert "variance_factor" in sheet
    assert "far-higher" in sheet
    assert b"variance_factor" in parts_of(director.get(f"{page}figures.ods").content)["content.xml"]
    Indicator.objects.filter(pk=found["Ash"].pk).update(counts_residents=False, residents_why="An airport.")
    own = director.get(f"{MONTH}figures.json").json()["figures"][0]
    assert (own["residents"], own["rate"]) == (None, None)
    assert "funnel" not in director.get(f"{page}figures.json").json()
    assert "for each 10,000 residents" not in text_of(director.get(page))


def test_an_indicator_of_visitors_has_counts_a_reason_and_no_funnel():
    region, found = make_simple(values={"Ash": [10], "Beech": [20], "Cedar": [40]})
    Indicator.objects.update(counts_residents=True)
    Indicator.objects.filter(pk=found["Ash"].pk).update(counts_residents=False, residents_why="Ash has the airport.")
    director = member(region)
    page = director.get(f"{MONTH}?as=rates")
    assert row_of(page, "Arrests") == ["70", "10", "20", "40"]
    assert "Arrests has no rate. Ash has the airport." in text_of(page)
    assert "This indicator has no funnel and no rates. Ash has the airport." in text_of(
        director.get(INDICATOR.format("arrests"))
    )


def test_the_months_box_says_why_areas_far_apart_are_within_the_limits():
    names = ("Ash", "Beech", "Cedar", "Dale", "Elm")
    region, found = make_simple(values={name: [20 * number] for number, name in enumerate(names, 1)})
    Indicator.objects.update(counts_residents=True)
    for name in names:
        add_population(found[name], 10_000, 2021)
    assert (
        "For arrests, areas differ by far more than chance. So the limits are wide, and no area is outside them."
    ) in text_of(member(region).get(MONTH))

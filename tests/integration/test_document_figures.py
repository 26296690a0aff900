"""Figures for chapters: frozen from published months for partners, and for anybody from public editions alone."""

import re
from dataclasses import asdict
from datetime import date

import pytest
from django.utils import timezone

from boards.rules import Role
from core.calendar import Month, date_label
from core.pages import NotHeld
from indicators.models import Indicator
from indicators.openness import Openness
from indicators.services.openness import set_openness
from reporting.documents.figures import Choice, FigureKind, OpenData, OpenNumber, read_choice
from reporting.documents.presenters.figures import Taken, take, take_open_data
from reporting.models import PublicEdition
from reporting.packs.presenters.shapes import Abreast, Block, Paragraph, Picture, Table
from reporting.public.taking_down import withdraw_month
from tests import scenarios
from tests.factories import make_dimension, make_indicator, make_pathway
from tests.happening import foresee, tell
from tests.measuring import LAST, SEEN, history, set_one, target_draft
from tests.publishing import publish_months
from tests.scenarios import Town, make_town
from tests.standing import stand

pytestmark = pytest.mark.django_db
TODAY = date(2026, 12, 1)
FIRST, SEPTEMBER = Month(2024, 10), Month(2026, 9)
CHARGES = [40, 41, 3, 43, 44, 2, 46, 47, 48, 49, 50, 51] * 2  # 3 and 2 are withheld by the usual rule


def make_town_with_two_years() -> Town:
    town = make_town()
    make_pathway(town.area, "found", town.police, uncounted="with-a-plan")
    publish_months(town, FIRST, {"arrests": [70 + month for month in range(24)], "charges": CHARGES})
    return town


made, town = stand(make_town_with_two_years)


def choose(kind: FigureKind, code: str = "charges", **options: object) -> Choice:
    return Choice(kind, code, SEPTEMBER, **options)  # type: ignore[arg-type]


def take_now(town: Town, choice: Choice) -> Taken:
    return take(town.area, choice, today=TODAY)


def rows(blocks: tuple[Block, ...] | None) -> list[list[str]]:
    table = next(block for block in blocks or () if isinstance(block, Table))
    return [[cell.text for cell in row] for row in table.rows]


def test_an_indicator_is_its_sentence_its_chart_and_a_table_of_the_chosen_months(town: Town):
    taken = take_now(town, choose(FigureKind.INDICATOR, months=15))
    assert taken.title == "Charges, July 2025 to September 2026"
    assert taken.source == "Published month September 2026, version 1. Supplied by Police. Taken on 1 December 2026."
    table = rows(taken.blocks)
    assert [row[0] for row in table][::14] == ["September 2026", "July 2025"]
    assert [row[1] for row in table] == [str(count) for count in reversed(CHARGES[-15:])]
    picture = next(block for block in taken.blocks if isinstance(block, Picture))
    assert picture.title.startswith("Charges, July 2025 to September 2026: ")
    # Fifteen months, and a mark below the axis for each quarter or so: none of the months before.
    assert "2024" not in re.sub("<[^>]*>", " ", picture.svg)


@pytest.mark.parametrize("months", [1, 2, 13, 24, 36])
def test_whatever_months_are_chosen_each_shows_what_was_published(town: Town, months: int):
    taken = take_now(town, choose(FigureKind.INDICATOR, months=months))
    assert [row[1] for row in rows(taken.blocks)] == [str(count) for count in reversed(CHARGES[-months:])]


def test_it_spells_out_what_a_reader_may_not_know(town: Town):
    Indicator.objects.filter(area=town.area, code="charges").update(unit_many="NRM referrals")
    scenarios.accept(town, SEPTEMBER.next, {"arrests": 100, "charges": 60})
    scenarios.publish(town, SEPTEMBER.next)
    scenarios.publish_openly(town, SEPTEMBER.next)
    taken = take(town.area, Choice(FigureKind.INDICATOR, "charges", SEPTEMBER.next), today=TODAY)
    for blocks in (taken.blocks, taken.public):
        assert "National Referral Mechanism" in repr(blocks)


def test_it_is_frozen_as_it_was_published_that_day(town: Town):
    taken = take_now(town, choose(FigureKind.INDICATOR, months=2))
    scenarios.accept(town, SEPTEMBER.next, {"arrests": 100, "charges": 60})
    scenarios.publish(town, SEPTEMBER.next)
    assert take_now(town, choose(FigureKind.INDICATOR, months=2)) == taken


def test_a_month_that_is_not_published_and_an_indicator_that_is_not_there_are_refused(town: Town):
    scenarios.accept(town, SEPTEMBER.next, {"arrests": 100, "charges": 60})
    scenarios.sweep()
    with pytest.raises(NotHeld, match="has no month that you can read yet"):
        take_now(town, Choice(FigureKind.INDICATOR, "charges", SEPTEMBER.next))
    for kind in FigureKind:
        if kind is not FigureKind.OPEN:
            with pytest.raises(NotHeld):
                take_now(town, choose(kind, "none", event="e1"))


def test_a_pathway_is_the_table_of_the_packs(town: Town):
    taken = take_now(town, choose(FigureKind.PATHWAY, "found"))
    assert taken.title == "People arrested, October 2025 to September 2026"
    assert [row[0] for row in rows(taken.blocks)] == ["Arrested", "Charged", "With a plan"]
    assert taken.public is None


def test_what_came_of_an_event_is_told_with_its_levels(town: Town):
    foresee(town, tell(town, starts_on=date(2025, 10, 3)))
    taken = take_now(town, choose(FigureKind.IMPACT, "arrests", event="e1"))
    assert taken.title == "Arrests before and after E1 Operation Raptor"
    assert len(taken.blocks) >= 2
    scenarios.publish_openly(town, SEPTEMBER)
    assert take_now(town, choose(FigureKind.IMPACT, "arrests", event="e1")).public is None


def test_a_breakdown_has_each_group(town: Town):
    groups = make_dimension(town.area, "sex", ["female", "male"])
    arrests = Indicator.objects.get(area=town.area, code="arrests")
    make_indicator(town.police, "arrests-sex", breaks_down=arrests, dimension=groups, shown_on="ratios", position=3)
    figures = {"arrests": 100, "charges": 60, "arrests-sex.female": 30, "arrests-sex.male": 70}
    scenarios.accept(town, SEPTEMBER.next, figures)
    scenarios.publish(town, SEPTEMBER.next)
    choice = Choice(FigureKind.BREAKDOWN, "arrests", SEPTEMBER.next)
    taken = take_now(town, choice)
    assert taken.title == "Whom it hits: Arrests, October 2026"
    assert [row[:3] for row in rows(taken.blocks)] == [["Female", "30", "30%"], ["Male", "70", "70%"]]
    scenarios.publish_openly(town, SEPTEMBER.next)
    assert take_now(town, choice).public is None


def test_open_data_has_its_source_and_licence_for_anybody():
    numbers = (OpenNumber("Residents aged 10 to 17", "18,420", "people"),)
    taken = take_open_data(OpenData("Young residents", numbers, "Census 2021, ONS", "OGL v3.0", "1 December 2026"))
    assert rows(taken.blocks) == [["Residents aged 10 to 17", "18,420", "people"]]
    assert taken.source == "Census 2021, ONS. OGL v3.0. As published on 1 December 2026."
    assert taken.public is not None
    assert taken.public[-1] == Paragraph(taken.source, look="quiet")


def test_a_choice_is_read_as_it_was_stored():
    choice = choose(FigureKind.IMPACT, "arrests", event="e1")
    assert read_choice("impact", choice.as_data()) == choice


# --- For anybody ----------------------------------------------------------------------------------


def numbers_in(blocks: tuple[Block, ...] | None) -> set[str]:
    """Every number in the text and pictures of blocks, but those that only place something in a picture.

    The day of publication is today's, and no figure.
    """
    told = " ".join(texts_in([asdict(block) for block in blocks or ()]))
    return set(re.findall(r"\d+", told.replace(date_label(timezone.localdate()), "")))


def texts_in(data: object, key: str = "") -> list[str]:
    if isinstance(data, dict):
        return [text for name, part in data.items() for text in texts_in(part, name)]
    if isinstance(data, list | tuple):
        return [text for part in data for text in texts_in(part, key)]
    if isinstance(data, str):
        return re.findall(">([^<]*)<", data) if key == "svg" else [data]
    return []


def test_before_its_month_is_public_nobody_else_sees_it(town: Town):
    assert take_now(town, choose(FigureKind.INDICATOR, months=12)).public is None


def test_anybody_sees_what_the_public_edition_shows(town: Town):
    edition = scenarios.publish_openly(town, SEPTEMBER)
    taken = take_now(town, choose(FigureKind.INDICATOR, months=12))
    assert taken.edition == edition.pk
    figures = [row[1] for row in rows(taken.public)]
    # Of the months shown, 3 and 2 are small.
    assert figures == [*map(str, reversed(CHARGES[6:12])), "[c]", "44", "43", "[c]", "41", "40"]
    assert [row[1] for row in rows(taken.blocks)] == [str(count) for count in reversed(CHARGES[-12:])]
    assert isinstance(taken.public and taken.public[-1], Paragraph)
    assert "Public figures of September 2026, edition 1, published on " in repr(taken.public)


def test_a_withheld_figure_is_nowhere_in_the_public_twin(town: Town):
    """Its partners' version says it in the sentence, the chart and the table."""
    scenarios.accept(town, SEPTEMBER.next, {"arrests": 4, "charges": 987})
    scenarios.publish(town, SEPTEMBER.next)
    scenarios.publish_openly(town, SEPTEMBER.next)
    taken = take(town.area, Choice(FigureKind.INDICATOR, "arrests", SEPTEMBER.next, months=3), today=TODAY)
    assert (rows(taken.blocks)[0][1], rows(taken.public)[0][1]) == ("4", "[c]")
    assert "4" in numbers_in(taken.blocks)
    assert "4" not in numbers_in(taken.public)


def test_an_indicator_for_partners_only_has_no_public_twin(town: Town):
    charges = Indicator.objects.get(area=town.area, code="charges")
    set_openness(charges, openness=Openness.PARTNERS, why="Operations", by=town.people[Role.INFORMATION])
    scenarios.publish_openly(town, SEPTEMBER)
    taken = take_now(town, choose(FigureKind.INDICATOR, months=12))
    assert (taken.public, taken.edition) == (None, None)


def test_of_an_indicator_that_is_public_by_the_year_anybody_sees_the_total(town: Town):
    charges = Indicator.objects.get(area=town.area, code="charges")
    set_openness(charges, openness=Openness.YEAR, why="Operations", by=town.people[Role.INFORMATION])
    scenarios.publish_openly(town, SEPTEMBER)
    taken = take_now(town, choose(FigureKind.INDICATOR, months=12))
    told = repr(taken.public)
    assert "The public sees only the yearly totals of this indicator." in told
    assert not set(map(str, CHARGES)) & numbers_in(taken.public)


def test_a_withdrawn_month_has_no_public_twin(town: Town):
    scenarios.publish_openly(town, SEPTEMBER)
    period = PublicEdition.objects.get(period__area=town.area).period
    withdraw_month(period, why="A figure was wrong", by=town.people[Role.INFORMATION])
    assert take_now(town, choose(FigureKind.INDICATOR, months=12)).public is None


def test_a_kpi_is_public_where_its_edition_has_it():
    town = make_town("kpiford")
    history(town, *SEEN * 5)
    set_one(town, target_draft(), title="Fewer arrests for dealing", went_on_why="Agreed")
    history(town, 18, last=LAST.next)
    choice = Choice(FigureKind.KPI, "1", LAST.next)
    taken = take(town.area, choice, today=TODAY)
    assert taken.title == "K1 Fewer arrests for dealing, October 2026"
    assert town.people[Role.BOARD_MEMBER].name in repr(taken.blocks)
    assert taken.public is None
    scenarios.publish_openly(town, LAST.next)
    public = take(town.area, choice, today=TODAY).public
    assert "Too early to tell" in repr(public)
    assert town.people[Role.BOARD_MEMBER].name not in repr(public)


def test_a_map_shows_where_it_comes_from_and_withholds_what_the_edition_does():
    town = make_town("mapford")
    town.area.longitude, town.area.latitude = 0.71, 51.54
    town.area.save()
    origin = make_dimension(town.area, "origin", ["london", "leeds"])
    for category, longitude, latitude in zip(
        origin.categories.order_by("position"), (-0.1, -1.5), (51.5, 53.8), strict=True
    ):
        category.longitude, category.latitude = longitude, latitude
        category.save()
    lines = make_indicator(town.police, "lines", dimension=origin, position=4)
    figures = {"arrests": 10, "charges": 20, "lines": 63, "lines.london": 61, "lines.leeds": 2}
    scenarios.accept(town, SEPTEMBER, figures)
    scenarios.publish(town, SEPTEMBER)
    taken = take(town.area, Choice(FigureKind.MAP, lines.code, SEPTEMBER), today=TODAY)
    (abreast,) = taken.blocks
    assert isinstance(abreast, Abreast)
    assert rows(abreast.left)[1][1] == "2"
    scenarios.publish_openly(town, SEPTEMBER)
    public = take(town.area, Choice(FigureKind.MAP, lines.code, SEPTEMBER), today=TODAY).public
    assert public is not None
    assert not {"2", "61"} & numbers_in(public)

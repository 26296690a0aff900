"""A whole that several agencies count: what is asked where a part would be above it, and what isn't told."""

from collections.abc import Mapping
from html import unescape

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from boards.models import Agency, Membership
from boards.rules import Role
from core.calendar import Month
from core.labels import TransitionRefused
from indicators.figures import Entry
from indicators.models import Indicator
from indicators.selectors.figures import figure_at
from indicators.selectors.returns import list_boxes, list_shared_by_agency
from indicators.selectors.series import Background
from indicators.services.corrections import errors_in
from indicators.services.entries import Checked, check_entries
from indicators.services.returns import ReturnHasErrors, accept_return, save_draft, submit_return
from tests.factories import make_agency, make_dimension, make_indicator, make_member
from tests.scenarios import Town, accept, entries, make_town, open_month

pytestmark = pytest.mark.django_db
SEPTEMBER, OCTOBER, NOVEMBER = Month(2024, 9), Month(2024, 10), Month(2024, 11)
TO_DO = "Correct it or, if it is right, say why in the note."
WHOLE = 7_919  # arrests


@pytest.fixture
def council(town: Town) -> Agency:
    """It counts those of the arrests that are of children."""
    council = agency_of(town, "council")
    make_indicator(council, "children", part_of=Indicator.objects.get(area=town.area, code="arrests"))
    return council


def agency_of(town: Town, code: str) -> Agency:
    """One that the lead of the police answers for too."""
    agency = make_agency(town.area, code)
    Membership.objects.create(user=town.lead, area=town.area, role=Role.AGENCY_LEAD.value, agency=agency)
    return agency


def check(agency: Agency, typed: Mapping[str, object], *, month: Month = OCTOBER) -> Checked:
    boxes = list_boxes(agency, month)
    shared = list_shared_by_agency({agency: boxes}, month)[agency.pk]
    return check_entries(boxes, entries(typed), Background(shared=shared))


def asked(agency: Agency, typed: Mapping[str, object], *, month: Month = OCTOBER) -> dict[str, str]:
    checked = check(agency, typed, month=month)
    assert checked.errors == {}
    return checked.questions


def test_a_part_above_a_whole_of_another_agency_is_asked_about_without_its_number(town: Town, council: Agency):
    accept(town, OCTOBER, {"arrests": WHOLE, "charges": 4})
    questions = asked(council, {"children": 7_920})
    assert questions == {
        "children:note": f"Children: 7,920 is more than the whole of Arrests, which Police counts. {TO_DO}"
    }
    assert "7,919" not in questions["children:note"]
    assert asked(council, {"children": WHOLE}) == {}


def test_nothing_is_asked_where_there_is_no_whole_to_hold_it_against(town: Town, council: Agency):
    accept(town, SEPTEMBER, {"arrests": 3, "charges": 4})
    assert asked(council, {"children": 90}) == {}
    accept(town, OCTOBER, {"arrests": None, "charges": 4})
    assert asked(council, {"children": 90}) == {}
    other = make_town("otherford")
    accept(other, NOVEMBER, {"arrests": 3, "charges": 4})
    assert asked(council, {"children": 90}, month=NOVEMBER) == {}


def test_a_whole_below_the_parts_of_others_is_asked_about(town: Town, council: Agency):
    accept(town, OCTOBER, {"children": 9}, agency=council)
    assert asked(town.police, {"arrests": 8, "charges": 4}) == {
        "arrests:note": "Arrests: 8 is less than its parts together, including those that others count: "
        f"Children (Council). {TO_DO}"
    }
    assert asked(town.police, {"arrests": 9, "charges": 4}) == {}
    assert asked(town.police, {"arrests": None, "charges": 4}) == {}


def test_parts_count_together_whoever_counts_them(town: Town, council: Agency):
    arrests = Indicator.objects.get(area=town.area, code="arrests")
    health = agency_of(town, "health")
    make_indicator(health, "in-hospital", part_of=arrests)
    make_indicator(town.police, "at-night", part_of=arrests)
    accept(town, OCTOBER, {"arrests": 10, "charges": 4, "at-night": 3})
    accept(town, OCTOBER, {"in-hospital": 2}, agency=health)
    assert asked(council, {"children": 5}) == {}
    assert asked(council, {"children": 6}) == {
        "children:note": "Children: 6, with At night (Police), In hospital (Health), is more than the whole of "
        f"Arrests, which Police counts. {TO_DO}"
    }


def test_of_several_boxes_the_greatest_is_asked_about(town: Town, council: Agency):
    arrests = Indicator.objects.get(area=town.area, code="arrests")
    make_indicator(council, "of-age", part_of=arrests, dimension=make_dimension(town.area, "sex", ["boys", "girls"]))
    accept(town, OCTOBER, {"arrests": 10, "charges": 4})
    typed = {"children": 2, "of-age.boys": 3, "of-age.girls": 6}
    assert set(asked(council, typed)) == {"of-age.girls:note"}
    assert asked(council, typed | {"of-age.girls": 5}) == {}


def test_none_of_ones_own_is_not_asked_about(town: Town, council: Agency):
    """Where others' parts are above the whole by themselves."""
    make_indicator(town.police, "at-night", part_of=Indicator.objects.get(area=town.area, code="arrests"))
    accept(town, OCTOBER, {"arrests": 3, "charges": 4, "at-night": 3})
    assert asked(council, {"children": 0}) == {}
    assert set(asked(council, {"children": 1})) == {"children:note"}


def test_what_is_an_error_already_is_not_asked_too(town: Town, council: Agency):
    make_indicator(town.police, "at-night", part_of=Indicator.objects.get(area=town.area, code="arrests"))
    accept(town, OCTOBER, {"children": 2}, agency=council)
    checked = check(town.police, {"arrests": 3, "charges": 4, "at-night": 4})
    assert set(checked.errors) == {"arrests:value"}
    assert checked.questions == {}


def test_a_note_answers_and_the_coordinator_has_them_settle_it(town: Town, council: Agency):
    accept(town, OCTOBER, {"arrests": WHOLE, "charges": 4})
    member, period = make_member(town.area, Role.AGENCY_LEAD, agency=council), open_month(town, OCTOBER)
    saved = save_draft(council, period, {"children": Entry("8000")}, revision=0, by=member)
    with pytest.raises(ReturnHasErrors) as refused:
        submit_return(council, period, revision=saved.revision, by=member)
    assert set(refused.value.questions) == {"children:note"}
    noted = {"children": Entry("8000", note="Counted twice: the custody record agrees.")}
    saved = save_draft(council, period, noted, revision=saved.revision, by=member)
    sent = submit_return(council, period, revision=saved.revision, by=member)
    with pytest.raises(TransitionRefused, match="add up to 8,000, which is more than its 7,919"):
        accept_return(sent, by=town.coordinator)


def test_a_correction_tells_no_number_of_another_agency_either(town: Town, council: Agency):
    accept(town, OCTOBER, {"arrests": WHOLE, "charges": 4})
    accept(town, OCTOBER, {"children": 7}, agency=council)
    children, period = Indicator.objects.get(code="children"), open_month(town, OCTOBER)
    figure = figure_at(children, None, period)
    typed = Entry("8000", note="Counted anew")
    assert errors_in(figure, typed, "A second count") == {
        "value": "The parts of Arrests (Children) would add up to more than it. Other agencies count some of these."
    }
    assert errors_in(figure, Entry(str(WHOLE), note="Counted anew"), "A second count") == {}


def test_the_page_asks_and_names_no_number(town: Town, council: Agency, client: Client):
    accept(town, OCTOBER, {"arrests": WHOLE, "charges": 4})
    member, period = make_member(town.area, Role.AGENCY_LEAD, agency=council), open_month(town, OCTOBER)
    save_draft(council, period, {"children": Entry("8000")}, revision=0, by=member)
    client.force_login(member)
    said = unescape(client.get("/testford/returns/2024-10/council/check/").content.decode())
    assert "Children: 8,000 is more than the whole of Arrests, which Police counts." in said
    assert "7,919" not in said
    assert "7919" not in said


def test_one_query_whatever_there_is(town: Town, council: Agency, django_assert_num_queries: DjangoAssertNumQueries):
    arrests = Indicator.objects.get(area=town.area, code="arrests")
    for number in range(4):
        make_indicator(town.police, f"part-{number}", part_of=arrests)
    accept(town, OCTOBER, {"arrests": 9, "charges": 4} | {f"part-{number}": 1 for number in range(4)})
    boxes = list_boxes(council, OCTOBER)
    with django_assert_num_queries(1):
        assert len(list_shared_by_agency({council: boxes}, OCTOBER)[council.pk]) == 1

"""A year's assessment of the drug market: who may write it, what is refused, and that an agreed one stays."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction

from boards.permissions import access_to
from boards.rules import Role
from core.forms.pages import ChangedMeanwhile
from core.labels import TransitionRefused
from core.models import AuditEvent
from indicators.models import DisclosureRule
from reporting.market.pasted import read_table
from reporting.market.selectors import find_owner, list_assessments, read_assessments
from reporting.market.services import (
    FigureDraft,
    agree_assessment,
    begin_assessment,
    choose_owner,
    save_figure,
    save_lists,
    save_pasted,
)
from reporting.models import MarketAssessment, MarketFigure, MarketKind, MarketList
from tests.assessing import OVERLAPS, assess, begin, fill, seen_lists
from tests.factories import make_agency, make_member
from tests.scenarios import Town

pytestmark = pytest.mark.django_db
DEATHS, PURITY = MarketKind.DEATHS, MarketKind.HEROIN_PURITY
DRAFT = FigureDraft("1,012", "Office for National Statistics", "2024")


def test_only_a_lead_of_the_chosen_agency_assesses_and_only_a_coordinator_chooses(town: Town):
    with pytest.raises(PermissionDenied, match="an agency that the coordinator chooses"):
        begin_assessment(town.area, year=2026, by=town.lead)
    with pytest.raises(PermissionDenied):
        choose_owner(town.area, town.police, by=town.lead)
    assessment = begin(town)
    other = make_member(town.area, Role.AGENCY_LEAD, agency=make_agency(town.area, "nhs"))
    for somebody in (other, town.coordinator, town.people[Role.AGENCY_APPROVER]):
        for act in (
            lambda by: begin_assessment(town.area, year=2025, by=by),
            lambda by: save_figure(assessment, DEATHS, DRAFT, revision=0, by=by),
            lambda by: save_lists(assessment, seen_lists(), OVERLAPS, revision=0, by=by),
            lambda by: agree_assessment(assessment, revision=0, by=by),
        ):
            with pytest.raises(PermissionDenied, match="Only a lead of Police"):
                act(somebody)


def test_a_draft_is_the_agencys_and_the_coordinators_and_what_is_agreed_is_everybodys(town: Town):
    begin(town)
    owner = find_owner(town.area)
    assert owner is not None

    def readers() -> set[Role]:
        return {role for role, user in town.people.items() if list_assessments(access_to(town.area, by=user), owner)}

    agency = {Role.AGENCY_LEAD, Role.AGENCY_APPROVER, Role.AGENCY_CONTACT}
    assert readers() == {*agency, Role.COORDINATOR}
    assess(town, MarketAssessment.objects.get())
    assert readers() == set(town.people)


def test_nobody_chosen_is_no_page_and_loses_nothing(town: Town):
    assess(town, begin(town))
    choose_owner(town.area, None, by=town.coordinator)
    assert find_owner(town.area) is None
    choose_owner(town.area, town.police, by=town.coordinator)
    assert MarketAssessment.objects.get().figures.count() == 2
    verbs = AuditEvent.objects.filter(verb__startswith="market.").order_by("id").values_list("verb", flat=True)
    assert list(verbs) == [
        "market.owner_chosen",
        "market.begun",
        *["market.figure_saved"] * 2,
        "market.lists_saved",
        "market.agreed",
        *["market.owner_chosen"] * 2,
    ]


def test_a_year_has_one_assessment_and_lies_not_ahead(town: Town):
    begin(town, year=2025)
    for year, said in ((2025, "There is already an assessment of 2025"), (2999, "Enter a year from"), (12, "Enter")):
        with pytest.raises(ValidationError, match=said):
            begin_assessment(town.area, year=year, by=town.lead)


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        (DEATHS, "about ten", "“about ten” isn’t a number"),
        (DEATHS, "1e3", "isn’t a number"),
        (DEATHS, "-4", "isn’t a number"),
        (DEATHS, "1,24", "isn’t a number"),
        (PURITY, "41,5", "“41,5” isn’t a number"),
        (DEATHS, "٣", "isn’t a number"),
        (DEATHS, "2.5", "This is a count"),
        (DEATHS, "99999999", "from 0 to 9,999,999"),
        (PURITY, "101", "from 0 to 100"),
        (PURITY, "41.555", "two decimal places"),
    ],
)
def test_a_number_that_cant_be_is_refused_beside_its_box(town: Town, kind: MarketKind, value: str, said: str):
    with pytest.raises(ValidationError) as refused:
        save_figure(begin(town), kind, FigureDraft(value, "A report", "2025"), revision=0, by=town.lead)
    assert said in refused.value.message_dict["value"][0]


def test_a_figure_needs_its_source_and_its_year_and_goes_without_a_number(town: Town):
    assessment = begin(town)
    with pytest.raises(ValidationError) as refused:
        save_figure(assessment, DEATHS, FigureDraft("9", " ", "x" * 41), revision=0, by=town.lead)
    assert refused.value.message_dict.keys() == {"source", "of_year"}
    stored = save_figure(assessment, DEATHS, DRAFT, revision=0, by=town.lead)
    assert stored is not None
    assert (stored.value, stored.revision) == (Decimal(1012), 1)
    assert save_figure(assessment, DEATHS, DRAFT, revision=0, by=town.lead) == stored, "the same form once more"
    assert save_figure(assessment, DEATHS, FigureDraft(""), revision=1, by=town.lead) is None
    assert not MarketFigure.objects.exists()


def test_two_people_at_a_figure_learn_of_each_other_and_two_figures_are_two_peoples(town: Town):
    assessment = begin(town)
    save_figure(assessment, DEATHS, DRAFT, revision=0, by=town.lead)
    with pytest.raises(ChangedMeanwhile, match="It now says 1,012, Office for National Statistics, 2024"):
        save_figure(assessment, DEATHS, FigureDraft("9", "Another", "2025"), revision=0, by=town.lead)
    save_figure(assessment, PURITY, FigureDraft("41.5 %", "The laboratory", "2025"), revision=0, by=town.lead)
    assert MarketFigure.objects.get(kind=PURITY.value).value == Decimal("41.50")


def test_lists_that_give_no_estimate_are_refused_and_others_replace_those_before(town: Town):
    assessment = begin(town)
    with pytest.raises(ValidationError, match="There can’t be more people in"):
        save_lists(assessment, seen_lists(), OVERLAPS | {(0, 1): 251}, revision=0, by=town.lead)
    assert not MarketList.objects.exists()
    save_lists(assessment, seen_lists(), OVERLAPS, revision=0, by=town.lead)
    save_lists(assessment, seen_lists(), OVERLAPS, revision=0, by=town.lead)  # the same once more
    with pytest.raises(ChangedMeanwhile, match="Its lists are now: In treatment: 335; Arrested: 250"):
        save_lists(assessment, seen_lists()[:2], {(0, 1): 66}, revision=0, by=town.lead)
    save_lists(assessment, seen_lists()[:2], {(0, 1): 66}, revision=1, by=town.lead)
    stored = MarketAssessment.objects.get()
    assert (stored.overlaps, stored.lists.count(), stored.revision) == ({(0, 1): 66}, 2, 2)
    save_lists(assessment, [], {}, revision=2, by=town.lead)
    assert not MarketList.objects.exists()


def test_the_areas_own_threshold_decides_what_is_too_small(town: Town):
    assessment = begin(town)
    rule: dict[str, Any] = {"area": town.area, "why": "The agreement", "set_by": town.coordinator}
    DisclosureRule.objects.create(kind="suppress", below=15, set_at="2026-01-01T00:00:00Z", **rule)
    with pytest.raises(ValidationError, match="too few people to show"):
        save_lists(assessment, seen_lists(), OVERLAPS, revision=0, by=town.lead)  # 14 are in all three


# --- A pasted table ---------------------------------------------------------------------------------------------------


def test_a_pasted_table_is_shown_and_saved_as_a_whole(town: Town):
    assessment = begin(town)
    table = read_table(
        'What,Number,Source,Year\ndeaths,9,ONS,2024\nPurity of seized heroin,41.5,"Lab, Essex",2025\n', {}
    )
    assert not table.faults
    assert [(row.kind, row.before, row.after) for row in table.rows] == [
        (DEATHS, "–", "9, ONS, 2024"),
        (PURITY, "–", "41.5, Lab, Essex, 2025"),
    ]
    save_pasted(assessment, table.drafts, revision=0, by=town.lead)
    (assessed,) = read_assessments([assessment])
    again = read_table("deaths\t9\tONS\t2024\nfentanyl\t1\tLab\t2025", assessed.figures)
    assert [row.is_new for row in again.rows] == [False, True]
    with pytest.raises(ChangedMeanwhile, match="Look at the table again"):
        save_pasted(assessment, again.drafts, revision=0, by=town.lead)
    assert MarketFigure.objects.count() == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "The table has no rows"),
        ("Arrests of May\nPolice,12,ours,2025", "Line 2: no figure here is called “Police”"),
        ("deaths,about ten,ONS,2024", "Line 1, Deaths from drug misuse: “about ten” isn’t a number"),
        ("deaths,9,ONS,2024\ndeaths,8,ONS,2025", "Line 2: Deaths from drug misuse is in the table twice"),
        ("deaths,9", "Say where the number is from"),
        ("deaths,,ONS,2024", "Line 1: Deaths from drug misuse has no number"),
        ('deaths,"9', "Line 1"),
        ("x" * 10_001, "too long"),
    ],
)
def test_a_wrong_table_says_what_is_wrong_and_where(text: str, said: str):
    assert any(said in fault for fault in read_table(text, {}).faults)


# --- Once it is agreed ------------------------------------------------------------------------------------------------


def test_an_assessment_is_agreed_as_it_was_seen_and_only_with_a_figure(town: Town):
    assessment = begin(town)
    with pytest.raises(TransitionRefused, match="no figure yet"):
        agree_assessment(assessment, revision=0, by=town.lead)
    fill(town, assessment)
    with pytest.raises(ChangedMeanwhile, match="Look at it again"):
        agree_assessment(assessment, revision=0, by=town.lead)
    for _ in range(2):
        agreed = agree_assessment(assessment, revision=3, by=town.lead)
    assert agreed.agreed_by == town.lead
    with pytest.raises(TransitionRefused, match="is already agreed, so you can’t change it"):
        save_figure(assessment, DEATHS, DRAFT, revision=1, by=town.lead)


@pytest.mark.both_databases
@pytest.mark.parametrize("rows", ["assessment", "figure", "list"])
def test_the_database_keeps_an_agreed_one_and_all_that_it_has(town: Town, rows: str):
    assessment = assess(town, begin(town))
    acts = {
        "assessment": (
            lambda: MarketAssessment.objects.update(year=2020),
            lambda: MarketAssessment.objects.update(state="drafted", agreed_at=None, agreed_by=None),
        ),
        "figure": (
            lambda: MarketFigure.objects.update(value=1),
            lambda: MarketFigure.objects.all().delete(),
            lambda: MarketFigure.objects.create(
                assessment=assessment, kind="tested", value=1, source="Ours", of_year="2025"
            ),
        ),
        "list": (
            lambda: MarketList.objects.update(people=1),
            lambda: MarketList.objects.all().delete(),
        ),
    }
    for act in acts[rows]:
        with pytest.raises(DatabaseError, match="stays as it was"), transaction.atomic():
            act()

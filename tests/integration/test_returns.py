"""A return's life: typed, submitted, accepted or given back, and by whom."""

from collections.abc import Callable, Mapping

import pytest
from django.core.exceptions import PermissionDenied

from boards.models import ReportingPeriod
from boards.rules import Role
from boards.services.months import close_month
from core.calendar import Month
from core.forms.pages import ChangedMeanwhile
from core.labels import TransitionRefused
from core.models import AuditEvent, User
from indicators.figures import Entry
from indicators.models import Indicator, Observation, Submission
from indicators.services.open_data import import_police_months
from indicators.services.returns import ReturnHasErrors, accept_return, return_return, save_draft, submit_return
from indicators.services.setup import save_indicator
from tests.factories import make_agency, make_dimension, make_indicator, make_member
from tests.factories.police import counted, make_police_indicators
from tests.scenarios import Town, accept, entries, give_back, open_month, stale_months, submit, sweep

pytestmark = pytest.mark.django_db
OCTOBER = Month(2024, 10)
FIGURES = {"arrests": 12, "charges": 4}


@pytest.fixture
def october(town: Town) -> ReportingPeriod:
    return open_month(town, OCTOBER)


@pytest.fixture
def other_lead(town: Town) -> User:
    """The police have a second lead."""
    return make_member(town.area, Role.AGENCY_LEAD, agency=town.police, email="other@testford.example")


def verbs() -> list[str]:
    """What was written down, but for the month's opening."""
    return list(AuditEvent.objects.exclude(verb="month.opened").order_by("id").values_list("verb", flat=True))


def figures() -> dict[str, tuple[str, int | None, bool]]:
    """Every figure: its state, its value, and whether it is signed off."""
    return {
        f"{one.indicator.code}.{one.category.code if one.category else ''}".removesuffix("."): (
            one.state,
            one.value,
            one.signed_off_at is not None,
        )
        for one in Observation.objects.select_related("indicator", "category")
    }


# --- Typing ---------------------------------------------------------------------------------------


def test_a_draft_keeps_what_was_typed_as_it_was_typed(town: Town, october: ReportingPeriod):
    typed = {"arrests": Entry(" 12a "), "charges": Entry("", "not_available", "  "), "nothing": Entry()}
    saved = save_draft(town.police, october, typed, revision=0, by=town.lead)
    saved.refresh_from_db()
    assert saved.draft == {
        "arrests": {"value": " 12a ", "reason": "", "note": ""},
        "charges": {"value": "", "reason": "not_available", "note": "  "},
    }
    assert (saved.state, saved.revision, saved.saved_by) == ("draft", 1, town.lead)
    assert figures() == {}
    assert stale_months(town) == ["2024-10"]  # since it was opened


def test_a_later_saving_takes_the_place_of_the_earlier(town: Town, october: ReportingPeriod):
    save_draft(town.police, october, {"arrests": Entry("12"), "charges": Entry("4")}, revision=0, by=town.lead)
    saved = save_draft(town.police, october, {"charges": Entry("5")}, revision=1, by=town.lead)
    assert (saved.revision, list(saved.draft)) == (2, ["charges"])


@pytest.mark.parametrize("revision", [0, 2, -1])
def test_a_form_opened_before_anothers_saving_keeps_nothing(
    town: Town, october: ReportingPeriod, other_lead: User, revision: int
):
    save_draft(town.police, october, {"arrests": Entry("12")}, revision=0, by=other_lead)
    with pytest.raises(
        ChangedMeanwhile, match=r"^other saved this return after you opened it. We haven’t saved your changes"
    ):
        save_draft(town.police, october, {"arrests": Entry("99")}, revision=revision, by=town.lead)
    kept = Submission.objects.get()
    assert (kept.revision, kept.draft["arrests"]["value"], kept.saved_by) == (1, "12", other_lead)
    assert verbs() == ["submission.saved"]


def test_ones_own_other_window_is_said_to_be_that(town: Town, october: ReportingPeriod):
    save_draft(town.police, october, {"arrests": Entry("12")}, revision=0, by=town.lead)
    with pytest.raises(ChangedMeanwhile, match=r"^You saved this return in another window"):
        save_draft(town.police, october, {"arrests": Entry("99")}, revision=0, by=town.lead)


@pytest.mark.parametrize("revision", [-1, 5])
def test_a_form_that_never_was_is_refused_without_naming_anybody(town: Town, october: ReportingPeriod, revision: int):
    with pytest.raises(ChangedMeanwhile) as refusal:
        save_draft(town.police, october, {"arrests": Entry("12")}, revision=revision, by=town.lead)
    assert str(refusal.value).startswith("This form is out of date.")
    assert not Submission.objects.exists()


# --- Submitting -----------------------------------------------------------------------------------


def submit_typed(town: Town, october: ReportingPeriod, typed: dict[str, Entry]) -> Submission:
    saved = save_draft(town.police, october, typed, revision=0, by=town.lead)
    return submit_return(town.police, october, revision=saved.revision, by=town.lead)


def errors_of(town: Town, october: ReportingPeriod, typed: dict[str, Entry]) -> Mapping[str, str]:
    """What is wrong with a return; it is still a draft, without figures."""
    with pytest.raises(ReturnHasErrors) as faults:
        submit_typed(town, october, typed)
    assert Submission.objects.get().state == "draft"
    assert figures() == {}
    assert "submission.submitted" not in verbs()
    return faults.value.errors


def test_submitting_makes_figures_that_are_not_signed_off(town: Town, october: ReportingPeriod):
    submitted = submit_typed(
        town,
        october,
        {"arrests": Entry(" 1,200 "), "charges": Entry(reason="not_applicable", note=" No court sat ")},
    )
    assert (submitted.state, submitted.submitted_by) == ("submitted", town.lead)
    assert figures() == {"arrests": ("figure", 1200, False), "charges": ("not_applicable", None, False)}
    assert set(Observation.objects.values_list("note", flat=True)) == {"", "No court sat"}


def test_everything_that_is_wrong_is_said_at_once(town: Town, october: ReportingPeriod):
    for name in ("cautions", "warnings", "fines", "bails"):
        make_indicator(town.police, name)
    typed = {
        "arrests": Entry("12a"),
        "charges": Entry(),
        "cautions": Entry("3", "not_available", "Down"),
        "warnings": Entry("", "not_available"),
        "fines": Entry("", "because", "Down"),
        "bails": Entry("3", "", "x" * 501),
    }
    assert errors_of(town, october, typed) == {
        "arrests:value": "Arrests: enter a whole number, such as 12. You entered “12a”.",
        "charges:value": "Charges: enter a number (0 if there were none), or choose why you don’t have the figure.",
        "cautions:value": "Cautions: enter a number or a reason why there is none, not both.",
        "warnings:note": "Warnings: say in the note why there is no figure.",
        "fines:reason": "Fines: choose one of the listed reasons.",
        "bails:note": "Bails: shorten the note to 500 characters; it has 501.",
    }


def test_a_withheld_cell_is_no_reason_that_an_agency_can_give(town: Town, october: ReportingPeriod):
    for reason in ("withheld", "figure"):
        typed = {"arrests": Entry("", reason, "Because"), "charges": Entry("4")}
        with pytest.raises(ReturnHasErrors) as faults:
            submit_with_any_revision(town, october, typed)
        assert list(faults.value.errors) == ["arrests:reason"]


def test_a_figure_may_come_later(town: Town, october: ReportingPeriod):
    typed = {"arrests": Entry("", "awaited", "The system is down until the 12th"), "charges": Entry("4")}
    submit_typed(town, october, typed)
    figure = Observation.objects.get(indicator__code="arrests")
    assert (figure.state, figure.value, figure.note) == ("awaited", None, "The system is down until the 12th")


def test_a_figure_that_comes_later_says_when(town: Town, october: ReportingPeriod):
    assert errors_of(town, october, {"arrests": Entry("", "awaited"), "charges": Entry("4")}) == {
        "arrests:note": "Arrests: say in the note when the figure will arrive."
    }


def submit_with_any_revision(town: Town, october: ReportingPeriod, typed: dict[str, Entry]) -> Submission:
    existing = Submission.objects.filter(period=october).first()
    saved = save_draft(town.police, october, typed, revision=existing.revision if existing else 0, by=town.lead)
    return submit_return(town.police, october, revision=saved.revision, by=town.lead)


def test_a_note_of_the_longest_length_is_kept(town: Town, october: ReportingPeriod):
    submit_typed(town, october, {"arrests": Entry("3", "", "x" * 500), "charges": Entry("4")})
    assert figures()["arrests"] == ("figure", 3, False)


@pytest.fixture
def parts(town: Town) -> Town:
    """Of the arrests, those at home and those elsewhere are counted apart; the second by origin."""
    arrests = Indicator.objects.get(area=town.area, code="arrests")
    origin = make_dimension(town.area, "origin", ["london", "leeds"])
    make_indicator(town.police, "at-home", part_of=arrests)
    make_indicator(town.police, "elsewhere", part_of=arrests, dimension=origin)
    return town


def test_parts_above_the_whole_are_refused(parts: Town, october: ReportingPeriod):
    typed = entries({"arrests": 10, "charges": 4, "at-home": 5, "elsewhere.london": 4, "elsewhere.leeds": 2})
    assert errors_of(parts, october, typed) == {
        "arrests:value": "Arrests: 10 can’t be less than “At home” with “Elsewhere”, 11. A part can’t be more than its "
        "whole."
    }


@pytest.mark.parametrize(
    ("at_home", "london", "leeds"),
    [(5, 4, 1), (0, 0, 0), (3, 3, 1), (None, 4, 2), (10, None, None)],
    ids=["equal", "none", "fewer", "one not available", "categories not available"],
)
def test_parts_up_to_the_whole_are_taken(
    parts: Town, october: ReportingPeriod, at_home: int | None, london: int | None, leeds: int | None
):
    typed = {"arrests": 10, "charges": 4, "at-home": at_home, "elsewhere.london": london, "elsewhere.leeds": leeds}
    assert submit_typed(parts, october, entries(typed)).state == "submitted"


def test_parts_of_a_whole_that_is_not_available_are_taken(parts: Town, october: ReportingPeriod):
    typed = {"arrests": None, "charges": 4, "at-home": 9, "elsewhere.london": 9, "elsewhere.leeds": 9}
    assert submit_typed(parts, october, entries(typed)).state == "submitted"


# --- Whose turn it is -----------------------------------------------------------------------------


def test_accepting_signs_every_figure_off(town: Town):
    accepted = accept(town, OCTOBER, {"arrests": 12, "charges": None})
    assert (accepted.state, accepted.accepted_by) == ("accepted", town.coordinator)
    assert figures() == {"arrests": ("figure", 12, True), "charges": ("not_available", None, True)}
    assert set(Observation.objects.values_list("signed_off_by", flat=True)) == {town.coordinator.pk}


def test_a_draft_is_neither_accepted_nor_returned(town: Town, october: ReportingPeriod):
    draft = save_draft(town.police, october, entries(FIGURES), revision=0, by=town.lead)
    with pytest.raises(TransitionRefused, match="is draft, so it can't become accepted"):
        accept_return(draft, by=town.coordinator)
    with pytest.raises(TransitionRefused, match="is draft, so it can't become sent back"):
        give_back(town, draft)


@pytest.mark.parametrize("make", [submit, accept])
def test_a_return_given_back_is_typed_and_submitted_again(town: Town, make: Callable[..., Submission]):
    returned = return_return(make(town, OCTOBER, FIGURES), comment=" Twelve arrests? ", by=town.coordinator)
    assert (returned.state, returned.comment, returned.returned_by) == (
        "returned",
        "Twelve arrests?",
        town.coordinator,
    )
    assert figures() == {}
    assert returned.draft["arrests"]["value"] == "12"  # what was typed stays

    accept(town, OCTOBER, FIGURES | {"arrests": 2})
    assert figures() == {"arrests": ("figure", 2, True), "charges": ("figure", 4, True)}


def test_a_return_given_back_may_be_submitted_as_it_was(town: Town):
    returned = give_back(town, submit(town, OCTOBER, FIGURES))
    submit_return(town.police, returned.period, revision=returned.revision, by=town.lead)
    assert figures()["arrests"] == ("figure", 12, False)


def test_each_act_is_written_down(town: Town):
    returned = give_back(town, submit(town, OCTOBER, FIGURES))
    accept(town, OCTOBER, FIGURES)
    acts = AuditEvent.objects.filter(verb__startswith="submission.").order_by("id")
    lead, coordinator = town.lead.email, town.coordinator.email
    assert list(acts.values_list("verb", "actor")) == [
        ("submission.saved", lead),
        ("submission.submitted", lead),
        ("submission.returned", coordinator),
        ("submission.saved", lead),
        ("submission.submitted", lead),
        ("submission.accepted", coordinator),
    ]
    assert set(acts.values_list("area", "target_id", "target")) == {
        ("testford", str(returned.pk), "Police, October 2024")
    }
    details = acts[2].details
    assert details.pop("asked_at")
    assert details == {
        "asked_by": lead,
        "before": "submitted",
        "after": "returned",
        "revision": 2,
        "comment": "Please check the arrests.",
    }


# --- Who may --------------------------------------------------------------------------------------

ROLES_WITHOUT_ENTRY = [role for role in Role if role not in (Role.OPERATOR, Role.AGENCY_LEAD)]
ROLES_WITHOUT_DECISION = [role for role in Role if role not in (Role.OPERATOR, Role.COORDINATOR)]


@pytest.mark.parametrize("role", ROLES_WITHOUT_ENTRY)
def test_only_a_lead_enters(town: Town, october: ReportingPeriod, role: Role):
    person = town.people[role]
    with pytest.raises(PermissionDenied, match=r"^Only a lead of Police can enter its figures.$"):
        save_draft(town.police, october, entries(FIGURES), revision=0, by=person)
    save_draft(town.police, october, entries(FIGURES), revision=0, by=town.lead)
    with pytest.raises(PermissionDenied, match=r"^Only a lead of Police can enter its figures.$"):
        submit_return(town.police, october, revision=1, by=person)


def test_the_lead_of_another_agency_does_not_enter(town: Town, october: ReportingPeriod):
    council = make_agency(town.area, "council")
    stranger = make_member(town.area, Role.AGENCY_LEAD, agency=council)
    with pytest.raises(PermissionDenied):
        save_draft(town.police, october, entries(FIGURES), revision=0, by=stranger)


def test_a_lead_who_has_left_does_not_enter(town: Town, october: ReportingPeriod):
    town.lead.is_active = False
    town.lead.save()
    with pytest.raises(PermissionDenied):
        save_draft(town.police, october, entries(FIGURES), revision=0, by=town.lead)


@pytest.mark.parametrize("role", ROLES_WITHOUT_DECISION)
def test_only_a_coordinator_accepts_or_returns(town: Town, role: Role):
    submitted, person = submit(town, OCTOBER, FIGURES), town.people[role]
    with pytest.raises(PermissionDenied, match=r"^Only a coordinator of Testford can do this.$"):
        accept_return(submitted, by=person)
    with pytest.raises(PermissionDenied, match=r"^Only a coordinator of Testford can do this.$"):
        return_return(submitted, comment="No", by=person)
    assert Submission.objects.get().state == "submitted"


def test_the_coordinator_of_another_area_does_neither(town: Town, outsider: User):
    submitted = submit(town, OCTOBER, FIGURES)
    with pytest.raises(PermissionDenied):
        accept_return(submitted, by=outsider)
    with pytest.raises(PermissionDenied):
        return_return(submitted, comment="No", by=outsider)


# --- Closed months, and figures from files --------------------------------------------------------


def test_a_closed_month_still_takes_what_was_handed_in(town: Town):
    submitted = submit(town, OCTOBER, FIGURES)
    period = close_month(submitted.period, by=town.coordinator, missing=[], why="Early")
    returned = give_back(town, submitted)
    again = submit_return(town.police, period, revision=returned.revision, by=town.lead)
    assert accept_return(again, by=town.coordinator).state == "accepted"
    # What is accepted stays so: a figure of it is corrected.
    with pytest.raises(TransitionRefused, match="October 2024 is closed"):
        give_back(town, again)
    with pytest.raises(TransitionRefused, match="so it can't be edited"):
        save_draft(town.police, period, entries(FIGURES), revision=again.revision, by=town.lead)


def test_a_return_takes_the_place_of_what_a_file_brought(town: Town):
    """Drugs came from the police's open data; from now on their return brings them."""
    drugs, *_ = make_police_indicators(town.police)
    import_police_months(town.area, [counted(str(OCTOBER), 24, 10, 746)], by=None)
    sweep()
    drugs.collection = "return"
    save_indicator(drugs, boards=[], by=town.coordinator)
    sweep()
    submitted = submit(town, OCTOBER, FIGURES | {"police-drugs": 25})
    assert figures()["police-drugs"] == ("figure", 25, False)
    assert stale_months(town) == ["2024-10"]  # the signed-off 24 is gone
    accept_return(submitted, by=town.coordinator)
    assert figures()["police-drugs"] == ("figure", 25, True)
    assert figures()["police-weapons"] == ("figure", 10, True)
    assert Observation.objects.filter(indicator=drugs).count() == 1

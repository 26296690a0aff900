"""A figure that is corrected after its return was accepted, or that comes late: who asks, who decides,
and which months change."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from django.core.exceptions import PermissionDenied

from boards.models import Agency, ReportingPeriod
from boards.rules import Role
from boards.services.months import close_month
from core.calendar import Month
from core.forms.pages import ChangedMeanwhile
from core.labels import TransitionRefused
from core.models import AuditEvent
from indicators.figures import Entry
from indicators.models import Category, Correction, FigureChange, Indicator, Observation, Submission
from indicators.selectors.figures import open_corrections
from indicators.services.corrections import (
    CorrectionHasErrors,
    accept_correction,
    ask_correction,
    decline_correction,
    mark_provisional,
    withdraw_correction,
)
from indicators.services.open_data import import_police_months
from indicators.services.returns import accept_return, release_return, save_draft, submit_return
from indicators.trend import CellState
from reporting.models import Snapshot
from tests.factories import make_agency, make_dimension, make_indicator, make_member
from tests.factories.police import counted, make_police_indicators
from tests.integration.test_rollup_at_once import A_MOMENT, SOON, half_done, on_its_own
from tests.measuring import take_in
from tests.scenarios import (
    Town,
    accept,
    entries,
    give_back,
    make_town,
    newest_lines,
    open_month,
    publish,
    stale_months,
    submit,
    sweep,
)

SEPTEMBER, OCTOBER, NOVEMBER = Month(2024, 9), Month(2024, 10), Month(2024, 11)
FIGURES = {"arrests": 12, "charges": 4}
WHY = "Two were counted twice"


def ask(town: Town, name: str, typed: object, *, month: Month = OCTOBER, note: str = "", why: str = WHY) -> Correction:
    """The police's lead asks to correct "arrests", or "lines.london"."""
    code, _, part = name.partition(".")
    indicator = Indicator.objects.get(area=town.area, code=code)
    category = Category.objects.get(dimension=indicator.dimension, code=part) if part else None
    period = ReportingPeriod.objects.get(area=town.area, starts_on=month.first_day)
    entry = typed if isinstance(typed, Entry) else Entry(str(typed), note=note)
    return ask_correction(indicator, category, period, entry=entry, reason=why, by=town.lead)


def figures(month: Month = OCTOBER) -> dict[str, tuple[str, int | None, str, bool]]:
    """Every figure of a month: state, value, note, and whether it counts."""
    held = Observation.objects.filter(period__starts_on=month.first_day).select_related("indicator", "category")
    return {
        f"{one.indicator.code}.{one.category.code if one.category else ''}".removesuffix("."): (
            one.state,
            one.value,
            one.note,
            one.signed_off_at is not None,
        )
        for one in held
    }


def history(code: str = "arrests") -> list[tuple[str, str, int | None, str, int | None, str]]:
    """What happened to a figure's months, the oldest first."""
    changes = FigureChange.objects.filter(indicator__code=code).order_by("made_at", "id")
    return list(changes.values_list("act", "state_before", "value_before", "state_after", "value_after", "why"))


@pytest.fixture
def lines(town: Town) -> Indicator:
    """The police count lines by where they come from."""
    origin = make_dimension(town.area, "origin", ["london", "leeds", "derby"])
    return make_indicator(town.police, "lines", dimension=origin)


SPLIT = FIGURES | {"lines.london": 3, "lines.leeds": 2, "lines.derby": 1}


# --- Asking ---------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_asking_changes_no_figure(town: Town):
    accept(town, OCTOBER, FIGURES)
    sweep()
    asked = ask(town, "arrests", " 10 ")
    assert (asked.state, asked.was_value, asked.new_value, asked.reason) == ("asked", 12, 10, WHY)
    assert (asked.asked_by, asked.decided_by) == (town.lead, None)
    assert figures()["arrests"] == ("figure", 12, "", True)
    assert stale_months(town) == []
    assert list(open_corrections(town.area)) == [asked]
    assert AuditEvent.objects.latest("id").verb == "correction.asked"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("entry", "why", "errors"),
    [
        (Entry("12a"), WHY, {"value": "Arrests: enter a whole number, such as 12. You entered “12a”."}),
        (Entry("-1"), WHY, {"value": "Arrests: enter a number that is 0 or more. You entered “-1”."}),
        (
            Entry(""),
            WHY,
            {"value": "Arrests: enter a number (0 if there were none), or choose why you don’t have the figure."},
        ),
        (
            Entry("10", "not_available", "Down"),
            WHY,
            {"value": "Arrests: enter a number or a reason why there is none, not both."},
        ),
        (Entry("", "withheld", "Small"), WHY, {"reason": "Arrests: choose one of the listed reasons."}),
        (Entry("", "not_available"), WHY, {"note": "Arrests: say in the note why there is no figure."}),
        (
            Entry("10", note="x" * 501),
            WHY,
            {"note": "Arrests: shorten the note to 500 characters; it has 501."},
        ),
        (
            Entry("10"),
            " \n ",
            {
                "why": "Say why the figure needs to change. The coordinator will read your reason. It stays with the "
                "figure."
            },
        ),
        (Entry("10"), "x" * 2001, {"why": "Shorten the reason to 2,000 characters; it has 2,001."}),
        (Entry("12"), WHY, {"value": "The figure and its note are already the same as this. Change one of them."}),
    ],
)
def test_what_is_wrong_with_what_was_typed_is_said(town: Town, entry: Entry, why: str, errors: dict[str, str]):
    accept(town, OCTOBER, FIGURES)
    with pytest.raises(CorrectionHasErrors) as faults:
        ask(town, "arrests", entry, why=why)
    assert faults.value.errors == errors
    assert not Correction.objects.exists()


@pytest.mark.django_db
def test_a_strange_figure_is_asked_about_as_in_a_return(town: Town):
    accept(town, SEPTEMBER, FIGURES)
    accept(town, OCTOBER, {"arrests": 12, "charges": CellState.NOT_AVAILABLE})
    far = (
        "Charges: 90,000 is far from the figures so far, which are 4. "
        "Correct it or, if it is right, say why in the note."
    )
    for note in ("", "The system was down"):  # what stood there already says nothing of it
        with pytest.raises(CorrectionHasErrors) as faults:
            ask(town, "charges", "90000", note=note)
        assert faults.value.errors == {"note": far}
    asked = ask(town, "charges", "90000", note="A backlog of years")
    assert (asked.new_value, asked.note) == (90_000, "A backlog of years")


def test_a_correction_is_asked_about_nothing_that_is_ordinary(town: Town):
    accept(town, SEPTEMBER, FIGURES)
    accept(town, OCTOBER, FIGURES)
    assert ask(town, "charges", "5").new_value == 5


def test_both_faults_are_said_at_once(town: Town):
    accept(town, OCTOBER, FIGURES)
    with pytest.raises(CorrectionHasErrors) as faults:
        ask(town, "arrests", "twelve", why="")
    assert list(faults.value.errors) == ["value", "why"]


@pytest.mark.django_db
@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.OPERATOR, Role.AGENCY_LEAD)])
def test_only_the_agencys_lead_asks(town: Town, role: Role):
    accept(town, OCTOBER, FIGURES)
    town.people[Role.AGENCY_LEAD] = town.people[role]
    with pytest.raises(PermissionDenied, match=r"^Only a lead of Police can enter its figures.$"):
        ask(town, "arrests", 10)


@pytest.mark.django_db
def test_a_lead_of_another_agency_or_area_doesnt_ask(town: Town):
    accept(town, OCTOBER, FIGURES)
    for person in (
        make_member(town.area, Role.AGENCY_LEAD, agency=make_agency(town.area, "nhs")),
        make_town("elsewhere").lead,
    ):
        town.people[Role.AGENCY_LEAD] = person
        with pytest.raises(PermissionDenied):
            ask(town, "arrests", 10)


def in_draft(town: Town) -> None:
    open_month(town, OCTOBER)


def given_back(town: Town) -> None:
    give_back(town, accept(town, OCTOBER, FIGURES))


def handed_in(town: Town) -> None:
    submit(town, OCTOBER, FIGURES)


def awaiting_release(town: Town) -> None:
    Agency.objects.filter(pk=town.police.pk).update(needs_release=True)
    submit(town, OCTOBER, FIGURES)


def released(town: Town) -> None:
    awaiting_release(town)
    release_return(Submission.objects.get(), by=town.people[Role.AGENCY_APPROVER])


def closed_before_it_was_accepted(town: Town) -> None:
    handed_in(town)
    close_month(ReportingPeriod.objects.get(), by=town.coordinator, missing=[], why="Early")


def closed_before_it_was_begun(town: Town) -> None:
    close_month(open_month(town, OCTOBER), by=town.coordinator, missing=["Police"], why="Early")


WITH_LEAD = "The agency still has the October 2024 return. Enter the figure there."
NOT_ACCEPTED = "The October 2024 return is not accepted yet. Ask the {} to send it back, then change the figure."


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("before", "sentence"),
    [
        (in_draft, WITH_LEAD),
        (given_back, WITH_LEAD),
        (handed_in, NOT_ACCEPTED.format("coordinator")),
        (awaiting_release, NOT_ACCEPTED.format("agency’s approver")),
        (released, NOT_ACCEPTED.format("coordinator")),
        (closed_before_it_was_accepted, NOT_ACCEPTED.format("coordinator")),
        (closed_before_it_was_begun, WITH_LEAD),
    ],
)
def test_as_long_as_the_return_can_change_it_no_correction_is_asked_for(
    town: Town, before: Callable[[Town], None], sentence: str
):
    before(town)
    with pytest.raises(TransitionRefused) as refusal:
        ask(town, "arrests", 10)
    assert str(refusal.value) == sentence


@pytest.mark.django_db
def test_a_second_correction_waits_for_the_first(town: Town):
    accept(town, OCTOBER, FIGURES)
    first = ask(town, "arrests", 10)
    with pytest.raises(TransitionRefused, match=r"^agency-lead has already asked to correct this figure\."):
        ask(town, "arrests", 9)
    ask(town, "charges", 5)  # another figure
    withdraw_correction(first, by=town.lead)
    assert ask(town, "arrests", 9).state == "asked"


@pytest.mark.django_db
def test_a_whole_is_corrected_in_its_categories(town: Town, lines: Indicator):
    accept(town, OCTOBER, SPLIT)
    with pytest.raises(TransitionRefused, match=r"^Lines is the sum of its categories. Correct the category"):
        ask(town, "lines", 10)
    assert ask(town, "lines.leeds", 10).was_value == 2


@pytest.mark.django_db
def test_what_isnt_asked_for_in_a_month_has_no_correction(town: Town):
    publish(town, OCTOBER)
    make_indicator(town.police, "later", defined_from=NOVEMBER.first_day)
    with pytest.raises(TransitionRefused, match=r"^Later is not asked for in October 2024\.$"):
        ask(town, "later", 10)


@pytest.mark.django_db
def test_a_figure_from_a_file_can_be_corrected_and_one_that_no_file_brought_cant(town: Town):
    make_police_indicators(town.police)
    import_police_months(town.area, [counted("2024-10", drugs=5, weapons=3, violence=9)], by=None)
    held = Observation.objects.filter(imported_from__gt="").select_related("indicator")[0]
    asked = ask(town, held.indicator.code, 77)
    accept_correction(asked, by=town.coordinator)
    held.refresh_from_db()
    assert (held.value, held.correction, held.signed_off_by) == (77, asked, town.coordinator)
    assert held.imported_from
    open_month(town, NOVEMBER)
    with pytest.raises(TransitionRefused, match=r"is collected by import, and no file has supplied this figure yet"):
        ask(town, held.indicator.code, 77, month=NOVEMBER)


ABOVE = "“At home” with “Elsewhere” is {}, and can’t be more than “Arrests”, {}. A part can’t be more than its whole."


@pytest.fixture
def parts(town: Town) -> Town:
    """Of the arrests, those at home and those elsewhere are counted apart; the second by origin."""
    arrests = Indicator.objects.get(area=town.area, code="arrests")
    make_indicator(town.police, "at-home", part_of=arrests)
    make_indicator(
        town.police, "elsewhere", part_of=arrests, dimension=make_dimension(town.area, "origin", ["london", "leeds"])
    )
    accept(town, OCTOBER, FIGURES | {"at-home": 5, "elsewhere.london": 3, "elsewhere.leeds": 2})
    return town


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "highest", "sentence"),
    [
        ("at-home", 7, ABOVE.format(13, 12)),
        (
            "elsewhere.leeds",
            4,
            ABOVE.format(13, 12),
        ),
    ],
)
def test_parts_together_stay_within_the_whole(parts: Town, name: str, highest: int, sentence: str):
    with pytest.raises(CorrectionHasErrors) as faults:
        ask(parts, name, highest + 1)
    assert faults.value.errors == {"value": sentence}
    assert ask(parts, name, highest).state == "asked"


@pytest.mark.django_db
def test_a_whole_stays_above_its_parts(parts: Town):
    with pytest.raises(CorrectionHasErrors) as faults:
        ask(parts, "arrests", 9)
    assert faults.value.errors == {"value": ABOVE.format(10, 9)}
    assert ask(parts, "arrests", Entry("", "not_available", "The system was down")).new_state == "not_available"


@pytest.mark.django_db
def test_parts_are_looked_at_again_when_it_is_accepted(parts: Town):
    up, down = ask(parts, "at-home", 7), ask(parts, "arrests", 10)
    accept_correction(down, by=parts.coordinator)
    with pytest.raises(TransitionRefused, match="is 12, and can’t be more than “Arrests”, 10"):
        accept_correction(up, by=parts.coordinator)
    assert figures()["at-home"][1] == 5
    up.refresh_from_db()
    assert up.state == "asked"


# --- Deciding -------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_accepting_changes_the_figure_and_says_why(town: Town):
    accept(town, OCTOBER, FIGURES)
    mark_provisional(Observation.objects.get(value=12), is_provisional=True, by=town.coordinator)
    asked = ask(town, "arrests", 10, note="Two withdrawn")
    accepted = accept_correction(asked, by=town.coordinator)
    assert (accepted.state, accepted.decided_by) == ("accepted", town.coordinator)
    figure = Observation.objects.get(indicator__code="arrests")
    assert figures()["arrests"] == ("figure", 10, "Two withdrawn", True)
    assert (figure.correction, figure.is_provisional, figure.signed_off_by) == (asked, False, town.coordinator)
    assert history() == [
        ("entered", "", None, "figure", 12, ""),
        ("accepted", "figure", 12, "figure", 12, ""),
        ("made_provisional", "figure", 12, "figure", 12, ""),
        ("corrected", "figure", 12, "figure", 10, WHY),
        ("confirmed", "figure", 10, "figure", 10, "The correction confirmed it."),
    ]
    assert list(open_corrections(town.area)) == []
    assert [event.verb for event in AuditEvent.objects.filter(verb__startswith="correction.")] in (
        ["correction.asked", "correction.accepted"],
        ["correction.accepted", "correction.asked"],
    )


@pytest.mark.django_db
def test_a_figure_is_corrected_to_a_reason_and_back(town: Town):
    accept(town, OCTOBER, FIGURES)
    accept_correction(ask(town, "arrests", Entry("", "not_available", "Lost")), by=town.coordinator)
    assert figures()["arrests"] == ("not_available", None, "Lost", True)
    accept_correction(ask(town, "arrests", 11), by=town.coordinator)
    assert figures()["arrests"] == ("figure", 11, "", True)


@pytest.mark.django_db
def test_only_what_shows_the_figure_becomes_stale(town: Town):
    for month in (SEPTEMBER, OCTOBER, NOVEMBER):
        accept(town, month, FIGURES)
    sweep()
    asked = ask(town, "arrests", 10)
    assert stale_months(town) == []
    accept_correction(asked, by=town.coordinator)
    assert stale_months(town) == ["2024-10", "2024-11"]
    sweep()
    assert [newest_lines(town, month)["arrests"].value for month in (SEPTEMBER, OCTOBER, NOVEMBER)] == [12, 10, 12]
    assert newest_lines(town, NOVEMBER)["arrests"].change == 2


@pytest.mark.django_db
def test_a_published_version_stays_and_the_change_is_the_next(town: Town):
    accept(town, OCTOBER, FIGURES)
    publish(town, OCTOBER)
    accept(town, NOVEMBER, FIGURES)
    publish(town, NOVEMBER)
    before = (
        list(Snapshot.objects.order_by("pk").values()),
        [list(one.lines.order_by("pk").values()) for one in Snapshot.objects.order_by("pk")],
    )
    accept_correction(ask(town, "arrests", 10), by=town.coordinator)
    sweep()
    first = Snapshot.objects.filter(version=1).order_by("pk")
    assert (list(first.values()), [list(one.lines.order_by("pk").values()) for one in first]) == before
    versions = Snapshot.objects.order_by("period__starts_on", "version")
    assert list(versions.values_list("period__starts_on__month", "version", "state")) == [
        (10, 1, "published"),
        (10, 2, "draft"),
        (11, 1, "published"),
        (11, 2, "draft"),
    ]
    assert newest_lines(town, OCTOBER)["arrests"].value == 10
    assert newest_lines(town, NOVEMBER)["arrests"].previous_value == 10


@pytest.mark.django_db
def test_declining_leaves_the_figure_and_says_why(town: Town):
    accept(town, OCTOBER, FIGURES)
    sweep()
    asked = ask(town, "arrests", 10)
    for comment in ("", " \n"):
        with pytest.raises(TransitionRefused, match=r"^Say why you decline it"):
            decline_correction(asked, comment=comment, by=town.coordinator)
    declined = decline_correction(asked, comment=" The custody record says 12. ", by=town.coordinator)
    assert (declined.state, declined.comment) == ("declined", "The custody record says 12.")
    assert figures()["arrests"] == ("figure", 12, "", True)
    assert stale_months(town) == []


@pytest.mark.django_db
def test_what_is_decided_stays_decided(town: Town):
    accept(town, OCTOBER, FIGURES)
    asked = ask(town, "arrests", 10)
    accept_correction(asked, by=town.coordinator)
    with pytest.raises(TransitionRefused) as refusal:
        accept_correction(asked, by=town.coordinator)  # as read before
    assert str(refusal.value) == ("The correction of Arrests, October 2024 is accepted, so it can't become accepted.")
    with pytest.raises(TransitionRefused, match=r"is accepted, so it can't become declined"):
        decline_correction(asked, comment="No", by=town.coordinator)
    with pytest.raises(TransitionRefused, match=r"is accepted, so it can't become withdrawn"):
        withdraw_correction(asked, by=town.lead)
    assert [act for act, *_ in history()].count("corrected") == 1


@pytest.mark.django_db
@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.OPERATOR, Role.COORDINATOR)])
def test_only_a_coordinator_decides(town: Town, role: Role):
    accept(town, OCTOBER, FIGURES)
    asked, person = ask(town, "arrests", 10), town.people[role]
    with pytest.raises(PermissionDenied, match=r"^Only a coordinator of Testford can do this.$"):
        accept_correction(asked, by=person)
    with pytest.raises(PermissionDenied, match=r"^Only a coordinator of Testford can do this.$"):
        decline_correction(asked, comment="No", by=person)
    if role is not Role.AGENCY_LEAD:
        with pytest.raises(PermissionDenied, match=r"^Only a lead of Police can enter its figures.$"):
            withdraw_correction(asked, by=person)
    assert Correction.objects.get().state == "asked"


@pytest.mark.django_db
def test_a_coordinator_doesnt_withdraw_and_one_of_another_area_doesnt_decide(town: Town, outsider):
    accept(town, OCTOBER, FIGURES)
    asked = ask(town, "arrests", 10)
    with pytest.raises(PermissionDenied):
        withdraw_correction(asked, by=town.coordinator)
    with pytest.raises(PermissionDenied):
        accept_correction(asked, by=outsider)


@pytest.mark.django_db
def test_a_return_that_is_given_back_declines_what_was_asked_to_be_corrected(town: Town):
    submission = accept(town, OCTOBER, FIGURES)
    asked = ask(town, "arrests", 10)
    give_back(town, submission)
    asked.refresh_from_db()
    assert (asked.state, asked.comment) == ("declined", "The return was sent back. Change the figure there.")
    with pytest.raises(TransitionRefused, match="is declined, so it can't become accepted"):
        accept_correction(asked, by=town.coordinator)
    assert figures() == {}


@pytest.mark.django_db
def test_a_form_that_was_open_when_a_figure_was_corrected_is_told(town: Town):
    submission = accept(town, OCTOBER, FIGURES)
    opened_at = submission.revision
    accept_correction(ask(town, "arrests", 10), by=town.coordinator)
    give_back(town, submission)
    with pytest.raises(ChangedMeanwhile):
        save_draft(town.police, submission.period, entries(FIGURES), revision=opened_at, by=town.lead)


@pytest.mark.django_db
def test_a_return_given_back_later_holds_what_was_corrected(town: Town):
    submission = accept(town, OCTOBER, FIGURES)
    accept_correction(ask(town, "arrests", 10, note="Two withdrawn"), by=town.coordinator)
    returned = give_back(town, submission)
    again = submit_return(town.police, returned.period, revision=returned.revision, by=town.lead)
    accept_return(again, by=town.coordinator)
    assert figures() == {"arrests": ("figure", 10, "Two withdrawn", True), "charges": ("figure", 4, "", True)}


# --- A figure that comes late ---------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("is_published", [False, True], ids=["closed", "published"])
def test_a_figure_that_a_file_left_out_is_taken_in(town: Town, is_published: bool):
    period = open_month(town, OCTOBER)
    take_in(town, "charges", 4, last=OCTOBER)
    if is_published:
        publish(town, OCTOBER)
    else:
        close_month(period, by=town.coordinator, missing=["Police"], why="Early")
        sweep()
    asked = ask(town, "arrests", 10)
    assert (asked.was_state, asked.was_value) == ("", None)
    accept_correction(asked, by=town.coordinator)
    figure = Observation.objects.get(indicator__code="arrests")
    assert figures() == {"arrests": ("figure", 10, "", True), "charges": ("figure", 4, "", True)}
    assert (figure.submission, figure.imported_from, figure.correction) == (None, "", asked)
    assert history() == [("corrected", "", None, "figure", 10, WHY)]
    assert "2024-10" in stale_months(town)
    sweep()
    assert {code: line.state for code, line in newest_lines(town, OCTOBER).items()} == {
        "arrests": "figure",
        "charges": "figure",
    }
    assert Snapshot.objects.filter(period=period).latest("version").version == (2 if is_published else 1)


@pytest.mark.django_db
def test_a_late_part_isnt_taken_for_the_whole(town: Town, lines: Indicator):
    take_in(town, "charges", 4, last=OCTOBER)
    publish(town, OCTOBER)
    accept_correction(ask(town, "lines.london", 3), by=town.coordinator)
    assert figures() == {
        "charges": ("figure", 4, "", True),
        "lines.london": ("figure", 3, "", True),
        "lines.leeds": ("awaited", None, "Awaited", True),
        "lines.derby": ("awaited", None, "Awaited", True),
    }
    sweep()
    assert (newest_lines(town, OCTOBER)["lines"].state, newest_lines(town, OCTOBER)["lines.london"].value) == (
        "awaited",
        3,
    )
    accept_correction(ask(town, "lines.leeds", 2), by=town.coordinator)
    accept_correction(ask(town, "lines.derby", 0), by=town.coordinator)
    sweep()
    assert newest_lines(town, OCTOBER)["lines"].value == 5
    assert history("lines")[-1][1:5] == ("awaited", None, "figure", 0)


@pytest.mark.django_db
def test_a_category_added_since_comes_beside_those_that_are_in(town: Town, lines: Indicator):
    accept(town, OCTOBER, SPLIT)
    for name in ("york", "hull"):
        Category.objects.create(dimension=lines.dimension, code=name, name=name.capitalize(), position=9)
    accept_correction(ask(town, "lines.york", 4), by=town.coordinator)
    assert figures()["lines.york"] == ("figure", 4, "", True)
    assert "lines.hull" not in figures()
    sweep()
    assert newest_lines(town, OCTOBER)["lines"].value == 10


@pytest.mark.django_db
def test_a_return_that_was_never_accepted_is_accepted_late_after_publishing(town: Town, lines: Indicator):
    """Nobody need correct what was handed in: the coordinator looks at it, late."""
    submission = submit(town, OCTOBER, SPLIT)
    publish(town, OCTOBER)
    with pytest.raises(TransitionRefused, match="is not accepted yet"):
        ask(town, "lines.london", 3)
    accept_return(submission, by=town.coordinator)
    assert figures()["lines.leeds"][0] == "figure"
    sweep()
    assert newest_lines(town, OCTOBER)["arrests"].value == 12
    published = Snapshot.objects.get(period=submission.period, state="published")
    assert published.lines.get(indicator_code="arrests").state == "awaited"


# --- Two at once ----------------------------------------------------------------------------------


@pytest.fixture
def shared_town(shared_database: str) -> Town:
    return make_town()


def beside(others: ThreadPoolExecutor, first: Callable[[], object], second: Callable[[], object]) -> Future[object]:
    """The second begins while the first is done and not committed yet: it waits."""
    with half_done(others, first):
        waiting = others.submit(on_its_own(second))
        with pytest.raises(TimeoutError):
            waiting.result(A_MOMENT)
    return waiting


@pytest.mark.both_databases
def test_of_two_coordinators_one_decides(shared_town: Town, others: ThreadPoolExecutor):
    town = shared_town
    accept(town, OCTOBER, FIGURES)
    asked = ask(town, "arrests", 10)
    second = beside(
        others,
        lambda: accept_correction(asked, by=town.coordinator),
        lambda: decline_correction(asked, comment="No", by=town.coordinator),
    )
    with pytest.raises(TransitionRefused, match=r"is accepted, so it can't become declined"):
        second.result(SOON)
    assert (Correction.objects.get().state, figures()["arrests"][1]) == ("accepted", 10)


@pytest.mark.both_databases
def test_accepted_twice_at_once_it_changes_once(shared_town: Town, others: ThreadPoolExecutor):
    town = shared_town
    accept(town, OCTOBER, FIGURES)
    asked = ask(town, "arrests", 10)

    def act() -> object:
        return accept_correction(asked, by=town.coordinator)

    second = beside(others, act, act)
    with pytest.raises(TransitionRefused, match=r"is accepted, so it can't become accepted"):
        second.result(SOON)
    assert [act for act, *_ in history()].count("corrected") == 1


@pytest.mark.both_databases
def test_two_leads_ask_once(shared_town: Town, others: ThreadPoolExecutor):
    town = shared_town
    accept(town, OCTOBER, FIGURES)
    second = beside(others, lambda: ask(town, "arrests", 10), lambda: ask(town, "arrests", 9))
    with pytest.raises(TransitionRefused, match=r"has already asked to correct this figure"):
        second.result(SOON)
    assert [one.new_value for one in Correction.objects.all()] == [10]


@pytest.mark.both_databases
def test_a_correction_beside_a_return_that_is_given_back(shared_town: Town, others: ThreadPoolExecutor):
    town = shared_town
    submission = accept(town, OCTOBER, FIGURES)
    asked = ask(town, "arrests", 10)
    second = beside(others, lambda: give_back(town, submission), lambda: accept_correction(asked, by=town.coordinator))
    with pytest.raises(TransitionRefused, match=r"is declined, so it can't become accepted"):
        second.result(SOON)
    assert figures() == {}


@pytest.mark.both_databases
def test_corrections_of_two_months_at_once_wait_for_no_other_for_ever(shared_town: Town, others: ThreadPoolExecutor):
    """Each locks its month and then the later ones: an earlier month never waits for a later one's
    holder while that one waits for it."""
    town = shared_town
    for month in (SEPTEMBER, OCTOBER):
        accept(town, month, FIGURES)
    sweep()
    september, october = (ask(town, "arrests", 10, month=month) for month in (SEPTEMBER, OCTOBER))
    second = beside(
        others,
        lambda: accept_correction(october, by=town.coordinator),
        lambda: accept_correction(september, by=town.coordinator),
    )
    second.result(SOON)
    assert (figures(SEPTEMBER)["arrests"][1], figures(OCTOBER)["arrests"][1]) == (10, 10)
    assert stale_months(town) == ["2024-09", "2024-10"]


@pytest.mark.both_databases
def test_marked_beside_a_correction_the_figure_is_both(shared_town: Town, others: ThreadPoolExecutor):
    town = shared_town
    accept(town, OCTOBER, FIGURES)
    asked, figure = ask(town, "arrests", 10), Observation.objects.get(indicator__code="arrests")
    second = beside(
        others,
        lambda: accept_correction(asked, by=town.coordinator),
        lambda: mark_provisional(figure, is_provisional=True, by=town.coordinator),
    )
    second.result(SOON)
    figure.refresh_from_db()
    assert (figure.value, figure.is_provisional) == (10, True)
    assert history()[-1] == ("made_provisional", "figure", 10, "figure", 10, "")

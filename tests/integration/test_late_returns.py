"""A return that never came is still owed once its month is closed or published, and comes in as one."""

from collections.abc import Iterator

import pytest
from django.utils import timezone

from boards.models import Agency
from boards.permissions import access_to
from boards.rules import Role
from boards.services.months import close_month
from core.calendar import Month
from core.labels import TransitionRefused
from indicators.models import Observation, Submission
from indicators.selectors.returns import is_overdue, list_returns
from indicators.services.returns import accept_return, release_return, save_draft, submit_return, withdraw_return
from reporting.models import Snapshot
from reporting.months.services import publish_corrections
from reporting.pages.presenters.home import LATE_MONTHS, list_tasks
from tests.factories import make_agency, make_indicator
from tests.integration.clock import Clock, clock_at
from tests.measuring import take_in
from tests.scenarios import Town, accept, entries, newest_lines, open_month, publish, submit, sweep

pytestmark = pytest.mark.django_db
SEPTEMBER, OCTOBER = Month(2026, 9), Month(2026, 10)
FIGURES = {"arrests": 12, "charges": 6}


clock = clock_at("2026-11-20", autouse=True)


@pytest.fixture
def late(town: Town) -> Town:
    """October was published without the police's return."""
    publish(town, OCTOBER)
    return town


def named(town: Town, *, by: Role) -> Iterator[tuple[str, str, str]]:
    access = access_to(town.area, by=town.people[by])
    periods = list(town.area.periods.order_by("-starts_on").select_related("area"))
    for task in list_tasks(access, periods, today=timezone.localdate()):
        yield task.name, task.status_label, task.hint


def test_it_stays_on_the_leads_home_and_in_the_grid(late: Town):
    assert list(named(late, by=Role.AGENCY_LEAD)) == [
        ("October 2026 figures", "Late", "October 2026 is published without this return. You can still submit it.")
    ]
    (status,) = list_returns(late.area.periods.select_related("area").get())
    assert status.is_late
    assert is_overdue(status, today=timezone.localdate())


def test_accepted_it_makes_the_next_version_with_all_of_its_figures(late: Town):
    submission = submit(late, OCTOBER, FIGURES)
    assert submission.handed_in_on == timezone.localdate()
    assert next(named(late, by=Role.AGENCY_LEAD))[1] == "Submitted"
    name, label, hint = next(named(late, by=Role.COORDINATOR))
    assert (name, label) == ("October 2026 figures from Police, which arrived late", "To accept")
    assert "If you accept them, the month gets a new version." in hint
    accept_return(submission, by=late.coordinator)
    assert list(named(late, by=Role.AGENCY_LEAD)) == []
    sweep()
    draft = Snapshot.objects.get(state="draft")
    lines = newest_lines(late, OCTOBER)
    assert (draft.version, lines["arrests"].value, lines["charges"].value) == (2, 12, 6)
    assert lines["arrests"].revised_state == "awaited"
    assert lines["arrests"].revised_why == "Entered in the return"
    publish_corrections(late.area, by=late.coordinator)
    assert draft.timeliness == {"on_time": 0, "late": 1, "missing": 0}


def test_it_is_released_first_where_the_agency_asks_for_it(late: Town):
    Agency.objects.filter(pk=late.police.pk).update(needs_release=True)
    submission = submit(late, OCTOBER, FIGURES)
    with pytest.raises(TransitionRefused, match="waiting for the agency’s approver to release it"):
        accept_return(submission, by=late.coordinator)
    submission = release_return(submission, by=late.people[Role.AGENCY_APPROVER])
    assert accept_return(submission, by=late.coordinator).state == "accepted"


def test_it_is_withdrawn_as_any_other(late: Town):
    submission = submit(late, OCTOBER, FIGURES)
    withdraw_return(submission, revision=submission.revision, by=late.lead)
    assert Submission.objects.get().state == "draft"
    assert not Observation.objects.exists()


def test_what_was_accepted_meanwhile_stays(late: Town):
    """A file brought October's charges after the lead began the return."""
    period = late.area.periods.get()
    begun = save_draft(late.police, period, entries(FIGURES), revision=0, by=late.lead)
    Observation.objects.create(
        indicator=late.police.indicators.get(code="charges"),
        period=period,
        state="figure",
        value=5,
        imported_from="charges.csv",
        signed_off_at=begun.saved_at,
    )
    with pytest.raises(TransitionRefused, match="Charges has since been accepted as 5"):
        submit_return(late.police, period, revision=begun.revision, by=late.lead)
    begun = save_draft(late.police, period, entries(FIGURES | {"charges": 5}), revision=1, by=late.lead)
    submission = submit_return(late.police, period, revision=begun.revision, by=late.lead)
    assert Observation.objects.get(indicator__code="charges").signed_off_at is not None
    accept_return(submission, by=late.coordinator)
    assert [one.value for one in submission.observations.all()] == [12]


def test_where_a_file_brought_the_figures_none_is_begun(town: Town):
    take_in(town, "arrests", 12, last=OCTOBER)
    publish(town, OCTOBER)
    assert list(named(town, by=Role.AGENCY_LEAD)) == []
    with pytest.raises(TransitionRefused, match="The October 2026 figures from Police came from a file"):
        save_draft(town.police, town.area.periods.get(), entries(FIGURES), revision=0, by=town.lead)


def test_a_retired_agency_begins_none(late: Town):
    Agency.objects.filter(pk=late.police.pk).update(retired=True)
    late.police.refresh_from_db()
    with pytest.raises(TransitionRefused, match="Police is retired, so it can’t start any more returns"):
        save_draft(late.police, late.area.periods.get(), entries(FIGURES), revision=0, by=late.lead)


def test_after_a_year_it_is_only_on_its_own_page(town: Town, clock: Clock):
    for ago in range(LATE_MONTHS, -1, -1):
        publish(town, OCTOBER + -ago)
    names = [name for name, *_ in named(town, by=Role.AGENCY_LEAD)]
    assert len(names) == LATE_MONTHS
    assert "October 2025 figures" in names
    assert "September 2025 figures" not in names


def test_another_agencys_return_is_as_it_was(town: Town):
    nhs = make_agency(town.area, "nhs")
    make_indicator(nhs, "woundings", boards=(town.csp,))
    accept(town, OCTOBER, FIGURES)
    period = close_month(open_month(town, OCTOBER), by=town.coordinator, missing=["NHS"], why="Early")
    assert {one.agency.code: one.is_late for one in list_returns(period)} == {"police": False, "nhs": True}

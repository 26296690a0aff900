"""Two people at one return at the same moment: neither overwrites the other without being told."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from boards.models import ReportingPeriod
from boards.rules import Role
from boards.services.months import close_month
from core.calendar import Month
from core.forms.pages import ChangedMeanwhile
from core.labels import TransitionRefused
from core.models import User
from indicators.figures import Entry
from indicators.models import FigureChange, Observation, Submission
from indicators.services.returns import accept_return, return_return, save_draft, submit_return
from tests.factories import make_member
from tests.integration.test_rollup_at_once import A_MOMENT, SOON, half_done, on_its_own
from tests.scenarios import Town, make_town, open_month, submit

pytestmark = pytest.mark.both_databases

OCTOBER = Month(2024, 10)


@pytest.fixture
def town(shared_database: str) -> Town:
    return make_town()


@pytest.fixture
def october(town: Town) -> ReportingPeriod:
    return open_month(town, OCTOBER)


@pytest.fixture
def second(town: Town) -> User:
    return make_member(town.area, Role.AGENCY_LEAD, agency=town.police, email="second@testford.example")


def test_of_forms_sent_at_once_one_is_saved_and_the_others_are_told(
    town: Town, october: ReportingPeriod, second: User, others: ThreadPoolExecutor
):
    people = [town.lead, second] * 3
    start = threading.Barrier(len(people))

    def save(number: int) -> str:
        start.wait(SOON)
        try:
            save_draft(town.police, october, {"arrests": Entry(str(number))}, revision=0, by=people[number])
        except ChangedMeanwhile as told:
            return str(told)
        return ""

    told = [future.result(SOON) for future in [others.submit(on_its_own(lambda n=n: save(n))) for n in range(6)]]
    saved = Submission.objects.get()
    assert saved.revision == 1
    assert told.count("") == 1
    assert saved.draft["arrests"]["value"] == str(told.index(""))
    assert all("saved this return" in words for words in told if words)


def test_a_save_waits_for_the_one_before_it_and_is_told_of_it(
    town: Town, october: ReportingPeriod, second: User, others: ThreadPoolExecutor
):
    first = {"arrests": Entry("12")}
    with half_done(others, lambda: save_draft(town.police, october, first, revision=0, by=town.lead)):
        late = others.submit(
            on_its_own(lambda: save_draft(town.police, october, {"arrests": Entry("9")}, revision=0, by=second))
        )
        with pytest.raises(TimeoutError):
            late.result(A_MOMENT)
    with pytest.raises(ChangedMeanwhile, match=f"^{town.lead} saved this return after you opened it"):
        late.result(SOON)
    assert Submission.objects.get().draft["arrests"]["value"] == "12"


def test_what_was_checked_is_submitted_or_nothing(
    town: Town, october: ReportingPeriod, second: User, others: ThreadPoolExecutor
):
    """The one submits what they checked, while the other saves again."""
    typed = {"arrests": Entry("12"), "charges": Entry("4")}
    saved = save_draft(town.police, october, typed, revision=0, by=town.lead)
    changed = typed | {"arrests": Entry("99")}
    with half_done(others, lambda: save_draft(town.police, october, changed, revision=saved.revision, by=second)):
        submitting = others.submit(
            on_its_own(lambda: submit_return(town.police, october, revision=saved.revision, by=town.lead))
        )
        with pytest.raises(TimeoutError):
            submitting.result(A_MOMENT)
    with pytest.raises(ChangedMeanwhile):
        submitting.result(SOON)
    assert (Submission.objects.get().state, Observation.objects.count()) == ("draft", 0)


def test_a_return_submitted_twice_at_once_is_submitted_once(
    town: Town, october: ReportingPeriod, others: ThreadPoolExecutor
):
    typed = {"arrests": Entry("12"), "charges": Entry("4")}
    revision = save_draft(town.police, october, typed, revision=0, by=town.lead).revision
    start = threading.Barrier(4)

    def press() -> str:
        start.wait(SOON)
        return submit_return(town.police, october, revision=revision, by=town.lead).state

    states = [future.result(SOON) for future in [others.submit(on_its_own(press)) for _ in range(4)]]
    assert states == ["submitted"] * 4
    assert (Observation.objects.count(), FigureChange.objects.count()) == (2, 2)


def test_accepting_and_returning_at_once_one_wins(town: Town, others: ThreadPoolExecutor):
    submission = submit(town, OCTOBER, {"arrests": 12, "charges": 4})
    with half_done(others, lambda: accept_return(submission, by=town.coordinator)):
        accepting = others.submit(on_its_own(lambda: accept_return(submission, by=town.coordinator)))
        with pytest.raises(TimeoutError):
            accepting.result(A_MOMENT)
    with pytest.raises(TransitionRefused, match="is accepted, so it can't become accepted"):
        accepting.result(SOON)
    assert return_return(submission, comment="12?", by=town.coordinator).state == "returned"


def test_a_month_is_not_closed_under_a_submission(town: Town, october: ReportingPeriod, others: ThreadPoolExecutor):
    typed = {"arrests": Entry("12"), "charges": Entry("4")}
    revision = save_draft(town.police, october, typed, revision=0, by=town.lead).revision
    with half_done(others, lambda: submit_return(town.police, october, revision=revision, by=town.lead)):
        closing = others.submit(on_its_own(lambda: close_month(october, by=town.coordinator, missing=[], why="Early")))
        with pytest.raises(TimeoutError):
            closing.result(A_MOMENT)
    assert closing.result(SOON).status == "closed"
    assert Observation.objects.count() == 2

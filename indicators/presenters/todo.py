"""Lists what a person has to do: returns to enter, release or accept, corrections to decide, and news."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from boards.models import Agency, PartnershipArea, ReportingPeriod
from boards.permissions import Access, list_holders
from boards.rules import Role
from boards.ties import list_open_to
from boards.todo import News, Task
from core.calendar import Month, add_working_days, date_label, working_days_between
from core.pages import link_to
from core.texts import count_of_noun, one_line
from indicators.figures import shorten
from indicators.models.history import Correction
from indicators.models.returns import Submission
from indicators.permissions import can_judge
from indicators.selectors.catalogues import list_asked_by_others
from indicators.selectors.figures import figure_text, figure_url, open_corrections
from indicators.selectors.reminders import list_decided_since, list_returns_since
from indicators.selectors.returns import (
    Holder,
    ReturnStatus,
    describe_due,
    due_while_it_lasts,
    find_turn,
    is_overdue,
    list_earlier,
)
from indicators.workflow import CorrectionState, SubmissionState

LONGEST_REASON = 120  # characters of the reason for a correction
ONE_BY_ONE = 6  # unpublished months in the coordinator's list; earlier ones share a line


def return_url(area: PartnershipArea, status: ReturnStatus) -> str:
    return link_to("indicators:return-edit", area.slug, status.period.month, status.agency.code)


def lead_tasks(access: Access, opened: list[ReturnStatus], *, today: date) -> Iterator[Task]:
    """List the returns that this person enters for each open month, except where a file supplied the figures."""
    statuses = [status for status in opened if status.agency.pk in access.led and not status.came_from_file]
    last = last_returns(statuses)
    for status in statuses:
        label, css = lead_state(status, today=today)
        before = last.get((status.agency.pk, status.period.pk))
        yield Task(
            name=own_name(status, statuses),
            url=return_url(access.area, status),
            hint=lead_hint(access.area, status, today=today),
            status=css,
            status_label=label,
            more=describe_last_return(before),
            more_url=last_url(access.area, status.agency, before),
            is_owed=find_turn(status, today=today).holder is Holder.AGENCY,
            due_on=status.period.due_on,
            is_overdue=is_overdue(status, today=today),
        )


def own_name(status: ReturnStatus, statuses: Iterable[ReturnStatus]) -> str:
    """Name the task, with the agency's name for somebody who enters for several."""
    name = f"{status.period.month.label} figures"
    return f"{name} from {status.agency.name}" if len({owed.agency.pk for owed in statuses}) > 1 else name


def lead_state(status: ReturnStatus, *, today: date) -> tuple[str, str]:
    """Return the label that a lead reads for a return, and its tag's class: red only where something is wrong."""
    if status.state == SubmissionState.RETURNED:
        return "Sent back", "returned"
    if is_overdue(status, today=today):
        return ("Late" if status.is_late else "Overdue"), "problem"
    if status.submission is None:
        return status.label, "not-started"
    return status.label, "progress" if status.state == SubmissionState.DRAFT else "completed"


def lead_hint(area: PartnershipArea, status: ReturnStatus, *, today: date) -> str:
    turn, submission = find_turn(status, today=today), status.submission
    since = date_label(turn.since)
    if turn.holder is Holder.APPROVER:
        return f"Submitted on {since}. Your agency’s approver has to check and release it next."
    if turn.holder is Holder.COORDINATOR:
        handed = "Released" if status.state == SubmissionState.RELEASED else "Submitted"
        checked_by = date_label(add_working_days(turn.since, area.check_days))
        return f"{handed} on {since}. The coordinator should check it by {checked_by}."
    if turn.holder is Holder.NOBODY:
        return f"Accepted on {since}."
    if submission is not None and status.state == SubmissionState.RETURNED:
        due = due_while_it_lasts(status.period.due_on, today=today)
        return f"Sent back by {submission.returned_by} on {since}: “{submission.comment}” {due}."
    if status.is_late:
        closed = status.period.get_status_display().lower()
        return f"{status.period.month.label} is {closed} without this return. You can still submit it."
    return f"{describe_due(status.period.due_on, today=today)}."


def last_returns(statuses: list[ReturnStatus]) -> dict[tuple[int, int], Submission]:
    """Find each agency's newest return before a month, by agency and month. One query."""
    if not statuses:
        return {}
    agencies = {status.agency.pk for status in statuses}
    newest = max(status.period.starts_on for status in statuses)
    earlier = list_earlier(agencies, newest)
    submissions = {}
    for status in statuses:
        for submission in earlier:
            if submission.agency_id == status.agency.pk and submission.period.starts_on < status.period.starts_on:
                submissions[status.agency.pk, status.period.pk] = submission
                break
    return submissions


def describe_last_return(submission: Submission | None) -> str:
    """Return "October 2026: accepted on 9 November 2026."; for a returned one, with its comment."""
    if submission is None:
        return ""
    moments = {
        SubmissionState.ACCEPTED: submission.accepted_at,
        SubmissionState.RETURNED: submission.returned_at,
        SubmissionState.RELEASED: submission.released_at,
        SubmissionState.SUBMITTED: submission.submitted_at,
    }
    state = SubmissionState(submission.state)
    moment = moments[state]
    words = f"{submission.period.month.label}: {state.label.lower()}"
    if moment is not None:
        words += f" on {date_label(timezone.localdate(moment))}"
    return f"{words}: “{submission.comment}”" if state is SubmissionState.RETURNED else f"{words}."


def last_url(area: PartnershipArea, agency: Agency, submission: Submission | None) -> str:
    """Return the address where the return is read and its figures are corrected."""
    if submission is None:
        return ""
    return link_to("indicators:return-edit", area.slug, submission.period.month, agency.code)


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """An undecided correction that this person's agency asked for."""

    name: str
    url: str
    words: str


def own_corrections(access: Access, *, today: date) -> list[CorrectionRow]:
    """Return those of the agencies whose returns this person enters."""
    if not access.led:
        return []
    rows = []
    for correction in list(open_corrections(access.area)):
        if correction.indicator.owner_id not in access.led:
            continue
        since = timezone.localdate(correction.asked_at)
        days = working_days_between(since, today)
        waits = f"With the coordinator since {date_label(since)}"
        if days > 0:
            waits += f", {count_of_noun(days, 'working day')}"
        url = figure_url(correction.indicator, correction.category, correction.period)
        rows.append(CorrectionRow(str(correction), url, f"{name_change(correction)}. {waits}."))
    return rows


def name_change(correction: Correction) -> str:
    """Return "12 → 14"."""
    before = figure_text(correction.was_state, correction.was_value)
    return f"{before} → {figure_text(correction.new_state, correction.new_value)}"


def approver_tasks(access: Access, opened: list[ReturnStatus], *, today: date) -> Iterator[Task]:
    """Yield the returns for this person to release; never one that they submitted."""
    for status in opened:
        submission, turn = status.submission, find_turn(status, today=today)
        if status.agency.pk not in access.approved or turn.holder is not Holder.APPROVER or submission is None:
            continue
        if submission.submitted_by_id == access.user.pk:
            continue
        yield Task(
            name=f"Release {status.period.month.label} figures from {status.agency.name}",
            url=return_url(access.area, status),
            hint=f"Submitted by {submission.submitted_by}, with you {turn.since_text}. "
            f"{due_while_it_lasts(status.period.due_on, today=today)}.",
            status="submitted",
            status_label="To release",
            due_on=status.period.due_on,
        )


def contact_tasks(access: Access, opened: list[ReturnStatus], *, today: date) -> Iterator[Task]:
    """Yield the overdue returns of agencies for which this person is second contact, unless they are also its lead."""
    for status in opened:
        if status.agency.pk in access.told - access.led and is_overdue(status, today=today):
            yield Task(
                name=f"{status.period.month.label} figures from {status.agency.name}",
                url=return_url(access.area, status),
                hint=f"{describe_due(status.period.due_on, today=today)}. {status.agency.name}’s lead has to enter "
                "them. You are the second contact: remind the lead, or ask the coordinator to add another one.",
                status="problem",
                status_label="Overdue",
                due_on=status.period.due_on,
                is_overdue=True,
            )


def followed_tasks(access: Access, opened: list[ReturnStatus], *, today: date) -> Iterator[Task]:
    """List returns that are somebody else's turn, of agencies where this person is approver or second contact. They are
    to read, not to act on."""
    for status in opened:
        if status.agency.pk not in (access.approved | access.told) - access.led:
            continue
        turn = find_turn(status, today=today)
        is_to_release = turn.holder is Holder.APPROVER and status.agency.pk in access.approved
        is_to_chase = is_overdue(status, today=today) and status.agency.pk in access.told
        if is_to_release or is_to_chase:
            continue  # it has a row of its own
        holder = {
            Holder.AGENCY: f"With the lead of {status.agency.name}",
            Holder.APPROVER: f"With the approver of {status.agency.name}",
            Holder.COORDINATOR: "With the coordinator",
            Holder.NOBODY: "Done",
        }[turn.holder]
        label, css = lead_state(status, today=today)
        yield Task(
            name=f"{status.period.month.label} figures from {status.agency.name}",
            url=return_url(access.area, status),
            hint=f"{holder}, {turn.since_text}. {due_while_it_lasts(status.period.due_on, today=today)}.",
            status=css,
            status_label=label,
            is_owed=False,
        )


def late_tasks(area: PartnershipArea, opened: list[ReturnStatus], *, today: date) -> Iterator[Task]:
    """Yield the returns for the coordinator that arrived after their month was published: no month's row has them."""
    for status in opened:
        turn = find_turn(status, today=today)
        if status.period.is_published and turn.holder is Holder.COORDINATOR:
            yield Task(
                name=f"{status.period.month.label} figures from {status.agency.name}, which arrived late",
                url=return_url(area, status),
                hint=f"With you {turn.since_text}. If you accept them, the month gets a new version.",
                status="submitted",
                status_label="To accept",
                due_on=status.period.due_on,
            )


def coordinator_task(
    area: PartnershipArea, period: ReportingPeriod, statuses: list[ReturnStatus], *, unsent: int, today: date
) -> Task:
    """Return the task of a month that the coordinator has to close or publish. `unsent` counts its failed reminders."""
    waiting = sum(find_turn(status, today=today).holder is Holder.COORDINATOR for status in statuses)
    overdue = sum(is_overdue(status, today=today) for status in statuses)
    accepted = sum(status.state == SubmissionState.ACCEPTED for status in statuses)
    owed = sum(not status.came_from_file for status in statuses)
    counted = {
        f"{waiting} {'is' if waiting == 1 else 'are'} waiting for you.": waiting,
        f"{overdue} {'is' if overdue == 1 else 'are'} overdue.": overdue,
        f"{unsent} {'reminder was' if unsent == 1 else 'reminders were'} not sent.": unsent,
    }
    more = " ".join(sentence for sentence, number in counted.items() if number)
    due = due_while_it_lasts(period.due_on, today=today)
    hint = f"{accepted} of {owed} returns accepted. {due}." if owed else "No agency has a return to send."
    if statuses and not owed:
        hint = "The month’s figures came from a file."
    if not period.is_open:
        hint, more = "Closed: check the draft, then publish it.", ""
    return Task(
        name=f"Returns for {period.month.label}",
        url=link_to("reporting:return-grid", area.slug, period.month),
        hint=hint,
        status=period.status,
        status_label=period.get_status_display(),
        more=more,
        due_on=period.due_on,
    )


def earlier_task(
    area: PartnershipArea,
    periods: list[ReportingPeriod],
    statuses: Mapping[int, list[ReturnStatus]],
    *,
    today: date,
) -> Task:
    """Return one task for all earlier months, newest first: a return to accept in the oldest, or the page that
    publishes them together."""
    oldest, several = periods[-1], len(periods) > 1
    waiting = sum(
        find_turn(status, today=today).holder is Holder.COORDINATOR
        for period in periods
        for status in statuses[period.pk]
    )
    is_begun = any(status.submission is not None for status in statuses[oldest.pk])
    together = link_to("reporting:history-publish", area.slug)
    months = f"{len(periods)} earlier months" if several else "1 earlier month"
    return Task(
        name=f"{months} to close and publish",
        url=link_to("reporting:return-grid", area.slug, oldest.month) if is_begun else together,
        hint=f"{'The oldest' if several else 'It'} is {oldest.month.label}. Publish months one by one, oldest first, "
        "or all together.",
        status=oldest.status,
        status_label=oldest.get_status_display(),
        due_on=oldest.due_on,
        more=f"{waiting} {'return is' if waiting == 1 else 'returns are'} waiting for you." if waiting else "",
    )


def correction_tasks(access: Access, *, today: date) -> list[Task]:
    """Return the corrections for the coordinator to decide. One query for coordinators."""
    if not access.can_coordinate:
        return []
    corrections = list(open_corrections(access.area))
    return [correction_task(correction, today=today) for correction in corrections]


def correction_task(correction: Correction, *, today: date) -> Task:
    since = timezone.localdate(correction.asked_at)
    days = working_days_between(since, today)
    waits = f", {count_of_noun(days, 'working day')} ago" if days > 0 else ""
    return Task(
        name=f"Decide on a correction: {correction}",
        url=figure_url(correction.indicator, correction.category, correction.period),
        hint=f"{name_change(correction)}. {correction.asked_by} from {correction.indicator.owner} asked on "
        f"{date_label(since)}{waits}: “{shorten(one_line(correction.reason), LONGEST_REASON)}”",
        status="open",
        status_label="To decide",
    )


def recording_tasks(access: Access) -> list[Task]:
    """Return the changes of recording that somebody else asked for. One query for those who judge them, and two
    more if some wait."""
    if not can_judge(access):
        return []
    changes = list(list_asked_by_others(access.area, access.user))
    if changes:
        judging = list_holders(access.area, Role.COORDINATOR, Role.ANALYST)
        changes = list_open_to(changes, access.user, judging, asker=lambda change: change.asked_by)
    return [
        Task(
            name=f"Confirm: {change.indicator} will be recorded differently from {Month.of(change.applies_from).label}",
            url=link_to("indicators:recording-decide", access.area.slug, change.indicator.code, change.pk),
            hint=f"{change.asked_by} asks you to confirm or decline this.",
            status="draft",
            status_label="To confirm",
        )
        for change in changes
    ]


LONGEST = 90  # characters of what somebody wrote
DONE = {
    SubmissionState.SUBMITTED: "were handed in",
    SubmissionState.RELEASED: "were released",
    SubmissionState.ACCEPTED: "were accepted",
    SubmissionState.RETURNED: "were sent back",
}


def list_news(access: Access, since: datetime) -> list[News]:
    """Return the news of returns and corrections: two queries."""
    returns, decided = list_returns_since(access, since), list_decided_since(access, since)
    return [
        *(news for submission in returns for news in return_news(access, submission, since)),
        *(correction_news(access, correction) for correction in decided),
    ]


def return_news(access: Access, submission: Submission, since: datetime) -> Iterator[News]:
    """Yield the news of a return's state, unless this person changed it."""
    state = SubmissionState(submission.state)
    # Each state has two fields that are named after it. A draft has none.
    at, done_by = getattr(submission, f"{state.value}_at", None), getattr(submission, f"{state.value}_by_id", None)
    if at is None or at <= since or done_by == access.user.pk:
        return
    submission.period.area = access.area
    said = shorten(one_line(submission.comment), LONGEST)
    yield News(
        at=at,
        words=f"{submission.period.month.label} figures from {submission.agency} {DONE[state]}",
        url=submission.get_absolute_url(),
        more=f"“{said}”" if state is SubmissionState.RETURNED else "",
        is_own=submission.agency_id in access.led | access.approved | access.told,
    )


def correction_news(access: Access, correction: Correction) -> News:
    period = correction.period
    period.area = access.area
    state = CorrectionState(correction.state)
    decided_at = correction.decided_at or correction.asked_at
    return News(
        at=decided_at,
        words=f"A correction was {state.label.lower()}: {correction}",
        url=figure_url(correction.indicator, correction.category, period),
        more=f"{name_change(correction)}.",
        is_own=correction.indicator.owner_id in access.led,
    )

"""E-mails people about returns and corrections.

No figure leaves by e-mail, nor the reason for a correction, which may contain some.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from itertools import groupby

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from boards.models import Membership
from boards.permissions import check_can_coordinate
from boards.rules import Role
from boards.services import letters
from core import audit
from core.database import Areas, within
from core.labels import TransitionRefused
from core.letter_kinds import LetterKind
from core.mail.daily import Mention, Occasion, Source, write
from core.mail.letters import Part, deliver
from core.models import OutboxEntry, User
from indicators.models import Correction, Submission
from indicators.presenters import reminders as words
from indicators.selectors.disclosure import get_marking
from indicators.selectors.reminders import (
    Chase,
    Reminder,
    failed_reminders,
    get_period,
    list_chases,
    reminders_due,
)
from indicators.selectors.returns import Holder, ReturnStatus, find_turn
from indicators.workflow import CorrectionState, ReminderKind, SubmissionState

# --- Returns ---------------------------------------------------------------------------------------


def find_reminders(today: date, areas: Areas = None) -> Iterator[Occasion]:
    return (reminder.occasion for reminder in reminders_due(today, areas))


def write_reminders(occasions: Sequence[Occasion], today: date) -> Iterator[Part]:
    """Yield one part for each return, and one part for all of a month's overdue returns if the coordinator hears about
    several."""
    reminders: list[Reminder] = [occasion.thing for occasion in occasions]
    late = [reminder for reminder in reminders if reminder.kind == ReminderKind.OVERDUE_COORDINATOR]
    yield from (
        write_reminder(reminder, today) for reminder in reminders if reminder.kind != ReminderKind.OVERDUE_COORDINATOR
    )
    # groupby joins neighbours only, so sort by the same key first.
    for period, of_period in groupby(
        sorted(late, key=lambda reminder: reminder.period.pk), key=lambda reminder: reminder.period
    ):
        overdue = list(of_period)
        if len(overdue) == 1:
            yield write_reminder(overdue[0], today)
            continue
        letter = words.write_digest(overdue, marking=get_marking(period), today=today)
        yield Part(letter, reverse("reporting:return-grid", args=[period.area.slug, period.month]))


def write_reminder(reminder: Reminder, today: date) -> Part:
    agency, period = reminder.agency, reminder.period
    submission = Submission.objects.filter(agency=agency, period=period).select_related("returned_by").first()
    if submission is not None and reminder.kind == ReminderKind.NOW_RELEASE:
        letter = words.write_release(submission, marking=get_marking(period), today=today)
    else:
        letter = words.write_letter(reminder, submission, marking=get_marking(period), today=today)
    return Part(letter, reverse("indicators:return-edit", args=[period.area.slug, period.month, agency.code]))


REMINDERS = Source(find_reminders, write_reminders)


def remind_now(status: ReturnStatus, *, by: User) -> list[OutboxEntry]:
    """Remind the people who have a return of it, as a coordinator: each by an e-mail of its own, once a day,
    however often it is pressed. Return the e-mails, with what went wrong.

    Raises PermissionDenied; or TransitionRefused if they were reminded today, or nobody has it whom an e-mail reaches.
    """
    period, agency, today = status.period, status.agency, timezone.localdate()
    check_can_coordinate(period.area, by=by)
    chase = list_chases(period, [status], today=today).get(agency.pk)
    mentions = [Mention(REMINDERS, reminder.occasion) for reminder in chase.reminders] if chase else []
    # Commit the claims before the e-mails are sent, as in boards.services.letters.
    with transaction.atomic():
        for mention in mentions:
            mention.entry = letters.claim_at_once(mention.occasion)
        claimed = [mention for mention in mentions if mention.entry]
        if not claimed:
            raise TransitionRefused(describe_no_reminder(status, chase))
        names = [str(mention.occasion.person) for mention in claimed]
        audit.record("reminder.sent_now", agency, by=by, area=period.area.slug, month=str(period.month), to=names)
    for mention in claimed:
        if mention.entry:
            deliver([mention.entry], partial(write, [mention]))
    return [mention.entry for mention in claimed if mention.entry]


def describe_no_reminder(status: ReturnStatus, chase: Chase | None) -> str:
    agency, month = status.agency.name, status.period.month.label
    if chase is None:
        return f"The {month} return from {agency} isn’t with the agency now, so no one was reminded."
    if any(person.wants(LetterKind.RETURNS) for person in chase.people):
        return (
            f"{agency} has already been reminded of its {month} return today. You can send another reminder tomorrow."
        )
    return f"No one at {agency} gets reminders by email. Call the agency, or add a lead under People."


# --- Releases --------------------------------------------------------------------------------------


def find_releases(today: date, areas: Areas = None) -> Iterator[Occasion]:
    """Yield the returns for an approver to release, each time one is submitted. Two queries."""
    submitted = Submission.objects.filter(
        within(areas, "agency__area"), state=SubmissionState.SUBMITTED.value, agency__needs_release=True
    )
    waiting = [
        submission
        for submission in submitted.select_related("agency", "period__area").order_by("period__starts_on", "pk")
        if find_turn(ReturnStatus(submission.agency, submission.period, submission), today=today).holder
        is Holder.APPROVER
    ]
    approvers = Membership.objects.filter(
        role=Role.AGENCY_APPROVER.value, agency__in={submission.agency_id for submission in waiting}
    )
    memberships = list(approvers.select_related("user")) if waiting else []
    for submission in waiting:
        for approver in memberships:
            # The person who submitted it can't release it.
            if approver.agency_id == submission.agency_id and approver.user_id != submission.submitted_by_id:
                # The time is in the key: a return that is withdrawn and submitted again is a new occasion.
                yield Occasion(
                    LetterKind.RELEASES,
                    submission.period.area,
                    approver.user,
                    f"{submission.pk}:{submission.submitted_at:%Y%m%d%H%M%S}",
                    submission,
                )


def write_releases(occasions: Sequence[Occasion], today: date) -> Iterator[Part]:
    for occasion in occasions:
        submission: Submission = occasion.thing
        letter = words.write_release(submission, marking=get_marking(submission.period), today=today)
        yield Part(letter, submission.get_absolute_url())


RELEASES = Source(find_releases, write_releases)

# --- Corrections -----------------------------------------------------------------------------------


def find_corrections(today: date, areas: Areas = None) -> Iterator[Occasion]:
    """Yield the corrections for a coordinator to decide. Two queries."""
    corrections = Correction.objects.filter(within(areas, "period__area"), state=CorrectionState.ASKED.value)
    waiting = list(corrections.select_related("indicator__owner", "period__area").order_by("period__starts_on", "pk"))
    asked_in = {correction.period.area_id for correction in waiting}
    coordinators = Membership.objects.filter(role=Role.COORDINATOR.value, area__in=asked_in)
    memberships = list(coordinators.select_related("user")) if waiting else []
    for correction in waiting:
        for coordinator in memberships:
            if coordinator.area_id == correction.period.area_id and coordinator.user_id != correction.asked_by_id:
                yield Occasion(
                    LetterKind.CORRECTIONS, correction.period.area, coordinator.user, str(correction.pk), correction
                )


def write_corrections(occasions: Sequence[Occasion], today: date) -> Iterator[Part]:
    # groupby joins neighbours only, so sort by the same key first.
    for area, of_area in groupby(
        sorted(occasions, key=lambda occasion: occasion.area.pk), key=lambda occasion: occasion.area
    ):
        letter = words.write_corrections(area, [occasion.thing for occasion in of_area])
        yield Part(letter, reverse("reporting:mine", args=[area.slug]))


CORRECTIONS = Source(find_corrections, write_corrections)


def send_again(entry: OutboxEntry, *, by: User) -> OutboxEntry:
    """Send a reminder again that failed or isn't confirmed, as the coordinator.

    Raises PermissionDenied; or TransitionRefused if it no longer needs sending: somebody else has just sent it again,
    the return has arrived, the month is closed, or the person gets no reminders.
    """
    period = get_period(entry)

    def find_failed() -> Iterator[Mention]:
        return (Mention(REMINDERS, reminder.occasion, reminder.entry) for reminder in failed_reminders(period))

    return letters.send_again(
        period.area,
        OutboxEntry.objects.filter(pk=entry.pk),
        find_failed,
        refusal=f"This reminder to {entry.person} can’t be sent again. Either it was sent, the return has arrived, the "
        "month no longer accepts returns, or this person gets no reminders.",
        verb="reminder.sent_again",
        by=by,
    )

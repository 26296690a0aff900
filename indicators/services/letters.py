"""E-mails people about returns and corrections.

No figure leaves by e-mail, nor the reason for a correction, which may contain some.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from itertools import groupby

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from boards.models import Membership
from boards.permissions import check_can_coordinate
from boards.rules import MonthStatus, Role
from boards.services.letters import Occasion, make_source
from core import audit
from core.database import Areas, within
from core.labels import TransitionRefused
from core.letter_kinds import LetterKind
from core.mail import letters
from core.mail.daily import Source
from core.mail.letters import Part
from core.models import User
from indicators.models import Correction, Reminder, ReminderKind, Submission
from indicators.presenters import reminders as words
from indicators.selectors.disclosure import get_marking
from indicators.selectors.reminders import failed_reminders, reminders_due, still_due
from indicators.selectors.returns import Holder, ReturnStatus, find_turn
from indicators.workflow import CorrectionState, SubmissionState

# --- Returns ---------------------------------------------------------------------------------------


def claim_reminders(wanted: Sequence[Reminder], message_id: str, today: date) -> list[Reminder]:
    # Claiming yields None where another worker was first: it sends that one.
    claimed = (
        letters.claim(
            Reminder,
            message_id=message_id,
            period=reminder.period,
            agency=reminder.agency,
            person=reminder.person,
            kind=reminder.kind,
        )
        for reminder in wanted
    )
    return [reminder for reminder in claimed if reminder is not None]


def find_reminders_again(names: Collection[str], today: date) -> Iterator[Reminder]:
    """Keep the reminders that would also be sent today, and leave out those whose day is over."""
    unsent = Reminder.objects.filter(message_id__in=names, sent_at=None, period__status=MonthStatus.OPEN.value)
    yield from still_due(today, list(unsent.select_related("period__area", "agency", "person").order_by("pk")))


def write_reminders(reminders: Sequence[Reminder], today: date) -> Iterator[Part]:
    """Yield one part for each return, and one part for all of a month's overdue returns if the coordinator hears about
    several."""
    late = [reminder for reminder in reminders if reminder.kind == ReminderKind.OVERDUE_COORDINATOR]
    yield from (
        write_reminder(reminder, today) for reminder in reminders if reminder.kind != ReminderKind.OVERDUE_COORDINATOR
    )
    # groupby joins neighbours only, so sort by the same key first.
    for period, of_period in groupby(
        sorted(late, key=lambda reminder: reminder.period_id), key=lambda reminder: reminder.period
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
    letter = words.write_letter(reminder, submission, marking=get_marking(period), today=today)
    return Part(letter, reverse("indicators:return-edit", args=[period.area.slug, period.month, agency.code]))


REMINDERS = Source(
    reminders_due, claim_reminders, find_reminders_again, write_reminders, lambda reminder: LetterKind.RETURNS
)

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


RELEASES = make_source(LetterKind.RELEASES, find_releases, write_releases)

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
                yield Occasion(correction.period.area, coordinator.user, str(correction.pk), correction)


def write_corrections(occasions: Sequence[Occasion], today: date) -> Iterator[Part]:
    # groupby joins neighbours only, so sort by the same key first.
    for area, of_area in groupby(
        sorted(occasions, key=lambda occasion: occasion.area.pk), key=lambda occasion: occasion.area
    ):
        letter = words.write_corrections(area, [occasion.thing for occasion in of_area])
        yield Part(letter, reverse("reporting:mine", args=[area.slug]))


CORRECTIONS = make_source(LetterKind.CORRECTIONS, find_corrections, write_corrections)


def send_reminder(reminder: Reminder) -> Reminder:
    """Send one that was claimed, and note when; or, if that fails, why.

    Never raises errors of the mail: one failure must not stop the other
    letters.
    """
    letters.deliver([reminder], lambda: _message(reminder))
    return reminder


def _message(reminder: Reminder) -> EmailMultiAlternatives:
    part = write_reminder(reminder, timezone.localdate())
    return letters.compose(part.letter, to=reminder.person, path=part.path)


def send_again(reminder: Reminder, *, by: User) -> Reminder:
    """Send a reminder again that failed or isn't confirmed, as the coordinator.

    Raises PermissionDenied; or TransitionRefused if it no longer needs sending: somebody else has just sent it again,
    the return has arrived, the month is closed, or the person gets no reminders.
    """
    area = reminder.period.area
    check_can_coordinate(area, by=by)
    # Commit the claim before the e-mail is sent. If this process dies in between, the row shows it as unconfirmed.
    with transaction.atomic():
        claimed = (
            Reminder.objects.select_for_update(of=("self",))
            .select_related("period__area", "agency", "person")
            .get(pk=reminder.pk)
        )
        # Look again under the lock: a job or a colleague may just have sent it.
        if claimed not in failed_reminders(claimed.period):
            raise TransitionRefused(
                f"This reminder to {claimed.person} can’t be sent again. It was sent, the return has arrived, "
                "the month no longer accepts returns, or they get no reminders."
            )
        claimed.claimed_at, claimed.fault, claimed.tries = timezone.now(), "", 1
        claimed.save(update_fields=["claimed_at", "fault", "tries"])
        audit.record("reminder.sent_again", claimed, by=by, area=area.slug)
    return send_reminder(claimed)

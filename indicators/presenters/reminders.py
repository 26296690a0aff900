"""Writes the letters about returns and corrections. They have no figures: none leaves by e-mail."""

from collections.abc import Sequence
from datetime import date

from django.utils import timezone

from boards.models import PartnershipArea
from boards.rules import AGENCY_ROLES
from core.calendar import date_label, describe_days_left
from core.mail.letters import Letter
from core.texts import one_line
from indicators.disclosure import USUAL_MARKING, Audience
from indicators.models import Correction, Submission
from indicators.selectors.reminders import Reminder
from indicators.workflow import RECIPIENTS, ReminderKind, SubmissionState

LINK_WORDS = "Go to the return"


def write_letter(reminder: Reminder, submission: Submission | None, *, marking: str, today: date) -> Letter:
    """Write the letter as of today, which may be later than the reminder's day."""
    period = reminder.period
    figures = f"{period.month.label} figures from {reminder.agency}"
    # A subject with a line break is refused.
    owed = one_line(f"{figures} {describe_due(today, period.due_on)}")
    # A return that arrived and was given back isn't overdue.
    has_come = submission is not None and submission.handed_in_on is not None
    is_counted = today < period.due_on or (today > period.due_on and not has_come)
    days_left = f": {describe_days_left(today, period.due_on)}" if is_counted else ""
    sentences = [progress(submission)]
    if reminder.kind == ReminderKind.RETURNED:
        returned = one_line(f"{figures} were sent back to you")
        sentences += [
            "Make the changes that the comment asks for, then submit the return again.",
            f"{owed}{days_left}.",
        ]
        return Letter(marking, returned, f"{returned}.", sentences, LINK_WORDS, reason(reminder))
    if reminder.kind == ReminderKind.NOW:
        sentences.append("The coordinator asked us to remind you.")
    if reminder.kind == ReminderKind.ENDED:
        sentences.append(
            "The month is over. You can enter the figures one by one, and keep them as a draft until they are due."
        )
    return Letter(marking, owed, f"{owed}{days_left}.", sentences, LINK_WORDS, reason(reminder))


def describe_due(today: date, due_on: date) -> str:
    if today == due_on:
        return f"are due today, {date_label(due_on)}"
    return f"{'are' if today < due_on else 'were'} due on {date_label(due_on)}"


def progress(submission: Submission | None) -> str:
    """Describe the return's progress."""
    if submission is None:
        return "Nothing has been entered yet."
    if submission.state == SubmissionState.RETURNED and submission.returned_at:
        returned_on = date_label(timezone.localdate(submission.returned_at))
        return f"{submission.returned_by} sent the return back on {returned_on}. The comment on its page says why."
    return "A draft is saved, but it has not been submitted yet."


def reason(reminder: Reminder) -> str:
    role = RECIPIENTS[ReminderKind(reminder.kind)]
    place = reminder.agency if role in AGENCY_ROLES else reminder.period.area
    return f"You get this as {role.label.lower()} for {place}."


def write_digest(overdue: Sequence[Reminder], *, marking: str, today: date) -> Letter:
    """Write to the coordinator about all agencies with an overdue return for one month."""
    period = overdue[0].period
    late = one_line(f"{len(overdue)} returns for {period.month.label} are overdue in {period.area}")
    names = sorted(str(reminder.agency) for reminder in overdue)
    sentences = [
        f"They {describe_due(today, period.due_on)}: {describe_days_left(today, period.due_on)}.",
        one_line(f"They are from: {'; '.join(names)}."),
    ]
    return Letter(marking, late, f"{late}.", sentences, "Go to the month’s returns", reason(overdue[0]))


def write_release(submission: Submission, *, marking: str, today: date) -> Letter:
    """Write to an approver about a return to release."""
    period, agency = submission.period, submission.agency
    waits = one_line(f"{period.month.label} figures from {agency} are waiting for you to release them")
    return Letter(
        marking,
        waits,
        f"{waits}.",
        [f"They {describe_due(today, period.due_on)}. The coordinator will get them once you release them."],
        LINK_WORDS,
        f"You get this as agency approver for {agency}.",
    )


def write_corrections(area: PartnershipArea, corrections: Sequence[Correction]) -> Letter:
    """Write to the coordinator about corrections to decide. The figures and reasons are only behind the link."""
    several = len(corrections) > 1
    number = f"{len(corrections)} corrections are waiting" if several else "1 correction is waiting"
    waits = one_line(f"{number} for your decision in {area}")
    figures = list(
        dict.fromkeys(f"{correction.period.month.label}, {correction.indicator.owner}" for correction in corrections)
    )
    return Letter(
        USUAL_MARKING[Audience.PARTNERS].value,
        waits,
        f"{waits}.",
        [one_line(f"Requested for: {'; '.join(figures)}.")],
        "Go to your tasks",
        f"You get this as coordinator for {area}.",
    )

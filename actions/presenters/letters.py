"""E-mails about tasks in the plan, offers of support and meetings.

Text only: no figure leaves by e-mail, and no text of a question or an answer, which may have figures.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from actions.models import Action, Challenge, Meeting, Milestone, Support
from actions.presenters.challenges import describe_subject
from actions.selectors.notices import Notice
from actions.workflow import ChallengeState, NoticeKind
from core.calendar import date_label, describe_days_left
from core.mail.letters import Letter
from core.models import OutboxEntry, User
from core.texts import count_of_noun, one_line
from indicators.disclosure import USUAL_MARKING, Audience

# A challenge or an action belongs to no month, so its marking is always the usual one.
MARKING = USUAL_MARKING[Audience.PARTNERS].value
MOST_NAMED = 3  # in a subject


def write_letter(notices: Sequence[Notice], *, today: date) -> Letter:
    """Write the e-mail. Each thing appears once, even with several occasions. The earliest due date is first."""
    first_notices = _of_each_thing(notices)
    area, number = notices[0].wait.area, len(first_notices)
    names = list_names(first_notices)
    named = ", ".join([*names[:MOST_NAMED], *(["…"] if number > MOST_NAMED else [])])
    return Letter(
        marking=MARKING,
        subject=one_line(f"{count_of_noun(number, 'thing')} to do in {area}: {named}"),
        opening=one_line(
            f"{count_of_noun(number, 'thing')} {'is' if number == 1 else 'are'} waiting for you in {area}."
        ),
        sentences=[one_line(write_sentence(notice, today=today)) for notice in first_notices],
        link_words="Read the answer" if only_answer(notices) else "Go to your tasks",
        reason=f"You get this because {' and '.join(_reasons(first_notices))} in {area}.",
    )


def only_answer(notices: Iterable[Notice]) -> Challenge | None:
    """Return the challenge, if the only thing is an answer to judge."""
    first_notices = _of_each_thing(notices)
    return (
        first_notices[0].challenge if len(first_notices) == 1 and first_notices[0].kind == NoticeKind.ANSWERED else None
    )


def list_names(notices: Iterable[Notice]) -> list[str]:
    """List the things without duplicates: "challenge C7", "action A3", "a milestone of A3", "an update of A3"."""
    return [str(notice) for notice in _of_each_thing(notices)]


def write_sentence(notice: Notice, *, today: date) -> str:
    """Write the sentence as it is true today, which may be later than the notice's day."""
    challenge, action, milestone = notice.challenge, notice.action, notice.milestone
    if challenge is not None:
        about = f"Challenge {challenge.reference}, about “{describe_subject(challenge)}”,"
        if notice.kind == NoticeKind.ANSWERED:
            return f"{about} has an answer: accept it or ask again."
        as_chair = f" as chair of the {challenge.escalated_to}" if challenge.state == ChallengeState.ESCALATED else ""
        return f"{about} is waiting for your answer{as_chair}. It {_describe_due(notice.wait.due_on, today)}."
    if milestone is not None:
        name = f"The milestone “{milestone.title}” of action {milestone.action.reference}"
    elif action is not None:
        name = f"Action {action.reference}, “{action.title}”,"
        if notice.kind == NoticeKind.UPDATE:
            return f"{name} has no update this month: update its progress by {date_label(notice.wait.due_on)}."
    return f"{name} {_describe_due(notice.wait.due_on, today)}."


def _describe_due(due_on: date, today: date) -> str:
    """ "is due on 12 November 2026, 3 working days left"."""
    if due_on == today:
        return f"is due today, {date_label(due_on)}"
    return f"{'is' if today < due_on else 'was'} due on {date_label(due_on)}, {describe_days_left(today, due_on)}"


def _of_each_thing(notices: Iterable[Notice]) -> list[Notice]:
    """Return one notice for each thing, by due date. An action is before its milestones, and answered challenges are
    last."""
    first_notices: dict[object, Notice] = {}
    for notice in notices:
        is_update = notice.kind == NoticeKind.UPDATE
        first_notices.setdefault((notice.wait.thing, is_update), notice)
    return sorted(first_notices.values(), key=_order)


def _order(notice: Notice) -> tuple[bool, date, int, int]:
    kind = [Challenge, Action, Milestone].index(type(notice.wait.thing))
    return (notice.kind == NoticeKind.ANSWERED, notice.wait.due_on, kind, notice.wait.thing.pk)


def _reasons(notices: Iterable[Notice]) -> list[str]:
    return list(dict.fromkeys(_reason(notice) for notice in notices))


def _reason(notice: Notice) -> str:
    if notice.kind == NoticeKind.ANSWERED:
        return "you raised a challenge"
    return "an answer is due from you" if notice.challenge is not None else "you own an action"


# --- For the coordinator ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FailedLetter:
    """What could not be sent to a person, or isn't known to have been sent, and the newest of its entries."""

    person: User
    things: Sequence[str]
    entry: OutboxEntry | None


def failed_letters(notices: Iterable[Notice]) -> Iterator[FailedLetter]:
    """Yield one for each person, in the order of the notices, newest first."""
    groups: dict[int, list[Notice]] = {}
    for notice in notices:
        groups.setdefault(notice.wait.person.pk, []).append(notice)
    for group in groups.values():
        things = [_heading(notice) for notice in _of_each_thing(group)]
        yield FailedLetter(group[0].wait.person, things, group[0].entry)


def _heading(notice: Notice) -> str:
    """Write the heading: "Challenge C7: your turn to answer", "Action A3: no update this month"; a milestone with its
    title."""
    if notice.kind == NoticeKind.UPDATE and notice.action is not None:
        return f"Action {notice.action.reference}: {notice.kind.label.lower()}"
    name = str(notice) + (f", “{notice.milestone}”" if notice.milestone is not None else "")
    return f"{name[0].upper()}{name[1:]}: {notice.kind.label.lower()}"


def write_support(support: Support) -> Letter:
    """Write the e-mail without the offer itself, which is somebody's own text."""
    to = support.board or support.agency
    waits = one_line(f"Offer of support {support.reference} to {to} is waiting for an answer in {support.area}")
    return Letter(
        MARKING,
        waits,
        f"{waits}.",
        ["Take it up or decline it. Only one person needs to answer."],
        "Read the offer",
        one_line(f"You get this because you answer for {to}."),
    )


def write_meeting(meeting: Meeting) -> Letter:
    day = date_label(meeting.held_on)
    invited = one_line(f"{meeting.body} meets on {day}")
    return Letter(
        MARKING,
        invited,
        f"{invited}.",
        [one_line(f"Reference: {meeting.reference}, {meeting.area}.")],
        "See its agenda",
        one_line(f"You get this as a member of {meeting.body}."),
    )

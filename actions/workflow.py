"""The states of an action, a challenge, an offer of support and a meeting, and which may follow which. Pure."""

from datetime import date

from core.calendar import Month, add_working_days, is_working_day, this_or_last_working_day, working_days_between
from core.labels import Labelled, Lifecycle


class ActionState(Labelled):
    OPEN = "open", "Open"
    COMPLETE = "complete", "Complete"
    ARCHIVED = "archived", "Archived"


# Constraints and docs/states.md repeat these tables: a new state needs a migration and `manage.py state_diagram`.
ACTION = Lifecycle(
    name="An action",
    start=ActionState.OPEN,
    transitions={
        ActionState.OPEN: {
            ActionState.COMPLETE: "complete, with every milestone done",
            ActionState.ARCHIVED: "archive with a reason",
        },
        ActionState.COMPLETE: {
            ActionState.OPEN: "reopen with a reason",
            ActionState.ARCHIVED: "archive with a reason",
        },
        ActionState.ARCHIVED: {ActionState.OPEN: "bring back with a reason"},
    },
    owners={ActionState.OPEN: "its owner", ActionState.COMPLETE: "", ActionState.ARCHIVED: ""},
)


class Rag(Labelled):
    """How an action is going, in its owner's judgement. Only a complete one is BLUE."""

    GREEN = "green", "Green: on track"
    AMBER = "amber", "Amber: at risk"
    RED = "red", "Red: off track"
    BLUE = "blue", "Blue: complete"


# A judgement that needs a reason.
EXPLAINED = frozenset({Rag.AMBER, Rag.RED})


class ChallengeState(Labelled):
    """The state of a challenge. PRESSED and ESCALATED need a new answer: from the same answerer, or from the board's
    chair. If a chair answered, asking again makes it ESCALATED again."""

    RAISED = "raised", "Raised"
    ANSWERED = "answered", "Answered"
    PRESSED = "pressed", "Asked again"
    ESCALATED = "escalated", "Escalated to the chair"
    ACCEPTED = "accepted", "Answer accepted"
    WITHDRAWN = "withdrawn", "Withdrawn"


CHALLENGE = Lifecycle(
    name="A challenge",
    start=ChallengeState.RAISED,
    transitions={
        ChallengeState.RAISED: {
            ChallengeState.ANSWERED: "answer",
            ChallengeState.ESCALATED: "escalate",
            ChallengeState.WITHDRAWN: "withdraw with a reason",
        },
        ChallengeState.ANSWERED: {
            ChallengeState.ACCEPTED: "accept the answer",
            ChallengeState.PRESSED: "ask again",
            ChallengeState.ESCALATED: "escalate, or ask the chair again",
        },
        ChallengeState.PRESSED: {
            ChallengeState.ANSWERED: "answer",
            ChallengeState.ESCALATED: "escalate",
            ChallengeState.WITHDRAWN: "withdraw with a reason",
        },
        ChallengeState.ESCALATED: {
            ChallengeState.ANSWERED: "answer, as the chair",
            ChallengeState.ESCALATED: "escalate to another board",
            ChallengeState.WITHDRAWN: "withdraw with a reason",
        },
        ChallengeState.ACCEPTED: {},
        ChallengeState.WITHDRAWN: {},
    },
    owners={
        ChallengeState.RAISED: "its answerer",
        ChallengeState.ANSWERED: "the strategic group",
        ChallengeState.PRESSED: "its answerer",
        ChallengeState.ESCALATED: "the board's chair",
        ChallengeState.ACCEPTED: "",
        ChallengeState.WITHDRAWN: "",
    },
)
# The states in which somebody has to answer, and those in which nobody has to do anything.
UNANSWERED = frozenset({ChallengeState.RAISED, ChallengeState.PRESSED, ChallengeState.ESCALATED})
CLOSED = frozenset({ChallengeState.ACCEPTED, ChallengeState.WITHDRAWN})


class SupportState(Labelled):
    OFFERED = "offered", "Offered"
    TAKEN_UP = "taken_up", "Taken up"
    DECLINED = "declined", "Not taken up"
    WITHDRAWN = "withdrawn", "Withdrawn"


SUPPORT = Lifecycle(
    name="An offer of support",
    start=SupportState.OFFERED,
    transitions={
        SupportState.OFFERED: {
            SupportState.TAKEN_UP: "take up",
            SupportState.DECLINED: "decline with a reason",
            SupportState.WITHDRAWN: "withdraw with a reason",
        },
        SupportState.TAKEN_UP: {},
        SupportState.DECLINED: {},
        SupportState.WITHDRAWN: {},
    },
    owners={
        SupportState.OFFERED: "the board or agency that it is offered to",
        SupportState.TAKEN_UP: "",
        SupportState.DECLINED: "",
        SupportState.WITHDRAWN: "",
    },
)


class MeetingState(Labelled):
    PLANNED = "planned", "Planned"
    HELD = "held", "Held"
    CALLED_OFF = "called_off", "Cancelled"


MEETING = Lifecycle(
    name="A meeting",
    start=MeetingState.PLANNED,
    transitions={
        MeetingState.PLANNED: {
            MeetingState.HELD: "record what was discussed",
            MeetingState.CALLED_OFF: "cancel with a reason",
        },
        MeetingState.HELD: {},
        MeetingState.CALLED_OFF: {},
    },
    owners={
        MeetingState.PLANNED: "the coordinator",
        MeetingState.HELD: "",
        MeetingState.CALLED_OFF: "",
    },
)


class Presence(Labelled):
    """Who came to a meeting for a seat of the strategic group."""

    PRESENT = "present", "Present"
    SUBSTITUTE = "substitute", "Substitute came"
    APOLOGY = "apology", "Sent apologies"
    ABSENT = "absent", "Not there, no apology"


# The board that sends this seat was there.
THERE = frozenset({Presence.PRESENT, Presence.SUBSTITUTE})


class WhyProposed(Labelled):
    """Why the system put something on the agenda of a meeting."""

    SIGNAL = "signal", "Stands out in the month"
    RED = "red", "Red action"
    CHALLENGE = "challenge", "Open challenge"
    STRAND = "strand", "Not discussed for long"
    ADDED = "added", "Added at the meeting"


class NoticeKind(Labelled):
    """The reason for an e-mail about a challenge, an action or a milestone."""

    TURN = "turn", "Your turn to answer"
    ANSWERED = "answered", "Answered, for you to judge"
    SOON = "soon", "Due soon"
    OVERDUE = "overdue", "Overdue"
    UPDATE = "update", "No update this month"


# All in working days.
SOON_BEFORE = 3
LATEST = 3  # anything older isn't sent: after a long stop, nobody should get a flood of e-mails


def kind_due(today: date, due_on: date) -> NoticeKind | None:
    """Return what to send on a day about something due on another day: three working days before, and from the first
    working day after.

    None if the day isn't a working day, or if that was more than three working days ago.
    """
    if not is_working_day(today):
        return None
    # For “soon”, what is due on a Sunday is due on the Friday before. It is overdue from Monday.
    soon, overdue = add_working_days(this_or_last_working_day(due_on), -SOON_BEFORE), add_working_days(due_on, 1)
    for kind, day in ((NoticeKind.OVERDUE, overdue), (NoticeKind.SOON, soon)):
        if day <= today:
            return kind if working_days_between(day, today) <= LATEST else None
    return None


def due_days(today: date) -> tuple[date, date]:
    """Return the first and the last due date for which `kind_due` can return something on a day."""
    return add_working_days(today, -LATEST - 1), add_working_days(today, SOON_BEFORE + 1)


def is_update_told(today: date) -> bool:
    """Return whether to remind an owner without an update this month: three working days before the month ends, when it
    counts as due."""
    return kind_due(today, Month.of(today).last_day) is NoticeKind.SOON


def is_told_at_once(today: date, since: date) -> bool:
    """Return whether to send on a day what became somebody's turn on another: on the same or the next working day.

    If nobody was told then, we catch up for three working days.
    """
    return is_working_day(today) and working_days_between(since, today) <= LATEST

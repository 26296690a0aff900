"""Which state may follow which, for an action of the plan, a challenge, an offer of support, and a meeting? Pure."""

from core.labels import Labelled
from core.transitions import Lifecycle


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
    CALLED_OFF = "called_off", "Called off"


MEETING = Lifecycle(
    name="A meeting",
    start=MeetingState.PLANNED,
    transitions={
        MeetingState.PLANNED: {
            MeetingState.HELD: "record what was discussed",
            MeetingState.CALLED_OFF: "call off with a reason",
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


class WhyProposed(Labelled):
    """Why the system put something on the agenda of a meeting."""

    SIGNAL = "signal", "Stands out in the month"
    RED = "red", "Red action"
    CHALLENGE = "challenge", "Open challenge"
    STRAND = "strand", "Not discussed for long"
    ADDED = "added", "Added at the meeting"

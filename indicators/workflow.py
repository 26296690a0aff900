"""Which state may follow which, for a return, a request to correct a figure, and a public edition? Pure."""

from core.labels import Labelled
from core.transitions import Lifecycle


class SubmissionState(Labelled):
    """The states of a return. SUBMITTED waits for the agency's approver, or for the coordinator if the agency doesn't
    ask for release. RELEASED always waits for the coordinator."""

    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Submitted"
    RELEASED = "released", "Released"
    ACCEPTED = "accepted", "Accepted"
    RETURNED = "returned", "Returned"


SUBMISSION = Lifecycle(
    name="A return",
    start=SubmissionState.DRAFT,
    transitions={
        SubmissionState.DRAFT: {SubmissionState.SUBMITTED: "submit"},
        SubmissionState.SUBMITTED: {
            SubmissionState.RELEASED: "release, where the agency asks for it",
            SubmissionState.ACCEPTED: "accept, where it doesn't",
            SubmissionState.RETURNED: "return with a comment",
            SubmissionState.DRAFT: "withdraw",
        },
        SubmissionState.RELEASED: {
            SubmissionState.ACCEPTED: "accept",
            SubmissionState.RETURNED: "return with a comment",
        },
        SubmissionState.ACCEPTED: {SubmissionState.RETURNED: "return with a comment"},
        SubmissionState.RETURNED: {SubmissionState.SUBMITTED: "submit"},
    },
    owners={
        SubmissionState.DRAFT: "agency lead",
        SubmissionState.SUBMITTED: "agency approver, or coordinator where the agency has no release of its own",
        SubmissionState.RELEASED: "coordinator",
        SubmissionState.ACCEPTED: "",
        SubmissionState.RETURNED: "agency lead",
    },
)

# The states in which the agency's lead may enter figures.
EDITABLE = frozenset({SubmissionState.DRAFT, SubmissionState.RETURNED})
# The states in which somebody else has the figures, or they are done.
HANDED_IN = frozenset({SubmissionState.SUBMITTED, SubmissionState.RELEASED, SubmissionState.ACCEPTED})


class CorrectionState(Labelled):
    ASKED = "asked", "Asked"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"


CORRECTION = Lifecycle(
    name="A correction",
    start=CorrectionState.ASKED,
    transitions={
        CorrectionState.ASKED: {
            CorrectionState.ACCEPTED: "accept",
            CorrectionState.DECLINED: "decline with a comment",
            CorrectionState.WITHDRAWN: "withdraw",
        },
        # Decisions are final. Whoever disagrees asks again.
        CorrectionState.ACCEPTED: {},
        CorrectionState.DECLINED: {},
        CorrectionState.WITHDRAWN: {},
    },
    owners={
        CorrectionState.ASKED: "coordinator",
        CorrectionState.ACCEPTED: "",
        CorrectionState.DECLINED: "",
        CorrectionState.WITHDRAWN: "",
    },
)


class EditionState(Labelled):
    """The states of a month's public edition. Nothing is public before PUBLISHED."""

    ASKED = "asked", "Waiting for approval"
    AGREED = "agreed", "Approved"
    DECLINED = "declined", "Declined"
    PUBLISHED = "published", "Public"


EDITION = Lifecycle(
    name="A public edition",
    start=EditionState.ASKED,
    transitions={
        EditionState.ASKED: {
            EditionState.AGREED: "approve",
            EditionState.DECLINED: "decline with a reason",
        },
        EditionState.AGREED: {
            EditionState.PUBLISHED: "make public",
            EditionState.DECLINED: "take the approval back, with a reason",
        },
        EditionState.DECLINED: {},
        EditionState.PUBLISHED: {},
    },
    owners={
        EditionState.ASKED: "information officer",
        EditionState.AGREED: "coordinator",
        EditionState.DECLINED: "",
        EditionState.PUBLISHED: "the public",
    },
)


class RecordingState(Labelled):
    """The states of a change of recording. It starts a new series only once another person has confirmed it."""

    ASKED = "asked", "Waiting for a second person"
    CONFIRMED = "confirmed", "Confirmed"
    DECLINED = "declined", "Declined"


RECORDING = Lifecycle(
    name="A change of recording",
    start=RecordingState.ASKED,
    transitions={
        RecordingState.ASKED: {
            RecordingState.CONFIRMED: "confirm, by somebody else",
            RecordingState.DECLINED: "decline",
        },
        RecordingState.CONFIRMED: {},
        RecordingState.DECLINED: {},
    },
    owners={
        RecordingState.ASKED: "another coordinator or analyst",
        RecordingState.CONFIRMED: "",
        RecordingState.DECLINED: "",
    },
)

"""Which state may follow which, for a return? Pure."""

from core.labels import Labelled
from core.transitions import Lifecycle


class SubmissionState(Labelled):
    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Submitted"
    ACCEPTED = "accepted", "Accepted"
    RETURNED = "returned", "Returned"


SUBMISSION = Lifecycle(
    name="A return",
    start=SubmissionState.DRAFT,
    transitions={
        SubmissionState.DRAFT: {SubmissionState.SUBMITTED: "submit"},
        SubmissionState.SUBMITTED: {
            SubmissionState.ACCEPTED: "accept",
            SubmissionState.RETURNED: "return with a comment",
        },
        SubmissionState.ACCEPTED: {SubmissionState.RETURNED: "return with a comment"},
        SubmissionState.RETURNED: {SubmissionState.SUBMITTED: "submit"},
    },
    owners={
        SubmissionState.DRAFT: "agency lead",
        SubmissionState.SUBMITTED: "coordinator",
        SubmissionState.ACCEPTED: "",
        SubmissionState.RETURNED: "agency lead",
    },
)

# The states in which the agency's lead may type.
EDITABLE = frozenset({SubmissionState.DRAFT, SubmissionState.RETURNED})

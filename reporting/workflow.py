"""The states of public editions. Pure."""

from core.labels import Labelled, Lifecycle


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

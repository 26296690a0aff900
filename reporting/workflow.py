"""The states of public editions, of documents’ chapters and of assessments of the drug market. Pure."""

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
            EditionState.DECLINED: "withdraw the approval, with a reason",
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
UNDER_WAY = (EditionState.ASKED.value, EditionState.AGREED.value)


class DocumentKind(Labelled):
    """The documents of a group’s year."""

    NEEDS = "needs", "Strategic needs assessment"
    STRATEGY = "strategy", "Strategy"
    REVIEW = "review", "Yearly review"
    INSPECTION = "inspection", "Evidence for a joint inspection"


class ChapterState(Labelled):
    """The states of a document's chapter. Last year's text may already be below one that is ASKED."""

    ASKED = "asked", "Asked"
    DRAFTED = "drafted", "Drafted"
    AGREED = "agreed", "Agreed"


CHAPTER = Lifecycle(
    name="A chapter of a document",
    start=ChapterState.ASKED,
    transitions={
        ChapterState.ASKED: {ChapterState.DRAFTED: "write"},
        ChapterState.DRAFTED: {ChapterState.AGREED: "agree"},
        ChapterState.AGREED: {ChapterState.DRAFTED: "open again"},
    },
    owners={
        ChapterState.ASKED: "whoever writes it",
        ChapterState.DRAFTED: "coordinator",
        ChapterState.AGREED: "",
    },
)


class DocumentSide(Labelled):
    """Who has to agree to a document before it can be frozen: two people, one for each."""

    COORDINATOR = "coordinator", "The coordinator"
    CHAIR = "chair", "The chair of the strategic group"


class MarketState(Labelled):
    """The states of a year's assessment of the drug market. An agreed one never changes."""

    DRAFTED = "drafted", "Draft"
    AGREED = "agreed", "Agreed"


MARKET = Lifecycle(
    name="A year's assessment of the drug market",
    start=MarketState.DRAFTED,
    transitions={MarketState.DRAFTED: {MarketState.AGREED: "agree"}, MarketState.AGREED: {}},
    owners={MarketState.DRAFTED: "lead of the agency that assesses it", MarketState.AGREED: "the partners"},
)

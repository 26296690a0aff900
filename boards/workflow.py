"""Which state of a month may follow which? Pure."""

from core.labels import Labelled
from core.transitions import Lifecycle


class MonthStatus(Labelled):
    """The state of a month. OPEN accepts returns. CLOSED doesn't, and the coordinator checks it. Boards see
    PUBLISHED."""

    OPEN = "open", "Open"
    CLOSED = "closed", "Closed"
    PUBLISHED = "published", "Published"


MONTH = Lifecycle(
    name="A month",
    start=MonthStatus.OPEN,
    transitions={
        MonthStatus.OPEN: {MonthStatus.CLOSED: "close"},
        MonthStatus.CLOSED: {MonthStatus.OPEN: "reopen", MonthStatus.PUBLISHED: "publish"},
        MonthStatus.PUBLISHED: {MonthStatus.CLOSED: "take back"},
    },
    owners={
        MonthStatus.OPEN: "agencies",
        MonthStatus.CLOSED: "coordinator",
        MonthStatus.PUBLISHED: "boards",
    },
)

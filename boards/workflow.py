"""Which state may follow which, for a month? Pure."""

from core.labels import Labelled
from core.transitions import Lifecycle


class MonthStatus(Labelled):
    """OPEN takes returns; CLOSED takes no more, and is checked; PUBLISHED is what boards see."""

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

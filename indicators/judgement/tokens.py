"""Which judgements can a month of a series have?"""

from core.labels import Labelled
from indicators.trend import Polarity


class Counted(Labelled):
    """What an indicator counts: what happened in the month, or what there was on a day of it. Most of a stock is
    the month before's, so it is judged by the month alone."""

    FLOW = "flow", "What happened in the month"
    STOCK = "stock", "How many there were on one day"


class Signal(Labelled):
    """Which side of the usual range the figures are on, further than chance alone would often put them."""

    HIGH = "high", "High"
    LOW = "low", "Low"
    NONE = "none", "None"


class Tier(Labelled):
    """How far off a signal is. A watch is worth a look but isn't judged. A month that stands out is judged."""

    WATCH = "watch", "Watch"
    STANDS_OUT = "stands_out", "Stands out"


class Judgement(Labelled):
    """What a month's signal means under the indicator's polarity."""

    BETTER = "better", "Better"
    WORSE = "worse", "Worse"
    HIGH = "high", "Higher"
    LOW = "low", "Lower"
    USUAL = "usual", "Within the usual range"
    TOO_EARLY = "too_early", "Too early to tell"


JUDGED = {
    Polarity.HIGHER: {Signal.HIGH: Judgement.BETTER, Signal.LOW: Judgement.WORSE},
    Polarity.LOWER: {Signal.HIGH: Judgement.WORSE, Signal.LOW: Judgement.BETTER},
    Polarity.NEUTRAL: {Signal.HIGH: Judgement.HIGH, Signal.LOW: Judgement.LOW},
}


def judged(signal: Signal, tier: Tier | None, polarity: Polarity) -> Judgement:
    """Return what a signal means. A watch isn't a judgement yet."""
    # A signal of NONE has no tier, so JUDGED needs no row for it.
    return JUDGED[polarity][signal] if tier is Tier.STANDS_OUT else Judgement.USUAL

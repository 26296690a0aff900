"""Which returns and corrections are news to somebody?"""

from collections.abc import Iterator
from datetime import datetime

from boards.permissions import Access
from core.news import News
from core.texts import one_line
from indicators.figures import shorten
from indicators.models.history import Correction
from indicators.models.returns import Submission
from indicators.selectors.figures import figure_text, figure_url
from indicators.selectors.news import list_decided_since, list_returns_since
from indicators.workflow import CorrectionState, SubmissionState

LONGEST = 90  # characters of what somebody wrote
DONE = {
    SubmissionState.SUBMITTED: "were handed in",
    SubmissionState.RELEASED: "were released",
    SubmissionState.ACCEPTED: "were accepted",
    SubmissionState.RETURNED: "were given back",
}


def list_news(access: Access, since: datetime) -> list[News]:
    """Return the news of returns and corrections: two queries."""
    returns, decided = list_returns_since(access, since), list_decided_since(access, since)
    return [
        *(news for submission in returns for news in return_news(access, submission, since)),
        *(correction_news(access, correction) for correction in decided),
    ]


def return_news(access: Access, submission: Submission, since: datetime) -> Iterator[News]:
    """Yield the news of a return's state, unless this person changed it."""
    state = SubmissionState(submission.state)
    # Each state has two fields that are named after it. A draft has none.
    at, done_by = getattr(submission, f"{state.value}_at", None), getattr(submission, f"{state.value}_by_id", None)
    if at is None or at <= since or done_by == access.user.pk:
        return
    submission.period.area = access.area
    said = shorten(one_line(submission.comment), LONGEST)
    yield News(
        at=at,
        words=f"{submission.period.month.label} figures from {submission.agency} {DONE[state]}",
        url=submission.get_absolute_url(),
        more=f"“{said}”" if state is SubmissionState.RETURNED else "",
        is_own=submission.agency_id in access.led | access.approved | access.told,
    )


def correction_news(access: Access, correction: Correction) -> News:
    period = correction.period
    period.area = access.area
    before = figure_text(correction.was_state, correction.was_value)
    after = figure_text(correction.new_state, correction.new_value)
    state = CorrectionState(correction.state)
    decided_at = correction.decided_at or correction.asked_at
    return News(
        at=decided_at,
        words=f"A correction was {state.label.lower()}: {correction}",
        url=figure_url(correction.indicator, correction.category, period),
        more=f"{before} → {after}.",
        is_own=correction.indicator.owner_id in access.led,
    )

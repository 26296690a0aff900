"""What are partners doing about some indicators? Open actions that aim to change them, and open challenges about them.

Each page of a month runs this, so the SQL is written by hand: see core.selectors.
"""

from datetime import date
from typing import NamedTuple

from actions.models import Action, Challenge, Milestone
from actions.selectors.threads import About, readable
from actions.workflow import ActionState, ChallengeState
from boards.models import Responsibility
from boards.permissions import Access
from core.selectors import Rows, as_day, fetch_rows
from core.statements import statement
from indicators.models import Indicator

# {about} and {readable} are filled in when it runs. Both are conditions of ours: nothing that somebody typed.
DOING = statement(
    """
    WITH chosen AS (SELECT indicator.id, indicator.code FROM {indicator} indicator WHERE {{about}})
    SELECT chosen.code, 0 AS is_challenge, action.number, action.title, action.due_on, '' AS state,
        (SELECT MIN(step.due_on) FROM {step} step
            WHERE step.action_id = action.id AND step.removed_at IS NULL AND step.done_at IS NULL) AS next_on
    FROM {action} action
    JOIN chosen ON chosen.id = action.measure_id
    WHERE action.area_id = %s AND action.state = '{open}'
    UNION ALL
    SELECT chosen.code, 1, asked.number, '', asked.due_on, asked.state, NULL
    FROM {challenge} asked
    JOIN chosen ON chosen.id = asked.indicator_id
    LEFT JOIN {action} action ON action.id = asked.action_id
    LEFT JOIN {duty} duty ON duty.id = asked.responsibility_id
    WHERE asked.area_id = %s AND asked.state NOT IN ('{accepted}', '{withdrawn}') AND ({{readable}})
    ORDER BY 1, 2, 3
""",
    action=Action,
    step=Milestone,
    challenge=Challenge,
    indicator=Indicator,
    duty=Responsibility,
    open=ActionState.OPEN.value,
    accepted=ChallengeState.ACCEPTED.value,
    withdrawn=ChallengeState.WITHDRAWN.value,
)


class Doing(NamedTuple):
    """An open action or challenge. `next_on` is the due date of an action's next open milestone, or None."""

    code: str  # the indicator's
    is_challenge: bool
    number: int
    title: str  # of an action; a challenge has none
    due_on: date
    state: str  # of a challenge
    next_on: date | None


def list_doing(access: Access, about: About) -> list[Doing]:
    """Return what this person may read, by indicator, with actions first. `about` is a condition on `indicator`. One
    query."""
    may_read = readable(access, is_challenge=True)
    text = DOING.format(about=about.condition, readable=may_read.condition)
    area, numbers = access.area.pk, about.numbers
    return _make(fetch_rows(text, [*numbers, area, area, *may_read.numbers]))


def _make(rows: Rows) -> list[Doing]:
    return [
        Doing(code, bool(is_challenge), number, title, as_day(due_on), state, as_day(next_on) if next_on else None)
        for code, is_challenge, number, title, due_on, state, next_on in rows
    ]

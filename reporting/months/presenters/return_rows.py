"""Whose return is where: an agency's row of the coordinator's grid."""

from dataclasses import dataclass
from datetime import date

from core.months import date_label
from indicators.selectors.returns import ReturnStatus
from indicators.selectors.turns import Holder, describe_due, find_turn, is_overdue


@dataclass(frozen=True, slots=True)
class Row:
    """An agency's row of the grid: its return, with whom that is and how long, and what else is to say."""

    status: ReturnStatus
    turn: str
    more: str
    is_yours: bool
    is_overdue: bool


def grid_row(status: ReturnStatus, *, today: date) -> Row:
    turn, submission, agency = find_turn(status, today=today), status.submission, status.agency.name
    overdue, more = is_overdue(status, today=today), ""
    holder = {Holder.AGENCY: agency, Holder.APPROVER: f"{agency}’s approver", Holder.COORDINATOR: "you"}
    if turn.holder is not Holder.NOBODY:
        words = f"With {holder[turn.holder]} {turn.since_text}"
    elif submission is not None and status.state == "accepted":
        words = f"With nobody: accepted by {submission.accepted_by} on {date_label(turn.since)}"
    elif status.came_from_file:
        words = "With nobody: its figures came from a file, so no return is owed"
    else:
        words = "With nobody"
    if status.state == "returned" and submission is not None:
        more = f"Returned: “{submission.comment}”"
    elif overdue:
        more = describe_due(status.period.due_on, today=today)
    return Row(status, words, more, is_yours=turn.holder is Holder.COORDINATOR, is_overdue=overdue)

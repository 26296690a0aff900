"""How long records are kept, what goes next, and what is on hold: in sentences, for a page and an e-mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from boards.deletion import find_hold, find_months, find_notice, list_months
from boards.retention import ACCOUNTS, Kind, describe_months, list_kinds, load_kinds
from core.calendar import date_label
from core.models import LegalHold, RetentionNotice, RetentionRule

NEVER_REMOVED = (
    "We never delete published months, public editions or their figures under these rules: they are the town’s record "
    "over the years. The same applies to the history of figures, the plan, meetings and challenges. We also keep the "
    "record of who invited each person, and who had each second factor reset."
)


@dataclass(frozen=True, slots=True)
class KindView:
    """A kind of records on the page. `months` is the number in force."""

    code: str
    label: str
    keeps: str
    usual: str
    why: str
    oldest: str
    next: str
    is_held: bool
    months: int


def view_kinds(area: str, kinds: Sequence[Kind], *, today: date) -> list[KindView]:
    """Return each kind of an area. Four queries for each, and one more for accounts."""
    return [_view(area, kind, today) for kind in kinds]


def _view(area: str, kind: Kind, today: date) -> KindView:
    months = find_months(area, kind)
    oldest = kind.find_oldest(area)
    is_held = find_hold(area, kind.code, today=today) is not None
    return KindView(
        code=kind.code,
        label=kind.label,
        keeps=f"{describe_months(months)} from {kind.since}",
        usual="" if months == kind.months else f"The usual period is {describe_months(kind.months)}.",
        why=kind.why,
        oldest=f"The oldest is from {date_label(timezone.localdate(oldest))}." if oldest else "There are none yet.",
        next="On hold: nothing is deleted." if is_held else describe_next(find_notice(area, kind.code)),
        is_held=is_held,
        months=months,
    )


def describe_next(notice: RetentionNotice | None) -> str:
    if notice is None:
        return "Nothing will be deleted in the next 30 days."
    return f"We will delete {count_records(notice)} on {date_label(notice.deletes_on)}."


def count_records(notice: RetentionNotice) -> str:
    """Return "312 records from before 3 May 2019"."""
    noun = "record" if notice.count == 1 else "records"
    return f"{notice.count:,} {noun} from before {date_label(timezone.localdate(notice.older_than))}"


def describe_lives(area: str = "") -> dict[str, object]:
    """Return how long records are kept in an area, or usually, for the privacy notice: from the rules themselves. At
    most one query."""
    months = list_months(area) if area else {(kind.code, kind.is_of_areas): kind.months for kind in load_kinds()}
    lives = [(kind, describe_months(months[kind.code, kind.is_of_areas])) for kind in load_kinds()]
    return {
        "account_life": next(life for kind, life in lives if kind.code == ACCOUNTS),
        "lives": [(kind.label, life) for kind, life in lives if kind.code != ACCOUNTS],
        "are_usual": not area,
    }


def describe_hold(hold: LegalHold) -> str:
    """Return "Every kind of record", or the kind's name."""
    if not hold.kind:
        return "Every kind of record"
    return next((kind.label for kind in list_kinds(hold.area) if kind.code == hold.kind), hold.kind)


def describe_rule(rule: RetentionRule, kind: Kind | None, current: int) -> str:
    name = kind.label if kind else rule.kind
    return f"{name}: {describe_months(rule.months)} instead of {describe_months(current)}"

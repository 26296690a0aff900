"""Commentaries, written by a service."""

from boards.models import Board, ReportingPeriod
from boards.rules import Role
from core.calendar import Month
from core.models import User
from reporting.models import Commentary
from reporting.months.services import write_commentary
from tests.scenarios import Town

WORDS = "Arrests rose.\n\nNobody knows why."


def comment(
    town: Town, month: Month, text: str = WORDS, *, board: Board | None = None, by: User | None = None
) -> Commentary | None:
    """What the analyst says of a month’s draft, in place of what was said before."""
    period = ReportingPeriod.objects.get(area=town.area, starts_on=month.first_day)
    held = Commentary.objects.filter(period=period, board=board).order_by("version").last()
    draft = period.snapshots.filter(state="draft").first()
    revision = held.revision if held and draft and held.version == draft.version else 0
    return write_commentary(period, board, text, revision=revision, by=by or town.people[Role.ANALYST])

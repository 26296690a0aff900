"""What was done in a span of days: actions that were completed, milestones that were reached, what people were told?"""

from datetime import date

from django.db.models import QuerySet

from actions.models import Action, EngagementSession, Milestone, Voice
from boards.models import Board, PartnershipArea


def list_completed(area: PartnershipArea, first: date, last: date, *, board: Board | None) -> list[Action]:
    """The actions of a board, or of all, that were completed in these days, whether archived since or not, by number.
    One query."""
    actions = Action.objects.filter(area=area, completed_at__date__range=(first, last))
    return list(_of(actions, board, "board").order_by("number"))


def list_reached(area: PartnershipArea, first: date, last: date, *, board: Board | None) -> list[Milestone]:
    """Their milestones that were done in these days, with the action, in its order. One query."""
    milestones = Milestone.objects.filter(action__area=area, done_at__date__range=(first, last))
    return list(
        _of(milestones, board, "action__board").select_related("action").order_by("action__number", "due_on", "id")
    )


def _of[T: (Action, Milestone)](rows: QuerySet[T], board: Board | None, name: str) -> QuerySet[T]:
    return rows if board is None else rows.filter(**{name: board})


def sessions_in(area: PartnershipArea, first: date, last: date) -> QuerySet[EngagementSession]:
    """The sessions with the community of these days that aren't archived."""
    return EngagementSession.objects.filter(area=area, held_on__range=(first, last), archived_at=None)


def list_heard(area: PartnershipArea, first: date, last: date) -> list[Voice]:
    """What was said in them, with the session: what was answered last first, then what waits. One query."""
    voices = Voice.objects.filter(session__in=sessions_in(area, first, last)).select_related("session")
    return sorted(voices, key=lambda voice: (voice.closed_at is None, -(voice.closed_at or voice.added_at).timestamp()))

"""What was done between two days? Completed actions, milestones, and what people said in sessions."""

from datetime import date

from django.db.models import QuerySet

from actions.models import Action, EngagementSession, Milestone, Voice
from boards.models import Board, PartnershipArea


def list_completed(area: PartnershipArea, first: date, last: date, *, board: Board | None) -> list[Action]:
    """Return the actions of a board, or of all, that were completed in these days, even if archived since. Sorted by
    number. One query."""
    # __date is London's day: what was completed at half past midnight in summer was still yesterday in UTC.
    actions = Action.objects.filter(area=area, completed_at__date__range=(first, last))
    return list(_of(actions, board, "board").order_by("number"))


def list_reached(area: PartnershipArea, first: date, last: date, *, board: Board | None) -> list[Milestone]:
    """Return their milestones that were done in these days, with the action and in its order. One query."""
    milestones = Milestone.objects.filter(action__area=area, done_at__date__range=(first, last))
    return list(
        _of(milestones, board, "action__board").select_related("action").order_by("action__number", "due_on", "id")
    )


def _of[T: (Action, Milestone)](rows: QuerySet[T], board: Board | None, name: str) -> QuerySet[T]:
    return rows if board is None else rows.filter(**{name: board})


def sessions_in(area: PartnershipArea, first: date, last: date) -> QuerySet[EngagementSession]:
    """Return the sessions with the community in these days, without archived ones."""
    return EngagementSession.objects.filter(area=area, held_on__range=(first, last), archived_at=None)


def list_heard(area: PartnershipArea, first: date, last: date) -> list[Voice]:
    """Return what people said in them, with the session: newest answers first, then those without one. One query."""
    voices = Voice.objects.filter(session__in=sessions_in(area, first, last)).select_related("session")
    return sorted(voices, key=lambda voice: (voice.closed_at is None, -(voice.closed_at or voice.added_at).timestamp()))

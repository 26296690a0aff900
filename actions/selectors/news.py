"""Lists what happened since a given time in the plan, challenges and meetings that somebody may read."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import F, Model, Q, QuerySet, Subquery, Value
from django.db.models.expressions import OuterRef
from django.db.models.functions import Coalesce
from django.utils import timezone

from actions.models import ActionMove, ActionUpdate, Challenge, ChallengeEntry, Meeting, Milestone
from actions.selectors.as_at import ABOUT, NAMED
from actions.selectors.meetings import readable_meetings
from actions.workflow import ActionState, Rag
from boards.permissions import Access

# What the news of an action say of it.
OF_ACTION = ("action__number", "action__title", "action__owner", "action__agency")


def newest_of_each[Row: Model](rows: Iterable[Row], thing: str) -> list[Row]:
    """Return the first of these rows about each thing: they are sorted newest first."""
    newest: dict[int, Row] = {}
    for row in rows:
        # In Python: DISTINCT ON exists on PostgreSQL only.
        newest.setdefault(getattr(row, f"{thing}_id"), row)
    return list(newest.values())


def list_entries_since(access: Access, since: datetime) -> list[ChallengeEntry]:
    """Return the last entry of each challenge that this person may read, if somebody else made it."""
    readable = Challenge.objects.readable_by(access).order_by().values("pk")
    entries = ChallengeEntry.objects.filter(challenge__in=readable, made_at__gt=since)
    about = [f"challenge__{thing}" for thing in ABOUT]
    columns = [f"challenge__{name}" for name in ("number", "state", "answerer", "raised_by", "escalated_to", *NAMED)]
    named = entries.select_related(*about).only("act", "text", "made_at", "made_by", *columns)
    newest = newest_of_each(named.order_by("-made_at", "-id"), "challenge")
    return [entry for entry in newest if entry.made_by_id != access.user.pk]


def list_moves_since(access: Access, since: datetime) -> list[ActionMove]:
    """Return each action's last change of state."""
    moves = ActionMove.objects.filter(action__area=access.area, made_at__gt=since)
    named = moves.select_related("action").only("after", "why", "made_at", "made_by", *OF_ACTION)
    return newest_of_each(named.order_by("-made_at", "-id"), "action")


def list_judged_since(access: Access, since: datetime) -> list[ActionUpdate]:
    """Return the last update of each open action with a changed RAG, with `rag_before`, its RAG at the given time."""
    earlier = ActionUpdate.objects.filter(action=OuterRef("action"), made_at__lte=since).exclude(rag=Rag.BLUE.value)
    before = Subquery(earlier.order_by("-made_at", "-id").values("rag")[:1])
    of_open = {"action__area": access.area, "action__state": ActionState.OPEN.value}
    updates = ActionUpdate.objects.filter(**of_open, made_at__gt=since)
    judged = updates.annotate(rag_before=Coalesce(before, Value(Rag.GREEN.value)))
    named = judged.select_related("action").only("rag", "rag_why", "made_at", "made_by", *OF_ACTION)
    newest = newest_of_each(named.order_by("-made_at", "-id"), "action")
    return [update for update in newest if update.rag != vars(update)["rag_before"]]


def list_missed_since(access: Access, since: datetime, *, today: date) -> QuerySet[Milestone]:
    """Return the milestones of open actions whose due date has passed since then and that aren't done."""
    missed = Milestone.objects.filter(
        action__area=access.area,
        action__state=ActionState.OPEN.value,
        done_at=None,
        removed_at=None,
        due_on__gte=timezone.localdate(since),
        due_on__lt=today,
    )
    return missed.select_related("action").only("title", "due_on", *OF_ACTION).order_by("-due_on", "-id")


def list_meetings_since(access: Access, since: datetime) -> QuerySet[Meeting]:
    """Return their meetings that were planned, recorded or called off."""
    moments = Q(planned_at__gt=since) | Q(recorded_at__gt=since) | Q(called_off_at__gt=since)
    # A meeting is planned, then recorded or called off: the first of these that is set acted last.
    done_by = Coalesce(F("called_off_by"), F("recorded_by"), F("planned_by"))
    meetings = readable_meetings(access).filter(moments).annotate(done_by=done_by)
    acts = ("planned_at", "recorded_at", "called_off_at", "called_off_why")
    names = ("area__slug", "board__name", "sub_group__name")
    others = meetings.exclude(done_by=access.user.pk).select_related("area", "board", "sub_group")
    return others.only("number", "held_on", "state", *acts, *names)

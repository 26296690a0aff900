"""A notice of each kind of thing, and what the database refuses of them."""

from collections.abc import Callable

from django.db.models import QuerySet
from django.utils import timezone

from actions.models import Action, Challenge, Milestone, Notice
from actions.workflow import NoticeKind
from boards.rules import Role
from tests.integration.rows import one, twice
from tests.scenarios import Town


def leave_notices(town: Town) -> None:
    """Of a challenge, an action and a milestone that are there already."""
    for name, model in (("challenge", Challenge), ("action", Action), ("milestone", Milestone)):
        Notice.objects.create(
            area=town.area,
            person=town.people[Role.BOARD_MEMBER],
            kind=NoticeKind.SOON.value,
            due_on=timezone.localdate(),
            claimed_at=timezone.now(),
            **{name: model._default_manager.order_by("pk").first()},
        )


def of(thing: str) -> QuerySet[Notice]:
    return one(Notice.objects.filter(**{f"{thing}__isnull": False}))


NOTICE_CASES: list[tuple[str, Callable[[Town], object]]] = [
    ("notice_is_of_one_thing", lambda town: of("challenge").update(challenge=None)),
    ("notice_is_of_one_thing", lambda town: of("action").update(challenge=Challenge.objects.first())),
    ("notice_is_of_one_thing", lambda town: of("milestone").update(action=Action.objects.first())),
    ("one_notice_per_challenge_and_occasion", lambda town: twice(of("challenge"))),
    ("one_notice_per_action_and_occasion", lambda town: twice(of("action"))),
    ("one_notice_per_milestone_and_occasion", lambda town: twice(of("milestone"))),
]

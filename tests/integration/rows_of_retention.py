"""What is announced, held and removed; and how each constraint about it is violated."""

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from boards.rules import Role
from core.models import AuditCheckpoint, AuditEvent, LegalHold, RetentionNotice, RetentionRule
from tests.factories import make_user
from tests.integration.rows import twice
from tests.retained import give_notice
from tests.scenarios import Town

NOW, TODAY = timezone.now(), timezone.localdate()
AREA = "retained"


def leave_retained(town: Town) -> None:
    """A checkpoint of a chain of its own, so that the town's stays whole."""
    AuditEvent.objects.create(
        happened_at=NOW - timedelta(days=9000), area=AREA, verb="x", number=1, digest="x", link="x" * 64
    )
    give_notice("events", area=AREA, older_than=NOW - timedelta(days=5000))
    AuditCheckpoint.objects.create(
        area=AREA, number=1, link="x" * 64, removed=1, older_than=NOW - timedelta(days=5000), removed_at=NOW
    )
    officer = town.people[Role.INFORMATION]
    LegalHold.objects.create(area=AREA, why="A claim", placed_at=NOW, placed_by=officer)
    RetentionRule.objects.create(
        area=AREA, kind="reads", months=12, is_shorter=True, why="Ours", asked_at=NOW, asked_by=officer
    )


POINT, NOTICE, HOLD, RULE = (
    model._default_manager.filter(area=AREA) for model in (AuditCheckpoint, RetentionNotice, LegalHold, RetentionRule)
)
RETENTION_CASES: list[tuple[str, Callable[[Town], object]]] = [
    ("one_checkpoint_per_number", lambda town: twice(POINT)),
    ("checkpoint_has_its_event", lambda town: POINT.update(link="")),
    ("checkpoint_removes_at_most_all", lambda town: POINT.update(removed=0)),
    ("checkpoint_removes_at_most_all", lambda town: POINT.update(removed=2)),
    ("one_open_notice_per_kind", lambda town: twice(NOTICE)),
    ("notice_covers_something", lambda town: NOTICE.update(count=0)),
    ("notice_comes_before", lambda town: NOTICE.update(deletes_on=TODAY - timedelta(days=99))),
    ("notice_ends_with_an_outcome", lambda town: NOTICE.update(ended_on=TODAY)),
    ("notice_ends_with_an_outcome", lambda town: NOTICE.update(outcome="deleted")),
    ("hold_has_its_reason", lambda town: HOLD.update(why="")),
    ("hold_released_at_by", lambda town: HOLD.update(state="released")),
    ("hold_released_at_by", lambda town: HOLD.update(released_at=NOW, released_by=town.coordinator)),
    ("hold_released_at_by", lambda town: HOLD.update(released_by=town.coordinator, state="released", released_why="x")),
    ("retention_rule_has_its_reason", lambda town: RULE.update(why="")),
    ("retention_rule_has_its_reason", lambda town: RULE.update(months=0)),
    ("one_open_retention_rule", lambda town: twice(RULE)),
    ("retention_rule_decided_at_by", lambda town: RULE.update(decided_at=NOW)),
    ("shorter_retention_needs_another", lambda town: RULE.update(state="agreed")),
    ("shorter_retention_needs_another", lambda town: RULE.update(is_shorter=False)),
    (
        "retention_rule_declined_with_reason",
        lambda town: RULE.update(state="declined", decided_at=NOW, decided_by=make_user()),
    ),
]

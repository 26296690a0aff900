"""Imports of past figures: one that waits, one that was declined and one that was confirmed; and how each constraint of
their kind is violated."""

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from boards.rules import Role
from indicators.models import FigureImport
from tests.scenarios import Town

NOW = timezone.now()


def leave_imports(town: Town) -> FigureImport:
    """Without their figures, which would open months."""
    brought = {
        "area": town.area,
        "asked_at": NOW,
        "asked_by": town.coordinator,
        "ends_on": timezone.localdate() + timedelta(days=14),
        "name_of_file": "history.csv",
        "figures": 3,
        "first": "2024-05-01",
        "last": "2024-07-01",
    }
    decided = {"decided_at": NOW, "decided_by": town.people[Role.INFORMATION]}
    FigureImport.objects.create(**brought, **decided, outcome="declined", decided_why="May is from 2023")
    FigureImport.objects.create(**brought, **decided, outcome="confirmed")
    content = '{"name": "history.csv", "rows": [], "is_counted": false, "months": [], "elsewhere": [], "told": []}'
    return FigureImport.objects.create(**brought, content=content)


WAITING, DECLINED, CONFIRMED = (
    FigureImport.objects.filter(outcome=outcome) for outcome in ("", "declined", "confirmed")
)
IMPORT_CASES: list[tuple[str, Callable[[Town], object]]] = [
    ("figure_import_months_in_order", lambda town: WAITING.update(last="2024-04-01")),
    ("figure_import_has_figures", lambda town: WAITING.update(figures=0)),
    ("figure_import_content_until_decided", lambda town: WAITING.update(content="")),
    ("figure_import_content_until_decided", lambda town: CONFIRMED.update(content="{}")),
    ("figure_import_decided_at_by", lambda town: WAITING.update(outcome="withdrawn", content="")),
    ("figure_import_decided_at_by", lambda town: WAITING.update(decided_at=NOW, decided_by=town.coordinator)),
    ("figure_import_confirmed_by_another", lambda town: CONFIRMED.update(decided_by=town.coordinator)),
    ("figure_import_declined_with_reason", lambda town: DECLINED.update(decided_why="")),
]

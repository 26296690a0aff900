"""What does a version of a month say, line by line? Statements by hand: see core.selectors."""

import json

from django.db.models import QuerySet

from boards.models import PartnershipArea
from boards.workflow import MonthStatus
from core.selectors import fetch_rows
from core.statements import statement
from indicators.judgement.tokens import Signal, Tier
from indicators.ratios import ShownOn
from reporting.models import IndicatorLine, Snapshot
from reporting.models.line_fields import Line, Row, list_names

LINES = statement(
    """
    SELECT {{columns}} FROM {line} WHERE snapshot_id = %s {{only}} ORDER BY position
""",
    line=IndicatorLine,
)
COLUMNS = list_names(Line)
# Columns that no page of a month shows.
NOT_ON_A_MONTH = ("position", "owner_code", "revised_by", "revised_on", "numerators", "denominators")
COLUMNS_OF_MONTH = tuple(name for name in COLUMNS if name not in NOT_ON_A_MONTH)
# No page of a month shows a category's history, which is most of a line's data.
LISTS = ("boards", "history", "steps", "numerators", "denominators")
LISTS_OF_MONTH = LISTS[:3]
OF_WHOLES = dict.fromkeys(("history", "steps"), "CASE WHEN category_code = '' THEN {name} END")
READ_OF_MONTH = ", ".join(OF_WHOLES.get(name, name).format(name=name) for name in COLUMNS_OF_MONTH)
LINES_OF_MONTH = LINES.format(columns=READ_OF_MONTH, only="")
# Files have no picture of a line's months.
LINES_OF_FILE = LINES.format(
    columns=", ".join("NULL" if name in OF_WHOLES else name for name in COLUMNS_OF_MONTH), only=""
)
# What the month's own page shows, and what a board's page shows.
LINES_OF_PAGE = LINES.format(columns=READ_OF_MONTH, only=f"AND shown_on = '{ShownOn.MONTH.value}'")
LINES_OF_BOARD = LINES.format(columns=READ_OF_MONTH, only=f"AND shown_on <> '{ShownOn.RATIOS.value}'")
LINES_OF_ALL = LINES.format(columns=", ".join(COLUMNS), only="")
LINES_OF_ONE = LINES.format(columns=", ".join(COLUMNS), only="AND indicator_code = %s")


def list_lines(snapshot: Snapshot) -> list[Line]:
    """Return a version's lines. One query, by hand: see core.selectors. A category has no history and no steps, because
    no page of a month draws it.
    """
    return _read_lines(LINES_OF_MONTH, snapshot)


def list_lines_of_file(snapshot: Snapshot) -> list[Line]:
    """Return the same lines without any history, for whoever draws none. One query."""
    return _read_lines(LINES_OF_FILE, snapshot)


def list_shown(snapshot: Snapshot, *, for_board: bool) -> list[Line]:
    """Return only the lines that the month's own page or a board's page shows. One query."""
    return _read_lines(LINES_OF_BOARD if for_board else LINES_OF_PAGE, snapshot)


def _read_lines(which: str, snapshot: Snapshot) -> list[Line]:
    found = [dict(zip(COLUMNS_OF_MONTH, values, strict=True)) for values in fetch_rows(which, [snapshot.pk])]
    # A hand-written statement gets JSON as text. All of it is read at once: there are three texts in each line.
    texts = [line[name] or "[]" for line in found for name in LISTS_OF_MONTH]
    lists = iter(json.loads(f"[{','.join(texts)}]"))
    for line in found:
        line |= {name: next(lists) for name in LISTS_OF_MONTH}
    return [Row(line) for line in found]


# A condition on `indicator`, for statements by hand: those that stand out in a version, by today's rules or by
# those until November 2026, which had no watch.
STANDING_OUT = statement(
    """
    indicator.code IN (SELECT line.indicator_code FROM {line} line
        WHERE line.snapshot_id = %s AND line.signal NOT IN ('', '{none}') AND line.tier <> '{watch}')
""",
    line=IndicatorLine,
    none=Signal.NONE.value,
    watch=Tier.WATCH.value,
)


def whole_lines(snapshot: Snapshot) -> QuerySet[IndicatorLine]:
    """Return the whole lines, to choose from, in the order of the page, without the counts that only a ratio shows."""
    wholes = IndicatorLine.objects.filter(snapshot=snapshot, category_code="")
    return wholes.exclude(shown_on=ShownOn.RATIOS.value).order_by("position")


def list_series(snapshot: Snapshot, code: str = "") -> list[Line]:
    """Return the lines of one indicator or of all, each whole before its parts, with their steps. One query, by
    hand.
    """
    rows = fetch_rows(LINES_OF_ONE, [snapshot.pk, code]) if code else fetch_rows(LINES_OF_ALL, [snapshot.pk])
    lines: list[Line] = []
    for values in rows:
        found = dict(zip(COLUMNS, values, strict=True))
        found |= {name: json.loads(found[name]) for name in LISTS}
        lines.append(Row(found))
    return lines


def list_newest_wholes(area: PartnershipArea, codes: list[str]) -> dict[str, IndicatorLine]:
    """Return these indicators as the newest published month has them, by code. One query."""
    published = Snapshot.objects.standing().filter(period__area=area, period__status=MonthStatus.PUBLISHED.value)
    newest = published.order_by("-period__starts_on", "-version").values("pk")[:1]
    lines = IndicatorLine.objects.filter(snapshot=newest, category_code="", indicator_code__in=codes)
    return {line.indicator_code: line for line in lines}

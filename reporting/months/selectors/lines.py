"""What does a version of a month say, line by line?"""

import json
from collections.abc import Mapping

from django.db import connection
from django.db.models import QuerySet

from boards.models import PartnershipArea
from boards.workflow import MonthStatus
from core.statements import Statement, statement
from indicators.judgement.tokens import Signal, Tier
from indicators.ratios import ShownOn
from reporting.models import IndicatorLine, Snapshot
from reporting.models.line_fields import Line, Row, list_names

# Columns that no page of a month shows.
NOT_ON_A_MONTH = ("position", "owner_code", "revised_by", "revised_on", "numerators", "denominators")
COLUMNS = tuple(name for name in list_names(Line) if name not in NOT_ON_A_MONTH)
LISTS = ("boards", "history", "steps")
# No page of a month shows a category's history, which is most of a line's data. Files have no picture of any.
OF_WHOLES = dict.fromkeys(("history", "steps"), "CASE WHEN category_code = '' THEN {name} END")
OF_NONE = dict.fromkeys(OF_WHOLES, "NULL")


def write_lines(history: Mapping[str, str] = OF_WHOLES, only: str = "") -> str:
    """Return the statement for the lines of a version, by hand: every page of a month reads them, and the ORM takes
    three times as long to make an object of each (docs/adr/0101)."""
    columns = ", ".join(history.get(name, name).format(name=name) for name in COLUMNS)
    text = "SELECT {columns} FROM {line} WHERE snapshot_id = %s {only} ORDER BY position"
    return statement(text, columns=Statement(columns), line=IndicatorLine, only=Statement(only))


LINES_OF_MONTH = write_lines()
LINES_OF_FILE = write_lines(OF_NONE)
# What the month's own page shows, and what a board's page shows.
LINES_OF_PAGE = write_lines(only=f"AND shown_on = '{ShownOn.MONTH.value}'")
LINES_OF_BOARD = write_lines(only=f"AND shown_on <> '{ShownOn.RATIOS.value}'")


def list_lines(snapshot: Snapshot) -> list[Line]:
    """Return a version's lines. One query. A category has no history and no steps, because
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
    with connection.cursor() as cursor:
        cursor.execute(which, [snapshot.pk])
        found = [dict(zip(COLUMNS, values, strict=True)) for values in cursor.fetchall()]
    # Such a statement gets JSON as text. All of it is read at once: there are three texts in each line.
    texts = [line[name] or "[]" for line in found for name in LISTS]
    lists = iter(json.loads(f"[{','.join(texts)}]"))
    for line in found:
        line |= {name: next(lists) for name in LISTS}
    return [Row(line) for line in found]


def codes_standing_out(snapshot: Snapshot) -> QuerySet[IndicatorLine, str]:
    """Return the codes of the indicators that stand out in a version, by today's rules or by those until November 2026,
    which had no watch."""
    standing_out = IndicatorLine.objects.filter(snapshot=snapshot).exclude(signal__in=["", Signal.NONE.value])
    return standing_out.exclude(tier=Tier.WATCH.value).values_list("indicator_code", flat=True)


def whole_lines(snapshot: Snapshot) -> QuerySet[IndicatorLine]:
    """Return the whole lines, to choose from, in the order of the page, without the counts that only a ratio shows."""
    wholes = IndicatorLine.objects.filter(snapshot=snapshot, category_code="")
    return wholes.exclude(shown_on=ShownOn.RATIOS.value).order_by("position")


def list_series(snapshot: Snapshot, code: str = "") -> list[Line]:
    """Return the lines of one indicator or of all, each whole before its parts, with their steps. One query."""
    lines = IndicatorLine.objects.filter(snapshot=snapshot).order_by("position")
    return [*(lines.filter(indicator_code=code) if code else lines)]


def list_newest_wholes(area: PartnershipArea, codes: list[str]) -> dict[str, IndicatorLine]:
    """Return these indicators as the newest published month has them, by code. One query."""
    published = Snapshot.objects.standing().filter(period__area=area, period__status=MonthStatus.PUBLISHED.value)
    newest = published.order_by("-period__starts_on", "-version").values("pk")[:1]
    lines = IndicatorLine.objects.filter(snapshot=newest, category_code="", indicator_code__in=codes)
    return {line.indicator_code: line for line in lines}

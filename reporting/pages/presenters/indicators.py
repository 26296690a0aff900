"""What an indicator is, how it should be read, and where its figures came from, as text."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.utils import timezone

from actions.presenters.threads import Thread
from actions.selectors.challenges import asked_of, list_asked, list_offers, offered_to
from boards.models import Board
from boards.permissions import Access
from core.calendar import Month, date_label
from indicators.disclosure import Audience, disclose, refuse_public
from indicators.judgement.promises import promises
from indicators.models import Collection, Indicator, IndicatorAct, Observation
from indicators.protection.rules import Rule
from indicators.ratios import ShownOn
from reporting.models.line_fields import Line
from reporting.months.presenters.month import STATES
from reporting.months.presenters.sentences import describe_level
from reporting.months.presenters.shapes import LineView
from reporting.months.presenters.words import cell_text, lower_first
from reporting.months.selectors import Change, SetUp
from reporting.packs.selectors import next_pack_tells_since

# How pages describe a change of an indicator. {month} is a month's name, {fields} what changed.
ACTS = {
    IndicatorAct.ADDED: "Added",
    IndicatorAct.CHANGED: "Changed: {fields}",
    IndicatorAct.DEFINED: "Definition from {month} added",
    IndicatorAct.REWORDED: "Definition reworded",
    IndicatorAct.REACHED_BACK: "First definition now starts in {month}",
    IndicatorAct.RETIRED: "Retired from {month}",
    IndicatorAct.BROUGHT_BACK: "Brought back",
    IndicatorAct.COUNTED: "Counted from sessions with the community",
    IndicatorAct.NOT_COUNTED: "No longer counted from sessions with the community",
    IndicatorAct.RECORDED_ANEW: "Recorded differently from {month}",
    IndicatorAct.LEVEL_NAMED: "Name given to the level since {month}",
}
RULE = "Partners see every figure; for the public, {rule}"


@dataclass(frozen=True, slots=True)
class Passport:
    """An indicator's set-up, with its line's own text as of the month shown."""

    definitions: tuple[tuple[Month, str], ...]  # the newest first
    recordings: tuple[tuple[Month, str], ...]  # from when recording changed, and how, in the months shown
    level: str  # the present level's name and reason
    why: str
    source: str
    counts: tuple[tuple[str, str], ...]  # for a ratio: the titles of its two counts, each with its code or none
    collected: str
    boards: tuple[str, ...]
    rule: str
    changes: tuple[tuple[str, str], ...]  # the day and the change; the newest first
    retired_from: Month | None


class HistoryRow(NamedTuple):
    """A signed-off figure, with its origin and who signed it off."""

    month: str
    category: str
    text: str
    note: str
    origin: str
    signed_off: str
    place: str  # the end of its page's address: "2026-10/lines/london/"


def make_passport(setup: SetUp, line: LineView, boards: Sequence[Board], rule: Rule) -> Passport:
    """Describe an indicator. `rule` is the disclosure rule that applies to it now."""
    return Passport(
        definitions=tuple((Month.of(day), text) for day, text in reversed(setup.definitions)),
        recordings=tuple(
            (Month.of(date.fromisoformat(step["from"])), step["why"])
            for step in reversed(line.steps)
            if step.get("why")
        ),
        level=describe_level(line),
        why=setup.why_it_matters,
        source=setup.source,
        counts=tuple(
            (title, code)
            for title, code in (
                (line.numerator_title, line.numerator_code),
                (line.denominator_title, line.denominator_code),
            )
            if title
        ),
        collected=Collection(setup.collection).label,
        boards=tuple(board.name for board in boards if board.code in line.boards),
        rule=RULE.format(rule=rule.words),
        changes=tuple(
            (date_label(timezone.localdate(change.made_at)), describe_change(change)) for change in setup.changes
        ),
        retired_from=Month.of(setup.retired_from) if setup.retired_from else None,
    )


def describe_change(change: Change) -> str:
    return ACTS[IndicatorAct(change.act)].format(
        month=Month.of(change.month).label if change.month else "",
        fields=", ".join(lower_first(field_name(field)) for field in change.fields),
    )


def field_name(field: str) -> str:
    names = {f.name: str(f.verbose_name) for f in Indicator._meta.concrete_fields}
    return names.get(field, field)


def history_rows(observed: Iterable[Observation], code: str, *, audience: Audience) -> tuple[HistoryRow, ...]:
    """Return the signed-off figures of the indicator with that code. Raises AudienceRefused for the public."""
    refuse_public(audience)
    return tuple(
        HistoryRow(
            month=one.period.month.label,
            category=one.category.name if one.category else "",
            text=cell_text(STATES[one.state], one.value, is_provisional=one.is_provisional),
            note=one.note,
            origin=one.imported_from or (f"Return from {one.submission.agency}" if one.submission else "A correction"),
            signed_off=date_label(timezone.localdate(one.signed_off_at))
            + (f", {one.signed_off_by.name}" if one.signed_off_by and one.signed_off_by.name else ""),
            place=f"{one.period.month}/{code}/" + (f"{one.category.code}/" if one.category else ""),
        )
        for one in observed
    )


def board_thread(access: Access, board: Board) -> Thread:
    """Return the challenges that its next pack will have, all those about its responsibilities, and its offers of
    support. Five queries at most."""
    about = asked_of(board, closed_since=next_pack_tells_since(board))
    return Thread(list_asked(access, about), list_offers(access, offered_to(board)))


@dataclass(frozen=True, slots=True)
class Reach:
    """For each change: of 100 changes at a level of `size` a month, how many stand out within a year, and how many are
    at least watched. `titles` are the town's indicators nearest to that level.
    """

    size: int
    found: tuple[tuple[int, int], ...]
    titles: tuple[str, ...]


def reach(lines: Iterable[Line], *, audience: Audience) -> list[Reach]:
    """Return the table's rows. `lines` are a month's; an indicator without a known level is left out, and one that is
    shown beside another alone, such as a breakdown."""
    sizes = promises().found
    nearest: dict[int, list[str]] = defaultdict(list)
    for disclosed in disclose(lines, audience=audience):
        line = disclosed.line
        if line.level and not line.category_code and line.shown_on != ShownOn.RATIOS:
            level = line.level
            # The nearest by ratio, not by difference.
            nearest[min(sizes, key=lambda size: max(size / level, level / size))].append(line.title)
    return [Reach(size, tuple(row.values()), tuple(nearest[size])) for size, row in sizes.items()]

"""What may the public see of a month? The lines of a snapshot in, the lines of a public edition out.

Each figure that the lines show, of this month and of the months before it, is shown or withheld as
indicators.protection.families finds. Everything else that a public line says is worked out from what is
left, never from the true figures: its movement from two figures that are shown; a usual range, a signal
and a judgement only where every figure that they rest on is one that may be shown. So none of it can give
a withheld figure away.

A part of another indicator is shown as one figure, without its categories: those would tie the part's
figures to the whole's in more ways than a tree of sums has.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from core.months import Month
from indicators.protection.families import Count, Earlier, Key, Protection, protect_month, shown
from indicators.protection.rules import Round, Rule, Show, Suppress, Withhold, rule_of, token_of
from indicators.selectors.disclosure import Rules
from indicators.signals import Method
from indicators.trend import YEAR, Cell, CellState, Movement, NoArrowReason, Trend, no_arrow, trend
from reporting.lines import HISTORY_MONTHS
from reporting.models import IndicatorLine, LineFields, PublicLine

COPIED = (
    "section_code",
    "section_title",
    "indicator_code",
    "part_of_code",
    "title",
    "question",
    "unit_one",
    "unit_many",
    "polarity",
    "polarity_reason",
    "owner_code",
    "owner_name",
    "dimension_code",
    "dimension_name",
    "category_code",
    "category_name",
    "longitude",
    "latitude",
    "definition_from",
    "boards",
)
OF_A_READING = ("method", "figures", "mean", "lower", "upper", "signal", "judgement", "running", "in_a_year")
PUBLIC_FIELDS = tuple(
    f.attname for f in PublicLine._meta.concrete_fields if f.attname not in ("id", "edition_id", "snapshot_id")
)

type Cells = dict[Month, tuple[CellState, int | None]]  # what stands for each month


@dataclass(frozen=True, slots=True)
class Issued:
    """An edition that is public, or was, with the lines of the snapshot that it was made of."""

    month: Month
    lines: Sequence[PublicLine]
    true: Sequence[IndicatorLine]


@dataclass(frozen=True, slots=True)
class GivenAway:
    """A figure that could be worked out too closely with what is public already."""

    month: Month
    label: str


@dataclass(slots=True)
class Prepared:
    """An edition that could be published: its lines, and what an attack on it found.

    `sensitive` counts the figures of all its months that must stay unknown; `narrowest` is how far apart
    the least and the greatest are that remain possible for any of them, None where none is bounded.
    """

    lines: list[PublicLine]
    given_away: list[GivenAway] = field(default_factory=list)
    sensitive: int = 0
    narrowest: int | None = None

    @property
    def fingerprint(self) -> str:
        content = [[getattr(line, name) for name in PUBLIC_FIELDS] for line in self.lines]
        return hashlib.sha256(json.dumps(content, default=str, sort_keys=True).encode()).hexdigest()

    @property
    def withheld(self) -> list[PublicLine]:
        """The lines whose figure of the month is withheld."""
        return [line for line in self.lines if line.state == CellState.WITHHELD]


def prepare(month: Month, lines: Iterable[IndicatorLine], rules: Rules, issued: Sequence[Issued]) -> Prepared:
    """The edition that a snapshot's lines make under these rules, beside the editions that are public."""
    kept = [line for line in lines if not (line.part_of_code and line.category_code)]
    given = {key_of(line): rules.of(line.indicator_code) for line in kept}
    earlier = earlier_of(issued)
    prepared = Prepared([])
    cells: dict[Key, Cells] = {key: {} for key in given}
    true = {key_of(line): true_cells(line, month) for line in kept}
    for past in sorted({past for of_line in true.values() for past in of_line}):
        found = protect(
            past, true, given, earlier.get(past, {}), {line.indicator_code: line.part_of_code for line in kept}
        )
        take(prepared, past, found, {key_of(line): label_of(line) for line in kept})
        for key, of_line in true.items():
            if past in of_line:
                cells[key][past] = shown_cell(of_line[past], given[key], is_withheld=key in found.withheld)
    once = withheld_once(earlier)
    latest = next((one for one in reversed(issued) if one.month == month), None)
    said = {key_of(line): line for line in latest.lines} if latest else None
    for position, line in enumerate(kept):
        key = key_of(line)
        public = public_line(line, month, cells[key], given[key], once[key])
        if said is not None:
            revise(public, said.get(key))
        public.position = position
        prepared.lines.append(public)
    return prepared


def key_of(line: LineFields) -> Key:
    return line.indicator_code, line.category_code


def label_of(line: LineFields) -> str:
    return f"{line.title}, {line.category_name}" if line.category_name else line.title


def protect(
    past: Month,
    true: Mapping[Key, Cells],
    rules: Mapping[Key, Rule],
    earlier: Mapping[Key, tuple[Earlier, ...]],
    wholes: Mapping[str, str],
) -> Protection:
    """What to withhold of one month; of a figure that isn't there, where its rule doesn't say so much."""
    counts: dict[Key, Count] = {}
    always = set()
    for key, of_line in true.items():
        if past not in of_line:
            continue
        value = of_line[past][1]
        if value is not None:
            counts[key] = Count(value, rules[key], earlier=earlier.get(key, ()))
        elif isinstance(rules[key], Withhold):
            always.add(key)
    for key, ones in earlier.items():
        if key not in counts:  # it isn't asked for any more, or has no figure any more, and had one in an edition
            counts[key] = Count(ones[-1].value, ones[-1].rule, is_asked=False, earlier=ones)
    found = protect_month(counts, {code: whole for code, whole in wholes.items() if whole})
    return Protection(found.withheld | always, found.exposed, found.widths)


def take(prepared: Prepared, past: Month, found: Protection, labels: Mapping[Key, str]) -> None:
    """Add what the attack on one month found."""
    prepared.given_away += [
        GivenAway(past, labels.get(key) or f"what {labels.get((key[0], ''), key[0])} counts besides its parts")
        for key in found.exposed
    ]
    prepared.sensitive += len(found.widths) + len(found.exposed)
    bounded = [int(width) for width in found.widths if width != float("inf")]
    if prepared.narrowest is not None:
        bounded.append(prepared.narrowest)
    prepared.narrowest = min(bounded, default=None)


def true_cells(line: LineFields, month: Month) -> Cells:
    """Each month that a line shows."""
    first = month + -(len(line.history) - 1)
    without = {int(place): CellState(state) for step in line.steps for place, state in step["without"].items()}
    return {
        first + place: (CellState.FIGURE, value) if value is not None else (without.get(place, CellState.AWAITED), None)
        for place, value in enumerate(line.history)
    }


def shown_cell(true: tuple[CellState, int | None], rule: Rule, *, is_withheld: bool) -> tuple[CellState, int | None]:
    state, value = true
    if is_withheld:
        return CellState.WITHHELD, None
    return state, None if value is None else shown(rule, value)


# --- What is public already -----------------------------------------------------------------------


def earlier_of(issued: Iterable[Issued]) -> dict[Month, dict[Key, tuple[Earlier, ...]]]:
    """What each edition says of each month's counts, each thing once."""
    found: dict[Month, dict[Key, dict[Earlier, None]]] = defaultdict(lambda: defaultdict(dict))
    for edition in issued:
        true = {key_of(line): true_cells(line, edition.month) for line in edition.true}
        for line in edition.lines:
            key, rule = key_of(line), rule_of(line.protected_by)
            for past, (state, _) in true_cells(line, edition.month).items():
                value = true.get(key, {}).get(past, (None, None))[1]
                if value is not None:
                    found[past][key][Earlier(value, rule, state is CellState.WITHHELD)] = None
    return {past: {key: tuple(ones) for key, ones in of_month.items()} for past, of_month in found.items()}


def withheld_once(earlier: Mapping[Month, Mapping[Key, tuple[Earlier, ...]]]) -> dict[Key, set[Month]]:
    """The months that an edition ever withheld of each line."""
    found: dict[Key, set[Month]] = defaultdict(set)
    for past, of_month in earlier.items():
        for key, ones in of_month.items():
            if any(one.is_withheld for one in ones):
                found[key].add(past)
    return found


# --- One line -------------------------------------------------------------------------------------


def public_line(line: IndicatorLine, month: Month, cells: Cells, rule: Rule, withheld: set[Month]) -> PublicLine:
    """A line as the public may see it, from what stands for each of its months."""
    state, value = cells[month]
    before = cells.get(month.previous)
    moved, in_a_year = movement_of(line, month, cells, rule), movement_of(line, month, cells, rule, apart=YEAR)
    year = cells.get(month + -YEAR)
    first = month + -(len(line.history) - 1)
    steps = [public_step(line, at, first, cells, rule, withheld) for at in range(len(line.steps))]
    reading: dict[str, Any] = {name: getattr(line, name) for name in OF_A_READING}
    reading["months_since"] = line.months_since
    if state is CellState.WITHHELD or steps[-1]["method"] == Method.WITHHELD:
        reading = {**NOT_READ, "method": steps[-1]["method"], "figures": sum(v is not None for _, v in cells.values())}
    return PublicLine(
        **{name: getattr(line, name) for name in COPIED},
        state=state.value,
        value=value,
        is_provisional=line.is_provisional and state is not CellState.WITHHELD,
        previous_state=before[0].value if before else "",
        previous_value=before[1] if before else None,
        movement=moved.movement.value,
        change=moved.change,
        no_arrow_reason=moved.no_arrow_reason.value if moved.no_arrow_reason else "",
        year_value=year[1] if year else None,
        year_change=in_a_year.change,
        year_no_arrow_reason=in_a_year.no_arrow_reason.value if in_a_year.no_arrow_reason else "",
        history=[cells[past][1] for past in sorted(cells)],
        steps=steps,
        protected_by=token_of(rule),
        **reading,
    )


NOT_READ: dict[str, Any] = {
    **dict.fromkeys(("mean", "lower", "upper", "in_a_year", "months_since")),
    "signal": "",
    "judgement": "",
    "running": 0,
}


def movement_of(line: IndicatorLine, month: Month, cells: Cells, rule: Rule, *, apart: int = 1) -> Trend:
    """By the rules of indicators.trend, of what is shown; none where figures are rounded."""
    then = month + -apart
    now, before = (
        Cell(past, *cells[past], definition_of(line, past, month)) if past in cells else None for past in (month, then)
    )
    assert now is not None  # noqa: S101  # a line shows its own month
    found = trend(now, before, apart=apart)
    if found.movement is not Movement.NONE and isinstance(rule, Round):
        return no_arrow(NoArrowReason.ROUNDED)
    return found


def definition_of(line: IndicatorLine, past: Month, month: Month) -> date:
    place = past - (month + -(len(line.history) - 1))
    return max(date.fromisoformat(step["from"]) for step in line.steps if step["at"] <= place)


def public_step(
    line: IndicatorLine, at: int, first: Month, cells: Cells, rule: Rule, withheld: set[Month]
) -> dict[str, Any]:
    """A step without what rests on a figure that isn't shown."""
    step = line.steps[at]
    start = first + step["at"]
    end = first + line.steps[at + 1]["at"] if at + 1 < len(line.steps) else first + len(line.history)
    of_step = {past: cell for past, cell in cells.items() if start <= past < end}
    public = {
        "at": step["at"],
        "from": step["from"],
        "without": {str(past - first): state.value for past, (state, value) in of_step.items() if value is None},
    }
    provisional = [place for place in step.get("provisional", ()) if cells[first + place][1] is not None]
    if provisional:
        public["provisional"] = provisional
    begun = Month.of(date.fromisoformat(step["from"]))
    before = {past for past in withheld if begun <= past < start}
    is_whole = step["at"] > 0 or len(line.history) < HISTORY_MONTHS or begun >= first
    hides = before or any(state is CellState.WITHHELD for state, _ in of_step.values())
    if hides or not rests_on_shown(step, rule, is_whole=is_whole):
        # How many months have figures is no secret, but where even that is withheld.
        is_early = step["method"] == Method.TOO_EARLY and not isinstance(rule, Withhold)
        method = Method.TOO_EARLY if is_early else Method.WITHHELD
        return public | {
            "method": method.value,
            "signals": {},
            **dict.fromkeys(("mean", "lower", "upper")),
        }
    return public | {name: step[name] for name in ("method", "mean", "lower", "upper", "signals")}


def rests_on_shown(step: Mapping[str, Any], rule: Rule, *, is_whole: bool) -> bool:
    """Whether all of a step's figures may be shown by their rule, those before the months that the line
    shows too."""
    match rule:
        case Show():
            return True
        case Suppress(below) if not is_whole:
            return "least" in step and (step["least"] is None or step["least"] >= below)
        case Suppress():
            return True
        case _:
            return False


def revise(line: PublicLine, said: PublicLine | None) -> None:
    """Say what the month's edition before had, where both show something else."""
    if line.state == CellState.WITHHELD or (said is not None and said.state == CellState.WITHHELD):
        return
    if said is not None and said.protected_by != line.protected_by and "round" in said.protected_by + line.protected_by:
        return  # another figure only by the way in which it is shown
    state, value = (said.state, said.value) if said is not None else (CellState.AWAITED.value, None)
    if (state, value) != (line.state, line.value):
        line.revised_state, line.revised_value = state, value

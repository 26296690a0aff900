"""Which ratios follow from two boxes of a return?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from indicators.entries import NOTHING_TYPED, Entry
from indicators.figures import shorten
from indicators.presenters.return_totals import typed_part
from indicators.ratios import RATIO_KINDS, RatioKind, show_number
from indicators.selectors.returns import Box
from indicators.selectors.worked_out import WorkedOut

NOT_KNOWN = "not known yet"


@dataclass(frozen=True, slots=True)
class RatioBeside:
    """A ratio, shown under the later of its two boxes. A script works it out from the same values."""

    title: str
    kind: RatioKind
    per: int
    numerator: str
    denominator: str
    held: str
    held_value: str
    text: str
    is_wrong: bool


def list_beside(
    boxes: Sequence[Box], entries: Mapping[str, Entry], worked_out: Sequence[WorkedOut]
) -> dict[str, list[RatioBeside]]:
    """Return the ratios by the name of the box that each is shown under."""
    places = {box.name: place for place, box in enumerate(boxes)}
    beside: dict[str, list[RatioBeside]] = {}
    for each in worked_out:
        if not each.denominator and each.held is None:
            continue
        under = max(filter(None, (each.numerator, each.denominator)), key=places.__getitem__)
        held, fault = each.held, find_fault(each, entries)
        beside.setdefault(under, []).append(
            RatioBeside(
                title=each.title,
                kind=each.ratio.kind,
                per=each.ratio.per,
                numerator=each.numerator,
                denominator=each.denominator,
                held=f"{held.value:,} ({held.words})" if held else "",
                held_value=str(held.value) if held else "",
                text=fault or show_ratio(each, entries),
                is_wrong=bool(fault),
            )
        )
    return beside


def show_ratio(each: WorkedOut, entries: Mapping[str, Entry]) -> str:
    cases, whole = read_two(each, entries)
    value = None if cases is None or whole is None else each.ratio.value(cases, whole)
    return NOT_KNOWN if value is None else show_number(value, each.ratio.kind)


def find_fault(each: WorkedOut, entries: Mapping[str, Entry]) -> str:
    """Return what is wrong with the two values, to show in place of the ratio; empty if nothing is."""
    for name in filter(None, (each.numerator, each.denominator)):
        entry = entries.get(name, NOTHING_TYPED)
        if entry.value.strip() and typed_part(entry).value is None:
            return f"“{shorten(entry.value.strip())}” isn’t a whole number"
    cases, whole = read_two(each, entries)
    if RATIO_KINDS[each.ratio.kind].is_part and cases is not None and whole is not None and cases > whole:
        return f"{cases:,} is more than {whole:,}"
    return ""


def read_two(each: WorkedOut, entries: Mapping[str, Entry]) -> tuple[int | None, int | None]:
    """Return the cases and their denominator."""
    cases = typed_part(entries.get(each.numerator, NOTHING_TYPED)).value
    if each.held is not None:
        return cases, each.held.value
    return cases, typed_part(entries.get(each.denominator, NOTHING_TYPED)).value

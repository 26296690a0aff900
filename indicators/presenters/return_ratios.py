"""What do two boxes of a return make of one another?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from indicators.entries import Entry
from indicators.presenters.return_totals import typed_part
from indicators.ratios import show_number
from indicators.selectors.returns import Box
from indicators.selectors.worked_out import WorkedOut

NOT_KNOWN = "not known yet"


@dataclass(frozen=True, slots=True)
class RatioBeside:
    """A ratio as it stands under the later of its two boxes. A script works it out too, from the same."""

    title: str
    kind: str
    per: int
    numerator: str
    denominator: str
    held: str
    held_value: str
    text: str


def list_beside(
    boxes: Sequence[Box], entries: Mapping[str, Entry], worked_out: Sequence[WorkedOut]
) -> dict[str, list[RatioBeside]]:
    """By the name of the box that each stands under."""
    places = {box.name: place for place, box in enumerate(boxes)}
    beside: dict[str, list[RatioBeside]] = {}
    for each in worked_out:
        if not each.denominator and each.held is None:
            continue
        under = max(filter(None, (each.numerator, each.denominator)), key=places.__getitem__)
        held = each.held
        beside.setdefault(under, []).append(
            RatioBeside(
                title=each.title,
                kind=each.ratio.kind.value,
                per=each.ratio.per,
                numerator=each.numerator,
                denominator=each.denominator,
                held=f"{held.value:,} ({held.words})" if held else "",
                held_value=str(held.value) if held else "",
                text=show_ratio(each, entries),
            )
        )
    return beside


def show_ratio(each: WorkedOut, entries: Mapping[str, Entry]) -> str:
    cases = typed_part(entries.get(each.numerator, Entry())).value
    whole = typed_part(entries.get(each.denominator, Entry())).value if each.denominator else None
    whole = each.held.value if each.held is not None else whole
    value = None if cases is None or whole is None else each.ratio.value(cases, whole)
    return NOT_KNOWN if value is None else show_number(value, each.ratio.kind)

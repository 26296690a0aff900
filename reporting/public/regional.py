"""How an area's editions hide a count, and which of its counts a region's total rests on.

indicators.protection.regional decides about totals. Here is what it has to know: the shape of each gap, from all that
the area has ever published, and earlier decisions. An area's next edition must keep the shapes of such gaps, or the
total that rests on them would give another area's count away.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from boards.models import PartnershipArea
from core.calendar import Month
from indicators.models import Indicator, ValidationRule
from indicators.protection.regional import Hidden, Look, Outcome, Settled, find_shape
from indicators.protection.rules import parse_token
from indicators.ratios import Asked
from indicators.trend import CellState
from indicators.validation import Strength
from reporting.models import IndicatorLine, PublicEdition, PublicLine, RegionalRest
from reporting.models.line_fields import LineFields, line_key
from reporting.public.cells import find_cell
from reporting.public.lines import GivenAway

type Counted = tuple[int, str]  # a month's key, and the code of an indicator

GIVES_AWAY = "{label}, on which a region’s total depends"
# Of a line, to see how it hides a count. Any other field would be a query for each.
READ = (
    *("edition_id", "indicator_code", "category_code", "part_of_code", "asked", "protected_by"),
    *("ratio", "history", "steps"),
)


# --- What an edition shows of a count -------------------------------------------------------------


def look_at(lines: Iterable[PublicLine], code: str, edition: Month, month: Month) -> Look | None:
    """Return what an edition's lines show of an indicator's whole in a month; None if they don't go back to it."""
    whole: PublicLine | None = None
    parts: list[PublicLine] = []
    is_tied = False
    for line in lines:
        if line.indicator_code != code:
            is_tied = is_tied or line.part_of_code == code
        elif line.category_code:
            parts.append(line)
        else:
            whole = line
    cell = find_cell(whole, edition, month) if whole is not None else None
    if whole is None or cell is None or cell[0] is CellState.LATER:
        return None
    of_parts = [find_cell(line, edition, month) or (CellState.NOT_APPLICABLE, None) for line in parts]
    states = [state for state, _ in of_parts]
    known = [state in (CellState.FIGURE, CellState.WITHHELD) for state in states]
    return Look(
        parse_token(whole.protected_by),
        cell[0] is CellState.WITHHELD,
        has_categories=any(known),
        parts=states.count(CellState.WITHHELD),
        above=sum(bool(value) for _, value in of_parts),
        is_tied=is_tied
        or bool(whole.part_of_code)
        or whole.asked != Asked.MONTHLY
        or (any(known) and not all(known))
        or any(line.protected_by != whole.protected_by for line in parts),
    )


# --- What is hidden in these editions -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Gap:
    """A withheld whole of an edition, and the key of the snapshot that has its count."""

    hidden: Hidden
    snapshot_id: int


def find_gaps(editions: Mapping[int, PublicEdition], lines: Mapping[int, Sequence[PublicLine]]) -> dict[Counted, Gap]:
    """Return the withheld wholes of editions of one month, by the month and the indicator. `editions` are by the
    area's key, and `lines` by the edition's. Five queries, or none if nothing is withheld.
    """
    wanted = {
        edition.pk: {
            line.indicator_code
            for line in lines.get(edition.pk, ())
            if line.state == CellState.WITHHELD and not line.category_code and not line.ratio
        }
        for edition in editions.values()
    }
    codes = set().union(*wanted.values())
    if not codes:
        return {}
    month = next(iter(editions.values())).period.month
    said = read_editions(editions, codes, month)
    # A category that is no longer asked for may count in the whole, and no line shows it. Nor does one show a part that
    # only partners may see, or one of a split in two, and the whole may be withheld for its sake, or a breakdown's.
    broken_down = Q(breakdowns__isnull=False) | Q(breaks_down__isnull=False)
    unseen = Q(dimension__categories__retired=True) | Q(parts__isnull=False) | broken_down
    with_unseen = set(
        Indicator.objects.filter(unseen, area__in=editions, code__in=codes).values_list("area_id", "code")
    )
    # A rule across figures may withhold it for another's sake.
    tied = {
        (rule.area_id, code)
        for rule in ValidationRule.objects.filter(area__in=editions, strength=Strength.STRICT.value)
        for code in rule.rule.indicators
    }
    lines_behind = IndicatorLine.objects.filter(
        snapshot__in=[edition.snapshot_id for edition in editions.values()], indicator_code__in=codes, category_code=""
    )
    true = {(of, code): value for of, code, value in lines_behind.values_list("snapshot", "indicator_code", "value")}
    gaps: dict[Counted, Gap] = {}
    for area, edition in editions.items():
        for code in wanted[edition.pk]:
            looks = [
                look for at, of_code in said[area] if (look := look_at(of_code[code], code, at, month)) is not None
            ]
            shape = None if (area, code) in with_unseen | tied else find_shape(looks)
            value = true[edition.snapshot_id, code]
            gaps[edition.period_id, code] = Gap(Hidden(value, shape), edition.snapshot_id)
    return gaps


def read_editions(
    areas: Collection[int], codes: Collection[str], month: Month
) -> dict[int, list[tuple[Month, dict[str, list[PublicLine]]]]]:
    """Return by area each edition that ever showed the month, with the lines of each of these indicators and its parts.
    Two queries.
    """
    # Withdrawn ones too: whoever saw one still knows what it showed.
    editions = PublicEdition.objects.filter(
        period__area__in=areas, number__isnull=False, period__starts_on__gte=month.first_day
    ).select_related("period")
    by_key = {edition.pk: edition for edition in editions if str(month) not in edition.left_out}
    of_edition: dict[int, dict[str, list[PublicLine]]] = defaultdict(lambda: defaultdict(list))
    lines = PublicLine.objects.filter(edition__in=by_key).only(*READ)
    for line in lines.filter(indicator_code__in=codes) | lines.filter(part_of_code__in=codes):
        for code in {line.indicator_code, line.part_of_code} - {""}:
            of_edition[line.edition_id][code].append(line)
    by_area: dict[int, list[tuple[Month, dict[str, list[PublicLine]]]]] = defaultdict(list)
    for key, edition in by_key.items():
        by_area[edition.period.area_id].append((edition.period.month, of_edition[key]))
    return by_area


def find_settled(counted: Collection[Counted]) -> list[Settled[Counted]]:
    """Return the decisions that any region ever made about these counts. One query."""
    months, codes = {month for month, _ in counted}, {code for _, code in counted}
    concerned = RegionalRest.objects.filter(period__in=months, indicator_code__in=codes)
    rests = RegionalRest.objects.with_counts().filter(total__in=concerned.values("total")).select_related("total")
    values: dict[int, dict[Counted, int | None]] = defaultdict(dict)
    outcomes: dict[int, Outcome] = {}
    for rest in rests:
        values[rest.total_id][rest.period_id, rest.indicator_code] = rest.counted
        outcomes[rest.total_id] = Outcome(rest.total.outcome)
    return [Settled(outcomes[total], of_total) for total, of_total in values.items()]


# --- What an area's next edition may not undo -----------------------------------------------------


def find_undone(
    area: PartnershipArea,
    month: Month,
    lines: Sequence[PublicLine],
    true: Iterable[LineFields],
    left_out: Collection[str],
) -> Iterator[GivenAway]:
    """Yield the counts of an area's new edition that a region's total rests on, and that it would hide in another way
    or not at all. A count that was corrected is a new one. One query.
    """
    rests = RegionalRest.objects.with_counts().filter(period__area=area, period__starts_on__lte=month.first_day)
    behind = {line_key(line): line for line in true}
    labels = {line_key(line): line.label for line in lines}
    for rest in rests.select_related("period"):
        past, key = rest.period.month, (rest.indicator_code, "")
        if key not in behind or str(past) in left_out:
            continue
        _, value = find_cell(behind[key], month, past) or (None, None)
        look = look_at(lines, rest.indicator_code, month, past)
        if look is None or value is None or value != rest.counted:
            continue
        if not look.is_withheld or look.is_tied or look.above or look.parts != rest.parts:
            yield GivenAway(past, GIVES_AWAY.format(label=labels[key]))

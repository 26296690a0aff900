"""What is an indicator compared with? Comparison series of open data, and at least three consenting areas of this
installation. Only their sum is used, so that nobody can read an area's figures from the result.

Only this module reads figures of another area. Only their sum leaves.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone

from boards.models import LEAST_AREAS, PartnershipArea
from core.months import Month
from indicators.models import ComparisonSeries
from indicators.selectors.comparisons import OtherArea, list_comparisons, list_others
from reporting.impact.published import Cut, PublishedSeries, cut_to_compared, join
from reporting.impact.results import Controls
from reporting.impact.selectors import Key, Part, list_parts


@dataclass(frozen=True, slots=True)
class Candidates:
    """All that an indicator may be compared with: open data by name, areas of this installation without names; and how
    many more areas count it but gave no consent.
    """

    open_data: tuple[tuple[str, PublishedSeries], ...] = ()
    sources: tuple[str, ...] = ()
    areas: tuple[PublishedSeries, ...] = ()
    without_consent: int = 0


NOTHING = Candidates()


def list_candidates(area: PartnershipArea, codes: Iterable[str]) -> dict[str, Candidates]:
    """Return the candidates by the indicator's code. Two queries, and those of list_parts if other areas consent."""
    wanted = sorted(set(codes))
    if not wanted:
        return {}
    held = list_comparisons(area, wanted)
    others = list_others(area, wanted, today=timezone.localdate())
    consenting = {other.area_id for other in others if other.has_consent}
    parts = list_parts(consenting, wanted) if consenting else {}
    return {
        code: make_candidates(
            [series for series in held if series.indicator.code == code],
            [other for other in others if other.code == code],
            parts,
        )
        for code in wanted
    }


def make_candidates(
    held: Sequence[ComparisonSeries], others: Sequence[OtherArea], parts: Mapping[Key, Sequence[Part]]
) -> Candidates:
    found = [parts.get((other.area_id, other.code), ()) for other in others if other.has_consent]
    return Candidates(
        open_data=tuple(
            (series.name, PublishedSeries(Month.of(series.first), tuple(series.values), {})) for series in held
        ),
        sources=tuple(dict.fromkeys(f"{series.source}. {series.licence}" for series in held)),
        areas=tuple(join(own) for own in found if own),
        without_consent=sum(not other.has_consent for other in others),
    )


def choose_controls(series: PublishedSeries, event: Month, candidates: Candidates) -> Controls:
    """Return series with a figure in every compared month, counted in the same way throughout."""
    open_data = [(name, cut_to_compared(each, series, event)) for name, each in candidates.open_data]
    areas = [cut for each in candidates.areas if (cut := cut_to_compared(each, series, event)) is not None]
    used = [(name, cut) for name, cut in open_data if cut is not None]
    # With fewer, somebody could read an area's figures from the sum.
    enough = areas if len(areas) >= LEAST_AREAS else []
    compared: list[Cut] = [*(cut for _, cut in used), *enough]
    return Controls(
        series=tuple(cut.counts for cut in compared),
        exposures=tuple(cut.exposures for cut in compared if cut.exposures is not None),
        open_names=tuple(name for name, _ in used),
        areas=len(enough),
        sources=candidates.sources if used else (),
        left_out=tuple(
            describe_left_out(
                [name for name, cut in open_data if cut is None],
                is_ratio=series.ratio is not None,
                incomplete=len(candidates.areas) - len(areas),
                too_few=0 if enough else len(areas),
                without_consent=candidates.without_consent,
            )
        ),
    )


def describe_left_out(
    open_names: Sequence[str], *, is_ratio: bool, incomplete: int, too_few: int, without_consent: int
) -> Iterable[str]:
    """Yield a sentence for each reason. They name no area of this installation."""
    if open_names:
        why = (
            "it has only counts, and this is worked out from two"
            if is_ratio
            else "a figure is missing in some of these months"
        )
        yield f"Not compared with {', '.join(open_names)}: {why}."
    if incomplete:
        yield f"{count_areas(incomplete)} with permission left out: a month is missing, or it is counted differently."
    if too_few:
        yield (
            f"{count_areas(too_few)} with permission left out: {LEAST_AREAS} are needed, so that nobody can see a "
            "single one."
        )
    if without_consent:
        yield f"{count_areas(without_consent)} left out: no permission to compare is in force."


def count_areas(number: int) -> str:
    return f"{number} area{'' if number == 1 else 's'} of this installation"

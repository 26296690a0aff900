"""Areas of a region with published months, made straight away: a town's own way would take too long for dozens."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from random import Random

from boards.models import PartnershipArea, Region, ReportingPeriod
from core.calendar import Month
from indicators.judgement.judge import Counted
from indicators.models import Category, Indicator
from indicators.trend import CellState, Polarity
from reporting.models import IndicatorLine, Snapshot, SnapshotState
from reporting.months.inputs import Figure, Of, find_ratio
from reporting.months.lines import what_is_counted, what_is_said
from tests.factories import make_agency, make_area, make_dimension, make_indicator, make_section, make_user
from tests.factories.regions import make_region

OCTOBER = Month(2026, 10)
# By code: the origins of the starter set that have no place on a map.
WITHOUT_PLACE = {"inside-county": "Inside the county", "elsewhere": "Another place"}
# What is said beside a total.
ADDED_UP = (
    "The region’s count adds up its areas’ counts. We have only counts, so something that three areas "
    "each count, such as one line into all three, counts three times."
)

type Values = Sequence[int | None]


def publish_lines(
    area: PartnershipArea,
    month: Month,
    values: Mapping[Indicator, Values],
    *,
    starts: Sequence[Month] = (),
    origins: Mapping[Indicator, Mapping[Category, Values]] | None = None,
) -> Snapshot:
    """Publish the next version of a month with these figures, each up to the month. A ratio's are worked out from its
    two counts, which must be among them. `origins` are the categories of some indicators."""
    by, now = make_user(), datetime(2026, 11, 20, 12, tzinfo=UTC)
    period, _ = ReportingPeriod.objects.get_or_create(
        area=area,
        starts_on=month.first_day,
        defaults={"due_on": (month + 1).first_day, "opened_on": (month + 1).first_day},
    )
    version = period.snapshots.count() + 1
    snapshot = Snapshot.objects.create(
        period=period, version=version, rules_version=1, fingerprint=f"{area.slug}-{version}", taken_at=now
    )
    lines = []

    def add(indicator: Indicator, part: Category | None, figures: Sequence[Figure]) -> None:
        first = month + -(len(figures) - 1)
        lines.append(
            IndicatorLine(
                snapshot=snapshot,
                position=len(lines),
                **what_is_counted(indicator, part, boards={}),
                **what_is_said(
                    {first + place: figure for place, figure in enumerate(figures)},
                    {first.first_day: "", **{start.first_day: "" for start in starts}},
                    polarity=Polarity(indicator.polarity),
                    counted=Counted(indicator.counts_as),
                    ratio=find_ratio(indicator) if indicator.ratio else None,
                ),
            )
        )

    for indicator, own in values.items():
        add(indicator, None, make_ratio(indicator, values) if indicator.ratio else list(map(make_figure, own)))
        for part, counts in (origins or {}).get(indicator, {}).items():
            add(indicator, part, list(map(make_figure, counts)))
    IndicatorLine.objects.bulk_create(lines)
    published = {"published_at": now, "published_by": by, "fresh_until": now}
    Snapshot.objects.filter(pk=snapshot.pk).update(state=SnapshotState.PUBLISHED.value, **published)
    closed = {"closed_at": now, "closed_by": by, "published_at": now, "published_by": by}
    ReportingPeriod.objects.filter(pk=period.pk).update(status="published", **closed)
    return snapshot


def make_county(
    *, areas: int = 4, indicators: int = 3, months: int = 36, month: Month = OCTOBER, slug: str = "essex"
) -> tuple[Region, list[PartnershipArea]]:
    """Make a region whose areas each published this month, with counts by chance."""
    chance, towns = Random(1), [make_area(f"town-{number:02}", name=f"Town {number:02}") for number in range(areas)]
    for town in towns:
        police = make_agency(town)
        sections = [make_section(town, f"section-{number}", position=number) for number in range(4)]
        found = {
            make_indicator(police, f"count-{number:02}", section=sections[number * 4 // indicators], position=number): [
                chance.randint(5, 25) for _ in range(months)
            ]
            for number in range(indicators)
        }
        publish_lines(town, month, found)
    return make_region(*towns, slug=slug), towns


def make_all_origins(*towns: str) -> Region:
    """Towns that count lines from every origin of the starter set: from London 2 more in each town, and from inside the
    county 1 more; one from another place, but in the last town, whose figure isn't available."""
    areas = []
    for number, name in enumerate(towns, 1):
        town = make_area(name.lower(), name=name, longitude=0.5 + number / 10, latitude=51.6)
        origin = make_dimension(town, "origin", ["london", *WITHOUT_PLACE])
        origin.categories.filter(code="london").update(longitude=-0.12, latitude=51.5)
        for code, words in WITHOUT_PLACE.items():
            origin.categories.filter(code=code).update(name=words)
        lines = make_indicator(make_agency(town), "lines", dimension=origin)
        counts: list[int | None] = [2 * number, number, None if number == len(towns) else 1]
        values = [[count] for count in counts]
        parts = dict(zip(origin.categories.order_by("position"), values, strict=True))
        publish_lines(town, OCTOBER, {lines: [sum(filter(None, counts))]}, origins={lines: parts})
        areas.append(town)
    return make_region(*areas)


def make_figure(value: int | None) -> Figure:
    return Figure(CellState.NOT_AVAILABLE if value is None else CellState.FIGURE, value, "")


def make_ratio(indicator: Indicator, values: Mapping[Indicator, Values]) -> list[Figure]:
    found, ratio = [], find_ratio(indicator)
    for above, below in zip(values[indicator.numerator], values[indicator.denominator], strict=True):
        value = None if above is None or below is None else ratio.value(above, below)
        figure = make_figure(value)
        found.append(Figure(figure.state, value, "", of=Of(above, below)))
    return found

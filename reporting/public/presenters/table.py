"""The long table: a row for each figure of each month, with the same columns on every page, in every file and in the
API (docs/adr/0066). Its public rows; reporting.exports.presenters.table adds those for partners.

A public figure is from the newest edition that shows it. What was withdrawn is a row without a value, for whoever asks
what has changed since.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from boards.models import PartnershipArea
from core.calendar import Month
from core.files.sheets import NoteSection
from core.files.tables import DataFile, Row, make_file_stem
from core.pages import NotHeld
from indicators.disclosure import USUAL_MARKING, Audience, Marking
from reporting.models.editions import PublicLine
from reporting.models.line_fields import Line
from reporting.months.presenters import notes
from reporting.months.presenters.series import Series, judgement_columns, series_of_lines
from reporting.months.presenters.words import exact_value, list_counts, rounded_to
from reporting.open_editions import PublicMonth, ReadEdition, find_withdrawal, is_for_the_public, newest_of, pick_newest
from reporting.public.presenters.files import cut_to_day, newest_first, strictest
from reporting.public.selectors import lines_of_months, list_open_editions, read_editions

TABLE_COLUMNS = (
    *("area", "area_code", "month", "indicator", "title", "category", "part_of", "unit", "value", "state"),
    *("is_provisional", "movement", "change", "signal", "usual", "lower", "upper", "numerator", "denominator"),
    *("rounded_to", "version", "published_at"),
)
GONE = "withdrawn"  # the state of a row that was published once, and is no longer


@dataclass(frozen=True, slots=True)
class Asked:
    """Which rows somebody wants: of which indicators (all, if none is named), from which month to which, both included,
    and changed since when."""

    codes: frozenset[str] = frozenset()
    first: Month | None = None
    last: Month | None = None
    since: datetime | None = None

    def has(self, month: Month) -> bool:
        return (self.first is None or self.first <= month) and (self.last is None or month <= self.last)

    def has_code(self, code: str) -> bool:
        return not self.codes or code in self.codes

    def is_new(self, changed_at: datetime) -> bool:
        return self.since is None or changed_at >= self.since


EVERYTHING = Asked()


class Source(Protocol):
    """What one area's rows come from."""

    @property
    def area(self) -> PartnershipArea: ...

    @property
    def depends_on(self) -> tuple[object, ...]:
        """Return all that the rows depend on."""

    @property
    def markings(self) -> list[Marking]: ...

    @property
    def changed_at(self) -> list[datetime]: ...

    def make_rows(self, asked: Asked) -> Iterator[Row]: ...


def make_rows(sources: Sequence[Source], asked: Asked) -> list[Row]:
    """Return the rows, the oldest month first, in each month by area, in the order of its page."""
    placed = [(str(row["month"]), place, row) for place, one in enumerate(sources) for row in one.make_rows(asked)]
    # A stable sort: each month of an area stays in the order of its page.
    return [row for _, _, row in sorted(placed, key=lambda placed: placed[:2])]


def name_row(area: PartnershipArea, month: Month, line: Line) -> Row:
    return {
        "area": area.name,
        "area_code": area.ons_code,
        "month": str(month),
        "indicator": line.indicator_code,
        "title": line.title,
        "category": line.category_code,
        "part_of": line.part_of_code,
        "unit": line.unit_many,
    }


def gone_row(area: PartnershipArea, month: Month, line: Line, number: int, gone_at: datetime) -> Row:
    """Return a row that says only that there is nothing here any more, and since when."""
    return {
        **dict.fromkeys(TABLE_COLUMNS),
        **name_row(area, month, line),
        "state": GONE,
        "is_provisional": False,
        "version": number,
        "published_at": write_moment(gone_at),
    }


def write_moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def make_table_file(
    sources: Sequence[Source], asked: Asked = EVERYTHING, *, stem: str, title: str, audience: Audience
) -> DataFile:
    """Return the table as a file. Raises NotHeld if it has no row and nobody asked for changes only."""
    rows = make_rows(sources, asked)
    if not rows and asked.since is None:
        raise NotHeld("There is no figure that you can read here, or none of these indicators and months.")
    marking = strictest([USUAL_MARKING[audience], *(marking for one in sources for marking in one.markings)]).value

    def say() -> list[NoteSection]:
        return [
            notes.about(
                ("Figures", f"{title}: a row for each figure of each month."),
                ("Areas", ", ".join(source.area.name for source in sources)),
                audience=audience,
            ),
            notes.columns_section(TABLE_COLUMNS),
            *notes.reading_sections(TABLE_COLUMNS, audience=audience),
        ]

    return DataFile(
        stem=make_file_stem(marking, stem, "table"),
        title=title,
        marking=marking,
        columns=TABLE_COLUMNS,
        rows=rows,
        about={"marking": marking, "audience": audience.value},
        notes=say,
        made_at=max((moment for one in sources for moment in one.changed_at), default=datetime.now(UTC)),
        is_plain=True,
    )


# --- What is public -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PublicSource:
    """An area's public editions, each month's newest, and those of them that were withdrawn."""

    area: PartnershipArea
    editions: tuple[PublicMonth, ...]
    withdrawn: tuple[ReadEdition, ...]

    @property
    def depends_on(self) -> tuple[object, ...]:
        return (
            (self.area.name, self.area.ons_code),
            [(edition.key, edition.fingerprint, edition.marking) for edition in self.editions],
            [edition.pk for edition in self.withdrawn],
        )

    @property
    def markings(self) -> list[Marking]:
        return [edition.marking for edition in self.editions]

    @property
    def changed_at(self) -> list[datetime]:
        return [cut_to_day(edition.published_at) for edition in self.editions]

    def make_rows(self, asked: Asked) -> Iterator[Row]:
        """Yield the rows. An indicator's figures for a month, the whole and its categories, come from one edition: the
        newest that has them. Two queries, and one for each month that was withdrawn."""
        editions = newest_first(self.editions)
        lines = read_editions(editions, lambda using: lines_of_months(editions, using=using)) if editions else {}
        taken: set[tuple[Month, str]] = set()
        for edition in editions:
            of_edition = [line for line in lines[edition.key] if asked.has_code(line.indicator_code)]
            found: set[tuple[Month, str]] = set()
            for series in series_of_lines(of_edition, edition.month, edition.due_on, audience=Audience.PUBLIC):
                for month, row in edition_rows(edition, series):
                    if (key := (month, series.line.indicator_code)) not in taken:
                        found.add(key)
                        if asked.has(month) and asked.is_new(edition.published_at):
                            yield row
            taken |= found
        if asked.since:
            yield from self.make_gone_rows(asked, taken)

    def make_gone_rows(self, asked: Asked, taken: Collection[tuple[Month, str]]) -> Iterator[Row]:
        """Yield a row for each line of a withdrawn edition's own month, unless another edition shows it."""
        for edition in self.withdrawn:
            withdrawal = find_withdrawal(edition)
            if withdrawal is None or not asked.is_new(withdrawal.withdrawn_at) or not asked.has(edition.month):
                continue
            gone_at = cut_to_day(withdrawal.withdrawn_at)
            for line in PublicLine.objects.filter(edition=edition.pk).order_by("position"):
                if asked.has_code(line.indicator_code) and (edition.month, line.indicator_code) not in taken:
                    yield gone_row(self.area, edition.month, line, edition.number or 0, gone_at)


def find_public_sources(areas: Collection[int]) -> list[PublicSource]:
    """Return what is public of these areas, by their names. A month that is marked against the public isn't named at
    all. One query."""
    by_area: dict[int, list[ReadEdition]] = {}
    for edition in list_open_editions(areas) if areas else ():
        by_area.setdefault(edition.period.area_id, []).append(edition)
    sources = []
    for some in by_area.values():
        newest = pick_newest(some, lambda edition: edition.period_id)
        withdrawn = [one for one in newest if find_withdrawal(one) and is_for_the_public(one.marked)]
        sources.append(PublicSource(some[0].period.area, tuple(newest_of(some)), tuple(withdrawn)))
    return sorted(sources, key=lambda source: (source.area.name, source.area.pk))


def edition_rows(edition: PublicMonth, series: Series) -> Iterator[tuple[Month, Row]]:
    line = series.line
    first = series.first
    provisional = {first + place for step in line.steps for place in step.get("provisional", ())}
    for point, (numerator, denominator) in zip(series.points, list_counts(line), strict=True):
        judged = judgement_columns(line, point)
        yield (
            point.month,
            {
                **name_row(edition.area, point.month, line),
                "value": exact_value(line, point.value, numerator, denominator),
                "state": point.state.value,
                "is_provisional": point.month in provisional,
                "movement": point.movement.value if point.movement else None,
                "change": line.as_shown(point.change),
                **{name: judged[name] for name in ("signal", "usual", "lower", "upper")},
                "numerator": numerator,
                "denominator": denominator,
                "rounded_to": (rounded_to(line.protected_by) or None) if point.value is not None else None,
                "version": edition.number,
                "published_at": write_moment(cut_to_day(edition.published_at)),
            },
        )

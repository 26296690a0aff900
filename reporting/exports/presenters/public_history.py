"""What of an area's history may anybody read? Each month and indicator, from the newest edition that shows it.

It reads public editions, and nothing that has a true figure.
"""

from dataclasses import dataclass

from boards.models import PartnershipArea
from core.files import DataFile, make_file_stem
from core.months import Month
from core.not_held import NotHeld
from core.workbook import NoteSection
from indicators.disclosure import Audience
from reporting.exports.presenters import notes
from reporting.exports.presenters.public import newest_day, newest_first, newest_rows, strictest
from reporting.public.presenters.month import PUBLIC_COLUMNS, published_on
from reporting.public.selectors.editions import lines_of_months, public_months, read_editions

NOTHING_PUBLIC = (
    "Nothing in {area} is public. To make a month public, the coordinator asks and an information officer approves."
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of the history somebody wants: an indicator by its code, a month, or everything."""

    indicator: str = ""
    month: Month | None = None

    def has(self, month: Month) -> bool:
        return self.month is None or month == self.month

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.indicator, str(self.month or ""))))

    @property
    def missing(self) -> str:
        """Return the end of a sentence that says there are none."""
        what = f"no figures of the indicator “{self.indicator}”" if self.indicator else "no figures"
        return f"{what} for {self.month.label}" if self.month else what


def public_history(area: PartnershipArea, wanted: Wanted) -> DataFile:
    """Return each month and indicator from the newest edition that shows it. Two queries."""
    try:
        editions = public_months(area.slug)
    except NotHeld:
        raise NotHeld(NOTHING_PUBLIC.format(area=area.name)) from None
    lines = read_editions(editions, lambda using: lines_of_months(editions, code=wanted.indicator, using=using))
    found = newest_rows(newest_first(editions), lines)
    rows = [row for row in found if wanted.month in (None, Month.parse(str(row["month"])))]
    if not rows:
        raise NotHeld(f"{area.name} has made {wanted.missing} public.")
    # Rows are in the order of their months.
    first, last = (Month.parse(str(rows[place]["month"])) for place in (0, -1))
    title = f"{area.name}: county lines in figures, {describe_span(first, last)}"
    marking = strictest(month.marking for month in editions)

    def say() -> list[NoteSection]:
        told = [(one.month.label, f"Edition {one.number}, published on {published_on(one)}.") for one in editions]
        return [
            notes.about(
                ("Figures", f"{title}: how many, never who. Each is from the newest edition that shows it."),
                audience=Audience.PUBLIC,
            ),
            notes.columns_section(PUBLIC_COLUMNS),
            *notes.reading_sections(PUBLIC_COLUMNS, audience=Audience.PUBLIC),
            NoteSection("Editions", told),
        ]

    return DataFile(
        stem=make_file_stem(marking.value, area.slug, "history", *wanted.words, f"to {last}", "public"),
        title=title,
        marking=marking.value,
        columns=PUBLIC_COLUMNS,
        rows=rows,
        about={
            "area": area.slug,
            "audience": Audience.PUBLIC.value,
            "editions": [{"month": str(month.month), "edition": month.number} for month in editions],
        },
        notes=say,
        made_at=newest_day(editions),
    )


def describe_span(first: Month, last: Month) -> str:
    return first.label if first == last else f"{first.label} to {last.label}"

"""What is in the file of a public month? What its edition shows, for every month."""

from collections.abc import Sequence
from datetime import UTC, datetime, time

from django.utils import timezone

from core.files import DataFile
from core.workbook import NoteSection
from indicators.disclosure import Audience
from reporting.exports.presenters import notes
from reporting.models.editions import PublicLine
from reporting.public.presenters.about import About
from reporting.public.presenters.month import PUBLIC_COLUMNS, public_rows, public_stem, public_view
from reporting.public.selectors.editions import PublicMonth


def make_public_month_file(month: PublicMonth, lines: Sequence[PublicLine]) -> DataFile:
    """Return a public edition as open data, with every month that it shows."""
    title = f"{month.area.name}: county lines in figures, to {month.month.label}"

    def say() -> list[NoteSection]:
        view = public_view(month, lines)
        rules = [(", ".join(one.titles), f"{one.rule.removesuffix(':')}.") for one in view.protected]
        defined = [(one.title, describe_source(one)) for one in (*view.about, *view.about_files)]
        return [
            notes.about(
                ("Figures", f"{title}, from {view.since.label} on: how many, never who."),
                ("Edition", f"{view.number}, made public on {view.published_on}."),
                ("Position", f"{view.month.position}."),
                ("Not shown", view.withheld),
                audience=Audience.PUBLIC,
            ),
            NoteSection("How small numbers are protected", rules),
            notes.columns_section(PUBLIC_COLUMNS),
            *notes.reading_sections(PUBLIC_COLUMNS, audience=Audience.PUBLIC),
            NoteSection("What each figure counts", defined),
        ]

    return DataFile(
        stem=public_stem(month),
        title=title,
        marking=month.marking.value,
        columns=PUBLIC_COLUMNS,
        rows=public_rows(month, lines),
        about={
            "area": month.area.slug,
            "month": str(month.month),
            "audience": Audience.PUBLIC.value,
            "edition": month.number,
        },
        notes=say,
        made_at=cut_to_day(month.published_at),
    )


def describe_source(one: About) -> str:
    source = f"Source: {one.source}." if one.source else ""
    return " ".join(filter(None, (one.definition, f"Supplied by {one.owner}.", source)))


def cut_to_day(moment: datetime) -> datetime:
    return datetime.combine(timezone.localdate(moment), time(), tzinfo=UTC)

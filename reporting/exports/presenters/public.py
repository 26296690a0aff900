"""What is in a file for the public? What editions show: one of them, or the newest of each month."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time

from django.utils import timezone

from core.files import DataFile, Row
from core.workbook import NoteSection
from indicators.disclosure import Audience, Marking
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


# --- Several editions ----------------------------------------------------------------------------------------------


def newest_first(editions: Iterable[PublicMonth]) -> list[PublicMonth]:
    return sorted(editions, key=lambda month: (month.published_at, month.key), reverse=True)


def newest_rows(editions: Iterable[PublicMonth], lines: dict[int, list[PublicLine]]) -> list[Row]:
    """Return the rows in the order of the months, and within a month in the order of the newest edition's page. An
    indicator's figures for a month, the whole and its categories, all come from one edition: the first that has them.
    """
    taken: dict[tuple[str, str], list[Row]] = {}
    for edition in editions:
        of_edition: dict[tuple[str, str], list[Row]] = {}
        for row in public_rows(edition, lines.get(edition.key, [])):
            of_edition.setdefault((str(row["month"]), str(row["indicator"])), []).append(row)
        for key, rows in of_edition.items():
            # The newest edition comes first, and wins.
            taken.setdefault(key, rows)
    # A stable sort, so each month stays in the order of its page.
    return [row for key in sorted(taken, key=lambda key: key[0]) for row in taken[key]]


def strictest(markings: Iterable[Marking]) -> Marking:
    # Markings are declared from the mildest to the strictest.
    return max(markings, key=list(Marking).index)


def newest_day(editions: Iterable[PublicMonth]) -> datetime:
    return cut_to_day(max(month.published_at for month in editions))

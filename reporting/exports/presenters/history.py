"""The file of an area's whole history. Every figure passes the gate here.

For partners, `import_figures` can import the file: it has the same columns, one figure a row, and categories without
their whole. For the public, it has only what the public editions show.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from boards.models import PartnershipArea
from core.calendar import Month
from core.files.sheets import NoteSection
from core.files.tables import DataFile, Row, csv_text, make_file_stem
from core.pages import NotHeld
from indicators.disclosure import USUAL_MARKING, Audience, Disclosed, disclose
from indicators.imports.figures import COLUMNS, LARGEST_FILE
from indicators.imports.xlsx import FIGURES
from indicators.trend import CellState
from reporting.exports.selectors import Supply, VersionLine, get_supply, list_version_lines
from reporting.models import Snapshot, SnapshotState
from reporting.models.line_fields import line_key
from reporting.months.presenters import notes
from reporting.months.selectors import newest_versions
from reporting.public.presenters.files import Wanted, describe_span, public_history

EVERYTHING = Wanted()


def make_history_file(
    area: PartnershipArea, *, audience: Audience, include_drafts: bool, wanted: Wanted = EVERYTHING
) -> DataFile:
    """Return the history as this audience may see it. A hundred months need as many queries as one. Raises NotHeld if
    there is none, or AudienceRefused.
    """
    if audience is Audience.PUBLIC:
        return public_history(area, wanted)
    return partners_history(area, wanted, include_drafts=include_drafts)


# --- For partners ---------------------------------------------------------------------------------


def partners_history(area: PartnershipArea, wanted: Wanted, *, include_drafts: bool) -> DataFile:
    """Return each month in the newest version that the reader may see. Four queries."""
    all_versions = newest_versions(area, include_drafts=include_drafts)
    entered = [line for line in list_version_lines(all_versions) if is_entered(line)]
    supply = known_to(get_supply(area), entered, include_drafts=include_drafts)
    holding = {line.snapshot for line in entered if wanted.indicator in ("", line.indicator_code)}
    versions = [version for version in all_versions if version.pk in holding and wanted.has(version.period.month)]
    if not versions:
        raise NotHeld(f"{area.name} has {wanted.missing} that you can read yet.")
    month_of = {version.pk: version.period.month for version in versions}
    shown = [line for line in entered if line.snapshot in month_of and wanted.indicator in ("", line.indicator_code)]
    lines = disclose(shown, audience=Audience.PARTNERS)
    rows = list(history_rows(lines, month_of, supply))
    marking = USUAL_MARKING[Audience.PARTNERS]
    drafts = [version for version in versions if version.state != SnapshotState.PUBLISHED]
    # Versions come with the oldest month first.
    last = versions[-1].period.month
    title = f"{area.name}, figures of {describe_span(versions[0].period.month, last)}"

    def say() -> list[NoteSection]:
        disclosed_lines = [disclosed.line for disclosed in lines]
        provisional = [(named(line, month_of), "May still change.") for line in disclosed_lines if line.is_provisional]
        reasons = [(named(line, month_of), line.note) for line in disclosed_lines if line.state.is_owed and line.note]
        return [
            notes.about(
                ("Figures", f"{title}: each in the newest version of its month."),
                ("Drafts", f"Boards don’t see {listed_months(drafts)} yet." if drafts else ""),
                ("Imported by", "The command import_figures. It changes only figures that differ."),
                ("In parts", "" if fits(rows) else TOO_LARGE),
                audience=Audience.PARTNERS,
            ),
            NoteSection("What an import leaves out", LEFT_OUT),
            NoteSection("Provisional figures", provisional),
            NoteSection("Why figures are awaited", reasons),
            notes.columns_section(COLUMNS),
            *notes.reading_sections(COLUMNS, audience=Audience.PARTNERS),
            NoteSection("Versions", [(version.period.month.label, about_version(version)) for version in versions]),
        ]

    return DataFile(
        stem=make_file_stem(
            marking, area.slug, "history", *wanted.words, f"to {last}", "with drafts" if drafts else ""
        ),
        title=title,
        marking=marking,
        columns=COLUMNS,
        rows=rows,
        about={
            "area": area.slug,
            "audience": Audience.PARTNERS.value,
            "months": [{"month": str(v.period.month), "version": v.version, "state": v.state} for v in versions],
        },
        notes=say,
        made_at=max(version.taken_at for version in versions),
    )


LEFT_OUT = (
    ("Awaited", "An import skips a row whose figure is awaited or wasn’t collected that month. Its note is here."),
    ("Provisional", "An imported figure isn’t provisional. Provisional figures are listed here."),
    ("Ratios", "An import doesn’t include shares, rates and averages: we work them out again from the figures here."),
    ("Wholes", "If a figure is split up, the file has only the categories, which add up to the whole."),
    ("History", "The file doesn’t say who sent a figure, who signed it off, or what it was before."),
)
TOO_LARGE = (
    f"An import accepts at most {FIGURES.rows:,} rows and {LARGEST_FILE // 1024**2} MB. Import these figures one "
    "indicator at a time."
)


def is_entered(line: VersionLine) -> bool:
    """Return whether somebody supplied the figure for its month. It isn't worked out, nor from an earlier month."""
    return not line.ratio and line.of_when is None


def fits(rows: Sequence[Row]) -> bool:
    """Return whether an import would accept so many rows in one CSV file."""
    return len(rows) <= FIGURES.rows and len(csv_text(COLUMNS, rows, marking="").encode()) < LARGEST_FILE


def known_to(supply: Supply, entered: Iterable[VersionLine], *, include_drafts: bool) -> Supply:
    """Return the set-up, as far as this reader may know it. A category that was added for an unpublished month would
    say something about that month.
    """
    if include_drafts:
        return supply
    keys = {line_key(line) for line in entered}
    return Supply(
        supply.owners,
        {code: [one for one in some if (code, one) in keys] for code, some in supply.categories.items()},
    )


def history_rows(
    lines: Iterable[Disclosed[VersionLine]], month_of: Mapping[int, Month], supply: Supply
) -> Iterator[Row]:
    """Yield a row for each figure, the oldest month first, each month in the order of its page."""
    by_snapshot: dict[int, dict[str, list[VersionLine]]] = {snapshot: {} for snapshot in month_of}
    for disclosed in lines:
        line = disclosed.line
        by_snapshot[line.snapshot].setdefault(line.indicator_code, []).append(line)
    for snapshot, month in month_of.items():
        for ones in by_snapshot[snapshot].values():
            yield from indicator_rows(ones, str(month), supply)


def indicator_rows(lines: Sequence[VersionLine], month: str, supply: Supply) -> Iterator[Row]:
    """Yield an indicator's rows for a month. An import needs all present categories or none, so one that wasn't
    collected then is awaited.
    """
    code = lines[0].indicator_code
    owner = supply.owners.get(code, lines[0].owner_code)
    parts = [line for line in lines if line.category_code]
    for line in parts or lines:
        yield make_row(owner, code, line.category_code, month, line)
    if all(line.state.is_owed for line in parts):
        return
    codes = {line.category_code for line in parts}
    for category in supply.categories.get(code, ()):
        if category not in codes:
            yield make_row(owner, code, category, month, None)


def make_row(agency: str, indicator: str, category: str, month: str, line: VersionLine | None) -> Row:
    """Return a row. An awaited figure adds nothing, not even its note."""
    is_told = line is not None and not line.state.is_owed
    return {
        "agency": agency,
        "indicator": indicator,
        "category": category,
        "month": month,
        "value": line.value if line else None,
        "state": line.state if line else CellState.AWAITED.value,
        "note": line.note if line and is_told else "",
    }


def named(line: VersionLine, month_of: Mapping[int, Month]) -> str:
    return f"{line.label}, {month_of[line.snapshot].label}"


def listed_months(versions: Sequence[Snapshot]) -> str:
    *head, last = [version.period.month.label for version in versions]
    return f"{', '.join(head)} and {last}" if head else last


def about_version(version: Snapshot) -> str:
    changed = ". Figures have changed since, so it is being worked out again" if version.period.stale_since else ""
    return f"Version {version.version}, {version.get_state_display().lower()}{changed}."

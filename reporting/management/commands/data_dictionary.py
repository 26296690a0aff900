from collections.abc import Iterable, Mapping
from pathlib import Path

from actions.presenters.files import CHALLENGE_COLUMNS, SUPPORT_COLUMNS
from boards.presenters.record import RECORD_COLUMNS
from indicators.imports import figures
from indicators.imports.open_data import COMPARISON_COLUMNS, HEADER, POPULATION_COLUMNS
from reporting.exports.presenters.months import MONTH_COLUMNS
from reporting.impact.presenters import page
from reporting.management.files import DocumentCommand
from reporting.months.presenters import notes
from reporting.months.presenters.series import SERIES_COLUMNS
from reporting.months.presenters.words import upper_first
from reporting.public.presenters.month import PUBLIC_COLUMNS, YEAR_COLUMNS, YEAR_MEANINGS
from reporting.public.presenters.table import TABLE_COLUMNS

INTRODUCTION = """# Data dictionary

Every file that the product writes or reads, and every column of it. Made from the code by `manage.py data_dictionary`;
`script/check` fails where this page is out of step.

A file is CSV in UTF-8, a workbook (Excel or OpenDocument) or JSON, with the same columns in the same order. Months are
written as 2026-10. A first line above the header is the marking; the one table of everything has it in its name. JSON
uses the same names, and null where a cell is empty. CSV from a page starts with a byte order mark, for Excel. CSV from
a command, of the one table and from the data package has none.

CSV and JSON don’t explain their columns: this page does. Most workbooks do too, on their last sheet, and
`datapackage.json` those of the public files that it lists.
"""
# What is written: the file, where it comes from, and its columns.
WRITTEN: tuple[tuple[str, str, Iterable[str]], ...] = (
    ("A month", "`/<area>/<month>/figures.csv`, `manage.py export_month`", MONTH_COLUMNS),
    ("One indicator, month by month", "`/<area>/indicators/<code>/figures.csv`", SERIES_COLUMNS),
    ("All figures of all months", "`/<area>/exports/history.csv`, `manage.py export_figures`", figures.COLUMNS),
    (
        "One table of everything",
        "`/<area>/exports/table.csv`, `/<area>/public/table.csv`, `/regions/<region>/table.csv`, `/api/v1/figures`",
        TABLE_COLUMNS,
    ),
    ("A public month", "the public page of a month", PUBLIC_COLUMNS),
)
IMPACT = {
    "month": "The month.",
    "value": "The figure, or the ratio before it is rounded.",
    "numerator": "The count that a ratio’s cases come to.",
    "denominator": "What they are out of.",
    "provisional": "Whether the figure may still change.",
    "side": "Whether the month is before or after the event, or left out.",
    "comparison": "The same figure for the areas that it is compared with, added up.",
}
COMPARISON = {
    "indicator": "The code of the indicator that it is compared with.",
    "area": "The name of the other area.",
    "month": "The month.",
    "count": "What was counted there.",
}
POPULATION = {
    "ons_code": "The area’s code from the Office for National Statistics.",
    "name": "Its name.",
    "year": "The year of the estimate.",
    "age": "An age in years, or “all”.",
    "population": "How many residents.",
}
FIGURES = {name: notes.MEANINGS[name] for name in figures.COLUMNS}


class Command(DocumentCommand):
    help = "Write docs/data-dictionary.md, every file and column, from the code that writes and reads them."
    file = Path("docs", "data-dictionary.md")
    command = "data_dictionary"

    def make(self) -> str:
        return "\n".join(make_parts())


def make_parts() -> list[str]:
    parts = [INTRODUCTION, "## Files that the product writes\n"]
    for title, where, columns in WRITTEN:
        parts += make_table(title, f"From {where}.", {name: notes.MEANINGS[name] for name in columns})
    parts += make_table(
        "Totals of a year",
        "From public months, the area’s public history and its data package.",
        pick(YEAR_MEANINGS, YEAR_COLUMNS),
    )
    parts += make_table("The audit log", "From `/<area>/audit/` and `/<area>/audit/read/`, as a file.", RECORD_COLUMNS)
    parts += make_table("Challenges", "From `/<area>/challenges/`, as a file.", CHALLENGE_COLUMNS)
    parts += make_table("Offers of support", "From `/<area>/support/`, as a file.", SUPPORT_COLUMNS)
    impact = [name for name in page.RATIO_COLUMNS if name not in page.COLUMNS]
    parts += make_table(
        "Before and after an event",
        f"From the page of an event and an indicator. {' and '.join(f'`{name}`' for name in impact)} are there for a "
        "ratio only.",
        {name: IMPACT[name] for name in page.RATIO_COLUMNS},
    )
    parts += ["## Words that columns use\n"]
    for name, tokens in notes.TOKENS.items():
        meanings = {token.value: f"{upper_first(words)}." for token, words in tokens}
        parts += make_table(f"`{name}`", "", meanings)
    symbols = {symbol: f"{upper_first(means)}." for symbol, means in notes.SYMBOLS_IN_FILES.items()}
    parts += make_table("`symbol`", "", symbols)
    parts += ["## Files that the product reads\n"]
    parts += make_table(
        "Figures",
        "CSV, Excel or OpenDocument: a return, past figures, `manage.py import_figures`. The header is in one of the "
        f"first {figures.HEADER_WITHIN} rows, and may have other columns too.",
        FIGURES,
    )
    compared, residents = pick(COMPARISON, COMPARISON_COLUMNS), pick(POPULATION, POPULATION_COLUMNS)
    parts += make_table("Comparison areas", "CSV, for `manage.py import_comparison`.", compared)
    parts += make_table("Residents", "CSV, for `manage.py import_population`.", residents)
    parts += [
        "### Street-level crime\n",
        f"CSV of data.police.uk, as it is published: {', '.join(f'`{name}`' for name in HEADER)}.\n",
        "### Records\n",
        "CSV, Excel or OpenDocument, with any columns: you say once what they mean. No row is kept.\n",
    ]
    return parts


def pick(meanings: Mapping[str, str], columns: Iterable[str]) -> dict[str, str]:
    return {name: meanings[name] for name in columns}


def make_table(title: str, words: str, rows: Mapping[str, str]) -> list[str]:
    lines = [f"| `{name}` | {meaning} |" for name, meaning in rows.items()]
    about = [f"{words}\n"] if words else []
    return [f"### {title}\n", *about, "\n".join(["| Name | What it is |", "| --- | --- |", *lines]) + "\n"]

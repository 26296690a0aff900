"""What does a board get on paper? The board pack: a PDF that is a rendering of a BoardView.

Typst sets it from the templates in pack/. The view's words and numbers go in as JSON, never as
markup, and nothing is worked out here or there. The result is PDF/UA-1 and PDF/A-2a (readable by a
screen reader, and fit for an archive), and the same view gives the same bytes.
"""

import io
import json
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from struct import unpack_from
from typing import Any

import pikepdf
import typst
from django.utils import timezone
from pikepdf import Name

from core.months import date_label
from indicators.charts.sparkline import HEIGHT, SPARKLINE_MONTHS, WIDTH, Sparkline
from indicators.trend import CellState, Polarity
from reporting.charts.lines_map import LinesMap
from reporting.models import SnapshotState
from reporting.presenters import BoardView, Breakdown, LineView, SectionView

PACK = Path(__file__).parent / "pack"
STATE_WORDS = {
    SnapshotState.DRAFT: "Draft: not published, and the figures may still change",
    SnapshotState.PUBLISHED: "Published",
}
# Stands for a character that none of our fonts has: one of those would abort the whole pack.
SUBSTITUTE = "□"
ZERO_WIDTH_SPACE = "\u200b"
WHITESPACE = re.compile(r"\s+")
LONG_WORD = re.compile(r"\S{25,}")


def build_pack(view: BoardView, *, pack_number: str) -> bytes:
    """The pack as a PDF. `pack_number` stands at the foot of each page."""
    data = json.dumps(pack_data(view, pack_number=pack_number))
    pdf = typst.compile(
        PACK / "pack.typ",
        root=PACK,
        sys_inputs={"data": data},
        font_paths=fonts(),
        ignore_system_fonts=True,
        pdf_standards=["ua-1", "a-2a"],
        timestamp=int(view.month.taken_at.timestamp()),  # not now: the same view gives the same bytes
    )
    return with_row_headers(pdf)


def number_of(view: BoardView) -> str:
    """ "ANYTOWN-2026-10-CSP-1": area, month, board and version."""
    month = view.month
    return f"{month.area_slug}-{month.month}-{view.code}-{month.version}".upper()


def file_name(view: BoardView) -> str:
    """ "OFFICIAL-SENSITIVE anytown csp 2026-10 v1.pdf": marking first, and safe on any file system."""
    month = view.month
    words = [month.marking, month.area_slug, view.code, str(month.month), f"v{month.version}"]
    if month.state != SnapshotState.PUBLISHED:
        words.append("draft")
    return re.sub(r"[^A-Za-z0-9 -]+", "-", " ".join(filter(None, words))) + ".pdf"


# --- The data that the templates show -------------------------------------------------------------


def pack_data(view: BoardView, *, pack_number: str) -> dict[str, Any]:
    """Everything that the pack shows, each word made fit to print."""
    month = view.month
    state = SnapshotState(month.state)
    taken_on = date_label(timezone.localdate(month.taken_at))
    version = f"Version {month.version}"
    data = {
        "document_title": f"{view.name}: board pack for {month.month.label}, {month.area}",
        "area": month.area,
        "board": view.name,
        "formerly": f"Formerly the {view.formerly}" if view.formerly else "",
        "basis": view.basis,
        "cover_title": f"Board pack for {month.month.label}",
        "facts": [
            ("Figures", month.position),
            ("Completeness", month.completeness.sentence),
            *([("Timeliness", month.timeliness)] if month.timeliness else []),
            ("Version", f"{month.version}, {month.superseded or state.label.lower()}"),
            ("Pack number", pack_number),
            *([("Marking", month.marking)] if month.marking else []),
        ],
        "marking": month.marking,
        "running_head": f"{month.area}, {view.short_name}",
        "imprint": f"{pack_number} · {version}, {month.superseded or state.label.lower()} · Data as at {taken_on}",
        "month": month.month.label,
        "month_before": month.month.previous.label,
        "since": f"Since {month.month.previous.name}",
        "month_title": f"{month.area} in {month.month.label}",
        "position": month.position,
        "completeness": month.completeness.sentence,
        "state_words": month.superseded[:1].upper() + month.superseded[1:] or STATE_WORDS[state],
        "charts_words": f"Each small chart shows the {SPARKLINE_MONTHS} months to {month.month.label}.",
        "key": month.key,
        "changed_title": "What changed",
        "changed": [{"label": line.label, "verdict": line.verdict} for line in month.changed],
        "unchanged": "Nothing this month stands out from the usual range.",
        "sections": [section_data(section) for section in month.sections],
        "breakdowns_title": "How the figures break down",
        "indicators_title": "The board’s indicators",
        "lines": [line_data(line) for section in month.sections for line in section.lines],
        "no_indicators": f"No indicators are set up for this board in {month.month.label}. "
        "The coordinator adds them in Set-up.",
        "responsibilities_title": "What this board answers for",
        "responsibilities": view.responsibilities,
        "no_responsibilities": "No responsibilities are written down yet. The coordinator adds them in Set-up.",
    }
    fit: dict[str, Any] = each_text(data)
    return fit


def section_data(section: SectionView) -> dict[str, Any]:
    return {
        "title": section.title,
        "sentence": section.sentence,
        "tiles": [
            line_data(line) | {"sparkline": line.sparkline and drawing_data(line.sparkline)} for line in section.lines
        ],
        "breakdowns": [breakdown_data(breakdown) for breakdown in section.breakdowns],
    }


def line_data(line: LineView) -> dict[str, Any]:
    # To the public, why there is no arrow goes without saying where the figure itself is withheld.
    says_withheld = line.is_public and line.state is CellState.WITHHELD
    return {
        "title": line.title,
        "question": line.question,
        "text": line.text,
        "short_text": line.short_text,
        "is_figure": line.is_figure,
        "previous_text": line.previous_text,
        "movement": line.movement.value,
        "has_arrow": line.has_arrow,
        "words": line.note if says_withheld else line.words,
        # A cell without a figure says why itself; for a figure without an arrow there is a reason to give.
        "short_words": line.words if line.is_figure and not line.has_arrow else line.short_words,
        "verdict": line.verdict,
        "has_signal": line.has_signal,
        "polarity": line.polarity.label,
        "way": "" if line.polarity is Polarity.NEUTRAL else line.polarity.label,
        "owner": line.owner,
        "supplied_by": f"Supplied by {line.owner}",
        "parts": line.parts,
        "note": "" if line.is_figure or says_withheld else line.note,  # a figure’s own comment is for whoever checks it
        "revised": f"{line.revised}." if line.revised else "",
    }


def drawing_data(drawing: Sparkline) -> dict[str, Any]:
    return {
        "path": drawing.path,
        "end": drawing.end,
        "label": drawing.label,
        "width": str(WIDTH),
        "height": str(HEIGHT),
    }


def breakdown_data(breakdown: Breakdown) -> dict[str, Any]:
    return {
        "caption": f"{breakdown.caption}: {breakdown.dimension.lower()}",
        "dimension": breakdown.dimension,
        "wholes": [line_data(line) for line in breakdown.wholes],
        "rows": [
            {"category": row.category, "cells": [cell and line_data(cell) for cell in row.cells]}
            for row in breakdown.rows
        ],
        "map": breakdown.map and map_data(breakdown.map),
    }


def map_data(drawing: LinesMap) -> dict[str, Any]:
    """Numbers as an SVG picture writes them, and the words of its labels."""
    labels = [drawing.town_label, *(line.label for line in drawing.lines)]
    return {
        "title": drawing.title,
        "description": drawing.description,
        "aid": drawing.aid,
        "beside": drawing.beside,
        "width": str(drawing.width),
        "height": str(drawing.height),
        "outline": drawing.outline,
        "transform": drawing.transform,
        "coast": f"{drawing.coast:g}",
        "town": [f"{each:g}" for each in drawing.town],
        "lines": [
            {"curve": line.curve, "width": f"{line.width:g}", "casing": f"{line.casing:g}", "style": line.style}
            for line in drawing.drawn
        ],
        "dots": [[f"{each:g}" for each in line.at] for line in drawing.drawn],
        "leaders": [label.leader for label in labels if label.leader],
        "labels": [
            {
                "anchor": label.anchor,
                "x": f"{label.x:g}",
                "rows": [(f"{y:g}", row) for y, row in label.rows],
            }
            for label in labels
        ],
    }


# --- Text that can be printed ---------------------------------------------------------------------


def each_text(data: Any) -> Any:
    """The same data, with `printable` applied to each text in it."""
    if isinstance(data, str):
        return printable(data)
    if isinstance(data, dict):
        return {key: each_text(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [each_text(value) for value in data]
    return data


def printable(text: str) -> str:
    """A text on one line, with a visible substitute for each character that none of our fonts has.

    Characters that show nothing (joiners, direction marks, variation selectors) are left out. A word
    too long for a column gets places to break at, which show nothing either.
    """
    plain = unicodedata.normalize("NFC", WHITESPACE.sub(" ", text)).strip()
    if not plain.isascii() or not plain.isprintable():
        plain = "".join(fit(cluster) for cluster in clusters_of(plain))
    return LONG_WORD.sub(breakable, plain)


def clusters_of(text: str) -> list[str]:
    """Each character together with the accents and other marks that stand on it."""
    clusters: list[str] = []
    for letter in text:
        category = unicodedata.category(letter)
        if category == "Cf" or "\ufe00" <= letter <= "\ufe0f":
            continue
        if clusters and category.startswith("M"):
            clusters[-1] += letter
        else:
            clusters.append(letter)
    return clusters


def fit(cluster: str) -> str:
    """The cluster, if one font has all of it: a mark can't be put on a letter of another font."""
    if any(known.issuperset(map(ord, cluster)) for known in coverage()):
        return cluster
    base, marks = cluster[0], cluster[1:]
    return (base if marks and fit(base) == base else SUBSTITUTE) + SUBSTITUTE * len(marks)


def breakable(word: re.Match[str]) -> str:
    clusters = clusters_of(word[0])
    return ZERO_WIDTH_SPACE.join("".join(clusters[at : at + 12]) for at in range(0, len(clusters), 12))


@cache
def coverage() -> tuple[frozenset[int], ...]:
    """The characters that each of our families of fonts has, out of the fonts themselves."""
    private = range(0xE000, 0xF900)  # what such a character means, only its font's maker knows
    held = {path.stem: frozenset(characters_of(path.read_bytes())) for path in PACK.glob("fonts/*.?tf")}
    text = held["SourceSans3-Regular"] & held["SourceSans3-Semibold"]
    return text.difference(private), held["DejaVuSans"].difference(private)


def characters_of(font: bytes) -> Iterator[int]:
    """Read a font's table of characters ("cmap", in its form for all of Unicode: format 12)."""
    (tables_held,) = unpack_from(">H", font, 4)
    entries = range(12, 12 + 16 * tables_held, 16)
    tables = {font[at : at + 4]: unpack_from(">I", font, at + 8)[0] for at in entries}
    cmap = tables[b"cmap"]
    (count,) = unpack_from(">H", font, cmap + 2)
    for index in range(count):
        *encoding, offset = unpack_from(">HHI", font, cmap + 4 + 8 * index)
        if encoding == [3, 10]:
            (groups,) = unpack_from(">I", font, cmap + offset + 12)
            for group in range(groups):
                first, last, _glyph = unpack_from(">III", font, cmap + offset + 16 + 12 * group)
                yield from range(first, last + 1)


# --- Typst and PDF --------------------------------------------------------------------------------


@cache
def fonts() -> typst.Fonts:
    """Our own fonts only, so that a pack looks the same wherever it is made."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[PACK / "fonts"])


def with_row_headers(pdf: bytes) -> bytes:
    """Tag the first cell of each row as the row's header.

    Typst tags the header of a table, but not of a row, and without one a screen reader can't say
    which indicator a figure belongs to. It also lists the headers of each cell; a list would hide
    the row's header, so it goes, and readers find both headers by their scope.
    """
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for row in rows_below(document.Root.StructTreeRoot):
            for place, cell in enumerate(kids_of(row)):
                if cell.S != Name.TD:
                    continue
                (attributes,) = (each for each in cell.A if Name.Table == each.O)
                del attributes[Name.Headers]
                if place == 0:
                    cell.S, attributes.Scope = Name.TH, Name.Row
        tagged = io.BytesIO()
        document.save(tagged, deterministic_id=True)
    return tagged.getvalue()


def rows_below(element: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """Each table row below an element of the structure tree."""
    for kid in kids_of(element):
        if kid.get(Name.S) == Name.TR:
            yield kid
        else:
            yield from rows_below(kid)


def kids_of(element: pikepdf.Object) -> list[pikepdf.Object]:
    """The elements right below one; what is on the page itself is numbered, and isn't an element."""
    kids: Any = element.get(Name.K)
    each = kids if isinstance(kids, pikepdf.Array) else [kids]
    return [kid for kid in each if isinstance(kid, pikepdf.Dictionary)]

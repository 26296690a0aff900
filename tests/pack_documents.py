"""Packs to set, made by hand: what a month's pack holds, and what nobody would write but somebody might."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

from reporting.charts.pictures import mark_picture
from reporting.packs.pdf.typesetting import build_pack
from reporting.packs.presenters.shapes import (
    Abreast,
    Block,
    Bullets,
    Cell,
    Chapter,
    Column,
    Cover,
    Heading,
    Mark,
    Pack,
    Paragraph,
    Picture,
    Table,
    Terms,
    Tile,
    Tiles,
)
from tests.pack_pictures import chart, map_of_lines, spark
from tests.slide import ANYTOWN, DUTIES, ORIGINS

MARKING = "OFFICIAL-SENSITIVE"


# --- A month --------------------------------------------------------------------------------------

SECTIONS = ("Lines", "Arrests", "Youth", "Adult", "Health")
SENTENCES = {
    "Lines": "Two figures, both up since September: 21 lines are run into Anytown by 7 groups.",
    "Arrests": "Of two figures one is up, to 12 drug arrests, and one is down; both are within their usual range.",
    "Youth": "Eight figures: three are up, five are down. Thirteen children were identified, the most since May 2025.",
    "Adult": "34 cuckooed houses were identified, above the usual range of 17 to 33; September has no figure for "
    "two of them.",
    "Health": "Two woundings by knife or gun were seen; the NHS gave no figure for September.",
}


def movement_of(value: int, previous: int | None) -> tuple[Any, str]:
    if previous is None:
        return "", "No arrow: September’s figure from Police is awaited"
    if value == previous:
        return "level", "Level with September"
    return (
        ("up", f"Up {value - previous} since September")
        if value > previous
        else (
            "down",
            f"Down {previous - value} since September",
        )
    )


def tile_of(row: tuple[Any, ...]) -> Tile:
    _section, code, question, title, value, previous, polarity, owner = row
    arrow, moved = movement_of(value, previous)
    shown = [6 + (len(code) * step) % 5 - step // 9 for step in range(23)]
    way = {"lower": "Lower is better", "higher": "Higher is better"}.get(polarity.value, "")
    verdict = (
        (f"Above the usual range of {value // 2} to {value - 1}", True)
        if value == 34
        else (
            f"Within the usual range of 1 to {value + 9}",
            False,
        )
    )
    return Tile(
        question=question,
        text=str(value),
        is_figure=True,
        arrow=arrow,
        words=((moved, bool(arrow)), verdict),
        quiet=tuple(filter(None, (way, f"Supplied by {owner}"))),
        chart=spark([*shown, value], title),
    )


def month_chapter() -> Chapter:
    blocks: list[Block] = [
        Paragraph("All 16 figures in. Figures as at 5 November 2026.", "strong"),
        Paragraph("Cuckooed houses. Above the usual range of 17 to 33 for the third month in a row."),
    ]
    for section in SECTIONS:
        rows = [row for row in ANYTOWN if row[0] == section]
        blocks += [
            Heading(section, f"month-{section.lower()}"),
            Paragraph(SENTENCES[section]),
            Tiles(tuple(map(tile_of, rows))),
        ]
    return Chapter("month", "Anytown in October 2026", tuple(blocks), is_wide=True)


def indicators_table(caption: str = "The board’s indicators in October 2026") -> Table:
    columns = (
        Column("Indicator", 8),
        Column("October 2026", 3, is_number=True),
        Column("September 2026", 3, is_number=True),
        Column("Movement", 6),
        Column("What it tells", 6),
        Column("Which way is better", 4),
        Column("Supplied by", 5),
    )
    rows = []
    for _section, code, _question, title, value, previous, polarity, owner in ANYTOWN:
        arrow, moved = movement_of(value, previous)
        more = ("By origin: Birmingham 10, Merseyside 6, Manchester 4, London 1",) if code == "lines" else ()
        rows.append(
            (
                Cell(title, more=more),
                Cell(f"{value:,}", is_strong=True),
                Cell("[x]" if previous is None else f"{previous:,}"),
                Cell(moved, arrow=arrow),
                Cell(f"Within the usual range of 1 to {value + 9}"),
                Cell(polarity.label),
                Cell(owner),
            )
        )
    return Table(caption, columns, tuple(rows))


def breakdown_table(caption: str = "Lines: where from") -> Table:
    columns = (
        Column("Where from", 3),
        Column("Lines", 2, is_number=True),
        Column("Since September", 4),
        Column("Groups", 2, is_number=True),
        Column("Since September", 4),
    )
    rows = []
    for name, *figures in ORIGINS:
        now, before, groups, groups_before = figures
        (arrow, moved), (other, groups_moved) = movement_of(now, before), movement_of(groups, groups_before)
        rows.append(
            (Cell(name), Cell(str(now)), Cell(moved, arrow), Cell(str(groups)), Cell(groups_moved, arrow=other))
        )
    rows.append((Cell("All"), Cell("21"), Cell("Up 4", "up"), Cell("7"), Cell("Up 1", "up")))
    return Table(caption, columns, tuple(rows), has_total=True)


def plain_table(caption: str, rows: int, columns: int = 3) -> Table:
    heads = [Column("Agency", 3), *(Column(f"Figure {place}", 2, is_number=True) for place in range(1, columns))]
    return Table(
        caption,
        tuple(heads),
        tuple(
            (Cell(f"Agency {row}"), *(Cell(f"{row * 7919 % 10_000:,}") for _ in range(1, columns)))
            for row in range(rows)
        ),
    )


KEY = Terms(
    (("[x]", "not available"), ("[z]", "not applicable"), ("[c]", "withheld: a small number"), ("[r]", "revised"))
)


def figures_chapter() -> Chapter:
    return Chapter(
        "figures",
        "The board’s indicators",
        (
            Paragraph("Each figure with the one of the month before, and what may be made of it."),
            KEY,
            indicators_table(),
        ),
        is_wide=True,
    )


def breakdown_chapter() -> Chapter:
    return Chapter(
        "breakdowns",
        "How the figures break down",
        (
            Paragraph("A line is counted at the town that it is run from. Groups may run several."),
            Heading("Lines and groups: where from", "where-from"),
            Abreast(left=(breakdown_table(),), right=(map_of_lines(),), share=34),
            Heading("Children identified: age group", "ages"),
            plain_table("Children identified: age group", 6),
        ),
        is_wide=True,
    )


def charts_chapter(count: int = 10) -> Chapter:
    blocks: list[Block] = [Paragraph("Each chart shows 36 months and the usual range, worked out from 24 of them.")]
    for place in range(count):
        title = ANYTOWN[place % len(ANYTOWN)][3]
        blocks += [
            Heading(title, f"chart-{place}", starts_page=True),
            Paragraph("Within the usual range of 6 to 18: nothing here stands out from month to month.", "lead"),
            chart(f"{title}: 36 months", seed=place + 2),
            plain_table(f"{title}: the figures of the chart", 12, 4),
            Paragraph("Counted by the police from crime reports; each report counts once.", "quiet"),
        ]
    return Chapter("charts", "Each indicator over time", tuple(blocks))


def agenda_chapter() -> Chapter:
    return Chapter(
        "board",
        "What this board is responsible for",
        (
            Paragraph("The board is responsible for these by the Crime and Disorder Act 1998.", "lead"),
            Bullets(DUTIES),
            Heading("Who is on it", "members"),
            Paragraph(
                "Police, council, probation, fire and health. Each of them supplies figures, and each of them has "
                "signed off those that are in this pack."
            ),
            Heading("How figures are written", "signs"),
            KEY,
        ),
    )


def cover(**changes: Any) -> Cover:
    defaults: dict[str, Any] = {
        "area": "Anytown",
        "board": "Community Safety Partnership",
        "formerly": "Formerly the Crime and Disorder Reduction Partnership",
        "basis": "Crime and Disorder Act 1998, section 5",
        "title": "Board pack for October 2026",
        "state": "Published",
        "asks": ("Answer C3 by 2 December 2026: what brings the lines here?",),
        "facts": (
            ("Figures", "As at 5 November 2026"),
            ("Completeness", "All 16 figures in"),
            ("Timeliness", "5 of 6 agencies were in time"),
            ("Meeting", "12 November 2026, Town Hall"),
            ("Version", "1, published"),
            ("Pack number", "ANYTOWN-2026-10-CSP-1"),
            ("Marking", MARKING),
        ),
    }
    return Cover(**defaults | changes)


def pack_of(*chapters: Chapter, **changes: Any) -> Pack:
    defaults: dict[str, Any] = {
        "title": "Community Safety Partnership: board pack for October 2026, Anytown",
        "area": "Anytown",
        "marking": MARKING,
        "running_head": "Anytown, CSP",
        "month": "October 2026",
        "imprint": "ANYTOWN-2026-10-CSP-1 · Version 1, published · Figures as at 5 November 2026 · Issued to the board "
        "of 12 November 2026",
        "taken_at": 1_793_871_000,  # 5 November 2026, 09:30 UTC
        "cover": cover(),
        "chapters": chapters,
    }
    return Pack(**defaults | changes)


# --- The packs ------------------------------------------------------------------------------------


def short_pack() -> Pack:
    return pack_of(agenda_chapter())


def month_pack() -> Pack:
    return pack_of(agenda_chapter(), month_chapter(), breakdown_chapter(), figures_chapter())


def long_pack() -> Pack:
    """Some 20 pages: 10 charts, tiles, a dozen tables."""
    return pack_of(agenda_chapter(), month_chapter(), breakdown_chapter(), charts_chapter(), figures_chapter())


def empty_pack() -> Pack:
    """Nothing but names: no chapters."""
    return pack_of(
        marking="",
        running_head="",
        month="",
        imprint="",
        cover=cover(area="", formerly="", basis="", title="", state="", asks=(), facts=()),
    )


def hollow_pack() -> Pack:
    """Chapters without blocks, and blocks without anything in them."""
    hollow: tuple[Block, ...] = (
        Heading("Nothing below", "nothing", starts_page=True),
        Paragraph(""),
        Bullets(()),
        Terms(()),
        Tiles(()),
        Abreast((), ()),
        Table("", (Column("Agency"), Column("")), ()),
        Table("A table of one row", (Column("Agency"), Column("Figure", is_number=True)), ((Cell(), Cell()),), True),
        Picture(svg='<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>', width=0, height=0, alt="Nothing"),
    )
    return pack_of(Chapter("a", "Nothing in it", ()), Chapter("b", "Little in it", hollow, is_wide=True))


def many_rows_pack(rows: int = 200) -> Pack:
    return pack_of(
        Chapter("tall", "Two hundred rows", (Heading("Figures of agencies", "rows"), plain_table("Agencies", rows)))
    )


def marks_table(said: Callable[[str], str]) -> Table:
    """Two months of an indicator as marks, the numbers below them."""
    marks = tuple(Mark(look, mark_picture(look), said("meaning")) for look in ("worse", "usual", "gap"))
    columns = (Column(said("head"), 8), *(Column(month, is_marks=True) for month in ("Sep 2026", "Oct 2026")))
    rows = (
        (Cell(said("row")), Cell("1,234", mark="usual"), Cell("12 [p]", mark="worse")),
        (Cell(said("row")), Cell("", mark="gap"), Cell()),
    )
    return Table(said("caption"), columns, rows, marks=marks)


def texts_pack(said: Callable[[str], str]) -> Pack:
    """A pack of every kind of block, with `said` in place of each free text, which is given its place's name."""

    def rows(count: int) -> tuple[tuple[Cell, ...], ...]:
        return tuple(
            (Cell(said("row"), more=(said("more"),)), Cell(said("number")), Cell(said("cell"), "up"))
            for _ in range(count)
        )

    def table(has_total: bool = False) -> Table:
        columns = (Column(said("head"), 3), Column(said("head"), 1, is_number=True), Column(said("head"), 2))
        return Table(said("caption"), columns, rows(2), has_total)

    picture = chart(said("title"), alt=said("alt"), notes=(said("note"),), reach=60)
    tile = Tile(
        question=said("question"),
        text=said("tile"),
        is_figure=False,
        arrow="",
        words=((said("word"), True), (said("word"), False)),
        quiet=(said("quiet"),),
        chart=spark([2, 4, 3, 8], said("alt")),
    )
    blocks: tuple[Block, ...] = (
        Heading(said("heading"), "one"),
        Paragraph(said("paragraph"), "lead"),
        Paragraph(said("paragraph"), "strong"),
        Bullets((said("bullet"), said("bullet"))),
        Terms(((said("term"), said("meaning")), ("[x]", said("meaning")))),
        Heading(said("heading"), "two", starts_page=True),
        table(True),
        Heading(said("heading"), "three"),
        Paragraph(said("paragraph"), "quiet"),
        Tiles((tile, replace(tile, is_figure=True, arrow="down"), replace(tile, chart=None))),
        picture,
        Abreast((table(),), (picture, Paragraph(said("paragraph")))),
        Tiles((replace(tile, is_figure=True), tile, replace(tile, chart=None)), are_large=True),
        marks_table(said),
    )

    def again(block: Block) -> Block:
        return replace(block, key=f"w-{block.key}") if isinstance(block, Heading) else block

    facts = tuple((said("fact"), said("fact")) for _ in range(3))
    return pack_of(
        Chapter("upright", said("chapter"), blocks),
        Chapter("none", said("chapter"), (), follows=True, line=said("line")),
        Chapter("wide", said("chapter"), tuple(map(again, blocks)), is_wide=True),
        Chapter("after", said("chapter"), (Paragraph(said("paragraph")),), is_wide=True, follows=True),
        title=said("title"),
        area=said("area"),
        marking=said("marking")[:40],
        running_head=said("running head"),
        month=said("month"),
        imprint=said("imprint"),
        cover=Cover(
            area=said("area"),
            board=said("board"),
            formerly=said("formerly"),
            basis=said("basis"),
            title=said("title"),
            state=said("state"),
            asks=(said("ask"), said("ask")),
            facts=facts,
        ),
    )


WORDS = "Children known to more than one agency and WWW "


@cache
def filled(filler: str, length: int) -> str:
    return (filler * (length // len(filler) + 1))[:length]


def boundless_pack(filler: str = WORDS, length: int = 20_000) -> Pack:
    """Every free text as long as `length`, but a marking, which is chosen from a list."""
    return texts_pack(lambda place: MARKING if place == "marking" else filled(filler, length))


PACKS: dict[str, Callable[[], Pack]] = {
    "short": short_pack,
    "month": month_pack,
    "long": long_pack,
    "empty": empty_pack,
    "hollow": hollow_pack,
    "many rows": many_rows_pack,
    "a long word": lambda: boundless_pack("x", 200),
    "long texts": lambda: boundless_pack(length=400),
    "boundless": boundless_pack,
}


@cache
def built(called: str) -> bytes:
    """One of them on paper, set once for all tests that only read it."""
    return build_pack(PACKS[called]())

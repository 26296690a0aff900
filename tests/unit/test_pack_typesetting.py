"""Packs on paper, read with other programs than the one that sets them."""

import io
import random
import re
from collections import Counter
from dataclasses import replace
from html import escape
from itertools import groupby
from typing import Any

import pikepdf
import pytest

from reporting.packs.pdf.printable import FONTS, SUBSTITUTE, coverage
from reporting.packs.pdf.typesetter import TEMPLATES
from reporting.packs.pdf.typesetting import build_pack
from reporting.packs.presenters.shapes import Abreast, Cell, Chapter, Column, Heading, Paragraph, Table
from tests import pack_documents
from tests.pack_documents import MARKING, PACKS, agenda_chapter, built, filled, pack_of, plain_table, texts_pack
from tests.pack_pictures import chart
from tests.pdf import text_of
from tests.pdf_reading import lines_of, overlaps, sizes_of, words_of

MARKUP = "#emph[x] *b* _i_ $x$ @ref `raw` \\ <b>bold</b> <label> [ ] // -- 'q' &amp; \\textbf{l} %d #let a=1"
PORTRAIT, LANDSCAPE = (595.28, 841.89), (841.89, 595.28)
MILLIMETRE = 72 / 25.4
PLACES = (
    *("row", "more", "number", "cell", "head", "caption", "title", "alt", "note", "question", "tile", "word", "quiet"),
    *("heading", "paragraph", "bullet", "term", "meaning", "fact", "chapter", "area", "board", "formerly", "basis"),
    *("state", "ask", "line"),
)
ON_EACH_PAGE = ("running head", "month", "imprint")  # shortened there


def texts_of(data: Any, skip: tuple[str, ...]) -> list[str]:
    if isinstance(data, str):
        return [data]
    if isinstance(data, dict):
        return [text for key, value in data.items() if key not in skip for text in texts_of(value, skip)]
    if isinstance(data, list | tuple):
        return [text for each in data for text in texts_of(each, skip)]
    return []


def assert_in_its_place(pdf: bytes) -> None:
    """No word lies off the page's room, over another, or over what stands at its top and foot."""
    pages = {number: list(words) for number, words in groupby(words_of(pdf), key=lambda word: word.page)}
    for number, (width, height) in enumerate(sizes_of(pdf), start=1):
        side, top, foot = (20, 25, 22) if width < height else (15, 15.5, 15)
        here = pages.get(number, [])
        for word in here:
            assert word.left > side * MILLIMETRE - 1, word
            assert word.right < width - side * MILLIMETRE + 1, word
            assert word.top > 5 * MILLIMETRE, word
            assert word.bottom < height - 3 * MILLIMETRE, word
            middle = (word.top + word.bottom) / 2
            at_edge = middle < top * MILLIMETRE - 6 or middle > height - foot * MILLIMETRE + 5
            assert not (at_edge and word.bottom - word.top > 14), word  # what is set large is no running head
        assert not overlaps(here)


# --- What it says and how it is laid out ----------------------------------------------------------


@pytest.mark.parametrize("called", ["short", "month", "long", "many rows"])
def test_every_word_of_a_pack_is_on_paper(called: str):
    printed = re.sub(r"[\s\f\u00ad-]", "", text_of(built(called)))
    unseen = ("svg", "alt", "kind", "key", "look", "arrow", "mark", "title")
    wanted = texts_of(PACKS[called]().as_data(), unseen)
    assert len(wanted) > 20
    for text in wanted:
        assert re.sub(r"[\s-]", "", text) in printed, text


@pytest.mark.parametrize(
    "called", ["short", "month", "long", "empty", "hollow", "many rows", "a long word", "long texts"]
)
def test_everything_is_in_its_place(called: str):
    assert_in_its_place(built(called))


def test_a_page_lies_on_its_side_where_its_chapter_is_wide():
    sizes = sizes_of(built("month"))
    assert sizes == [pytest.approx(each, abs=0.1) for each in [PORTRAIT] * 2 + [LANDSCAPE] * 4]


def test_the_month_is_on_a_page():
    pages = text_of(built("month")).split("\f")
    (month,) = [page for page in pages if "All 16 figures in. Figures as at" in page]
    assert month.count("Supplied by") == 16
    assert (
        "How many lines are coming into the town? Where are they coming from? Is this increasing or decreasing? "
        "21 ↑ Up 4 since September Within the usual range of 1 to 30 Lower is better Supplied by Police"
    ) in month


def test_every_page_is_marked_at_top_and_foot_and_numbered():
    pdf = built("long")
    words, sizes, pages = words_of(pdf), sizes_of(pdf), text_of(pdf).split("\f")[:-1]
    for number, (page, (width, height)) in enumerate(zip(pages, sizes, strict=True), start=1):
        marks = [word for word in words if word.page == number and word.text == MARKING]
        in_the_middle = [mark for mark in marks if abs(mark.left + mark.right - width) < 6]
        assert any(mark.bottom < 60 for mark in in_the_middle)
        assert any(mark.top > height - 60 for mark in in_the_middle)
        assert f"Page {number} of {len(pages)}" in page
        assert "ANYTOWN-2026-10-CSP-1 · Version 1, published · Figures as at 5 November 2026" in page
        assert ("Anytown, CSP" in page) == (number > 1)


def test_a_pack_without_a_marking_or_chapters_is_a_cover():
    assert text_of(built("empty")) == "Community Safety Partnership Page 1 of 1 \f"


def test_contents_lead_to_chapters_and_to_what_begins_a_page():
    pdf = built("long")
    pages = text_of(pdf).replace("\u2060", "").split("\f")  # a joiner stands before the dots of the contents
    listed = re.findall(r"(.+?) (?:\. )+(\d+) ", pages[0].partition("Contents ")[2])
    assert [title for title, _ in listed][:5] == [
        "What this board is responsible for",
        "Anytown in October 2026",
        "How the figures break down",
        "Each indicator over time",
        "Lines",
    ]
    assert len(listed) == 5 + 10
    for title, number in listed:
        assert title in pages[int(number) - 1]
    with pikepdf.open(io.BytesIO(pdf)) as document, document.open_outline() as outline:
        assert [item.title for item in outline.root] == ["Community Safety Partnership"]
        chapters = outline.root[0].children
        assert [item.title for item in chapters][:3] == [
            "What the board is asked to decide",
            "Contents",
            "What this board is responsible for",
        ]
        assert [item.title for item in chapters[2].children] == ["Who is on it", "How figures are written"]
        links = [link for page in document.pages for link in page.obj.get("/Annots", [])]
        assert [str(link.Contents) for link in links][:1] == ["“What this board is responsible for” page 2"]
        assert len(links) == len(listed)


@pytest.mark.parametrize("extra", range(0, 40, 3))
def test_a_heading_is_never_alone_at_the_foot(extra: int):
    blocks = (
        plain_table("Before", extra),
        Heading("Heading one", "one"),
        Paragraph("Said before the table."),
        plain_table("Caption two", 7),
        Heading("Heading three", "three"),
        chart("Title four"),
        Heading("Heading five", "five"),
        plain_table("Caption six", 60),
        Heading("Heading seven", "seven"),
        *agenda_chapter().blocks[:2],
    )
    pages = lines_of(build_pack(pack_of(Chapter("a", "All", blocks, is_wide=extra % 2 == 0), imprint="Imprint")))
    heads = ("Heading", "Said before", "Caption", "Title", "Agency  ")
    for page in pages[2:]:
        assert not page[-2].startswith(heads)  # the last line is the footer
    said = [line for page in pages for line in page]
    assert sum(line.startswith("Heading") for line in said) == 4
    together = next(page for page in pages if "Caption two" in page)
    assert {"Heading one", "Said before the table."} <= set(together)
    assert sum(bool(re.match(r"Agency \d", line)) for line in together) >= 7


@pytest.mark.parametrize("extra", range(0, 40, 3))
def test_all_that_is_said_above_a_picture_stays_with_it(extra: int):
    blocks = (
        plain_table("Before", extra),
        Heading("Heading one", "one"),
        Paragraph("Said first.", "lead"),
        Paragraph("Said next."),
        chart("Title two"),
    )
    pages = lines_of(build_pack(pack_of(Chapter("a", "All", blocks), imprint="Imprint")))
    together = next(page for page in pages if "Title two" in page)
    assert {"Heading one", "Said first.", "Said next."} <= set(together)


def test_headers_repeat_and_rows_do_not_split():
    pdf = built("many rows")
    pages = lines_of(pdf)[1:]
    assert len(pages) > 3
    rows = [re.findall(r"^(Agency \d+) +([\d,]+) +([\d,]+)$", "\n".join(page), re.MULTILINE) for page in pages]
    assert [row[0] for page in rows for row in page] == [f"Agency {number}" for number in range(200)]
    for page in pages:
        assert any(re.match(r"Agency +Figure 1 +Figure 2", line) for line in page)

    more = tuple(f"Line {line} of it" for line in range(9))
    tall = Table("Tall rows", (Column("Agency"), Column("Words")), ((Cell("A", more=more), Cell("B", more=more)),) * 20)
    shown = text_of(build_pack(pack_of(Chapter("a", "All", (tall,))))).split("\f")
    assert all(page.count("Line 0 of it") == page.count("Line 8 of it") for page in shown)
    assert sum(page.count("Line 8 of it") for page in shown) == 40


def test_a_table_that_fits_on_a_page_stays_whole():
    blocks = (plain_table("First", 25), Heading("Next", "next"), plain_table("Second", 20))
    pages = lines_of(build_pack(pack_of(Chapter("a", "All", blocks))))
    (page,) = [page for page in pages if "Second" in page]
    assert "Next" in page
    assert sum(bool(re.match(r"Agency \d", line)) for line in page) == 20


def test_numbers_stand_below_each_other():
    words = [word for word in words_of(built("many rows")) if word.page == 3]
    rights = Counter(round(word.right, 1) for word in words if re.fullmatch(r"\d,\d{3}", word.text))
    assert len(rights) == 2  # a column each
    digits = {round(word.right - word.left, 1) for word in words if re.fullmatch(r"\d,\d{3}", word.text)}
    assert max(digits) - min(digits) < 0.2


def test_an_arrow_stands_before_its_words_and_they_hang_below_it():
    long_words = "Up " + "and up " * 20
    table = Table("Arrows", (Column("What", 2), Column("Movement", 1)), ((Cell("Lines"), Cell(long_words, "up")),))
    words = [word for word in words_of(build_pack(pack_of(Chapter("a", "All", (table,))))) if word.page == 1]
    (arrow,) = [word for word in words if word.text == "↑"]
    said = [word for word in reversed(words) if word.top > arrow.top - 3]
    lines = {round(word.top): word for word in said if word.text in ("Up", "and", "up")}
    assert len(lines) > 3
    first, *others = sorted(lines.values(), key=lambda word: word.top)
    assert arrow.right < first.left
    assert all(word.left == pytest.approx(first.left, abs=0.5) for word in others)


def test_a_picture_is_never_taller_than_a_page():
    tall = replace(chart("Tall"), width=100, height=2000)
    pdf = build_pack(pack_of(Chapter("a", "All", (Heading("H", "h"), tall, Abreast((tall,), (tall,))))))
    with pikepdf.open(io.BytesIO(pdf)) as document:
        boxes = [each.A[0].BBox for each in document.objects if isinstance(each, pikepdf.Dictionary)
                 and each.get("/S") == "/Figure"]  # fmt: skip
        assert len(boxes) == 3
        for left, bottom, right, top in boxes:
            assert bottom > 60
            assert top < 800
            assert right - left > 20


# --- Bad input ------------------------------------------------------------------------------------


def test_markup_prints_as_it_is():
    printed = text_of(build_pack(texts_pack(lambda place: MARKUP)))
    plain, wanted = re.sub(r"\s", "", printed), re.sub(r"\s", "", MARKUP)
    assert plain.count(wanted) >= 60


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("faces \U0001fae8 here", "faces □ here"),
        ("drugs 漢字 here", "drugs □□ here"),
        ("bell\x07 and nul\x00 here", "bell□ and nul□ here"),
        ("mark \u2639\u1dcd here", "mark \u2639□ here"),
        ("lone \ud800 half", "lone □ half"),
        ("turn \u202eabc\u202c back", "turn abc back"),
        ("קווים", "קווים"),
        ("خطوط", "خطوط"),
    ],
)
def test_what_can_not_be_printed_is_seen_to_be_missing(typed: str, shown: str):
    pdf = build_pack(texts_pack(lambda place: typed))
    printed = text_of(pdf)
    assert max(printed.count(shown), printed.count(shown[::-1])) >= 40
    assert_in_its_place(pdf)


def test_letters_of_pictures_are_substituted_too():
    pdf = build_pack(pack_of(Chapter("a", "All", (chart("A chart", "漢\x07&#128512;"),))))
    assert SUBSTITUTE * 3 in text_of(pdf)


def test_every_character_that_we_call_printable_is_printed():
    known = sorted(set().union(*coverage()) - set(map(ord, "<>&")))
    texts = ["".join(map(chr, known[at : at + 70])) for at in range(0, len(known), 70)]
    pictures = tuple(chart(text, text) for text in texts[::9])
    build_pack(pack_of(Chapter("a", "All", (*map(Paragraph, texts), *pictures))))


@pytest.mark.parametrize("seed", range(4))
def test_no_mixture_of_characters_stops_a_pack(seed: int):
    chosen = random.Random(seed)
    known = [chr(each) for each in sorted(set().union(*coverage()))]

    def said(place: str) -> str:
        some = [chosen.choice(known) + chosen.choice(["", "", "\u0301", "fi", "א", "漢"]) for _ in range(30)]
        return "A" + "".join(some) + chr(chosen.randrange(0x110000))

    pictures = tuple(chart("A chart", escape(said("label"))) for _ in range(9))
    build_pack(replace(texts_pack(said), chapters=(*texts_pack(said).chapters, Chapter("p", "Pictures", pictures))))


@pytest.mark.release  # test_long_texts_in_every_place_at_once
@pytest.mark.parametrize("place", PLACES)
def test_twenty_thousand_characters_anywhere_lose_nothing(place: str):
    """Words with numbers, so that each is known again."""
    numbers = [f"word{number:05}" for number in range(2000)]
    long_text = " ".join(numbers)
    assert len(long_text) == 19_999
    pdf = build_pack(
        texts_pack(lambda asked: MARKING if asked == "marking" else long_text if asked == place else "Some")
    )
    words = words_of(pdf)
    if place != "alt":
        assert {word.text for word in words} >= set(numbers)
    foot = {number: height for number, (_, height) in enumerate(sizes_of(pdf), start=1)}
    for word in words:
        assert 0 < word.top < word.bottom < foot[word.page]
    assert_in_its_place(pdf)


@pytest.mark.parametrize("place", ON_EACH_PAGE)
def test_what_stands_on_each_page_is_shortened_to_its_room(place: str):
    for filler in ("Some words ", "W"):
        pdf = build_pack(texts_pack(lambda asked: filled(filler, 20_000) if asked == place else "Some"))  # noqa: B023
        assert_in_its_place(pdf)
        assert "…" in text_of(pdf)


def test_long_texts_in_every_place_at_once():
    pdf = build_pack(pack_documents.boundless_pack(length=3000))
    assert_in_its_place(pdf)


def test_a_word_too_wide_for_its_column_breaks():
    heads = ["Safeguarding", "W" * 24, "ANYTOWN-2026-10-CSP-1", "x" * 24, "1,234,567,890", *"abcdefg"]
    table = Table("Narrow", tuple(map(Column, heads)), (tuple(map(Cell, heads)),))
    words = [word for word in words_of(build_pack(pack_of(Chapter("a", "All", (table,))))) if word.page == 1]
    assert not overlaps(words)
    lefts = sorted({round(word.left) for word in words if word.text in "abcdefg"})
    step = lefts[1] - lefts[0]
    column = 20 * MILLIMETRE
    for word in words:
        if word.text.strip("\u00ad\u200b-") in "Wx" * 24 and len(word.text) > 1:
            assert word.right - word.left < step
            assert word.left > column


# --- What an archive needs ------------------------------------------------------------------------


def test_the_same_pack_gives_the_same_bytes():
    assert build_pack(PACKS["month"]()) == built("month")
    assert build_pack(replace(PACKS["month"](), imprint="Another")) != built("month")


def test_it_says_what_it_is():
    with pikepdf.open(io.BytesIO(built("short"))) as document:
        title = "Community Safety Partnership: board pack for October 2026, Anytown"
        with document.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "A")
            assert metadata["dc:title"] == title
            assert metadata["dc:creator"] == ["Anytown"]
        assert document.Root.Lang == "en-GB"
        assert document.docinfo["/CreationDate"] == "D:20261105093000+00'00"


def test_only_our_own_fonts_are_used():
    with pikepdf.open(io.BytesIO(built("long"))) as document:
        fonts = [each for each in document.objects if isinstance(each, pikepdf.Dictionary) and "/BaseFont" in each]
        names = {str(font.BaseFont).partition("+")[2].partition("-")[0] for font in fonts}
        assert names == {"SourceSans3"}


def test_templates_read_no_text_as_markup():
    sources = {path.name: path.read_text(encoding="utf-8") for path in TEMPLATES.glob("*.typ")}
    assert "json(bytes(sys.inputs.data))" in sources["document.typ"]
    for source in sources.values():
        assert not re.search(r"\beval\s*\(|\bplugin\b|\bread\s*\(|@preview|mode:\s*\"markup\"", source)


def test_each_font_is_free_and_all_are_small():
    fonts = {path.name.partition("-")[0].removesuffix("Sans.ttf") for path in FONTS.glob("*.?tf")}
    assert fonts == {path.name.partition("-")[0] for path in FONTS.glob("*LICENSE*")}
    assert sum(path.stat().st_size for path in FONTS.iterdir()) < 2_500_000

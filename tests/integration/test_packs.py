"""A board's pack, read with other programs than the one that made it."""

import io
import re
import subprocess
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import Name

from core.months import Month
from indicators.trend import CellState, Polarity
from reporting import packs
from reporting.models import SnapshotState
from reporting.presenters import BoardView
from tests.integration.command_line import Ran, run
from tests.pack_views import ANYTOWN, anytown_lines, line, pack_view
from tests.scenarios import Town, accept, open_month, publish, sweep

WIDTH, HEIGHT = 841.89, 595.28  # A4 landscape, in points
MARGIN = 14 / 25.4 * 72
MARKUP = "#emph[x] *b* _i_ $x$ @ref `raw` \\ <label> [ ] // -- 'q'"


def build(view: BoardView) -> bytes:
    return packs.build_pack(view, pack_number=packs.number_of(view))


def text_of(pdf: bytes) -> str:
    """The text in reading order, on one line, a form feed after each page."""
    ran = subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True)
    return re.sub(r"[^\S\f]+", " ", ran.stdout.decode().replace(packs.ZERO_WIDTH_SPACE, ""))


def lines_of(pdf: bytes) -> list[list[str]]:
    """The lines of each page as they are laid out, without marking and footer."""
    ran = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    pages = ran.stdout.decode().split("\f")[:-1]
    return [[each.strip() for each in page.splitlines() if each.strip()][1:-1] for page in pages]


@dataclass
class Word:
    """A word and its box, in points from the top left of its page."""

    page: int
    left: float
    top: float
    right: float
    bottom: float
    text: str


def words_of(pdf: bytes) -> list[Word]:
    ran = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=pdf, capture_output=True, check=True)
    words = []
    for number, page in enumerate(ran.stdout.decode().split("<page ")[1:], start=1):
        boxes = re.findall(r'<word xMin="(.+?)" yMin="(.+?)" xMax="(.+?)" yMax="(.+?)">(.*?)</word>', page)
        words += [Word(number, float(a), float(b), float(c), float(d), text) for a, b, c, d, text in boxes]
    return words


def elements(root: pikepdf.Object, kind: str) -> list[pikepdf.Object]:
    """All elements of a kind in the structure tree, in reading order."""
    found = [root] if root.get("/S") == kind else []
    for kid in packs.kids_of(root):
        found += elements(kid, kind)
    return found


@pytest.fixture(scope="module")
def pack() -> bytes:
    return build(pack_view())


# --- What it says ---------------------------------------------------------------------------------


def test_every_line_is_a_row_with_the_views_words(pack: bytes):
    text = text_of(pack)
    for whole in pack_view().month.wholes:
        arrow = {"up": "↑ ", "down": "↓ ", "level": "= "}.get(whole.movement, "")
        told = f"{arrow}{whole.words} {whole.verdict} {whole.polarity.label} {whole.owner}"
        row = f"{whole.title} {whole.text} {whole.previous_text} {told}"
        assert row in text


def test_every_line_is_a_tile_with_the_views_words(pack: bytes):
    text = text_of(pack)
    for whole in pack_view().month.wholes:
        arrow = {"up": " ↑", "down": " ↓", "level": " ="}.get(whole.movement, "")
        way = "" if whole.polarity is Polarity.NEUTRAL else f"{whole.polarity.label} "
        tile = f"{whole.question} {whole.text}{arrow} {whole.words} {whole.verdict} {way}Supplied by {whole.owner}"
        assert tile in text


def test_lines_by_origin(pack: bytes):
    text = text_of(pack)
    assert "Where from Lines Since September Groups Since September" in text
    assert "Birmingham 10 ↑ Up 1 3 ↑ Up 1" in text
    assert "Merseyside 6 ↑ Up 1 2 = Level" in text
    assert "All 21 ↑ Up 4 7 ↑ Up 1" in text


def test_a_short_breakdown_is_told_in_words():
    shared: dict[str, Any] = {"dimension_code": "age-group", "dimension_name": "Age group", "question": "How many?"}
    lines = [
        line(value=12, previous=9, **shared),
        line(value=5, previous=4, category_code="young-people", category_name="Young people", **shared),
        line(value=7, previous=5, category_code="adults", category_name="Adults", **shared),
    ]
    view = pack_view(lines)
    parts = view.month.sections[0].lines[0].parts
    assert "Young people 5" in parts
    text = text_of(build(view))
    assert f"How many? 12 ↑ Up 3 since September Within the usual range of 1 to 9 {parts}. Good to be lower" in text
    assert f"Lines {parts} 12 9 ↑ Up 3 since September" in text


def test_the_cover_says_what_it_is():
    cover = text_of(build(pack_view(formerly="LSCB", state=SnapshotState.DRAFT, version=3))).split("\f")[0]
    for words in (
        "Anytown Community Safety Partnership Formerly the LSCB Crime and Disorder Act 1998",
        "Board pack for October 2026 Draft: not published, and the figures may still change",
        "Figures Position at 5 November 2026",
        "Completeness All 16 figures in",
        "Version 3, draft",
        "Pack number ANYTOWN-2026-10-CSP-3",
        "Marking OFFICIAL-SENSITIVE",
        "What this board answers for – Police operations",
    ):
        assert words in cover


def test_every_page_is_marked_at_top_and_bottom_and_numbered(pack: bytes):
    words, pages = words_of(pack), text_of(pack).split("\f")[:-1]
    assert len(pages) == 4
    for number, page in enumerate(pages, start=1):
        marks = [word for word in words if word.page == number and word.text == "OFFICIAL-SENSITIVE"]
        assert any(mark.bottom < 60 for mark in marks)
        assert any(mark.top > HEIGHT - 60 for mark in marks)
        assert "ANYTOWN-2026-10-CSP-1 · Version 1, published · Data as at 5 November 2026" in page
        assert f"Page {number} of 4" in page


def test_a_cell_without_a_figure_says_why():
    lines = [
        line(state.value, value=None, state=state, title=state.label, question="What?", note="The form was lost.")
        for state in CellState
        if state is not CellState.FIGURE
    ]
    text = text_of(build(pack_view([*lines, line("zero", value=0, previous=0, question="None?")])))
    assert "[x] not available [z] not applicable [c] withheld: a small number" in text
    assert "What? Awaited from Police, due 10 Nov No arrow: this month’s figure from Police" in text
    for sign in ("[x]", "[z]", "[c]"):
        assert f"What? {sign} No arrow: " in text
        assert f"The form was lost. {sign} 3 No arrow: " in text
    assert "None? 0 = Level with September" in text


def test_an_empty_board_says_so():
    text = text_of(build(pack_view([], duties=[])))
    assert "No indicators are set up for this board in October 2026." in text
    assert "No responsibilities are written down yet." in text
    assert text.count("\f") == 2


# --- Awkward input --------------------------------------------------------------------------------


def test_markup_prints_as_it_is():
    pdf = build(
        pack_view(
            [line("a", title=MARKUP, question=MARKUP, owner_name=MARKUP, note=MARKUP)],
            area=MARKUP,
            name=MARKUP,
            duties=[MARKUP],
        )
    )
    assert text_of(pdf).count(MARKUP) >= 8


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("faces \U0001fae8 here", "faces □ here"),
        ("drugs 漢字 here", "drugs □□ here"),
        ("bell\x07 and nul\x00 here", "bell□ and nul□ here"),
        ("mark \u2639\u1dcd here", "mark \u2639□ here"),
    ],
)
def test_a_character_without_a_font_is_a_visible_substitute(typed: str, shown: str):
    text = text_of(build(pack_view([line("a", title=typed, question=typed)], name=typed)))
    assert text.count(shown) >= 4


def test_right_to_left_text_prints():
    text = text_of(build(pack_view([line("a", title="קווים")])))
    assert "קווים" in text or "קווים"[::-1] in text


def test_every_character_that_we_call_printable_is_printed():
    known = sorted(set().union(*packs.coverage()))
    texts = ["".join(map(chr, known[at : at + 70])) for at in range(0, len(known), 70)]
    build(pack_view([line(f"i{place}", title=text, question=text) for place, text in enumerate(texts)]))


@pytest.mark.parametrize("filler", ["Children known to more than one agency ", "x"], ids=["words", "one word"])
def test_long_texts_stay_in_their_place(filler: str):
    def fill(length: int) -> str:
        return (filler * length)[:length]

    shared: dict[str, Any] = {
        "title": fill(80),
        "question": fill(200),
        "section_title": fill(80),
        "owner_name": fill(80),
    }
    lines = [line(f"i{place}", value=10**9, previous=None, note=fill(500), **shared) for place in range(5)]
    lines += [line("none", value=None, note=fill(500), **shared)]
    words = words_of(
        build(pack_view(lines, area=fill(80), name=fill(120), formerly=fill(120), duties=[fill(300)] * 30))
    )
    assert_in_their_place(words)


def test_two_hundred_indicators():
    lines = [line(f"i{place}", title=f"Indicator {place}", value=place, previous=7) for place in range(200)]
    pdf = build(pack_view(lines))
    assert_in_their_place(words_of(pdf))
    text, pages = text_of(pdf), lines_of(pdf)
    assert all(f"Indicator {place} {place} 7" in text for place in range(200))
    for page in pages:
        if any(row.startswith("Indicator ") and row.endswith("Police") for row in page):
            assert any(re.match(r"Indicator +October 2026 +September 2026", row) for row in page)


def assert_in_their_place(words: list[Word]) -> None:
    """No word lies outside the margins, and none over another."""
    for word in words:
        assert word.left > MARGIN - 1, word
        assert word.right < WIDTH - MARGIN + 1, word
        assert 0 < word.top < word.bottom < HEIGHT, word
    marks = [word for word in words if word.text == "OFFICIAL-SENSITIVE" and word.top > HEIGHT / 2]
    foot = min(mark.top for mark in marks if mark.top > HEIGHT - 60)
    for page in range(1, words[-1].page + 1):
        here = sorted((word for word in words if word.page == page), key=lambda word: word.top)
        for one, other in combinations(here, 2):
            across = min(one.right, other.right) - max(one.left, other.left)
            down = min(one.bottom, other.bottom) - max(one.top, other.top)
            lower = min(one.bottom - one.top, other.bottom - other.top)
            assert across < 1 or down < lower / 2, (one, other)
        assert all(word.bottom < foot or word.top > foot - 3 for word in here)


@pytest.mark.parametrize("extra", range(0, 24, 3))
def test_a_heading_is_never_stranded(extra: int):
    lines = anytown_lines() + [line(f"i{place}", title=f"T{place}") for place in range(extra)]
    headings = {
        "How the figures break down",
        "Lines and groups: where from",
        "The board’s indicators",
        "What this board answers for",
        "Our indicators",
    }
    pages = lines_of(build(pack_view(lines, duties=[f"Duty {place}" for place in range(extra)])))
    assert headings <= {row for page in pages for row in page}
    assert not headings & {page[-1] for page in pages}
    assert not any(page[-1].startswith(("Indicator  ", "Where from  ")) for page in pages)


# --- What a screen reader and an archive need -----------------------------------------------------


def test_the_same_view_gives_the_same_bytes(pack: bytes):
    assert build(pack_view(version=2)) != pack
    assert build(pack_view()) == pack


def test_it_says_that_it_is_accessible(pack: bytes):
    with pikepdf.open(io.BytesIO(pack)) as document:
        title = "Community Safety Partnership: board pack for October 2026, Anytown"
        with document.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "A")
            assert metadata["dc:title"] == title
            assert metadata["dc:creator"] == ["Anytown"]
        assert document.Root.Lang == "en-GB"
        assert document.Root.MarkInfo.Marked
        assert document.Root.ViewerPreferences.DisplayDocTitle
        assert document.docinfo["/CreationDate"] == "D:20261105093000+00'00"


def test_rows_and_columns_have_their_headers(pack: bytes):
    with pikepdf.open(io.BytesIO(pack)) as document:
        facts, origins, indicators = elements(document.Root.StructTreeRoot, "/Table")
        assert [len(elements(table, "/TR")) for table in (facts, origins, indicators)] == [5, 6, 17]
        for table in (facts, origins, indicators):
            for row in elements(table, "/TR"):
                cells = packs.kids_of(row)
                is_head = all(cell.S == Name.TH for cell in cells)
                scopes = [each.Scope for cell in cells for each in cell.A if Name.Scope in each]
                if is_head:
                    assert set(scopes) == {Name.Column}
                else:
                    assert scopes == [Name.Row]
                    assert [cell.S for cell in cells] == [Name.TH] + [Name.TD] * (len(cells) - 1)
                    # A list of headers would hide the row's header.
                    assert not any(Name.Headers in each for cell in cells for each in cell.A)
        assert len(elements(origins, "/THead")) == len(elements(indicators, "/THead")) == 1


def test_headings_and_pictures(pack: bytes):
    with pikepdf.open(io.BytesIO(pack)) as document:
        tree = document.Root.StructTreeRoot
        assert [str(heading.T) for heading in elements(tree, "/H1")] == ["Community Safety Partnership"]
        assert [str(heading.T) for heading in elements(tree, "/H2")] == [
            "What this board answers for",
            "Anytown in October 2026",
            "How the figures break down",
            "The board’s indicators",
        ]
        pictures = [str(figure.Alt) for figure in elements(tree, "/Figure")]
        assert len(pictures) == len(ANYTOWN)
        assert re.fullmatch(r"Lines\. Last 24 months: lowest \d+, highest 21\.", pictures[0])
        assert len(elements(tree, "/LI")) == 5


def test_only_our_own_fonts_are_used_and_text_can_be_selected(pack: bytes):
    with pikepdf.open(io.BytesIO(pack)) as document:
        fonts = [each for each in document.objects if isinstance(each, pikepdf.Dictionary) and "/BaseFont" in each]
        composite = [font for font in fonts if font.get("/Subtype") == "/Type0"]
        assert composite
        assert all("/ToUnicode" in font for font in composite)
        names = {str(font.BaseFont).partition("+")[2].partition("-")[0] for font in fonts}
        assert names <= {"SourceSans3", "DejaVuSans"}


# --- The command ----------------------------------------------------------------------------------


@pytest.fixture
def october(town: Town) -> Town:
    """September and October 2026, rolled up, not published."""
    accept(town, Month(2026, 9), {"arrests": 9, "charges": None})
    accept(town, Month(2026, 10), {"arrests": 12, "charges": 4})
    sweep()
    return town


def build_pack(output: Path, *options: object, area="testford", month="2026-10", board="csp") -> Ran:
    return run("build_pack", "--area", area, "--month", month, "--board", board, "--output", output, *options)


def test_the_command_writes_the_pack_and_says_where(october: Town, tmp_path: Path):
    output = tmp_path / "pack.pdf"
    ran = build_pack(output)
    assert (ran.status, ran.err) == (0, "")
    assert ran.out == f"{output}: {output.stat().st_size:,} bytes\n"
    text = text_of(output.read_bytes())
    assert "Draft: not published" in text
    early = "Too early to tell: {} of the 12 figures that it takes"
    assert f"Arrests 12 9 ↑ Up 3 since September {early.format(2)} Good to be lower Police" in text
    assert f"Charges 4 [x] No arrow: September’s figure is not available {early.format(1)} No judgement Police" in text


def test_the_command_takes_the_newest_version(october: Town, tmp_path: Path):
    publish(october, Month(2026, 10))
    output = tmp_path / "pack.pdf"
    assert build_pack(output).status == 0
    assert "TESTFORD-2026-10-CSP-1 · Version 1, published" in text_of(output.read_bytes())


def test_the_public_pack_holds_what_an_edition_would(october: Town, tmp_path: Path):
    """Arrests 12 is shown; charges 4 is a small number."""
    output = tmp_path / "pack.pdf"
    ran = build_pack(output, "--audience", "public")
    assert ran.status == 0
    assert "October 2026 is not published for the public: this is what an edition would say." in ran.err
    words = text_of(output.read_bytes())
    assert "[c]" in words
    assert "12" in words
    assert "Version 1, draft" in words  # though the boards see it as published
    assert words.count("withheld: small number") == 2  # in the tile and in the table: of charges
    assert "No arrow: this month’s figure is withheld" not in " ".join(words.split())


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"area": "nowhere"}, "There is no area “nowhere”."),
        ({"board": "nobody"}, "Testford has no board “nobody”. It has: csp."),
        ({"month": "October"}, "“October” is not a month"),
        ({"month": "2026-08"}, "Testford holds no figures for August 2026"),
    ],
)
def test_what_is_not_there_is_a_sentence(october: Town, tmp_path: Path, asked: dict[str, str], sentence: str):
    ran = build_pack(tmp_path / "pack.pdf", **asked)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith(sentence)
    assert not list(tmp_path.iterdir())


def test_a_month_that_was_never_rolled_up_is_a_sentence(october: Town, tmp_path: Path):
    open_month(october, Month(2026, 11))
    ran = build_pack(tmp_path / "pack.pdf", month="2026-11")
    assert ran.status == 2
    assert ran.err.startswith("November 2026 has not been rolled up yet")


def test_a_file_that_can_not_be_written_is_a_sentence(october: Town, tmp_path: Path, monkeypatch):
    a_file = tmp_path / "file"
    a_file.touch()
    for output, why in (
        (tmp_path / "no" / "where.pdf", "there is no such folder"),
        (tmp_path, "it is a folder"),
        (a_file / "pack.pdf", "part of its path is a file, not a folder"),
        (tmp_path / ("long" * 100), "file name too long"),
    ):
        ran = build_pack(output)
        assert (ran.status, ran.out, ran.err) == (2, "", f"{output} can't be written: {why}.")

    def refuse(*args: object) -> None:
        raise PermissionError(13, "Permission denied")  # root, who may run the tests, is never denied it

    monkeypatch.setattr(Path, "write_bytes", refuse)
    ran = build_pack(tmp_path / "pack.pdf")
    assert (ran.status, ran.err) == (
        2,
        f"{tmp_path / 'pack.pdf'} can't be written: you have no permission to write there.",
    )

"""What goes into a pack: the view's own words and numbers, each fit to print."""

import json
from typing import Any

import pytest

from indicators.trend import CellState
from reporting import packs
from reporting.models import SnapshotState
from tests.pack_views import line, pack_view


def data_of(view, number="N-1"):
    return packs.pack_data(view, pack_number=number)


def test_a_pack_has_a_number_and_a_name():
    view = pack_view(version=2)
    assert packs.number_of(view) == "ANYTOWN-2026-10-CSP-2"
    assert packs.file_name(view) == "OFFICIAL-SENSITIVE anytown csp 2026-10 v2.pdf"


def test_the_name_of_a_draft_says_so():
    assert packs.file_name(pack_view(state=SnapshotState.DRAFT)).endswith(" v1 draft.pdf")


def test_each_line_is_the_views_own():
    view = pack_view()
    tiles = [tile for section in data_of(view)["sections"] for tile in section["tiles"]]
    assert len(tiles) == 16
    for tile, whole in zip(tiles, view.month.wholes, strict=True):
        assert (tile["title"], tile["text"], tile["words"]) == (whole.title, whole.text, whole.words)
        assert (tile["previous_text"], tile["owner"]) == (whole.previous_text, whole.owner)
        assert whole.sparkline is not None
        assert tile["sparkline"]["path"] == whole.sparkline.path


def test_lines_and_groups_stand_side_by_side():
    (breakdown,) = data_of(pack_view())["sections"][0]["breakdowns"]
    assert breakdown["caption"] == "Lines and groups: where from"
    assert [(row["category"], *(cell["text"] for cell in row["cells"])) for row in breakdown["rows"]] == [
        ("London", "1", "1"),
        ("Birmingham", "10", "3"),
        ("Manchester", "4", "1"),
        ("Merseyside", "6", "2"),
    ]


def test_a_category_that_one_indicator_lacks_is_an_empty_cell():
    shared: dict[str, Any] = {"dimension_code": "origin", "dimension_name": "Where from"}
    lines = [
        line("lines", **shared),
        line("lines", category_code="london", category_name="London", **shared),
        line("lines", category_code="leeds", category_name="Leeds", **shared),
        line("groups", title="Groups", **shared),
        line("groups", category_code="london", category_name="London", **shared),
    ]
    (breakdown,) = data_of(pack_view(lines))["sections"][0]["breakdowns"]
    assert [cell and cell["text"] for cell in breakdown["rows"][1]["cells"]] == ["4", None]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (SnapshotState.PUBLISHED, "Published"),
        (SnapshotState.DRAFT, "Draft: not published, and the figures may still change"),
    ],
)
def test_draft_or_published_is_said_plainly(state: SnapshotState, words: str):
    data = data_of(pack_view(state=state))
    assert data["state_words"] == words
    assert data["imprint"] == f"N-1 · Version 1, {state.label.lower()} · Data as at 5 November 2026"


def test_the_key_explains_what_is_used_and_nothing_else():
    withheld = line("a", value=None, state=CellState.WITHHELD)
    meaning = "withheld: a small number, or one that would give a small number away"
    assert data_of(pack_view([withheld, line("b")]))["key"] == [["[c]", meaning]]
    assert data_of(pack_view())["key"] == []


def test_a_former_name_is_kept():
    assert data_of(pack_view(formerly="LSCB"))["formerly"] == "Formerly the LSCB"
    assert data_of(pack_view())["formerly"] == ""


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("#emph[x] *b* _i_ $x$ @ref `raw` \\ <label> [ ] // -- 'q'",) * 2,
        ("Knives & guns’ “wounds” – A&E", "Knives & guns’ “wounds” – A&E"),
        ("drugs 漢字 here", "drugs □□ here"),
        ("\U0001fae8\U0001f468\u200d\U0001f469\u200d\U0001f467", "□□□□"),
        ("tick \u2714\ufe0f done", "tick \u2714 done"),
        ("שלום مرحبا", "שלום مرحبا"),
        ("\u202eevil\u202c", "evil"),
        ("a\nb\tc\r\nd\u2028e\x1ff", "a b c d e f"),
        ("bell\x07nul\x00", "bell□nul□"),
        ("\ud800", "□"),
        ("\ue000", "□"),
        ("cafe\u0301", "café"),
        ("  edges  ", "edges"),
        ("", ""),
    ],
)
def test_a_text_is_fit_to_print(typed: str, shown: str):
    assert packs.printable(typed) == shown


def test_a_mark_that_the_letters_font_lacks_is_substituted():
    # Each has a font, but no font has both: Source Sans 3 has the mark, DejaVu Sans the letter.
    assert packs.printable("\u2639") == "\u2639"
    assert packs.printable("a\u1dcd") == "a\u1dcd"
    assert packs.printable("\u2639\u1dcd") == "\u2639□"


def test_a_word_too_long_for_a_column_can_be_broken():
    shown = packs.printable("short " + "x" * 40)
    assert shown.replace(packs.ZERO_WIDTH_SPACE, "") == "short " + "x" * 40
    assert max(map(len, shown.split(packs.ZERO_WIDTH_SPACE))) <= len("short ") + 12


def test_a_long_word_is_not_broken_between_a_letter_and_its_accent():
    shown = packs.printable("q\u0303" * 30)  # no single character stands for this pair
    assert f"{packs.ZERO_WIDTH_SPACE}\u0303" not in shown
    assert packs.ZERO_WIDTH_SPACE in shown


def test_every_text_of_the_data_is_made_fit():
    odd = "\U0001fae8"
    shared: dict[str, Any] = {"dimension_code": "origin", "dimension_name": odd}
    texts: dict[str, Any] = dict.fromkeys(("title", "question", "section_title", "owner_name", "note"), odd)
    lines = [line(code, **shared, **texts) for code in ("a", "b")]
    lines += [line("a", category_code=odd, category_name=odd, **shared, **texts)]
    view = pack_view(lines, duties=[odd], area=odd, name=odd, formerly=odd)
    assert odd not in json.dumps(data_of(view, odd), ensure_ascii=False)


def test_what_the_fonts_have_is_read_from_the_fonts():
    text, symbols = packs.coverage()
    assert set(map(ord, "AZaz09’“”–—…£&é↑↓=□")) <= text
    assert set(map(ord, "AZaz09\u2639אم□")) <= symbols
    assert 0x4E00 not in text | symbols
    assert (len(text), len(symbols)) > (1500, 5000)


def test_each_font_is_free_and_all_are_small():
    folder = packs.PACK / "fonts"
    fonts = {path.name.partition("-")[0].removesuffix("Sans.ttf"): path for path in folder.glob("*.?tf")}
    licences = {path.name.partition("-")[0] for path in folder.glob("*LICENSE*")}
    assert set(fonts) == licences
    assert sum(path.stat().st_size for path in folder.iterdir()) < 2_500_000


def test_templates_read_no_text_as_markup():
    sources = "".join(path.read_text(encoding="utf-8") for path in packs.PACK.glob("*.typ"))
    assert "json(bytes(sys.inputs.data))" in sources
    assert "eval(" not in sources

"""Which text can be printed, and what becomes of the others."""

from typing import Any

import pytest

from reporting.packs.pdf.printable import (
    LONGEST_STRING,
    ZERO_WIDTH_SPACE,
    coverage,
    each_text,
    printable,
    printable_svg,
    spoken,
)


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
    assert printable(typed) == shown


def test_a_mark_that_the_letters_font_lacks_is_substituted():
    # Each has a font, but no font has both: Source Sans 3 has the mark, DejaVu Sans the letter.
    assert printable("\u2639") == "\u2639"
    assert printable("a\u1dcd") == "a\u1dcd"
    assert printable("\u2639\u1dcd") == "\u2639□"


def test_a_word_too_long_for_a_column_can_be_broken():
    shown = printable("short " + "x" * 40)
    assert shown.replace(ZERO_WIDTH_SPACE, "") == "short " + "x" * 40
    assert max(map(len, shown.split(ZERO_WIDTH_SPACE))) <= len("short ") + 12


def test_a_long_word_is_not_broken_between_a_letter_and_its_accent():
    shown = printable("q\u0303" * 30)  # no single character stands for this pair
    assert f"{ZERO_WIDTH_SPACE}\u0303" not in shown
    assert ZERO_WIDTH_SPACE in shown


def test_what_the_fonts_have_is_read_from_the_fonts():
    text, symbols = coverage()
    assert set(map(ord, "AZaz09’“”–—…£&é↑↓=□")) <= text
    assert set(map(ord, "AZaz09\u2639אم□")) <= symbols
    assert 0x4E00 not in text | symbols
    assert (len(text), len(symbols)) > (1500, 5000)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ('<text x="1"  y="2">\n\tTwo  spaces &amp; a&lt;b</text>',) * 2,
        ("<text>" + "x" * 200 + "</text>",) * 2,
        ("<text>漢 \U0001fae8 \x07</text>", "<text>□ □ □</text>"),
        ("<text>&#28450;&#x1FAE8;&#7;&#99999999;&#xD800;</text>", "<text>□□□□□</text>"),
        ("<text>&#39;&#x3c;&#62;&#38;&#233;</text>", "<text>&#39;&#x3c;&#62;&#38;é</text>"),
        ("<text>cafe\u0301 q\u0303 \u202eא\u2639</text>", "<text>café q□ □□</text>"),
        ("<text>10 ↑ ’“–…</text>",) * 2,
    ],
)
def test_a_picture_keeps_all_but_what_can_not_be_printed(typed: str, shown: str):
    assert printable_svg(typed) == shown


def test_what_is_read_aloud_does_not_break_and_fits_a_string_of_pdf():
    assert spoken("x" * 40 + "\n漢 ") == "x" * 40 + " □"
    for letter in ("x", "\U0001d7d8"):  # the second takes two units of UTF-16
        long = spoken(letter * 20_000)
        assert long.endswith(f"{letter}…")
        assert len(long.encode("utf-16-le")) // 2 in (LONGEST_STRING, LONGEST_STRING + 1)


def test_each_text_of_the_data_is_made_fit_by_what_it_is():
    odd: Any = {"svg": "<a>  漢</a>", "alt": "x" * 30 + "漢", "rows": (["x" * 30, 4, None, True], {"text": " a  漢 "})}
    assert each_text(odd) == {
        "svg": "<a>  □</a>",
        "alt": "x" * 30 + "□",
        "rows": [[ZERO_WIDTH_SPACE.join(("x" * 12, "x" * 12, "x" * 6)), 4, None, True], {"text": "a □"}],
    }

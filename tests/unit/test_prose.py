"""A chapter's Markdown as blocks: what it knows, and that nothing else gets through."""

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from reporting.documents.presenters.prose import count_columns, make_prose, make_shown
from reporting.packs.presenters.shapes import Bullets, Cell, Column, Heading, Paragraph, Table


def prose(text: str) -> list[object]:
    return list(make_prose(text, key="profile"))


def render(text: str) -> str:
    blocks = make_shown(text, key="text")
    return render_to_string("reporting/_pack_blocks.html", {"blocks": blocks, "photos": {}})


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("# Where\n\nIn the\n*centre*.", [Heading("Where", "profile-1"), Paragraph("In the centre.")]),
        ("Where\n-----", [Heading("Where", "profile-1")]),
        ("**A warning**", [Paragraph("A warning", look="strong")]),
        ("- one\n- two\n  - inside\n\n  more", [Bullets(("one", "two more", "inside"))]),
        ("3. one\n4. two\n   - inside", [Paragraph("3. one"), Paragraph("4. two; inside")]),
        ("> quoted", [Paragraph("quoted")]),
        ("> # Quoted", [Paragraph("Quoted", look="strong")]),
        ("See [the report](https://example.org/r).", [Paragraph("See the report (https://example.org/r).")]),
        ("See <https://example.org/r>.", [Paragraph("See https://example.org/r.")]),
        ("![A map](https://example.org/map.png)", [Paragraph("A map")]),
        ("Say `code`.\n\n    more", [Paragraph("Say code."), Paragraph("more\n")]),
        ("***", []),
        ("<!-- nothing -->", [Paragraph("<!-- nothing -->")]),
    ],
)
def test_it_knows(text: str, blocks: list[object]):
    assert prose(text) == blocks


def test_a_table_has_a_number_and_its_numbers_on_the_right():
    rows = "| Place | Wounds |\n| --- | ---: |\n| Centre | 12 |\n| Edge |"
    columns = (Column("Place"), Column("Wounds", is_number=True))
    cells = ((Cell("Centre"), Cell("12")), (Cell("Edge"), Cell("")))
    assert prose(f"{rows}\n\n{rows}") == [Table(f"Table {number}", columns, cells) for number in (1, 2)]
    assert prose("| Place | Wounds |\n| --- | --- |") == [Paragraph("Place, Wounds")]
    assert (count_columns(rows), count_columns("none")) == (2, 0)


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "[x](javascript:alert(1))", '<img src=x onerror="alert(1)">', "&lt;script>"]
)
def test_no_html_gets_onto_the_page(text: str):
    page = render(f"{text}\n\n- {text}\n\n# {text}\n\n| {text} | x |\n| --- | --- |\n| {text} | {text} |")
    assert "<script" not in page
    assert "<img" not in page
    assert "href" not in page


@given(st.text(alphabet="ab1 \n#*-_>|:`[](){}<!.&;\\", max_size=80))
def test_any_text_becomes_blocks_that_a_page_can_show(text: str):
    assert "<script" not in render(text)

"""A pack as a page says all that its PDF says, in the same order, and in plain HTML."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.template.loader import render_to_string

from reporting.packs.presenters.shapes import Cell, Chapter, Column, Pack, Picture, Table
from tests.pack_documents import PACKS, pack_of, texts_pack

# What is no text of the page: how it looks, what stands on each sheet of paper, and the drawing itself.
NO_TEXT = {"kind", "key", "look", "arrow", "mark", "svg", "running_head", "month", "area", "title", "marking"}
MARKUP = "<b onclick='x'>&amp; \"q\" {{ x }} {% y %}"


def page_of(pack: Pack) -> str:
    context = {"pack": json.loads(json.dumps(pack.as_data()))}
    return "".join(render_to_string(f"reporting/{name}.html", context) for name in ("_pack_cover", "_pack"))


def texts_of(data: Any, key: str = "") -> Iterator[str]:
    """Every text of a pack, in order."""
    if isinstance(data, str):
        if data.strip():
            yield " ".join(data.split())
    elif isinstance(data, dict):
        # At the top the title is the page's own; below it stands on the page.
        skipped = NO_TEXT if key == "pack" else NO_TEXT - {"area", "title", "marking", "month"}
        for name, value in data.items():
            if name not in skipped:
                yield from texts_of(value, name)
    elif isinstance(data, list | tuple):
        for each in data:
            yield from texts_of(each, key)


class Read(HTMLParser):
    """The texts of a page and of its labels; and the tags that are open."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.open: list[str] = []
        self.levels: list[int] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        assert not {name for name in held if name.startswith("on") or name == "style"}
        self.ids += [held["id"] or ""] if "id" in held else []
        self.targets += [(held["href"] or "").removeprefix("#")] if tag == "a" else []
        self.levels += [int(tag[1])] if re.fullmatch("h[1-6]", tag) else []
        self.said.append(held.get("aria-label") or "")
        if tag not in ("br", "col"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Of a picture."""

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.said).split())


@pytest.mark.parametrize("called", PACKS)
def test_every_text_of_a_pack_is_on_its_page(called: str):
    pack = PACKS[called]()

    said = Read(page_of(pack)).text

    missing = [text for text in texts_of(pack.as_data(), "pack") if text not in said]
    assert missing == []


def test_what_is_typed_is_shown_as_it_is():
    read = Read(page_of(texts_pack(lambda place: f"{place} {MARKUP}")))

    assert read.text.count(" ".join(MARKUP.split())) > 50


@pytest.mark.parametrize("called", ["long", "hollow", "empty"])
def test_contents_lead_to_headings_that_follow_each_other(called: str):
    read = Read(page_of(PACKS[called]()))

    assert len(set(read.ids)) == len(read.ids)
    assert set(read.targets) <= set(read.ids)
    assert read.levels[0] == 1
    assert read.levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(read.levels, read.levels[1:], strict=False))


def table(**changes: Any) -> str:
    """Its page, without the space around tags."""
    rows = (
        (Cell("Lines"), Cell("21", "up", is_strong=True, more=("from 17",))),
        (Cell("All"), Cell("21")),
    )
    defaults: dict[str, Any] = {"caption": "Figures", "columns": (Column("Figure"), Column("Now", is_number=True))}
    block = Table(**defaults | {"rows": rows, "has_total": True} | changes)
    return re.sub(r"\s*([<>])\s*", r"\1", page_of(pack_of(Chapter("a", "A", (block,)))))


def test_a_table_has_headers_of_columns_and_of_rows():
    html = table()

    assert '<th scope="col">Figure</th><th scope="col" class="vv-number">Now</th>' in html
    assert '<tr><th scope="row">Lines</th><td class="vv-number"><svg class="vv-arrow" aria-hidden="true"' in html
    assert '</svg><strong>21</strong><span class="vv-quiet">from 17</span></td></tr></tbody>' in html
    assert '<tfoot><tr><th scope="row">All</th><td class="vv-number">21</td></tr></tfoot>' in html
    assert "tabindex" not in html


def test_a_column_without_a_name_has_no_header():
    assert '<td class="vv-number"></td></tr></thead>' in table(columns=(Column("Figure"), Column("", is_number=True)))


def test_a_wide_table_scrolls_by_itself():
    columns = tuple(Column(name) for name in "abcd")
    html = table(columns=columns, rows=((*map(Cell, "1234"),),), has_total=False)

    assert '<div class="vv-pack__scroll" role="group" aria-label="Table: Figures" tabindex="0">' in html


def test_a_picture_says_what_it_shows():
    picture = Picture('<svg viewBox="0 0 9 9"><text>12</text></svg>', 90, 40, alt="“A” & b", title="Lines", reach=60)
    html = page_of(pack_of(Chapter("a", "A", (picture,))))

    assert (
        'role="img" aria-label="“A” &amp; b" viewBox="0 0 90 40" width="60%">'
        '<svg viewBox="0 0 9 9"><text>12</text></svg></svg>'
    ) in html

"""Pictures that people sent, on paper: small files, no wider than they should be, and with the words they belong to."""

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pikepdf
import pytest
from django.template.loader import render_to_string
from PIL import Image

from actions.models import Highlight
from actions.pictures import LARGEST_PRINTED, PRINTED_SIDE, for_print, read_picture
from boards.models import Strand
from reporting.packs.pdf import typesetting
from reporting.packs.pdf.typesetting import build_pack
from reporting.packs.presenters import plan
from reporting.packs.presenters.shapes import Abreast, Block, Chapter, Pack, Paragraph, Photo, photos_told
from tests.pack_documents import pack_of
from tests.pdf import text_of
from tests.pdf_structure import below, faults_of, name
from tests.tiers import vary_at_release

MILLIMETRE = 72 / 25.4
ALT = "A stall in the High Street"
SENTENCE = "A stall stood in the High Street for a week, and people asked what to look out for. "


def sent(size: tuple[int, int] = (1200, 900), mode: str = "RGB", kind: str = "JPEG") -> bytes:
    """As it is kept of something that doesn't shrink well."""
    image = Image.effect_noise(size, 80).convert(mode)
    if mode == "RGBA":
        image.putalpha(90)
    file = io.BytesIO()
    image.save(file, kind)
    return read_picture(file.getvalue()).content


def photo(content: bytes = b"", **changes: Any) -> Photo:
    printed, width, height = for_print(content or sent())
    given = {"width": width, "height": height, "alt": ALT, "highlight": 7, **changes}
    return Photo(content=printed, sha256=sha256(printed).hexdigest(), **given)


def told(*blocks: Block) -> Pack:
    return pack_of(Chapter("highlights", "Highlights", blocks))


@dataclass(frozen=True)
class Placed:
    """A picture on a page, in millimetres."""

    page: int
    width: float
    height: float


def placed(pdf: bytes) -> Iterator[Placed]:
    """Where each picture of pixels stands."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for number, page in enumerate(document.pages, start=1):
            kept, matrix = [], pikepdf.Matrix()
            for instruction in pikepdf.parse_content_stream(page):
                operator, operands = str(instruction.operator), instruction.operands
                if operator == "q":
                    kept.append(matrix)
                elif operator == "Q":
                    matrix = kept.pop()
                elif operator == "cm":
                    matrix = pikepdf.Matrix(*map(float, operands)) @ matrix
                elif operator == "Do" and page.resources.XObject[str(operands[0])].Subtype == "/Image":
                    yield Placed(number, abs(matrix.a) / MILLIMETRE, abs(matrix.d) / MILLIMETRE)


def figures(pdf: bytes) -> list[str]:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        tree = below(document.Root.StructTreeRoot)
        return [str(element.Alt) for element in tree if name(element) == "/Figure"]


# --- The picture ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "mode", "kind"),
    [((1600, 1600), "RGB", "JPEG"), ((1500, 900), "L", "PNG"), ((900, 1600), "RGBA", "PNG"), ((3, 2), "RGB", "GIF")],
)
def test_it_is_small_and_always_the_same(size: tuple[int, int], mode: str, kind: str):
    kept = sent(size, mode, kind)
    content, width, height = for_print(kept)
    assert content.startswith(b"\xff\xd8\xff")
    assert len(content) <= LARGEST_PRINTED
    assert max(width, height) <= PRINTED_SIDE
    assert abs(width / height - size[0] / size[1]) < 0.02
    assert for_print(kept) == (content, width, height)


def test_what_is_transparent_is_white():
    file = io.BytesIO()
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(file, "PNG")
    content, _, _ = for_print(read_picture(file.getvalue()).content)
    assert Image.open(io.BytesIO(content)).getpixel((20, 20)) == (255, 255, 255)


# --- On paper -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "mode", "kind"),
    [
        ((1600, 1200), "RGB", "JPEG"),
        ((900, 1600), "L", "JPEG"),
        ((900, 900), "RGBA", "PNG"),
        ((1600, 8), "RGB", "JPEG"),
        ((8, 1600), "RGB", "JPEG"),
        ((2, 2), "RGB", "JPEG"),
    ],
)
def test_it_is_a_figure_with_its_words_and_no_wider_than_it_should_be(size: tuple[int, int], mode: str, kind: str):
    one = photo(sent(size, mode, kind))
    pdf = build_pack(told(one, Abreast((Paragraph("Beside it"),), (one,), is_whole=True)))
    assert faults_of(pdf) == []
    assert figures(pdf) == [ALT, ALT]
    for each in placed(pdf):
        assert each.width <= 80.1
        assert each.height <= 75.1
        assert each.width <= size[0] * 0.26  # never blown up


def test_the_same_picture_twice_is_in_the_file_once():
    one, other = photo(), photo(sent((1000, 900)))
    bare, once, twice = (len(build_pack(told(*blocks))) for blocks in ((), (one,), (one, one)))
    assert len(one.content) < once - bare < len(one.content) + 10_000
    assert twice - once < 5_000
    assert len(build_pack(told(one, other))) - once > len(other.content) * 0.9


def test_two_builds_are_the_same():
    pack = told(photo(), photo(sent((500, 700))))
    assert build_pack(pack) == build_pack(pack)


def test_it_goes_in_as_a_file_beside_the_words(monkeypatch: pytest.MonkeyPatch):
    orders: list[dict[str, Any]] = []
    run = typesetting.run_typesetter

    def watched(order: dict[str, Any]) -> CompletedProcess[bytes]:
        orders.append(order | {"beside": {path.name for path in Path(order["photos"]).iterdir()}})
        return run(order)

    monkeypatch.setattr(typesetting, "run_typesetter", watched)
    one = photo()
    build_pack(told(one))
    (order,) = orders
    assert order["beside"] == {f"{one.sha256}.jpg"}
    assert not Path(order["photos"]).exists()  # any more


def test_it_is_drawn_for_paper_once_however_often_its_pack_is_made(monkeypatch: pytest.MonkeyPatch):
    drawn: list[bytes] = []
    monkeypatch.setattr(plan, "_printed", {})
    monkeypatch.setattr(plan, "MOST_PRINTED", 2)
    monkeypatch.setattr(plan, "for_print", lambda picture: drawn.append(picture) or for_print(picture))
    first, second, third = (sent((60, size)) for size in (40, 50, 60))
    for picture in (first, second, bytes(bytearray(first)), third, third, second):
        assert plan.printed(picture) == for_print(picture)
    assert drawn == [first, second, third]
    plan.printed(first)  # which went when the third came
    assert drawn == [first, second, third, first]


def highlight(story: str, title: str) -> Iterable[Block]:
    """As the chapter has it, of a highlight that isn't saved."""
    one = Highlight(
        pk=len(title),
        kind="campaign",
        title=title,
        strand=Strand(name="Prevent"),
        starts_on=date(2026, 10, 5),
        story=story,
        picture_alt=ALT,
    )
    return plan.highlight(one, KEPT)


KEPT = sent((900, 1200))
TOGETHER = re.compile(r"Told of here.*A stall stood", re.DOTALL)


@pytest.mark.parametrize("length", vary_at_release([1500, 80, 1600, 4000]))
def test_it_stays_with_its_heading_wherever_that_comes(length: int):
    story = (SENTENCE * 60)[:length]
    for lines in range(0, 42, 5):
        above = [Paragraph(f"Line {line}") for line in range(lines)]
        pdf = build_pack(told(*above, *highlight(story, "Told of here")))
        (page,) = [n for n, text in enumerate(text_of(pdf).split("\f"), start=1) if TOGETHER.search(text)]
        assert [each.page for each in placed(pdf)] == [page], lines


def test_a_short_story_has_it_beside_and_a_long_one_above():
    short, long = (list(highlight(SENTENCE * times, "x")) for times in (3, 40))
    assert [block.kind for block in short] == ["heading", "abreast"]
    assert [block.kind for block in long] == ["heading", "paragraph", "photo", "paragraph"]


def test_a_story_of_one_endless_word_beside_it_runs_off_no_page():
    pdf = build_pack(told(*highlight("W" * 1500, "Endless")))
    assert text_of(pdf).replace("\u00ad", "").count("W") >= 1500
    assert faults_of(pdf) == []


# --- As data and as a page ------------------------------------------------------------------------


def test_the_data_names_it_by_its_hash_and_the_pack_has_its_content():
    one, other = photo(), photo(sent((300, 200)), highlight=8)
    pack = told(Abreast((), (one,)), other)
    assert photos_told(pack.as_data()) == {one.sha256: 7, other.sha256: 8}
    assert pack.photos() == {one.sha256: one.content, other.sha256: other.content}
    assert "content" not in str(pack.as_data()["chapters"][0]["blocks"][1])


def test_its_page_has_it_at_its_address_with_its_words():
    one = photo(alt="“A” & b")
    context = {"pack": told(Abreast((), (one,))).as_data(), "photos": {one.sha256: "/there"}}
    html = render_to_string("reporting/_pack.html", context)
    assert f'<img src="/there" alt="“A” &amp; b" width="{one.width}" height="{one.height}" loading="lazy">' in html

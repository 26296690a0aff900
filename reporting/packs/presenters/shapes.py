"""What a board pack is made of: a cover, and chapters of blocks of text, numbers and pictures, as plain data.

The PDF (reporting.packs) and the HTML edition (templates/reporting/_pack.html) are two renderings of it.
An issued pack stores it as JSON, so everything here is made of texts, numbers and lists only.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

type Arrow = Literal["", "up", "down", "level"]  # which arrow is drawn before a text


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table. `more` are smaller lines under its text. `mark` is the look of a mark above it, one of its
    table's marks; empty for none.
    """

    text: str = ""
    arrow: Arrow = ""
    is_strong: bool = False
    more: tuple[str, ...] = ()
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A table's column: its header, its share of the table's width, and whether it holds numbers, or marks with small
    numbers below them."""

    head: str
    share: int = 1
    is_number: bool = False
    is_marks: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark of a table's cells: its shape as SVG, and what it means."""

    look: str
    svg: str
    words: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside a chapter. `starts_page`: what follows starts a new page. `key` is the end of a link to it,
    unique in its pack.
    """

    text: str
    key: str
    starts_page: bool = False
    kind: Literal["heading"] = "heading"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """`look`: plain; strong; quiet, in a smaller type; or lead, in a larger one."""

    text: str
    look: Literal["plain", "strong", "quiet", "lead"] = "plain"
    kind: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True, slots=True)
class Bullets:
    items: tuple[str, ...]
    kind: Literal["bullets"] = "bullets"


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms and their meanings, such as the shorthand of the figures."""

    rows: tuple[tuple[str, str], ...]
    kind: Literal["terms"] = "terms"


@dataclass(frozen=True, slots=True)
class Table:
    """The first cell of each row is the row's header. `has_total`: the last row sums up those above it. `marks` are
    those of its cells, in the order of the key below it.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    has_total: bool = False
    marks: tuple[Mark, ...] = ()
    kind: Literal["table"] = "table"


@dataclass(frozen=True, slots=True)
class Picture:
    """An SVG that we drew, `width` × `height` in its own units. `alt` says what it shows. `title` goes above it and
    `notes` below, if there are any. `reach`: how much of the width it uses, in per cent.
    """

    svg: str
    width: int
    height: int
    alt: str
    title: str = ""
    notes: tuple[str, ...] = ()
    reach: int = 100
    kind: Literal["picture"] = "picture"


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture that somebody sent, redrawn by actions.pictures: a JPEG of `width` × `height` pixels. `alt` says what
    it shows. Its `content` is stored beside the pack's JSON, under its `sha256`. `highlight` is the highlight's key.
    """

    content: bytes = field(repr=False)
    sha256: str
    width: int
    height: int
    alt: str
    highlight: int
    kind: Literal["photo"] = "photo"


@dataclass(frozen=True, slots=True)
class Tile:
    """An indicator in a few square centimetres: its question, a big number (or what replaces it) with its arrow, text
    (strong text first), quiet text, and its small chart.
    """

    question: str
    text: str
    is_figure: bool
    arrow: Arrow
    words: tuple[tuple[str, bool], ...]  # each with whether it is strong
    quiet: tuple[str, ...]
    chart: Picture | None


@dataclass(frozen=True, slots=True)
class Tiles:
    """`are_large`: each has a whole chart, and six of them fill a page."""

    tiles: tuple[Tile, ...]
    are_large: bool = False
    kind: Literal["tiles"] = "tiles"


@dataclass(frozen=True, slots=True)
class Abreast:
    """Blocks side by side, if there is room: those of `right` use `share` per cent. `is_whole`: they stay on one
    page.
    """

    left: tuple["Block", ...]
    right: tuple["Block", ...]
    share: int = 34
    is_whole: bool = False
    kind: Literal["abreast"] = "abreast"


type Block = Heading | Paragraph | Bullets | Terms | Table | Picture | Photo | Tiles | Abreast


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of a pack, with a line in its contents. It starts on a new page, unless it `follows` the chapter before
    it. `is_wide`: its pages are landscape. `key` is the end of a link to it. A chapter without content has no blocks,
    and its `line` says so.
    """

    key: str
    title: str
    blocks: tuple[Block, ...]
    is_wide: bool = False
    follows: bool = False
    line: str = ""


@dataclass(frozen=True, slots=True)
class Cover:
    """`board` is the pack's main heading. `asks` is what the board should do. `facts` are a label and a text each."""

    area: str
    board: str
    formerly: str
    basis: str
    title: str
    state: str
    asks: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Pack:
    """A whole pack. `imprint` and `running_head` are on each page; `taken_at` is the moment of the figures, in
    seconds since 1970, and the only time in the file: the same pack gives the same bytes. One that `is_short` has a
    list of contents only on more than two pages, and its chapters follow its cover."""

    title: str
    area: str
    marking: str
    running_head: str
    month: str
    imprint: str
    taken_at: int
    cover: Cover
    chapters: tuple[Chapter, ...] = field(default=())
    is_short: bool = False

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON, without the content of photos."""
        return asdict(self, dict_factory=_without_content)

    def photos(self) -> dict[str, bytes]:
        """Return the content of each photo, by its hash."""
        blocks = [block for chapter in self.chapters for block in chapter.blocks]
        return {photo.sha256: photo.content for photo in _photos_in(blocks)}


def empty(key: str, title: str, line: str) -> Chapter:
    """Return a chapter without content, as one line."""
    return Chapter(key, title, (), follows=True, line=line)


def _without_content(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    # `asdict` calls this for each part in turn, so photos deep inside lose their bytes too.
    return {name: value for name, value in fields if not isinstance(value, bytes)}


def _photos_in(blocks: Iterable[Block]) -> Iterator[Photo]:
    for block in blocks:
        if isinstance(block, Photo):
            yield block
        elif isinstance(block, Abreast):
            yield from _photos_in((*block.left, *block.right))


def photos_told(content: dict[str, Any]) -> dict[str, int]:
    """Return the photos in a pack's JSON: the highlight of each, by its hash."""
    return {
        photo["sha256"]: photo["highlight"]
        for chapter in content["chapters"]
        for photo in _photos_in_json(chapter["blocks"])
    }


def _photos_in_json(blocks: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for block in blocks:
        if block["kind"] == "photo":
            yield block
        elif block["kind"] == "abreast":
            yield from _photos_in_json((*block["left"], *block["right"]))

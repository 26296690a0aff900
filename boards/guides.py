"""Read the guides of docs/guide: what each says, and which pages its sections are about. Pure.

A guide is Markdown: a title, an introduction, and sections. A comment below the title names the roles that read it. A
comment below a section's heading names the pages that the section is about, by the names of their addresses. A *
covers all pages of a kind:

    # For agency leads
    <!-- roles: agency-lead -->

    ## Enter the month's figures
    <!-- pages: indicators:return-edit indicators:return-check -->
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "guide"
PICTURES = FOLDER.parent / "screenshots"
# In the order in which the help page lists them.
ORDER = (
    "board-member",
    "agency-lead",
    "approver",
    "coordinator",
    "strategic-group",
    "analyst",
    "information-officer",
    "region",
    "operator",
    "documents",
    "resident",
)
FOR_ANYBODY = ORDER[-1]  # the guide for somebody without an account
OF_A_REGION = frozenset({"director"})  # the role in the guide for everybody who works for a region
COMMENT = re.compile(r"<!--\s*(roles|pages):\s*(.*?)\s*-->", re.DOTALL)
A_PICTURE = re.compile(r"\.\./screenshots/([\w.-]+\.png)")
A_GUIDE = re.compile(r"([\w-]+)\.md(#[\w-]+)?")
SHORTEST_WORD = 3  # letters that are looked for
CLASSES = {
    "p": "govuk-body",
    "ul": "govuk-list govuk-list--bullet",
    "ol": "govuk-list govuk-list--number",
    "h3": "govuk-heading-s",
    "a": "govuk-link",
    "img": "vv-guide__picture",
}


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a guide: its heading, the names of the addresses that it is about, and its Markdown."""

    title: str
    pages: frozenset[str]
    markdown: str

    @property
    def anchor(self) -> str:
        return "-".join(re.findall(r"[a-z0-9]+", self.title.lower().replace("’", "")))

    @property
    def text(self) -> str:
        """Return its text, without markup."""
        return " ".join(re.sub(r"!?\[([^\]]*)\]\([^)]*\)|[*`#_]", r"\1", self.markdown).split())


@dataclass(frozen=True, slots=True)
class Guide:
    """A guide for one kind of reader: its name in addresses, the roles that read it, and its parts."""

    slug: str
    title: str
    roles: frozenset[str]
    introduction: str
    sections: tuple[Section, ...]


def read_guide(slug: str, source: str) -> Guide:
    """Return a guide from its Markdown. Raises ValueError if it doesn't start with a title."""
    head, *parts = re.split(r"^## ", source, flags=re.MULTILINE)
    title, _, rest = head.strip().partition("\n")
    if not title.startswith("# "):
        raise ValueError(f"The guide {slug} does not begin with a title.")
    return Guide(
        slug,
        title.removeprefix("# ").strip(),
        _names(rest, "roles"),
        COMMENT.sub("", rest).strip(),
        tuple(_read_section(part) for part in parts),
    )


def _read_section(source: str) -> Section:
    title, _, rest = source.partition("\n")
    return Section(title.strip(), _names(rest, "pages"), COMMENT.sub("", rest).strip())


def _names(text: str, kind: str) -> frozenset[str]:
    return frozenset(name for key, names in COMMENT.findall(text) if key == kind for name in names.split())


# Once for each process: the files change only with a release, which starts new processes.
@cache
def list_guides() -> tuple[Guide, ...]:
    return tuple(read_guide(slug, (FOLDER / f"{slug}.md").read_text(encoding="utf-8")) for slug in ORDER)


@cache
def list_places(page: str) -> Sequence[tuple[Guide, Section]]:
    """Return the sections about the page with an address of this name. Those that name the page itself are first,
    then those that name all pages of a kind ("boards:*")."""
    every = [(guide, section) for guide in list_guides() for section in guide.sections]
    named = [place for place in every if page in place[1].pages]
    return named + [
        place for place in every if place not in named and any(fnmatchcase(page, name) for name in place[1].pages)
    ]


def find_place(page: str, roles: frozenset[str]) -> tuple[Guide, Section] | None:
    """Return the section about a page, in the guide for one of these roles or else in any guide; None without one."""
    places = list_places(page)
    return next((place for place in places if place[0].roles & roles), places[0] if places else None)


def find_own(roles: frozenset[str]) -> Guide | None:
    """The guide for somebody with these roles: of several the first, but the board members' only where it is alone."""
    guides = [guide for guide in list_guides() if guide.roles & roles]
    return next((guide for guide in guides if guide.slug != ORDER[0]), guides[0] if guides else None)


def find_sections(words: str, roles: frozenset[str]) -> list[tuple[Guide, Section]]:
    """Return the sections that have all the words, with those for one of these roles first. Short words alone find
    nothing."""
    wanted = [word for word in words.casefold().replace('"', " ").split() if len(word) >= SHORTEST_WORD]
    places = [
        (guide, section)
        for guide in list_guides()
        for section in guide.sections
        if wanted and all(word in f"{section.title} {section.text}".casefold() for word in wanted)
    ]
    return sorted(places, key=lambda place: not place[0].roles & roles)


def render(markdown: str, *, guide_url: Callable[[str], str], picture: Callable[[str], Mapping[str, Any]]) -> str:
    """Return the HTML of some Markdown; HTML in it is escaped. `guide_url` makes the address of another guide, from its
    name. `picture` makes the attributes of a picture, from the name of its file."""
    markup = MarkdownIt("commonmark", {"html": False})
    tokens = markup.parse(markdown)
    for token in _walk(tokens):
        if token.tag in CLASSES and token.nesting >= 0:
            token.attrJoin("class", CLASSES[token.tag])
        if token.tag == "a" and token.nesting == 1 and (match := A_GUIDE.fullmatch(str(token.attrs["href"]))):
            token.attrs["href"] = guide_url(match[1]) + (match[2] or "")
        if token.type == "image" and (match := A_PICTURE.fullmatch(str(token.attrs["src"]))):
            token.attrs.update(picture(match[1]))
    html: str = markup.renderer.render(tokens, markup.options, {})
    return html


def _walk(tokens: Sequence[Token]) -> list[Token]:
    return [inner for token in tokens for inner in (token, *_walk(token.children or ()))]

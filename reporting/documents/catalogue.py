"""Which chapters each document of the year has, as its guidance asks: the files of reporting/documents/chapters. Pure.

    [[chapters]]
    key = "profile"
    title = "Who is harmed, where and when"
    asks = "How violence differs by place, time and group…"
    owner = "police"
    source = "Serious Violence Duty: statutory guidance (Home Office, December 2022), paragraph …"
    figures = ["woundings"]

`owner` is the kind of agency that usually writes it, or "coordinator". `figures` are codes of the starter set that
usually serve it.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from reporting.workflow import DocumentKind

FOLDER = Path(__file__).parent / "chapters"


@dataclass(frozen=True, slots=True)
class CatalogueChapter:
    """A chapter that a kind of document has. `source` says where the guidance asks for it."""

    key: str
    title: str
    asks: str = ""
    owner: str = ""
    source: str = ""
    figures: tuple[str, ...] = ()


# Once for each process: the files change only with a release, which starts new processes.
@cache
def list_chapters(kind: DocumentKind) -> tuple[CatalogueChapter, ...]:
    """Return the chapters of a kind of document, in order."""
    tables = tomllib.loads((FOLDER / f"{kind}.toml").read_text(encoding="utf-8"))
    return tuple(
        CatalogueChapter(**{**table, "figures": tuple(table.get("figures", ()))}) for table in tables["chapters"]
    )

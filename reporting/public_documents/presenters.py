"""A document as anybody may read it: its agreed chapters, and of its figures what public editions of months show."""

import json
from dataclasses import dataclass
from hashlib import sha256

from indicators.disclosure import Audience
from reporting.documents.presenters.whole import make_whole
from reporting.documents.selectors import list_chapters
from reporting.models import ChapterFigure, Document
from reporting.packs.presenters.shapes import Pack
from reporting.public_documents.selectors import list_standing


@dataclass(frozen=True, slots=True)
class PublicDocument:
    """What a public edition would say. `rests_on` are the keys of the editions that its figures are from, and
    `left_out` the figures that it doesn't have, by their chapters' titles.
    """

    pack: Pack
    rests_on: tuple[int, ...]
    left_out: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def fingerprint(self) -> str:
        """Return a token that changes with what it says, but not with its number."""
        said = self.pack.as_data()["chapters"]
        return sha256(json.dumps([said, self.rests_on], sort_keys=True).encode()).hexdigest()


def make_public(document: Document, *, reference: str = "") -> PublicDocument:
    """Make what anybody would read of a document now."""
    chapters, agreements = list_chapters(document), list(document.agreements.select_related("agreed_by"))
    figures = [(chapter.title, list(chapter.figures.all())) for chapter in chapters]
    every = [figure for _, several in figures for figure in several]
    standing = list_standing({figure.edition_id for figure in every if figure.edition_id is not None})
    shown = {figure.pk: figure.edition_id for figure in every if is_shown(figure, standing)}
    pack = make_whole(document, chapters, agreements, audience=Audience.PUBLIC, reference=reference, shown=shown.keys())
    hidden = [(title, [one.title for one in several if one.pk not in shown]) for title, several in figures]
    return PublicDocument(
        pack,
        tuple(sorted({edition for edition in shown.values() if edition is not None})),
        tuple((title, tuple(titles)) for title, titles in hidden if titles),
    )


def is_shown(figure: ChapterFigure, standing: frozenset[int]) -> bool:
    """Return whether anybody may see it: not if the edition that it is from was withdrawn since."""
    return figure.public_blocks is not None and (figure.edition_id is None or figure.edition_id in standing)

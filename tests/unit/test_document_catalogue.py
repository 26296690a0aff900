"""The catalogue of the chapters that each document of the year has."""

from collections import Counter

import pytest

from boards.models import Agency
from reporting.documents.catalogue import list_chapters
from reporting.models import DocumentChapter
from reporting.workflow import DocumentKind

OWNERS = {"", "coordinator", *Agency.Kind.values}


@pytest.mark.parametrize("kind", DocumentKind)
def test_each_kind_has_chapters_that_its_tables_can_hold(kind: DocumentKind):
    chapters = list_chapters(kind)
    assert len(chapters) >= 6
    assert max(Counter(chapter.key for chapter in chapters).values()) == 1
    assert {chapter.owner for chapter in chapters} <= OWNERS
    for chapter in chapters:
        DocumentChapter(document_id=1, position=0, key=chapter.key, title=chapter.title).clean_fields()

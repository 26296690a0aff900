"""The catalogue of the chapters that each document of the year has."""

from collections import Counter

import pytest

from boards.models import Agency
from reporting.documents.catalogue import list_chapters
from reporting.models import DocumentChapter
from reporting.workflow import DocumentKind

OWNERS = {"", "coordinator", *Agency.Kind.values}


def longest(field: str) -> int:
    return DocumentChapter._meta.get_field(field).max_length or 0


@pytest.mark.parametrize("kind", DocumentKind)
def test_each_kind_has_chapters_that_its_tables_can_hold(kind: DocumentKind):
    chapters = list_chapters(kind)
    assert len(chapters) >= 6
    assert max(Counter(chapter.key for chapter in chapters).values()) == 1
    assert {chapter.owner for chapter in chapters} <= OWNERS
    for chapter in chapters:
        assert 0 < len(chapter.key) <= longest("key")
        assert 0 < len(chapter.title) <= longest("title")

"""The catalogue of the chapters that each document of the year has."""

from collections import Counter

import pytest

from boards.models import Agency
from reporting.documents.catalogue import list_chapters
from reporting.models import DocumentChapter
from reporting.workflow import DocumentKind

OWNERS = {"", "coordinator", *Agency.Kind.values}
LONGEST_KEY: int = DocumentChapter._meta.get_field("key").max_length or 0
LONGEST_TITLE: int = DocumentChapter._meta.get_field("title").max_length or 0


@pytest.mark.parametrize("kind", DocumentKind)
def test_each_kind_has_chapters_that_its_tables_can_hold(kind: DocumentKind):
    chapters = list_chapters(kind)
    assert len(chapters) >= 6
    assert max(Counter(chapter.key for chapter in chapters).values()) == 1
    assert {chapter.owner for chapter in chapters} <= OWNERS
    for chapter in chapters:
        assert 0 < len(chapter.key) <= LONGEST_KEY
        assert 0 < len(chapter.title) <= LONGEST_TITLE

"""The catalogue of the chapters that each document of the year has."""

import re
from collections import Counter

import pytest

from boards.models import Agency
from indicators.catalogues.files import read_starter
from reporting.documents.catalogue import list_chapters
from reporting.models import DocumentChapter
from reporting.workflow import DocumentKind

LONGEST_SENTENCE = 30  # words
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


@pytest.mark.parametrize("kind", DocumentKind)
def test_each_chapter_says_in_short_sentences_what_it_has_to_answer_and_who_asks_for_it(kind: DocumentKind):
    for chapter in list_chapters(kind):
        assert chapter.source, chapter.key
        assert chapter.asks.endswith(("?", ".")), chapter.key
        for sentence in re.split(r"(?<=[.?:])\s", chapter.asks):
            assert len(sentence.split()) <= LONGEST_SENTENCE, sentence


@pytest.mark.parametrize("kind", DocumentKind)
def test_figures_that_serve_a_chapter_are_of_the_starter_set(kind: DocumentKind):
    named = {code for chapter in list_chapters(kind) for code in chapter.figures}
    assert named
    assert named <= {indicator.code for indicator in read_starter().indicator}

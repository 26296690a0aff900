"""Anytown's documents of the year, out of documents.toml: written, agreed by two people and frozen."""

from contextlib import nullcontext
from typing import Any

from boards.models import PartnershipArea
from core.calendar import date_label
from core.models import User
from reporting.documents.figures import Choice, FigureKind, OpenData, read_numbers
from reporting.documents.services import (
    ChapterDraft,
    add_comment,
    agree_chapter,
    agree_document,
    begin,
    change_chapter,
    freeze,
    settle_comment,
    take_figure,
    take_numbers,
    write_chapter,
)
from reporting.management.demo.history import OCTOBER, on
from reporting.management.demo.places import read
from reporting.models import Document, DocumentChapter
from reporting.public_documents.presenters import make_public
from reporting.public_documents.services import approve_public, ask_public
from reporting.workflow import ChapterState, DocumentKind, DocumentSide

LICENCE = "Open Government Licence v3.0"

type People = dict[str, User]


def load_documents(area: PartnershipArea, *, people: People) -> None:
    for row in read("documents")["document"]:
        load_document(area, row, people)


def load_document(area: PartnershipArea, row: dict[str, Any], people: People) -> None:
    coordinator = people["coordinator"]
    with on(row["day"]):
        document = begin(area, kind=DocumentKind(row["kind"]), year=row["year"], by=coordinator)
    # Without a day, now: a document can't show a month before it is published, which happens while this is made.
    with on(row["written_on"]) if "written_on" in row else nullcontext():
        chapters = {chapter.key: chapter for chapter in document.chapters.select_related("document__area")}
        for key, said in row["chapters"].items():
            load_chapter(chapters[key], said, people)
        if not row.get("is_frozen"):
            return
        document = Document.objects.select_related("area").get(pk=document.pk)
        for side, name in ((DocumentSide.COORDINATOR, "coordinator"), (DocumentSide.CHAIR, "strategic.chair")):
            agree_document(document, side=side, revision=document.revision, by=people[name])
        freeze(document, revision=document.revision, by=coordinator)
    if row.get("is_public"):
        document = ask_public(document, by=coordinator)
        approve_public(document, seen=make_public(document).fingerprint, by=people["information"])


def load_chapter(chapter: DocumentChapter, said: dict[str, Any], people: People) -> None:
    coordinator = people["coordinator"]
    if "owner" in said:
        draft = ChapterDraft(
            title=chapter.title, asks=chapter.asks, owner=people[said["owner"]], owner_title=chapter.owner_title
        )
        chapter = change_chapter(chapter, draft, revision=chapter.revision, by=coordinator)
    writer = people[said.get("owner", "coordinator")]
    text = {"text": said["text"], "changes": said.get("changes", "")}
    chapter = write_chapter(chapter, **text, revision=chapter.revision, by=writer)
    for kind, code, months, *event in said.get("figures", ()):
        take_figure(chapter, Choice(FigureKind(kind), code, OCTOBER, months, *event), by=writer)
    for row in said.get("numbers", ()):
        numbers, _ = read_numbers(row["rows"])
        take_numbers(
            chapter, OpenData(row["title"], numbers, row["source"], LICENCE, date_label(row["day"])), by=writer
        )
    for row in said.get("comments", ()):
        comment = add_comment(chapter, text=row["said"], by=people[row["by"]])
        if "answer" in row:
            settle_comment(comment, answer=row["answer"], by=coordinator)
    if said.get("state", "agreed") == ChapterState.AGREED:
        agree_chapter(chapter, revision=chapter.revision, by=coordinator)

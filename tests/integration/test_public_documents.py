"""A document for the public: two people, only what public months show, and what a withdrawal takes with it."""

import json
import re
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from boards.models import Membership
from boards.rules import Role
from core.calendar import Month
from core.files import objects
from core.forms.pages import ChangedMeanwhile
from core.labels import TransitionRefused
from core.models import User
from reporting.documents.figures import Choice, FigureKind, OpenData, OpenNumber
from reporting.documents.selectors import list_chapters
from reporting.documents.services import (
    ChapterDraft,
    add_comment,
    change_chapter,
    open_chapter,
    remove_figure,
    take_figure,
    take_numbers,
    write_chapter,
)
from reporting.models import ChapterFigure, Document, DocumentEdition
from reporting.public.services import turn_public_pages
from reporting.public.taking_down import withdraw_month
from reporting.public_documents.presenters import make_public
from reporting.public_documents.services import approve_public, ask_public, turn_down, withdraw_edition
from tests import scenarios
from tests.documents import agree, agree_both, begun, write
from tests.pdf import text_of
from tests.publishing import publish_months
from tests.scenarios import Town, make_town
from tests.standing import stand
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
FIRST, SEPTEMBER, OCTOBER = Month(2025, 10), Month(2026, 9), Month(2026, 10)
# 1 to 4 are withheld by the usual rule. Every other figure is larger than any day or year of the document.
ARRESTS = [4100, 4110, 3, 4130, 2, *range(4150, 4220, 10)]
CHARGES = [4301 + month for month in range(12)]
ADDRESS = "/testford/public/documents/TESTFORD-NEEDS-2026-1/"


def make_town_with_a_public_year() -> Town:
    town = make_town()
    publish_months(town, FIRST, {"arrests": ARRESTS, "charges": CHARGES})
    scenarios.publish_openly(town, SEPTEMBER)
    return town


made, town = stand(make_town_with_a_public_year)


def document_with_figures(town: Town, *choices: Choice) -> Document:
    """Agreed by both sides. The figures are in its first chapter."""
    document = begun(town)
    for place, chapter in enumerate(document.chapters.order_by("position")):
        write(chapter, by=town.coordinator, text="It was written by people.")
        for choice in choices if place == 0 else ():
            take_figure(chapter, choice, by=town.coordinator)
        agree(chapter, by=town.coordinator)
    return agree_both(town, document)


ALL = Choice(FigureKind.INDICATOR, "arrests", SEPTEMBER, 12)


def officer(town: Town) -> User:
    return town.people[Role.INFORMATION]


def publish(town: Town, *choices: Choice) -> DocumentEdition:
    document = ask_public(document_with_figures(town, *choices), by=town.coordinator)
    return approve_public(document, seen=make_public(document).fingerprint, by=officer(town))


def status(address: str = ADDRESS) -> int:
    return Client().get(address).status_code


def numbers_in(edition: DocumentEdition) -> set[int]:
    """Every number that its content and its file say, without those that place something in a picture."""
    content = re.sub(r"<[^>]*>", " ", json.dumps(edition.content, ensure_ascii=False))
    assert edition.pdf is not None
    said = f"{content} {text_of(objects.read(edition.pdf))}"
    return {int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", said)}


# --- What it says


def test_no_figure_that_public_pages_withhold_is_in_it(town: Town):
    """Nor one that could only be worked out from the partners' version: no sum, no change, no usual range."""
    edition = publish(town, ALL)
    withheld = {count for count in ARRESTS if count < 5}
    shown = {count for count in ARRESTS if count >= 5}
    said = numbers_in(edition)
    assert shown <= said
    assert "[c]" in json.dumps(edition.content)
    figure = ChapterFigure.objects.get()
    cells = [
        row[1]["text"] for block in figure.public_blocks or () if block["kind"] == "table" for row in block["rows"]
    ]
    assert not withheld & {int(cell) for cell in cells if cell.isdigit()}
    beside = {abs(one - other) for one in ARRESTS for other in ARRESTS if one in withheld and other in shown}
    assert not beside & said
    assert sum(ARRESTS) not in said


def test_what_is_for_partners_only_is_counted_and_not_named(town: Town):
    scenarios.accept(town, OCTOBER, {"arrests": 4220, "charges": 4313})
    scenarios.publish(town, OCTOBER)  # for the boards, not for the public
    edition = publish(town, Choice(FigureKind.INDICATOR, "charges", OCTOBER, 2))
    content = json.dumps(edition.content)
    assert "1 figure for partners only is left out." in content
    assert "Charges" not in content
    assert not {4312, 4313} & numbers_in(edition)
    assert edition.rests_on == []


def test_it_names_nobody(town: Town):
    User.objects.filter(pk=town.coordinator.pk).update(name="Ann Lee")
    content = json.dumps(publish(town, ALL).content)
    assert "Ann Lee" not in content
    assert "Published month" not in content  # the partners' version


def test_it_says_that_a_member_wrote_a_chapter_and_nothing_of_comments(town: Town):
    document = begun(town)
    first, second = list_chapters(document)
    draft = ChapterDraft(title=first.title, owner=town.lead)
    change_chapter(first, draft, revision=first.revision, by=town.coordinator)
    for chapter in (first, second):
        write(chapter, by=town.coordinator)
        agree(chapter, by=town.coordinator)
    add_comment(second, text="Which year?", by=town.lead)
    document = ask_public(agree_both(town, document), by=town.coordinator)
    edition = approve_public(document, seen=make_public(document).fingerprint, by=officer(town))
    *_, made = edition.content["chapters"]
    (table,) = made["blocks"]
    assert [[cell["text"] for cell in row] for row in table["rows"]] == [
        [first.title, "A member of the partnership"],
        [second.title, second.owner_title or "The coordinator"],
    ]


def test_open_data_is_in_it(town: Town):
    document = begun(town)
    for chapter in document.chapters.all():
        write(chapter, by=town.coordinator)
        numbers = OpenData("Residents", (OpenNumber("All", "172,300"),), "Census, ONS", "OGL", "1 December 2026")
        take_numbers(chapter, numbers, by=town.coordinator)
        agree(chapter, by=town.coordinator)
    agree_both(town, document)
    document = ask_public(Document.objects.get(), by=town.coordinator)
    edition = approve_public(document, seen=make_public(document).fingerprint, by=officer(town))
    assert "172,300" in json.dumps(edition.content)


# --- Two people


def test_only_an_information_officer_who_did_not_ask_approves_it(town: Town):
    document = ask_public(document_with_figures(town, ALL), by=town.coordinator)
    seen = make_public(document).fingerprint
    for by in (town.coordinator, town.people[Role.BOARD_CHAIR], town.lead):
        with pytest.raises(PermissionDenied):
            approve_public(document, seen=seen, by=by)
    assert not DocumentEdition.objects.exists()
    edition = approve_public(document, seen=seen, by=officer(town))
    assert (edition.issued_by, edition.approved_by) == (town.coordinator, officer(town))


def test_who_asked_cannot_approve_it_as_an_officer_either(town: Town):
    document = ask_public(document_with_figures(town, ALL), by=town.coordinator)
    today = {"role": Role.INFORMATION.value, "acts_from": FIRST.first_day}
    Membership.objects.filter(user=town.coordinator).update(**today)
    with pytest.raises(PermissionDenied, match="You can’t approve your own request"):
        approve_public(document, seen=make_public(document).fingerprint, by=town.coordinator)


def test_only_a_coordinator_asks_and_not_before_both_sides_agreed(town: Town):
    document = document_with_figures(town, ALL)
    with pytest.raises(PermissionDenied):
        ask_public(document, by=officer(town))
    open_chapter(document.chapters.first(), by=town.coordinator)
    with pytest.raises(TransitionRefused, match="Not agreed yet"):
        ask_public(document, by=town.coordinator)


def test_what_changed_after_the_officer_read_it_is_not_approved(town: Town):
    document = ask_public(document_with_figures(town, ALL), by=town.coordinator)
    seen = make_public(document).fingerprint
    period = scenarios.open_month(town, SEPTEMBER)
    withdraw_month(period, why="A figure was wrong", by=officer(town))
    with pytest.raises(ChangedMeanwhile):
        approve_public(document, seen=seen, by=officer(town))


def test_a_change_of_its_text_ends_the_request(town: Town):
    document = ask_public(document_with_figures(town, ALL), by=town.coordinator)
    chapter = open_chapter(document.chapters.first(), by=town.coordinator)
    write_chapter(chapter, text="Other words.", revision=chapter.revision, by=town.coordinator)
    with pytest.raises(TransitionRefused, match="No one has asked"):
        approve_public(document, seen=make_public(document).fingerprint, by=officer(town))


def test_an_officer_turns_it_down_and_the_asker_takes_it_back(town: Town):
    document = document_with_figures(town, ALL)
    for by in (officer(town), town.coordinator):
        document = ask_public(document, by=town.coordinator)
        with pytest.raises(PermissionDenied):
            turn_down(document, by=town.lead)
        document = turn_down(document, by=by)
        assert document.public_asked_at is None


# --- For anybody, until it is withdrawn


def test_anybody_reads_it_as_a_page_and_as_the_same_file(town: Town):
    edition = publish(town, ALL)
    page = Client().get(ADDRESS).content.decode()
    assert "It was written by people." in page
    assert Client().get(f"{ADDRESS}document.pdf").content == objects.read(edition.pdf)
    assert edition.reference in Client().get("/testford/public/documents/").content.decode()
    assert "/testford/public/documents/" in Client().get("/testford/public/").content.decode()


def test_before_one_is_public_nothing_points_to_them(town: Town):
    document_with_figures(town, ALL)
    assert "/testford/public/documents/" not in Client().get("/testford/public/").content.decode()
    assert (status(), status(f"{ADDRESS}document.pdf")) == (404, 404)


def test_it_goes_with_a_month_that_one_of_its_figures_shows(town: Town):
    """The month of August, which September's edition repeats."""
    publish(town, ALL)
    august = scenarios.open_month(town, SEPTEMBER.previous)
    withdraw_month(august, why="A figure was wrong", by=officer(town))
    assert (status(), status(f"{ADDRESS}document.pdf")) == (410, 410)
    assert "TESTFORD-NEEDS-2026-1" not in Client().get("/testford/public/documents/").content.decode()


def test_the_page_before_a_withdrawal_names_the_documents_that_go(town: Town):
    publish(town, ALL)
    address = reverse("reporting:publishing-withdraw", args=["testford", SEPTEMBER])
    page = signed_in(officer(town)).get(address).content.decode()
    assert "TESTFORD-NEEDS-2026-1" in page


def test_the_list_has_the_newest_edition_alone_and_none_if_that_is_down(town: Town):
    publish(town, ALL)
    document = ask_public(Document.objects.get(), by=town.coordinator)
    newest = approve_public(document, seen=make_public(document).fingerprint, by=officer(town))
    page = Client().get("/testford/public/documents/").content.decode()
    assert newest.reference in page
    assert "TESTFORD-NEEDS-2026-1" not in page
    withdraw_edition(newest, why="A name stood in it", by=officer(town))
    assert "TESTFORD-NEEDS-2026" not in Client().get("/testford/public/documents/").content.decode()


@pytest.mark.both_databases
def test_an_officer_withdraws_it_with_a_reason_and_once(town: Town):
    edition = publish(town, ALL)
    with pytest.raises(PermissionDenied):
        withdraw_edition(edition, why="A name", by=town.coordinator)
    with pytest.raises(ValidationError):
        withdraw_edition(edition, why=" ", by=officer(town))
    withdraw_edition(edition, why="A name stood in it", by=officer(town))
    assert (status(), status(f"{ADDRESS}document.pdf")) == (410, 410)
    with pytest.raises(DatabaseError), transaction.atomic():
        DocumentEdition.objects.update(withdrawn_at=None, withdrawn_by=None, withdrawn_why="")


def test_with_the_public_pages_off_nobody_reads_it(town: Town):
    publish(town, ALL)
    turn_public_pages(town.area, on=False, by=town.coordinator)
    assert status() == 404


# --- Taking figures


def test_whoever_writes_a_chapter_takes_figures_until_it_is_agreed(town: Town):
    document = begun(town)
    chapter = document.chapters.first()
    with pytest.raises(PermissionDenied):
        take_figure(chapter, ALL, by=town.lead)
    figure = take_figure(chapter, ALL, by=town.coordinator)
    write(chapter, by=town.coordinator)
    agree(chapter, by=town.coordinator)
    refused: Any = pytest.raises(TransitionRefused, match="is agreed")
    with refused:
        take_figure(chapter, ALL, by=town.coordinator)
    with refused:
        remove_figure(figure, by=town.coordinator)


def test_taking_a_figure_ends_the_agreements(town: Town):
    document = document_with_figures(town)
    chapter = open_chapter(document.chapters.first(), by=town.coordinator)
    agree(chapter, by=town.coordinator)
    agree_both(town, document)
    chapter = open_chapter(chapter, by=town.coordinator)
    take_figure(chapter, ALL, by=town.coordinator)
    assert not document.agreements.exists()


def test_a_figure_that_the_month_does_not_have_is_refused_beside_its_box(town: Town):
    chapter = begun(town).chapters.first()
    with pytest.raises(ValidationError) as refused:
        take_figure(chapter, Choice(FigureKind.MAP, "arrests", SEPTEMBER), by=town.coordinator)
    assert "no places in September 2026" in refused.value.message_dict["what"][0]

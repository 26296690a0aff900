"""Pages that take a figure into a chapter, and that make a document public: what they say and accept."""

import pytest
from django.test import Client
from django.urls import reverse

from boards.rules import Role
from core.calendar import Month
from reporting.models import ChapterFigure, Document, DocumentChapter, DocumentEdition
from tests import scenarios
from tests.documents import agree, agree_both, begun, write
from tests.publishing import publish_months
from tests.scenarios import Town, make_town
from tests.standing import stand
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
SEPTEMBER = Month(2026, 9)


def make_town_with_a_document() -> Town:
    town = make_town()
    publish_months(town, SEPTEMBER + -2, {"arrests": [51, 52, 53], "charges": [61, 3, 63]})
    scenarios.publish_openly(town, SEPTEMBER)
    for chapter in begun(town).chapters.all():
        write(chapter, by=town.coordinator)
    return town


made, town = stand(make_town_with_a_document)


def first_chapter() -> DocumentChapter:
    chapter = DocumentChapter.objects.select_related("document__area").order_by("position").first()
    assert chapter is not None
    return chapter


def address(name: str, *more: object) -> str:
    chapter = first_chapter()
    return reverse(f"reporting:{name}", args=["testford", chapter.document_id, *more])


def take_page() -> str:
    return address("figure-take", first_chapter().pk)


CHARGES = {"what": "indicator:charges:", "first": "2026-07", "month": "2026-09"}


def test_a_figure_is_taken_and_stands_in_the_chapter_with_its_source(town: Town):
    page = signed_in(town.coordinator).post(take_page(), CHARGES, follow=True).content.decode()
    assert "Charges, July 2026 to September 2026" in page
    assert "Published month September 2026, version 1. Supplied by Police." in page
    assert "A public edition shows it, because it is already public." in page
    public = ChapterFigure.objects.get().public_blocks
    assert [row[1]["text"] for row in next(one for one in public or () if one["kind"] == "table")["rows"]] == [
        "63",
        "[c]",
        "61",
    ]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"what": ""}, "Choose the figure"),
        ({"what": "indicator:none:"}, "Choose the figure from the list"),
        ({"first": "2026-09", "month": "2026-07"}, "The first month is after the last one: choose an earlier month"),
        ({"month": "2030-01"}, "Choose the last month from the list"),
    ],
)
def test_a_wrong_choice_is_told_and_nothing_is_taken(town: Town, change: dict[str, str], told: str):
    page = signed_in(town.coordinator).post(take_page(), CHARGES | change).content.decode()
    assert told in page
    assert not ChapterFigure.objects.exists()


def test_numbers_of_open_data_are_entered_one_on_a_line(town: Town):
    typed = {
        "title": "Residents",
        "numbers": "Aged 10 to 17; 18,420; people\n\nIn low-income families; 21.5%",
        "source": "Census 2021, ONS",
        "licence": "Open Government Licence v3.0",
        "day": "1 December 2026",
    }
    client, page = signed_in(town.coordinator), address("figure-type", first_chapter().pk)
    told = client.post(page, typed | {"numbers": "Aged 10 to 17: 18,420\nAged 18; many"}).content.decode()
    assert "“Aged 10 to 17: 18,420” isn’t a number, such as 18,420 or 12.5%." in told
    assert "“many” isn’t a number" in told
    assert "Shorten it to 160 characters" in client.post(page, typed | {"title": "x" * 161}).content.decode()
    assert "Census 2021, ONS. Open Government Licence v3.0." in client.post(page, typed, follow=True).content.decode()
    blocks = ChapterFigure.objects.get().blocks
    assert [[cell["text"] for cell in row] for row in blocks[0]["rows"]] == [
        ["Aged 10 to 17", "18,420", "people"],
        ["In low-income families", "21.5%", ""],
    ]


def test_a_figure_is_removed_after_a_page_in_between(town: Town):
    client = signed_in(town.coordinator)
    client.post(take_page(), CHARGES)
    remove = address("figure-remove", ChapterFigure.objects.get().pk)
    assert "Remove “Charges, July 2026 to September 2026”?" in client.get(remove).content.decode()
    assert ChapterFigure.objects.exists()
    client.post(remove)
    assert not ChapterFigure.objects.exists()


def test_who_does_not_write_the_chapter_takes_nothing(town: Town):
    client = signed_in(town.people[Role.BOARD_MEMBER])
    assert client.get(take_page()).status_code == 403
    assert client.post(take_page(), CHARGES).status_code == 403


def test_an_agreed_chapter_takes_no_figure_and_its_page_says_why(town: Town):
    agree(first_chapter(), by=town.coordinator)
    page = signed_in(town.coordinator).get(take_page()).content.decode()
    assert "The chapter is agreed." in page
    assert "Take it</button>" not in page


def test_the_officer_reads_it_whole_and_then_anybody_does(town: Town):
    """From the coordinator's request to the public page, by the buttons."""
    coordinator, officer = signed_in(town.coordinator), signed_in(town.people[Role.INFORMATION])
    coordinator.post(take_page(), CHARGES)
    for chapter in DocumentChapter.objects.all():
        agree(chapter, by=town.coordinator)
    agree_both(town, Document.objects.get())
    page = address("document-public")
    coordinator.post(page, {"act": "ask"})
    publishing = officer.get(reverse("reporting:publishing", args=["testford"])).content.decode()
    assert f'asked to make a document public: <a class="govuk-link" href="{page}">' in publishing
    shown = officer.get(page)
    told = shown.content.decode()
    assert "I have read it: make it public" in told
    assert "[c]" in told
    assert "Published month" not in told
    assert "I have read it" not in coordinator.get(page).content.decode()
    officer.post(page, {"act": "approve", "seen": "of another day"})
    assert not DocumentEdition.objects.exists()
    officer.post(page, {"act": "approve", "seen": shown.context["public"].fingerprint})
    edition = DocumentEdition.objects.get()
    opened = Client().get(f"/testford/public/documents/{edition.reference}/").content.decode()
    assert "Charges, July 2026 to September 2026" in opened
    withdraw = reverse("reporting:document-withdraw", args=["testford", edition.reference])
    assert "Say why you are withdrawing it" in officer.post(withdraw, {"why": ""}).content.decode()
    officer.post(withdraw, {"why": "A place could be recognised"})
    assert Client().get(f"/testford/public/documents/{edition.reference}/").status_code == 410


def test_nobody_else_sees_what_would_be_public(town: Town):
    for person in (town.lead, town.people[Role.BOARD_CHAIR]):
        assert signed_in(person).get(address("document-public")).status_code == 403

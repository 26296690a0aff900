"""The coordinator's page of the set-up as a catalogue: taken as a file, compared, and a newer one taken in."""

from dataclasses import replace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from boards.models import Membership, PartnershipArea, Strand
from core.calendar import Month
from indicators.catalogues.entries import Catalogue, StrandEntry, choose_usual
from indicators.catalogues.files import read_catalogue, read_starter, write_catalogue
from indicators.models import Indicator
from indicators.selectors.catalogues import get_catalogue
from indicators.services.catalogues import AreaDraft, FirstCoordinator, make_area
from tests.answers import Answer
from tests.standing import stand

pytestmark = pytest.mark.django_db
PAGE = "/newtown/setup/catalogue/"


def make_newtown() -> PartnershipArea:
    return make_area(
        AreaDraft(slug="newtown", name="Newtown"),
        choose_usual(read_starter()),
        first_month=Month.of(timezone.localdate()),
        coordinator=FirstCoordinator(email="alex@council.example", name="Alex"),
        by=None,
    )


made, area = stand(make_newtown)


@pytest.fixture
def coordinator(area: PartnershipArea, client: Client) -> Client:
    client.force_login(Membership.objects.get(area=area).user)
    return client


def newer() -> Catalogue:
    held = choose_usual(read_starter())
    lines = replace(held.indicator[0], question="How many lines?", definition="Lines known on the last day.")
    strand = StrandEntry(code="learn", name="Learn <more>")
    return replace(held, strand=(*held.strand[1:], strand), indicator=(lines, *held.indicator[1:]))


def compare(coordinator: Client, content: str) -> Answer:
    file = SimpleUploadedFile("newer.toml", content.encode())
    return coordinator.post(PAGE, {"source": "file", "file": file})


def take(coordinator: Client, shown: Answer, **changed: Any) -> Answer:
    form = shown.context["form"]
    typed = {name: form[name].value() or "" for name in form.fields}
    return coordinator.post(PAGE, typed | {"act": "take"} | changed)


def test_the_set_up_is_taken_as_a_file(area: PartnershipArea, coordinator: Client):
    answer = coordinator.get("/newtown/setup/catalogue.toml")
    assert "newtown-catalogue.toml" in answer["Content-Disposition"]
    assert read_catalogue(answer.content) == get_catalogue(area)


def test_a_newer_one_is_shown_and_then_taken(area: PartnershipArea, coordinator: Client):
    shown = compare(coordinator, write_catalogue(newer()))
    page = shown.content.decode()
    assert "<ins>How many lines?</ins>" in page
    assert "Learn &lt;more&gt;" in page
    assert "Understanding the problem" in page
    assert not Strand.objects.filter(area=area, code="learn").exists()
    assert take(coordinator, shown, meaning="same").url == "/newtown/setup/"
    assert Strand.objects.filter(area=area, code="learn").exists()
    lines = Indicator.objects.get(area=area, code="lines")
    assert (lines.question, lines.definitions.get().text) == ("How many lines?", "Lines known on the last day.")


def test_nothing_is_taken_until_somebody_says_what_a_definition_means(area: PartnershipArea, coordinator: Client):
    asked = take(coordinator, compare(coordinator, write_catalogue(newer())), taken=["strand learn", "indicator lines"])
    assert "Say whether the changed definitions mean the same" in str(asked.context["form"].errors["meaning"])
    assert asked.context["form"]["taken"].value() == ["strand learn", "indicator lines"]
    assert not Strand.objects.filter(area=area, code="learn").exists()


def test_only_what_is_ticked_is_taken(area: PartnershipArea, coordinator: Client):
    shown = compare(coordinator, write_catalogue(newer()))
    refused = take(coordinator, shown, taken=[])
    assert "Tick at least one change" in str(refused.context["form"].errors["taken"])
    assert take(coordinator, shown, taken=["strand learn"]).url == "/newtown/setup/"
    assert Indicator.objects.get(area=area, code="lines").question != "How many lines?"


def test_the_starter_set_offers_what_is_optional_unticked(coordinator: Client):
    shown = coordinator.post(PAGE, {"source": "starter"})
    rows = {value: is_ticked for _, value, is_ticked in shown.context["form"].rows}
    assert rows["indicator police-drugs"] is False
    assert "section recorded-crime" not in rows
    assert take(coordinator, shown, taken=["indicator police-drugs"]).url == "/newtown/setup/"


def test_a_file_that_was_chosen_is_read_whatever_the_choice_above_it_says(coordinator: Client):
    file = SimpleUploadedFile("newer.toml", write_catalogue(newer()).encode())
    shown = coordinator.post(PAGE, {"source": "starter", "file": file})
    assert "<ins>How many lines?</ins>" in shown.content.decode()


def test_whoever_comes_second_looks_again(area: PartnershipArea, coordinator: Client):
    shown = compare(coordinator, write_catalogue(newer()))
    Strand.objects.create(area=area, code="other", name="Other")
    refused = take(coordinator, shown, taken=["strand learn"])
    assert "The set-up has changed since you opened this page. Check the differences again." in refused.content.decode()
    assert not Strand.objects.filter(area=area, code="learn").exists()
    # The page that says so shows the differences as they are now.
    seen = refused.context["form"].initial["seen"]
    assert f'name="seen" value="{seen}"' in refused.content.decode()
    assert take(coordinator, refused, taken=["strand learn"], seen=seen).url == "/newtown/setup/"


def test_what_looks_personal_in_a_file_is_asked_about(area: PartnershipArea, coordinator: Client):
    strand = StrandEntry(code="learn", name="Learn", summary="Ring 01632 960123")
    shown = compare(coordinator, write_catalogue(replace(choose_usual(read_starter()), strand=(strand,))))
    asked = take(coordinator, shown)
    assert "looks like a telephone number" in str(asked.context["form"].errors["not_personal"])
    box = asked.context["form"].fields["not_personal"].widget.attrs["value"]
    assert f'value="{box}"' in asked.content.decode()
    assert take(coordinator, shown, not_personal=box).url == "/newtown/setup/"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("board = [", "It can’t be read as TOML"),
        ("[catalogue]\nname = 'A'\n[[board]]\ncode = 'a'", "The board “a” has no name."),
        ("#" * (1024**2 + 1), "A catalogue has at most 1 MB."),
    ],
)
def test_a_bad_file_is_refused_in_a_sentence(coordinator: Client, content: str, sentence: str):
    assert sentence in str(compare(coordinator, content).context["form"].errors["file"])


def test_no_file_and_a_page_that_was_tampered_with_are_refused(coordinator: Client):
    assert "Choose the file" in str(coordinator.post(PAGE, {"source": "file"}).context["form"].errors)
    answer = coordinator.post(PAGE, {"act": "take", "catalogue": "nonsense"})
    assert "Choose the catalogue" in answer.context["form"].errors["source"]

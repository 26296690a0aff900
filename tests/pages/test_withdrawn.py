"""What is withdrawn is gone: no public address repeats a figure of a withdrawn month, in any edition, file, pack or
picture. The attack asks for all of them, before and after."""

import re
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from boards.rules import Role
from core.labels import TransitionRefused
from indicators.disclosure import Audience, Marking
from indicators.services.disclosure import mark_month
from reporting.models import EditionWithdrawal, MonthWithdrawal, Replacement
from reporting.public import publishing
from reporting.public.lines import GivenAway, Prepared
from reporting.public.selectors import waiting_replacements
from reporting.public.taking_down import explain, prepare_replacements, withdraw_month
from tests import scenarios
from tests.highlights import picture, tell
from tests.integration.test_editions import correct
from tests.scenarios import Town
from tests.standing import stand
from tests.visiting import signed_in
from tests.withdrawn import (
    OCTOBER,
    SEPTEMBER,
    find_leaks,
    make_public_town,
    officer_of,
    period_of,
    publish_again,
    text_of,
    told_in,
)

pytestmark = pytest.mark.django_db


made, town = stand(make_public_town)


# --- The attack -------------------------------------------------------------------------------------


def test_the_attack_finds_septembers_figures_in_every_edition_before(town: Town):
    leaks = find_leaks(town)
    slug = town.area.slug
    for month in (SEPTEMBER, OCTOBER):
        for end in ("", "year/", "figures.csv", "figures.json", "figures.xlsx", "figures.ods"):
            assert leaks.get(f"/{slug}/public/{month}/{end}")
    for file in ("figures.csv", "datapackage.zip"):
        assert leaks.get(f"/{slug}/public/{file}")
    assert leaks.get(f"/{slug}/public/packs/TESTFORD-2026-10-CSP-1/")
    assert leaks.get(f"/{slug}/public/packs/TESTFORD-2026-10-CSP-1/pack.pdf")


@pytest.mark.parametrize("how", ["withdrawn", "urgent", "marked"])
def test_nothing_public_repeats_a_withdrawn_month(town: Town, how: str):
    september = period_of(town, SEPTEMBER)
    if how == "marked":
        why = "It names a place"
        mark_month(september, audience=Audience.PUBLIC, marking=Marking.SENSITIVE, why=why, by=officer_of(town))
    else:
        withdraw_month(
            september, why="" if how == "urgent" else "Wrong", is_urgent=how == "urgent", by=officer_of(town)
        )
    assert find_leaks(town) == {}

    prepare_replacements(waiting_replacements())
    assert find_leaks(town) == {}
    second = publish_again(town, OCTOBER)
    assert second.number == 2
    assert find_leaks(town) == {}
    # October itself is back.
    assert Client().get(f"/{town.area.slug}/public/2026-10/").status_code == 200
    scenarios.issue(town, OCTOBER, audience=Audience.PUBLIC)
    assert find_leaks(town) == {}


def test_the_publics_history_and_its_files_for_partners_forget_it_too(town: Town, tmp_path: Path):
    withdraw_month(period_of(town, SEPTEMBER), why="Wrong", by=officer_of(town))
    prepare_replacements(waiting_replacements())
    publish_again(town, OCTOBER)
    member = signed_in(town.lead)
    for kind in ("csv", "json", "xlsx", "ods"):
        for name in ("exports/history", "2026-10/figures", "2026-09/figures", "indicators/arrests/figures"):
            answer = member.get(f"/{town.area.slug}/{name}.{kind}?audience=public")
            assert answer.status_code in (200, 404)
            assert answer.status_code == 404 or not told_in(text_of(answer.content))
    to = tmp_path / "history.csv"
    call_command("export_figures", area=town.area.slug, audience="public", output=to)
    assert not told_in(to.read_text(encoding="utf-8"))


def test_a_reader_gets_a_sentence_and_no_other_month_is_named(town: Town):
    withdraw_month(period_of(town, SEPTEMBER), why="A secret reason", by=officer_of(town))
    answer = Client().get(f"/{town.area.slug}/public/2026-10/?edition=1")
    words = text_of(answer.content)
    assert answer.status_code == 410
    assert "October 2026 was published here. We took it down because it also showed figures that have been" in words
    assert "September" not in words
    assert "secret" not in words


def test_a_milder_marking_alone_brings_nothing_back(town: Town):
    """One person marked it; the same person alone can't publish it again."""
    september = period_of(town, SEPTEMBER)
    for marking in (Marking.SENSITIVE, Marking.NONE):
        mark_month(september, audience=Audience.PUBLIC, marking=marking, why="A mistake", by=officer_of(town))
    assert Client().get(f"/{town.area.slug}/public/2026-09/").status_code == 410
    assert find_leaks(town) == {}


def test_a_corrected_month_does_not_say_what_the_withdrawn_edition_said(town: Town):
    withdraw_month(period_of(town, SEPTEMBER), why="Wrong", by=officer_of(town))
    correct(town, SEPTEMBER, "arrests", 99)
    scenarios.publish_openly(town, SEPTEMBER)
    assert "7351" not in text_of(Client().get(f"/{town.area.slug}/public/2026-09/figures.csv").content)
    assert not {"7351", "7,351"} & {one for told in find_leaks(town).values() for one in told}


# --- What goes up again -----------------------------------------------------------------------------


def test_one_that_cannot_pass_stays_down_and_says_why(town: Town, monkeypatch: pytest.MonkeyPatch):
    withdraw_month(period_of(town, SEPTEMBER), why="Wrong", by=officer_of(town))
    prepared = Prepared([], given_away=[GivenAway(OCTOBER, "Charges")])
    monkeypatch.setattr(publishing, "prepare_edition", lambda *_: prepared)
    assert prepare_replacements(waiting_replacements()) == 0
    refused = Replacement.objects.get()
    assert refused.is_tried
    assert "someone could work out Charges in October 2026" in refused.refused
    monkeypatch.undo()
    assert Client().get(f"/{town.area.slug}/public/2026-10/").status_code == 410
    for person in (town.coordinator, officer_of(town)):
        reader = signed_in(person)
        page = text_of(reader.get(f"/{town.area.slug}/publishing/2026-10/").content)
        assert "because it shows figures for September 2026" in page
        assert "someone could work out Charges in October 2026" in page
        listed = text_of(reader.get(f"/{town.area.slug}/publishing/").content)
        assert (
            "down because September 2026 was withdrawn. It stays down: From figures that are already public"
        ) in listed


# --- The rows stay ----------------------------------------------------------------------------------


def test_the_figures_of_other_months_stay(town: Town):
    withdraw_month(period_of(town, OCTOBER), why="Wrong", by=officer_of(town))
    assert Client().get(f"/{town.area.slug}/public/2026-09/").status_code == 200
    assert not Replacement.objects.exists()


# --- The pages --------------------------------------------------------------------------------------


@pytest.fixture
def officer(town: Town) -> Client:
    return signed_in(officer_of(town))


HERE = "/testford/publishing/2026-09/withdraw/"


def test_the_page_says_exactly_what_goes(town: Town, officer: Client):
    words = text_of(officer.get(HERE).content)
    for told in (
        "Edition 1. It repeats figures for September 2026",
        "TESTFORD-2026-09-CSP-1",
        "TESTFORD-2026-10-CSP-1",
        "CSV, Excel, OpenDocument, JSON",
        "new editions without the figures for September 2026: October 2026",
    ):
        assert told in words


def test_a_reason_is_needed_and_kept(town: Town, officer: Client):
    answer = officer.post(HERE, {"why": ""})
    assert "Say why you are withdrawing it" in text_of(answer.content)
    assert not EditionWithdrawal.objects.exists()
    answer = officer.post(HERE, {"why": "Ring 07700 900123"})
    assert "07700 900123" in text_of(answer.content)
    assert not EditionWithdrawal.objects.exists()
    page = text_of(officer.post(HERE, {"why": "The total was wrong"}, follow=True).content)
    assert "September 2026 is no longer in any public pages, files or board packs." in page
    assert "The total was wrong" in page
    assert find_leaks(town) == {}


def test_in_an_emergency_it_comes_down_first(town: Town, officer: Client):
    page = text_of(officer.post(HERE, {"how": "now"}, follow=True).content)
    assert find_leaks(town) == {}
    assert "Now give the reason." in page
    assert "Why was September 2026 withdrawn?" in page
    month = "/testford/publishing/2026-09/"
    page = text_of(officer.post(month, {"decision": "explain", "why": ""}, follow=True).content)
    assert "Say why." in page
    page = text_of(officer.post(month, {"decision": "explain", "why": "It named a house"}, follow=True).content)
    assert "The reason for withdrawing September 2026 is saved." in page
    assert "It named a house" in page
    assert "Why was September 2026 withdrawn?" not in page
    with pytest.raises(TransitionRefused, match="has already given the reason"):
        explain(MonthWithdrawal.objects.get(), why="Again", by=officer_of(town))


def test_pressed_twice_it_is_withdrawn_once(town: Town, officer: Client):
    for _ in range(2):
        page = text_of(officer.post(HERE, {"how": "now"}, follow=True).content)
    assert "there is nothing to withdraw" in page
    assert MonthWithdrawal.objects.count() == 1


def test_only_an_officer_withdraws(town: Town):
    for role in (Role.COORDINATOR, Role.ANALYST, Role.AGENCY_LEAD):
        person = signed_in(town.people[role])
        assert person.post(HERE, {"how": "now"}).status_code == 403
        with pytest.raises(PermissionDenied):
            withdraw_month(period_of(town, SEPTEMBER), why="Wrong", by=town.people[role])


def test_marking_it_against_the_public_says_first_what_goes(town: Town, officer: Client):
    typed = {"audience": "public", "marking": "OFFICIAL-SENSITIVE", "why": "It names a place"}
    address = reverse("indicators:marking-edit", args=[town.area.slug, SEPTEMBER])
    answer = officer.post(address, typed)
    page = text_of(answer.content)
    assert "October 2026: edition 1 with its pages and files, and the packs TESTFORD-2026-10-CSP-1" in page
    assert "It names a place" in page
    assert not EditionWithdrawal.objects.exists()
    tick = re.search(r'name="take_down"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="take_down"', page)
    assert tick
    answer = officer.post(address, typed | {"take_down": tick[1] or tick[2]})
    assert answer.status_code == 302
    assert find_leaks(town) == {}


def test_a_picture_goes_with_its_months(town: Town):
    """Its address is still known when its page is gone. A picture of two months stays while one of them is public."""
    own = tell(town, picture=picture(), is_public=True)
    of_both = tell(town, picture=picture(), is_public=True, title="A stall", ends_on=OCTOBER.first_day)
    addresses = [f"/testford/public/highlights/{each.pk}/picture" for each in (own, of_both)]
    assert [Client().get(each).status_code for each in addresses] == [200, 200]
    withdraw_month(period_of(town, SEPTEMBER), why="Wrong", by=officer_of(town))
    assert [Client().get(each).status_code for each in addresses] == [410, 200]

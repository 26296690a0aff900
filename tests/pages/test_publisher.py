"""Who publishes the public pages, whom to ask, and the licence of their figures."""

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from boards.models import Licence, PartnershipArea
from boards.models.areas import OPEN_LICENCE
from boards.rules import Role
from boards.services.area import set_publisher
from core.models import AuditEvent
from indicators.disclosure import Audience
from indicators.selectors.catalogues import list_gaps
from reporting.models import IssuedPack
from reporting.public.presenters.publisher import NO_TERMS, TERMS
from reporting.public.services import turn_public_pages
from reporting.public.taking_down import withdraw_month
from tests import scenarios
from tests.architecture.places import address, views_for_anybody
from tests.factories.workbooks import parts_of
from tests.integration.test_public_documents import ALL, SEPTEMBER, make_town_with_a_public_year, officer, publish
from tests.scenarios import Town
from tests.shires import OCTOBER, make_shire
from tests.standing import stand
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
HERE = "/testford/public/"
NAME = "Testford Community Safety Partnership"
CONTACT, PAGE = "safer@testford.example", "https://testford.example/safer?ask=1&of=us"
FULL_NAME = "Violence and Vulnerability (V+V) Dashboard"


def make_open_town() -> Town:
    """With a page of each kind that anyone can read."""
    town = make_town_with_a_public_year()
    scenarios.tell_signs(town)
    scenarios.issue(town, SEPTEMBER, audience=Audience.PUBLIC)
    publish(town, ALL)
    return town


made, town = stand(make_open_town)


def say(town: Town, **options: Any) -> PartnershipArea:
    told = {"publisher": NAME, "contact": CONTACT, "licence": Licence.OPEN} | options
    return set_publisher(town.area, **told, by=town.coordinator)


def walk(space: str, **known: object) -> Mapping[str, Any]:
    """Return the answer at each address of pages and files for anyone, by its name."""
    parts = {"highlight": 1, "photo": "x", **known}
    names = [name for name in views_for_anybody() if name.startswith(space)]
    return {name.removeprefix(space): Client().get(address(name, parts)) for name in names}


def walk_area() -> Mapping[str, Any]:
    pack, document = IssuedPack.objects.get().reference, "TESTFORD-NEEDS-2026-1"
    return walk("reporting:public-", town="testford", month=SEPTEMBER, reference=pack, opened=document)


def pages_of(answers: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: answer.content.decode() for name, answer in answers.items() if "html" in answer.headers["Content-Type"]
    }


def foot_of(page: str) -> str:
    """What the foot says, in words."""
    (foot,) = re.findall(r"<footer.*</footer>", page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", "", foot).split())


# --- Every public page ----------------------------------------------------------------------------

PAGES = {
    *("list", "month", "about", "year", "lines", "signs", "privacy", "accessibility"),
    *("pack-list", "pack", "document-list", "document"),
}


def test_every_public_page_says_who_publishes_it_and_whom_to_ask(town: Town):
    say(town)
    answers = walk_area()
    pages = pages_of(answers)
    assert {name for name in pages if answers[name].status_code == 200} == PAGES
    for name in PAGES:
        page = pages[name]
        assert f"Published by {NAME}. Questions: {CONTACT}." in foot_of(page), name
        assert f'href="mailto:{CONTACT}"' in page, name
        assert f'rel="license" href="{OPEN_LICENCE}">Open Government Licence v3.0</a>' in page, name
        assert FULL_NAME in re.sub(r"<[^>]+>", "", page.partition("<main")[0].partition("<header")[2]), name


def test_a_page_that_is_not_there_tells_of_no_area(town: Town):
    say(town)
    for name, page in (pages := pages_of(walk_area())).items():
        if name not in PAGES:
            assert "says there whom to ask" in foot_of(page), name
    assert pages.keys() > PAGES
    for browse in (Client().get, Client().post):
        assert browse(f"{HERE}2019-01/").content == browse("/nowhere/public/2019-01/").content


def test_a_withdrawn_page_says_whom_to_ask(town: Town):
    say(town)
    period = scenarios.open_month(town, SEPTEMBER)
    withdraw_month(period, why="Wrong", by=officer(town))
    answer = Client().get(f"{HERE}{SEPTEMBER}/")
    assert answer.status_code == 410
    assert f"Questions: {CONTACT}." in foot_of(answer.content.decode())


def test_without_them_the_page_says_so(town: Town):
    foot = foot_of(Client().get(HERE).content.decode())
    assert "Published by Testford. No contact is given for questions. The figures have no licence." in foot
    say(town, licence=Licence.ASK, contact=PAGE)
    page = Client().get(HERE).content.decode()
    assert f"Questions: {PAGE}. The figures have no licence: ask before you reuse them.".replace(
        "&", "&amp;"
    ) in foot_of(page)
    assert f'href="{PAGE.replace("&", "&amp;")}"' in page


@pytest.mark.parametrize("change", [{"publisher": "Someone else"}, {"contact": PAGE}, {"licence": Licence.ASK}])
def test_a_reader_who_has_a_page_gets_the_change(town: Town, change: dict[str, str]):
    say(town)
    before = walk_area()
    assert {name: answer.headers.get("ETag") for name, answer in walk_area().items()} == {
        name: answer.headers.get("ETag") for name, answer in before.items()
    }
    say(town, **change)
    after = walk_area()
    same = {
        name for name, answer in after.items() if answer.headers.get("ETag", "") == before[name].headers.get("ETag")
    }
    assert not same & (PAGES | {"csv", "json", "xlsx", "ods", "package-json", "package-zip"})


def test_a_regions_page_names_the_region_and_leads_to_each_area():
    shire = make_shire(2, 3, 3, 2, 12)
    shire.publish()
    answers = walk("region-public:", county="essex", region="essex", month=OCTOBER)
    pages = pages_of(answers)
    assert {name for name in pages if answers[name].status_code == 200} == {"list", "month", "indicator"}
    for name, page in pages.items():
        assert "Published by Essex, from these areas’ figures. Each area’s page says whom to ask: Ashford," in foot_of(
            page
        ), name
        for slug in shire.towns:
            url = reverse("reporting:public-list", args=[slug])
            assert f'href="{url}"' in page.partition("<footer")[2]
            assert Client().get(url).status_code == 200


def test_pages_of_no_area_say_who_runs_the_service(settings):
    for path in ("/no/such/page/", "/nowhere/public/", "/account/login/", "/api/v1/"):
        page = Client().get(path).content.decode()
        assert FULL_NAME in page
        assert "Each area publishes its own pages, and says there whom to ask." in foot_of(page)
    settings.PROVIDER, settings.CONTACT = "Newtown Council", "help@newtown.example"
    for path in ("/no/such/page/", "/nowhere/public/"):
        assert "Newtown Council runs this service. Questions: help@newtown.example." in foot_of(
            Client().get(path).content.decode()
        )


# --- Files ----------------------------------------------------------------------------------------


def describe() -> dict[str, Any]:
    description = json.loads(Client().get(f"{HERE}datapackage.json").content)
    return {name: description[name] for name in ("contributors", "licenses") if name in description}


@pytest.mark.parametrize(("licence", "terms"), TERMS.items())
def test_json_and_feed_name_the_licence(town: Town, licence: Licence, terms: str):
    feed = Client().get("/testford/public/feed.atom").content.decode()
    assert f"<rights>{NO_TERMS}</rights>" in feed
    say(town, licence=licence)
    for path in ("latest", f"months/{SEPTEMBER}", "history"):
        assert Client().get(f"/api/v1/public/areas/testford/{path}").json()["licence"] == terms
    assert f"<rights>{terms}</rights>" in Client().get("/testford/public/feed.atom").content.decode()


def test_the_data_package_names_publisher_and_licence(town: Town):
    assert describe() == {"contributors": [{"title": "Testford", "role": "publisher"}]}
    say(town)
    assert describe() == {
        "contributors": [{"title": NAME, "role": "publisher", "email": CONTACT}],
        "licenses": [{"name": "OGL-UK-3.0", "title": "Open Government Licence v3.0", "path": OPEN_LICENCE}],
    }
    say(town, contact=PAGE, licence=Licence.ASK)
    assert describe() == {
        "contributors": [{"title": NAME, "role": "publisher", "path": PAGE}],
        "licenses": [{"name": "other-closed", "title": "No licence: ask the publisher first"}],
    }


def test_the_notes_of_a_workbook_name_them(town: Town):
    say(town)
    workbook = b" ".join(parts_of(Client().get(f"{HERE}{SEPTEMBER}/figures.xlsx").content).values()).decode()
    for words in (
        NAME,
        CONTACT,
        f"Anyone may reuse these figures under the Open Government Licence v3.0: {OPEN_LICENCE}",
    ):
        assert words in workbook


# --- The settings ---------------------------------------------------------------------------------

FORM = "/testford/setup/publisher/"
ASKED = "Enter an email address (office@anytown.example) or a page’s address (https://anytown.example/contact)"


def send(town: Town, **typed: str) -> Any:
    typed = {"publisher": NAME, "contact": CONTACT, "licence": "ogl-3.0"} | typed
    return signed_in(town.coordinator).post(FORM, typed, follow=True)


def test_a_coordinator_says_who_publishes_the_figures(town: Town):
    assert "Saved. It is at the foot of each public page." in send(town, publisher=f" {NAME} ").content.decode()
    town.area.refresh_from_db()
    assert (town.area.publisher, town.area.contact, town.area.licence) == (NAME, CONTACT, "ogl-3.0")
    send(town)  # a second press changes nothing
    event = AuditEvent.objects.get(verb="area.changed")
    assert event.details["changes"] == {
        "publisher": ["", NAME],
        "contact": ["", CONTACT],
        "licence": ["", "ogl-3.0"],
    }


@pytest.mark.parametrize(
    "contact",
    [
        *("ask us", "testford.example", "https://", "a@b", "office@testford.example, other@testford.example"),
        *("javascript://alert(1)", "ftp://testford.example", "mailto:office@testford.example"),
    ],
)
def test_what_is_no_address_is_refused_and_kept(town: Town, contact: str):
    answer = send(town, contact=contact, publisher="Kept")
    assert answer.context["form"].errors == {"contact": [ASKED]}
    body = answer.content.decode()
    assert f'value="{contact}"' in body
    assert 'value="Kept"' in body
    town.area.refresh_from_db()
    assert town.area.contact == ""
    with pytest.raises(ValidationError):
        say(town, contact=contact)


def test_each_is_asked_for(town: Town):
    answer = send(town, publisher=" ", contact="", licence="")
    assert answer.context["form"].errors == {
        "publisher": ["Enter the name of the publisher"],
        "contact": ["Enter the address for questions"],
        "licence": ["Choose the licence"],
    }
    assert send(town, licence="mine").context["form"].errors == {"licence": ["Choose the licence from the list"]}
    too_long = send(town, publisher="x" * 121).context["form"].errors
    assert too_long == {"publisher": ["The name of the publisher is too long: shorten it to 120 characters"]}


def test_only_a_coordinator_may(town: Town):
    for person in (town.lead, town.people[Role.INFORMATION]):
        assert signed_in(person).get(FORM).status_code == 403
        with pytest.raises(PermissionDenied):
            set_publisher(town.area, publisher=NAME, contact=CONTACT, licence=Licence.OPEN, by=person)


def test_a_coordinator_is_told_what_is_missing_before_a_month_is_public(town: Town):
    browser, gap = (
        signed_in(town.coordinator),
        "The public pages have no publisher’s name, no address for questions and no licence.",
    )
    for path in ("/testford/publishing/", "/testford/setup/"):
        page = browser.get(path).content.decode()
        assert gap in page
        assert f'href="{FORM}"' in page
    assert (
        "A coordinator can add it under Set-up."
        in signed_in(officer(town)).get("/testford/publishing/").content.decode()
    )
    say(town)
    town.area.refresh_from_db()
    assert gap not in browser.get("/testford/publishing/").content.decode()
    assert gap not in [one.sentence for one in list_gaps(town.area)]


def test_an_area_without_public_pages_lacks_nothing(town: Town):
    turn_public_pages(town.area, on=False, by=town.coordinator)
    page = signed_in(town.coordinator).get("/testford/setup/").content.decode()
    assert "The public pages have no" not in page
    assert "Not complete" in page

"""The privacy notice and the accessibility statement: ours, and what an area adds."""

import re
from typing import Any

import pytest
from django.test import Client

from boards.models import PublicStatements
from boards.services.area import LONGEST, set_statements
from reporting.public.services import turn_public_pages
from tests import scenarios
from tests.integration import setup_pages
from tests.scenarios import Town
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
OWN = "Testford Council decides.\n\nWrite to office@testford.example."
MARKUP = "<script>alert(1)</script>"


@pytest.fixture
def page(town: Town, client):
    return setup_pages.opener(town, client)


def read(path: str, browser: Client | None = None, status: int = 200) -> str:
    answer = (browser or Client()).get(path)
    assert answer.status_code == status
    return answer.content.decode()


def save(town: Town, **options: Any) -> PublicStatements:
    held = PublicStatements.objects.filter(area=town.area).first()
    told: dict[str, Any] = {"privacy": OWN, "accessibility": "", "revision": held.revision if held else 0}
    return set_statements(town.area, **told | {"by": town.coordinator} | options)


@pytest.mark.parametrize("name", ["privacy", "accessibility"])
def test_every_page_leads_to_them_and_anybody_reads_them(town: Town, name):
    link = rf'<footer.*href="/{name}/".*</footer>'
    for path, status in (("/account/login/", 200), ("/help/", 200), ("/no/such/page/", 404)):
        assert re.search(link, read(path, status=status), re.DOTALL)
    turn_public_pages(town.area, on=True, by=town.coordinator)
    scenarios.tell_signs(town)
    signs = read("/testford/public/signs/")
    assert re.search(rf'<footer.*href="/testford/public/{name}/".*</footer>', signs, re.DOTALL)
    assert "Testford" not in read(f"/{name}/")


def test_the_operator_is_named_with_a_contact(settings):
    assert "Ask the person who told you about this service." in read("/privacy/")
    settings.PROVIDER, settings.CONTACT = "Newtown Council", "help@newtown.example"
    for path in ("/privacy/", "/accessibility/"):
        text = read(path)
        assert "Newtown Council" in text
        assert 'href="mailto:help@newtown.example"' in text


def test_an_area_adds_its_part_and_others_do_not_read_it(town: Town, outsider, page):
    assert "Your part of the privacy notice" in page("boards:statements-edit").content.decode()
    answer = page("boards:statements-edit", privacy=OWN, accessibility=MARKUP, revision=0).content.decode()
    assert "Saved. People with a role in Testford can read it." in answer
    member, other = signed_in(town.lead), signed_in(outsider)
    assert "Testford Council decides." in read("/privacy/", member)
    assert "&lt;script&gt;" in read("/accessibility/", member)
    for browser in (other, Client()):
        assert "Testford Council decides." not in read("/privacy/", browser)
    read("/testford/public/privacy/", status=404)  # as long as its public pages are off, it isn't there

    turn_public_pages(town.area, on=True, by=town.coordinator)
    assert "Testford Council decides." in read("/testford/public/privacy/")
    accessibility = read("/testford/public/accessibility/")
    assert "&lt;script&gt;" in accessibility
    assert MARKUP not in accessibility
    assert "Anyone can read it." in page("boards:statements-edit", privacy="", revision=1).content.decode()
    assert "Testford Council decides." not in read("/testford/public/privacy/")


def test_a_reader_gets_a_changed_part_straight_away(town: Town):
    turn_public_pages(town.area, on=True, by=town.coordinator)
    first = Client().get("/testford/public/privacy/")
    known = {"if-none-match": first.headers["ETag"]}
    assert Client().get("/testford/public/privacy/", headers=known).status_code == 304
    save(town)
    assert Client().get("/testford/public/privacy/", headers=known).status_code == 200
    assert not first.cookies
    assert first.headers["X-Robots-Tag"] == "noarchive"


def test_a_long_part_is_refused_and_kept(page):
    answer = page("boards:statements-edit", privacy="x" * (LONGEST + 1), revision=0)
    assert setup_pages.errors(answer) == ["Shorten this text to 4,000 characters; it has 4,001."]
    assert "x" * (LONGEST + 1) in answer.content.decode()
    assert not PublicStatements.objects.exists()


def test_two_at_one_form(page):
    page("boards:statements-edit", privacy="One", revision=0)
    answer = page("boards:statements-edit", privacy="Two", revision=0)
    (told,) = setup_pages.errors(answer)
    assert "This page was changed after you opened this form." in told
    assert PublicStatements.objects.get().privacy == "One"
    page("boards:statements-edit", privacy="Two", revision=1)
    assert PublicStatements.objects.get().privacy == "Two"

"""What is above and below each page. Nobody may see in its kept menu what belongs to somebody else."""

import re

import pytest
from django.test import Client

from tests.answers import Answer
from tests.scenarios import Town

pytestmark = pytest.mark.django_db
PAGE = "/testford/method/"
A_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


def test_each_person_reads_only_their_own_name(town: Town):
    names = ["<b>Ada</b>", "{{ user }}", "O’Neill & Co"]
    escaped = ["&lt;b&gt;Ada&lt;/b&gt;", "{{ user }}", "O’Neill &amp; Co"]
    clients = []
    for name in names:
        town.lead.name = name
        town.lead.save()
        client: Answer = Client()
        client.force_login(town.lead)
        clients.append(client.get(PAGE).content.decode())
    for page, own in zip(clients, escaped, strict=True):
        assert f"<span>{own}</span>" in page
        assert not any(f"<span>{other}</span>" in page for other in escaped if other != own)


def test_each_answer_has_a_token_of_its_own_and_it_works(town: Town):
    client: Answer = Client(enforce_csrf_checks=True)
    client.force_login(town.lead)
    first, second = (A_TOKEN.search(client.get(PAGE).content.decode()) for _ in range(2))
    assert first is not None
    assert second is not None
    assert first[1] != second[1]
    assert client.post("/account/logout/", {"csrfmiddlewaretoken": "x" * 64}).status_code == 403
    assert client.post("/account/logout/", {"csrfmiddlewaretoken": first[1]}).status_code == 302
    page = client.get("/account/login/").content.decode()
    assert "Sign out" not in page


def test_a_menu_is_only_kept_for_those_who_have_it(town: Town):
    def menu(person) -> set[str]:
        client: Answer = Client()
        client.force_login(person)
        return set(re.findall(r'<li><a href="([^"]+)"', client.get(PAGE).content.decode()))

    coordinator, lead = menu(town.coordinator), menu(town.lead)
    assert "/testford/setup/" in coordinator - lead
    assert (menu(town.coordinator), menu(town.lead)) == (coordinator, lead)


def test_the_token_for_forms_is_sent_once(town: Town):
    client: Answer = Client(enforce_csrf_checks=True)
    client.force_login(town.lead)
    first, again = client.get(PAGE), client.get(PAGE)
    sent = first.cookies["csrftoken"]
    assert (sent["max-age"], sent["expires"], sent["httponly"]) == ("", "", True)  # until the browser closes
    assert "csrftoken" not in again.cookies
    assert "Cookie" in again.headers["Vary"]
    token = A_TOKEN.search(again.content.decode())
    assert token is not None
    assert client.post("/account/logout/", {"csrfmiddlewaretoken": token[1]}).status_code == 302


@pytest.mark.parametrize("known", ["", "short", "x" * 64])
def test_a_browser_with_another_token_gets_one(known: str):
    client = Client()
    if known:
        client.cookies["csrftoken"] = known
    answer = client.get("/account/login/")
    assert len(answer.cookies["csrftoken"].value) == 32


def test_signing_in_changes_the_token(town: Town):
    town.lead.set_password("a long password of hers")
    town.lead.save()
    client = Client()
    before = client.get("/account/login/").cookies["csrftoken"].value
    client.post("/account/login/", {"login": town.lead.email, "password": "a long password of hers"})
    assert client.cookies["csrftoken"].value != before


@pytest.mark.parametrize("path", ["/testford/", "/testford/setup/agencies/add/", "/testford/plan/add/", "/privacy/"])
def test_a_page_is_opened_or_gets_a_form_and_nothing_else(town: Town, path: str):
    browser = Client()
    browser.force_login(town.coordinator)
    for method in (browser.put, browser.patch, browser.delete, browser.options):
        refused = method(path)
        assert (refused.status_code, refused.templates[0].name) == (405, "405.html")
    assert browser.get(path).status_code == 200

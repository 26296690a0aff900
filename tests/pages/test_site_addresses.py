"""Links in e-mails start with SITE_URL, whatever `Host` a request names."""

from urllib.parse import urlsplit

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from core.tasks import send_account_letters
from tests.scenarios import Town
from vvdash.middleware import SiteAddressMiddleware

pytestmark = pytest.mark.django_db
SITE = "https://dashboard.example"
ATTACKER = "attacker.example"


@pytest.fixture(autouse=True)
def careless(settings):
    """An operator who allows every host: only then does such a request get as far as a page."""
    settings.SITE_URL = SITE
    settings.ALLOWED_HOSTS = ["*"]


def addresses_in(letter: str) -> list[str]:
    return [word for word in letter.split() if "://" in word]


@pytest.mark.parametrize("email", ["lead@testford.example", "nobody@testford.example"])
def test_a_forged_host_gets_into_no_letter_about_a_password(town: Town, mailoutbox, email):
    town.lead.email = "lead@testford.example"
    town.lead.save()
    answer = Client().post(reverse("account_reset_password"), {"email": email}, headers={"host": ATTACKER})
    assert answer.status_code == 302
    send_account_letters()
    for letter in mailoutbox:
        assert ATTACKER not in f"{letter.subject} {letter.body}"
        assert all(address.startswith(f"{SITE}/") for address in addresses_in(letter.body))
    if email == town.lead.email:
        assert f"{SITE}/account/password/reset/key/" in mailoutbox[0].body


def test_a_forged_host_gets_into_no_invitation(town: Town, mailoutbox):
    browser = Client(headers={"host": ATTACKER})
    browser.force_login(town.coordinator)
    page = browser.get(reverse("boards:person-add", args=[town.area.slug]))
    typed = {"email": "new@police.example", "name": "New Person", "role": "analyst", "is_attested": "on"}
    for name, field in page.context["form"].fields.items():
        typed.setdefault(name, field.initial or "")
    assert browser.post(page.request["PATH_INFO"], typed).status_code == 302
    (letter,) = mailoutbox
    assert ATTACKER not in letter.body
    assert {urlsplit(address).hostname for address in addresses_in(letter.body)} == {"dashboard.example"}


@pytest.mark.parametrize(
    ("path", "location", "address"),
    [
        ("/a/?b=c", None, f"{SITE}/a/?b=c"),
        ("/a/?b=c", "/d/", f"{SITE}/d/"),
        ("/a/", "https://elsewhere.example/", "https://elsewhere.example/"),
        ("//attacker.example/", None, f"{SITE}//attacker.example/"),
    ],
)
def test_a_full_address_is_ours_from_any_host(path, location, address):
    made = []
    request = RequestFactory().get("/", headers={"host": ATTACKER})
    request.path, _, query = path.partition("?")
    request.META["QUERY_STRING"] = query
    SiteAddressMiddleware(lambda asked: made.append(asked.build_absolute_uri(location)))(request)
    assert made == [address]

"""A signed link out of an e-mail, and the switch of a person's own reminders."""

import re
import time
from urllib.parse import unquote

import pytest
from django.core import signing
from django.urls import reverse

from core.calendar import Month
from core.letter_kinds import OPTIONAL
from core.mail import letters
from core.models import AuditEvent
from tests.scenarios import Town, open_month

pytestmark = pytest.mark.django_db
OCTOBER = Month(2026, 10)
PASSWORD = "a-long-and-uncommon-one-2026"


@pytest.fixture
def path(town: Town) -> str:
    open_month(town, OCTOBER)
    return reverse("indicators:return-edit", args=[town.area.slug, OCTOBER, town.police.code])


def token_of(address: str) -> str:
    match = re.fullmatch(r"/account/link/([^/]+)/", address)
    assert match
    return match[1]


def test_it_leads_the_person_to_the_return(town: Town, path: str, client):
    client.force_login(town.lead)
    answer = client.get(letters.sign(path, town.lead))
    assert (answer.status_code, answer.url) == (302, path)
    assert client.get(answer.url).status_code == 200


def test_it_still_needs_sign_in_and_leads_on_after_it(town: Town, path: str, client):
    town.lead.set_password(PASSWORD)
    town.lead.save()
    address = letters.sign(path, town.lead)
    answer = client.get(address)
    assert (answer.status_code, unquote(answer.url)) == (302, f"{reverse('account_login')}?next={address}")
    signed_in = client.post(answer.url, {"login": town.lead.email, "password": PASSWORD, "next": address}, follow=True)
    assert signed_in.redirect_chain == [(address, 302), (path, 302)]
    assert signed_in.status_code == 200


def test_somebody_elses_is_refused_with_a_sentence(town: Town, path: str, client):
    client.force_login(town.coordinator)
    answer = client.get(letters.sign(path, town.lead))
    assert answer.status_code == 403
    assert "We sent this link to someone else, and you are signed in as coordinator@testford.example" in (
        answer.content.decode()
    )
    assert path not in answer.content.decode()


def bad_tokens(path: str, user_id: int) -> dict[str, str]:
    good = signing.dumps({"path": path, "user": user_id}, salt=letters.SALT)
    return {
        "nonsense": "nonsense",
        "cut": good[:-3],
        "changed": signing.dumps({"path": path, "user": user_id + 1}, salt=letters.SALT).split(":")[0]
        + good[good.index(":") :],
        "of another salt": signing.dumps({"path": path, "user": user_id}, salt="core.kept_forms"),
        "away": signing.dumps({"path": "https://evil.example/", "user": user_id}, salt=letters.SALT),
        "away without a scheme": signing.dumps({"path": "//evil.example/", "user": user_id}, salt=letters.SALT),
        "away with a backslash": signing.dumps({"path": "/\\evil.example/", "user": user_id}, salt=letters.SALT),
        "relative": signing.dumps({"path": "evil", "user": user_id}, salt=letters.SALT),
    }


@pytest.mark.parametrize("kind", list(bad_tokens("/", 1)))
def test_a_bad_one_leads_home_with_a_sentence(town: Town, path: str, client, kind: str):
    client.force_login(town.lead)
    token = bad_tokens(path, town.lead.pk)[kind]
    answer = client.get(reverse("signed-link", args=[token]), follow=True)
    assert answer.redirect_chain == [("/", 302), (reverse("reporting:area-home", args=["testford"]), 302)]
    assert "That link is incomplete, or more than 60 days old" in answer.content.decode()


def test_it_is_good_for_sixty_days(town: Town, path: str, monkeypatch):
    token = token_of(letters.sign(path, town.lead))
    real = time.time
    sixty_days = 60 * 24 * 60 * 60
    monkeypatch.setattr(time, "time", lambda: real() + sixty_days - 60)
    assert letters.read(token) == letters.SignedLink(path, town.lead.pk)
    monkeypatch.setattr(time, "time", lambda: real() + sixty_days + 60)
    with pytest.raises(signing.SignatureExpired):
        letters.read(token)


def test_an_address_begins_with_the_sites(settings):
    settings.SITE_URL = "https://dashboard.example"
    assert letters.site_address("/account/reminders/") == "https://dashboard.example/account/reminders/"


# --- The switch

EVERY_KIND = [kind.value for kind in OPTIONAL]


def test_a_person_switches_reminders_off_and_on(town: Town, client):
    client.force_login(town.lead)
    page = reverse("reminders")
    assert client.get(page).content.decode().count(" checked") == 1 + len(OPTIONAL)

    off = client.post(page, {"wanted": EVERY_KIND}, follow=True)
    town.lead.refresh_from_db()
    assert not town.lead.is_reminded
    assert "We no longer send you reminders." in off.content.decode()
    assert off.content.decode().count(" checked") == len(OPTIONAL)

    on = client.post(page, {"is_reminded": "on", "wanted": EVERY_KIND}, follow=True)
    town.lead.refresh_from_db()
    assert town.lead.is_reminded
    assert f"We send reminders to {town.lead.email}." in on.content.decode()
    assert " checked" in on.content.decode()

    events = AuditEvent.objects.filter(verb="user.reminders_switched").order_by("id")
    assert [(event.actor_id, event.target_id, event.details) for event in events] == [
        (town.lead.pk, str(town.lead.pk), {"is_reminded": False, "unwanted": []}),
        (town.lead.pk, str(town.lead.pk), {"is_reminded": True, "unwanted": []}),
    ]


def test_a_person_switches_one_kind_off(town: Town, client):
    client.force_login(town.lead)
    wanted = [kind for kind in EVERY_KIND if kind != "meetings"]
    page = client.post(reverse("reminders"), {"is_reminded": "on", "wanted": wanted}, follow=True).content.decode()
    town.lead.refresh_from_db()
    assert (town.lead.unwanted, town.lead.wants("meetings"), town.lead.wants("packs")) == (["meetings"], False, True)
    assert page.count(" checked") == len(OPTIONAL)


def test_saving_what_is_so_already_is_no_act(town: Town, client):
    client.force_login(town.lead)
    client.post(reverse("reminders"), {"is_reminded": "on", "wanted": EVERY_KIND})
    assert not AuditEvent.objects.filter(verb="user.reminders_switched").exists()


def test_nobody_switches_somebody_elses(town: Town, client):
    client.force_login(town.coordinator)
    client.post(reverse("reminders"), {"user": town.lead.pk})
    town.lead.refresh_from_db()
    assert town.lead.is_reminded

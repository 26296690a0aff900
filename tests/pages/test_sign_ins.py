"""Where is somebody signed in, until when, and what do they hear of it?"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from boards.models import Membership
from boards.rules import Role
from boards.services.people import revoke_role
from core.forms import kept
from core.models import AuditEvent, KeptForm, KnownDevice, OutboxEntry, Session, User
from core.tasks import send_account_letters
from tests.factories import make_user
from tests.pages.test_limits import PASSWORD, sign_in
from tests.scenarios import Town, make_operator
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
PAGE, CHANGE = "/account/sign-ins/", "/account/password/change/"
NEW = "another pebble on the sill"


@pytest.fixture
def person(town: Town) -> User:
    town.lead.set_password(PASSWORD)
    town.lead.last_login = timezone.now()
    town.lead.save()
    return town.lead


@pytest.fixture
def own(person: User) -> Client:
    client = Client()
    assert sign_in(client, person) == ""
    return client


def is_in(client: Client) -> bool:
    return client.get(PAGE).status_code == 200


def let_pass(client: Client, age: timedelta) -> None:
    """As if this time had passed since the sign-in's last page."""
    row = Session.objects.get(pk=client.cookies["sessionid"].value)
    row.seen_at, row.expire_date = row.seen_at - age, row.expire_date - age
    row.save()


def test_it_lists_ones_own_and_ends_one(person: User, own: Client, town: Town):
    phone, other = Client(), Client()
    assert sign_in(phone, person) == ""
    other.force_login(town.coordinator)
    page = own.get(PAGE).content.decode()
    assert (page.count("Firefox on Windows</dt>"), page.count('name="end"')) == (2, 1)
    assert not any(key in page for key in Session.objects.values_list("session_key", flat=True))
    name = page.split('name="end" value="')[1].split('"')[0]
    assert "That sign-in has ended." in own.post(PAGE, {"end": name}, follow=True).content.decode()
    assert (is_in(own), is_in(phone), is_in(other)) == (True, False, True)
    assert "has already ended" in own.post(PAGE, {"end": name}, follow=True).content.decode()


def test_nobody_ends_anothers(own: Client, town: Town):
    other = signed_in(town.coordinator)
    name = own.get(PAGE).content.decode()
    page = other.get(PAGE).content.decode()
    assert 'name="end"' not in page + name
    theirs = Session.objects.get(person=town.lead)
    other.post(PAGE, {"end": theirs.session_key})
    other.post(PAGE, {"others": "1"})
    assert is_in(own)


def test_it_ends_all_others(person: User, own: Client):
    phone = signed_in(person)
    assert "signed out everywhere else" in own.post(PAGE, {"others": "1"}, follow=True).content.decode()
    assert (is_in(own), is_in(phone)) == (True, False)
    assert AuditEvent.objects.get(verb="user.sign_in_ended").details == {"number": 1}


def test_an_hour_without_a_page_ends_it(own: Client):
    let_pass(own, timedelta(minutes=50))
    assert is_in(own)
    let_pass(own, timedelta(minutes=50))
    assert is_in(own)
    let_pass(own, timedelta(minutes=61))
    assert not is_in(own)


def test_a_working_day_ends_it_whatever_is_opened(own: Client):
    row = Session.objects.get()
    store = row.get_session_store_class()(row.session_key)
    store["began"] -= 8 * 60 * 60 - 30 * 60  # half an hour is left
    store.save()
    let_pass(own, timedelta(minutes=6))
    assert is_in(own)
    assert Session.objects.get().expire_date < timezone.now() + timedelta(minutes=31)


def test_a_page_writes_at_most_once_in_five_minutes(own: Client):
    def writes() -> list[str]:
        with CaptureQueriesContext(connection) as asked:
            own.get(PAGE)
        return [query["sql"] for query in asked.captured_queries if query["sql"].startswith(("UPDATE", "INSERT"))]

    assert writes() == []
    let_pass(own, timedelta(minutes=6))
    assert len(writes()) == 1
    assert writes() == []


def test_noting_a_page_overwrites_nothing_that_another_saved(own: Client):
    let_pass(own, timedelta(minutes=6))
    row = Session.objects.get()
    slow = row.get_session_store_class()(row.session_key)
    assert slow.get("left") is None
    assert slow.modified
    fast = row.get_session_store_class()(row.session_key)
    fast["left"] = "typed"
    fast.save()
    slow.save()
    assert row.get_session_store_class()(row.session_key)["left"] == "typed"


def test_what_is_sent_an_hour_later_is_there_again(own: Client, person: User, town: Town):
    town.people[Role.COORDINATOR].set_password(PASSWORD)
    town.people[Role.COORDINATOR].save()
    client = Client()
    assert sign_in(client, town.coordinator) == ""
    let_pass(client, timedelta(minutes=61))
    form = {kept.FIELD: kept.proof(town.coordinator), "name": "Housing board"}
    client.post("/testford/setup/boards/add/", form)
    assert sign_in(client, town.coordinator) == ""
    assert "Housing board" in client.get("/testford/setup/boards/add/").content.decode()


# --- The last role ----------------------------------------------------------------------------------


def test_whoever_loses_their_last_role_is_out_at_once(own: Client, person: User, town: Town):
    Client().post("/testford/setup/boards/add/", {kept.FIELD: kept.proof(person), "name": "x"})
    assert KeptForm.objects.exists()
    second = Membership.objects.create(user=person, area=town.area, role=Role.ANALYST.value)
    revoke_role(second, by=town.coordinator)
    assert is_in(own)
    revoke_role(Membership.objects.get(user=person), by=town.coordinator)
    assert not is_in(own)
    assert not KeptForm.objects.exists()
    assert not KnownDevice.objects.filter(person=person).exists()


def test_an_operator_needs_no_role(town: Town):
    operator, client = make_operator(), Client()
    held = Membership.objects.create(user=operator, area=town.area, role=Role.ANALYST.value)
    client.force_login(operator)
    revoke_role(held, by=town.coordinator)
    assert is_in(client)


# --- Letters ----------------------------------------------------------------------------------------


def letters(mailoutbox: list) -> list[tuple[str, str]]:
    send_account_letters()
    return [(mail.to[0], mail.subject) for mail in mailoutbox]


def test_a_new_browser_is_told_once(person: User, own: Client, mailoutbox):
    told = [(person.email, "You signed in to the V+V Dashboard with a new browser")]
    assert letters(mailoutbox) == told
    assert "Firefox on Windows" in mailoutbox[0].body
    own.post("/account/logout/")
    assert sign_in(own, person) == ""
    assert letters(mailoutbox) == told
    assert sign_in(Client(), person) == ""
    assert letters(mailoutbox) == told * 2


def test_the_first_sign_in_of_all_is_not_told(person: User, mailoutbox):
    User.objects.filter(pk=person.pk).update(last_login=None)
    assert sign_in(Client(), person) == ""
    assert letters(mailoutbox) == []


def test_a_letter_of_an_account_does_not_wait_and_cannot_be_switched_off(person: User, own: Client, mailoutbox):
    """… and isn't part of the day's letter."""
    User.objects.filter(pk=person.pk).update(is_reminded=False)
    assert len(letters(mailoutbox)) == 1
    assert OutboxEntry.objects.get().sent_at is not None


def test_a_changed_password_ends_all_others_and_is_told(person: User, own: Client, mailoutbox):
    phone = Client()
    assert sign_in(phone, person) == ""
    mailoutbox.clear()
    letters(mailoutbox)
    mailoutbox.clear()
    typed = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert own.post(CHANGE, typed).status_code == 302
    assert (is_in(own), is_in(phone), Session.objects.filter(person=person).count()) == (True, False, 1)
    assert letters(mailoutbox) == [(person.email, "Your password for the V+V Dashboard was changed")]


@pytest.mark.parametrize("how", ["password", "others"])
def test_a_thiefs_browser_is_new_again(person: User, own: Client, mailoutbox, how: str):
    """They signed in once, and the owner saw it. With the next password, too, the owner hears of them."""
    thief = Client()
    assert sign_in(thief, person) == ""
    typed = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    own.post(*((CHANGE, typed) if how == "password" else (PAGE, {"others": "1"})))
    letters(mailoutbox)
    mailoutbox.clear()
    password = NEW if how == "password" else PASSWORD
    own.post("/account/logout/")
    assert (sign_in(own, person, password), letters(mailoutbox)) == ("", [])
    assert sign_in(thief, person, password) == ""
    assert letters(mailoutbox) == [(person.email, "You signed in to the V+V Dashboard with a new browser")]


def test_a_changed_address_is_told_to_both(person: User, own: Client, town: Town, mailoutbox, settings):
    letters(mailoutbox)
    mailoutbox.clear()
    before, operator = person.email, Client()
    operator.force_login(make_operator())
    typed = {"email": "new@elsewhere.example", "name": person.name, "is_active": "on"}
    answer = operator.post(reverse("admin:core_user_change", args=[person.pk]), typed)
    assert answer.status_code == 302
    told = "Your email address for the V+V Dashboard was changed"
    assert sorted(letters(mailoutbox)) == sorted([(before, told), ("new@elsewhere.example", told)])
    assert not is_in(own)


def test_every_operator_is_told_of_a_new_one(person: User, mailoutbox):
    """Alone, an operator could make a second one of their own, and confirm what the first asked for."""
    operator = make_operator()
    other = make_user("second@test.example", is_staff=True, is_superuser=True)
    browser = signed_in(operator)
    page = f"/admin/core/user/{person.pk}/change/"
    typed = {"email": person.email, "name": person.name, "is_active": "on", "is_staff": "on", "is_superuser": "on"}
    for _ in range(2):  # told once
        assert browser.post(page, typed).status_code == 302
    send_account_letters()
    told = [letter for letter in mailoutbox if "became an operator" in letter.subject]
    assert sorted(letter.to[0] for letter in told) == sorted([operator.email, other.email, person.email])
    assert all(person.email in letter.body for letter in told)


def test_whoever_is_switched_off_is_out(person: User, own: Client):
    operator = signed_in(make_operator())
    operator.post(reverse("admin:core_user_change", args=[person.pk]), {"email": person.email, "name": person.name})
    assert not Session.objects.filter(person=person).exists()


def test_a_failed_letter_is_tried_again(person: User, own: Client, monkeypatch, mailoutbox):
    with monkeypatch.context() as broken:
        broken.setattr("django.core.mail.EmailMultiAlternatives.send", refuse)
        send_account_letters()
    assert OutboxEntry.objects.get().fault == "away"
    assert letters(mailoutbox) == []
    OutboxEntry.objects.update(claimed_at=timezone.now() - timedelta(minutes=6))
    assert len(letters(mailoutbox)) == 1


def refuse(*_: object) -> None:
    raise OSError("away")


# --- Links ------------------------------------------------------------------------------------------


def choose(path: str) -> str:
    return Client().get(path, follow=True).content.decode()


@pytest.mark.parametrize(
    ("has_password", "hours", "works"),
    [(True, 23, True), (True, 25, False), (False, 25, True), (False, 7 * 24 - 1, True), (False, 7 * 24 + 1, False)],
)
def test_a_link_expires(
    person: User, has_password: bool, hours: int, works: bool, monkeypatch: pytest.MonkeyPatch, link_made: Callable
):
    if not has_password:
        person.set_unusable_password()
        person.save()
    page = choose(link_made(person, timedelta(hours=hours)))
    assert ("This link no longer works" not in page) is works
    if not works:
        assert "an invitation after 7 days" in page
        assert "ask the person who invited you" in page


@pytest.fixture
def link_made(monkeypatch: pytest.MonkeyPatch) -> Callable:
    """Makes a link as it was made so long ago."""
    from allauth.account.forms import default_token_generator  # noqa: PLC0415

    from core.mail.account import password_path  # noqa: PLC0415

    def make(person: User, age: timedelta) -> str:
        now = default_token_generator._now()
        with monkeypatch.context() as earlier:
            earlier.setattr(default_token_generator, "_now", lambda: now - age)
            return password_path(person)

    return make


@pytest.mark.parametrize(("days", "gets_link"), [(7, True), (8, False)])
def test_whoever_never_set_a_password_gets_a_link_while_the_invitation_works(
    person: User, days: int, gets_link: bool, mailoutbox
):
    person.set_unusable_password()
    person.joined_on = timezone.localdate() - timedelta(days=days)
    person.save()
    Client().post("/account/password/reset/", {"email": person.email})
    send_account_letters()
    (mail,) = mailoutbox
    assert ("/account/password/reset/key/" in mail.body) is gets_link
    assert ("ask the person who invited you" in mail.body) is not gets_link


def test_an_operator_sends_the_link_again(person: User, mailoutbox, town: Town):
    person.set_unusable_password()
    person.save()
    operator = signed_in(make_operator())
    typed = {"action": "send_link", "_selected_action": [person.pk, town.coordinator.pk]}
    User.objects.filter(pk=town.coordinator.pk).update(password="md5$a$b")
    assert "We send a link to 1 person." in (
        operator.post(reverse("admin:core_user_changelist"), typed, follow=True).content.decode()
    )
    send_account_letters()
    (mail,) = mailoutbox
    assert (mail.to, "within 7 days" in mail.body) == ([person.email], True)


def test_an_upgrade_signs_nobody_out():
    """Each session holds the dotted name of what checks its person."""
    assert settings.AUTHENTICATION_BACKENDS == ["core.person.PersonBackend"]

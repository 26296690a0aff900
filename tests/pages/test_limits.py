"""What strangers can do to the sign-in page, and what they can't: fill a mailbox, flush a count, lock somebody out."""

import re
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.forms import kept
from core.forms.pages import TOKEN
from core.models import KeptForm, KnownDevice, Limit, OutboxEntry, ResetRequest, Session, User
from core.tasks import send_account_letters
from tests.scenarios import Town

pytestmark = pytest.mark.django_db
LOGIN, RESET = "/account/login/", "/account/password/reset/"
PASSWORD = "a pebble on every window"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0"
TOO_MANY = "There were too many tries"


@pytest.fixture
def person(town: Town) -> User:
    town.coordinator.set_password(PASSWORD)
    town.coordinator.save()
    return town.coordinator


def addresses() -> Iterator[str]:
    """Addresses of strangers, each once."""
    return (f"198.51.{number // 200}.{number % 200 + 1}" for number in range(20_000))


def sign_in(client: Client, person: User, password: str = PASSWORD, *, at: str = "192.0.2.1") -> str:
    """What the page answers; nothing once they are in."""
    typed = {"login": person.email, "password": password}
    answer = client.post(LOGIN, typed, REMOTE_ADDR=at, HTTP_USER_AGENT=FIREFOX)
    return "" if answer.status_code == 302 else answer.content.decode()


def ask_reset(email: str, *, at: str) -> bytes:
    answer = Client().post(RESET, {"email": email}, REMOTE_ADDR=at, follow=True)
    assert answer.status_code == 200
    return re.sub(rb'value="[^"]{64}"', b"", answer.content)


def lock(person: User, strangers: Iterator[str]) -> None:
    for _ in range(5):
        assert TOO_MANY not in sign_in(Client(), person, "wrong", at=next(strangers))
    assert TOO_MANY in sign_in(Client(), person, at=next(strangers))


def test_180_requests_for_a_reset_flush_no_count(person: User):
    strangers = addresses()
    lock(person, strangers)
    for number in range(180):
        ask_reset(f"stranger{number}@elsewhere.example", at=next(strangers))
        sign_in(Client(), User(email=f"stranger{number}@elsewhere.example"), "wrong", at=next(strangers))
    assert Limit.objects.count() > 300
    assert TOO_MANY in sign_in(Client(), person, at=next(strangers))


def test_180_strangers_get_no_mail(person: User, mailoutbox, django_capture_on_commit_callbacks):
    strangers = addresses()
    with django_capture_on_commit_callbacks(execute=True):
        known = ask_reset(person.email.upper(), at=next(strangers))
        answers = {ask_reset(f"stranger{number}@elsewhere.example", at=next(strangers)) for number in range(180)}
    assert [mail.to for mail in mailoutbox] == [[person.email]]
    assert answers == {known}  # the page doesn't tell
    assert not ResetRequest.objects.exists()


def test_the_page_does_the_same_work_for_every_address(person: User):
    def work(email: str, at: str) -> list[str]:
        with CaptureQueriesContext(connection) as asked:
            ask_reset(email, at=at)
        return [re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in asked.captured_queries]

    assert work(person.email, "198.51.100.1") == work("nobody@elsewhere.example", "198.51.100.2")


def test_a_mailbox_gets_three_letters_an_hour(person: User, mailoutbox):
    strangers = addresses()
    for _ in range(12):
        ask_reset(person.email, at=next(strangers))
        send_account_letters()
    assert len(mailoutbox) == 3
    first = re.search(r"/account/password/reset/key/\S+", mailoutbox[0].body)
    assert first is not None  # and the first link still works
    assert "Choose a password" in Client().get(first[0], follow=True).content.decode()
    OutboxEntry.objects.update(written_at=timezone.now() - timedelta(hours=2))
    ask_reset(person.email, at=next(strangers))
    send_account_letters()
    assert len(mailoutbox) == 4


def test_strangers_lock_nobody_out_of_a_known_device(person: User):
    strangers, own = addresses(), Client()
    assert sign_in(own, person) == ""
    own.post("/account/logout/")
    lock(person, strangers)
    assert sign_in(own, person) == ""


def test_nor_do_strangers_in_the_same_office(person: User):
    own = Client()
    assert sign_in(own, person) == ""
    own.post("/account/logout/")
    for number in range(40):
        sign_in(Client(), User(email=f"stranger{number}@elsewhere.example"), "wrong")
    assert TOO_MANY in sign_in(Client(), person)
    assert sign_in(own, person) == ""


def test_a_known_device_has_its_own_five_tries(person: User):
    own = Client()
    assert sign_in(own, person) == ""
    own.post("/account/logout/")
    for _ in range(5):
        assert TOO_MANY not in sign_in(own, person, "wrong")
    assert TOO_MANY in sign_in(own, person)
    assert sign_in(Client(), person, at="203.0.113.9") == ""


def test_a_device_is_known_only_for_its_own_person(person: User, town: Town):
    town.lead.set_password(PASSWORD)
    town.lead.save()
    own, strangers = Client(), addresses()
    assert sign_in(own, town.lead) == ""
    own.post("/account/logout/")
    lock(person, strangers)
    assert TOO_MANY in sign_in(own, person)


@pytest.mark.parametrize("key", ["", "short", "x" * 43, "é" * 43])
def test_a_made_up_device_is_unknown(person: User, key: str):
    lock(person, addresses())
    guest = Client()
    guest.cookies["device"] = key
    assert TOO_MANY in sign_in(guest, person, at="203.0.113.9")
    assert not KnownDevice.objects.exists()


def test_on_a_full_disk_nobody_reads_too_many_tries(person: User):
    """SQLite's and PostgreSQL's own error, as the database gives it."""

    def full(execute, sql, params, many, context):
        if sql.startswith(("INSERT", "UPDATE")):
            raise OperationalError("database or disk is full")
        return execute(sql, params, many, context)

    client = Client(raise_request_exception=False)
    with connection.execute_wrapper(full):
        answer = client.post(LOGIN, {"login": person.email, "password": PASSWORD})
    words = answer.content.decode()
    assert answer.status_code == 503
    assert "its disk is full" in words
    assert TOO_MANY not in words


# --- What strangers can store -------------------------------------------------------------------------


def posts_for(seconds: float, form: dict[str, str]) -> int:
    """Post a form again and again, each time as somebody new."""
    end, number = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        Client().post("/testford/setup/boards/add/", form)
        number += 1
    return number


def stored() -> int:
    """Bytes in everything that a stranger can fill."""
    sessions = sum(len(data) for data in Session.objects.values_list("session_data", flat=True))
    return sessions + sum(len(typed) for typed in KeptForm.objects.values_list("typed", flat=True))


def test_posts_of_a_stranger_with_an_old_page_store_three_megabytes(person: User, settings):
    """In 30 seconds they stored 56 MB: a form of three in each session."""
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = None
    form = {kept.FIELD: kept.proof(person), "basis": "x" * (3 * 1024 * 1024 - 2000)}
    for _ in range(12):
        Client().post("/testford/setup/boards/add/", form)
    assert KeptForm.objects.count() == 1
    assert stored() < 3 * 1024 * 1024 + 2000
    form["basis"] = "short"
    before = Session.objects.count()
    for _ in range(12):
        Client().post("/testford/setup/boards/add/", form)
    assert KeptForm.objects.count() == kept.MOST_FORMS
    assert Session.objects.count() == before + kept.MOST_FORMS - 1  # a refused form makes no session
    assert stored() < 3 * 1024 * 1024 + 4000


def test_posts_of_a_stranger_without_a_page_store_nothing(person: User):
    assert posts_for(3, {"basis": "x" * 100_000}) > 20
    assert stored() == 0


def test_everybody_together_has_a_limit(person: User, town: Town, monkeypatch):
    monkeypatch.setattr(kept, "MOST_IN_ALL", 1000)
    for user in (person, town.lead):
        form = {kept.FIELD: kept.proof(user), "basis": "x" * 600, TOKEN: "1"}
        Client().post("/testford/setup/boards/add/", form)
    assert KeptForm.objects.get().person == person


def test_a_form_replaces_the_one_before_in_its_session(person: User):
    client, form = Client(), {kept.FIELD: kept.proof(person)}
    for words in ("first", "second"):
        client.post("/testford/setup/boards/add/", form | {"basis": words})
    assert "second" in KeptForm.objects.get().typed

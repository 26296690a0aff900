"""Other systems are told what happens to a month: each event, signed, once, and again until they answer. The bad days:
a receiver that is down, one that is slow, a worker that is killed, and a month that is withdrawn meanwhile."""

import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db.models import F
from django.utils import timezone

from boards.roles import Role
from core import outside
from core.models import AuditEvent
from core.selectors.jobs import find_letters_tried
from core.services import sealing
from core.timetable import MOST_TRIES
from core.transitions import TransitionRefused
from reporting.hooks.selectors import find_events
from reporting.hooks.services import calls
from reporting.hooks.services.calls import send_calls
from reporting.hooks.services.calls import test_hook as try_hook
from reporting.hooks.services.hooks import MOST_HOOKS, make_hook, renew_secret, show_secret, start_hook, stop_hook
from reporting.hooks.services.letters import HOOKS
from reporting.models import Hook, HookCall, HookKind
from reporting.models.hooks import CHOSEN
from reporting.public.selectors.withdrawn import waiting_replacements
from reporting.public.services import turn_public_pages
from reporting.public.taking_down import prepare_replacements, withdraw_month
from tests import scenarios
from tests.integration.rows_of_withdrawals import GRACE, publish_fresh
from tests.integration.test_editions import correct
from tests.letters import send_on
from tests.scenarios import Town
from tests.tls import Internet, make_certificate, receiving
from tests.withdrawn import OCTOBER, SECRET, SEPTEMBER, officer_of, period_of, publish_again

pytestmark = pytest.mark.django_db
NAME = "hooks.receiver.org"
URL = f"https://{NAME}/in?key=abc"
ALL = [kind.value for kind in CHOSEN]
TOLD = {"area", "month", "version", "edition", "address"}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("tls"), NAME)


@pytest.fixture
def internet(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Internet]:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with receiving(certificate) as receiver:
        yield Internet(receiver, monkeypatch)


def hook_of(town: Town, url: str = URL, kinds: list[str] = ALL) -> Hook:
    return make_hook(town.area, name="The analyst’s page", url=url, kinds=kinds, by=town.coordinator)


def told(internet: Internet) -> list[tuple[str, str]]:
    bodies = [json.loads(body) for _, _, body in internet.receiver.got]
    return [(body["type"], body["data"].get("month", "")) for body in bodies]


def publish_september(town: Town) -> None:
    scenarios.accept(town, SEPTEMBER, {"arrests": 7351, "charges": 12})
    scenarios.publish(town, SEPTEMBER)


def a_day_later() -> None:
    HookCall.objects.filter(sent_at=None).update(claimed_at=F("claimed_at") - timedelta(days=2))


# --- What is told --------------------------------------------------------------------------------------------------


def test_each_event_is_told_once_and_without_a_figure(town: Town, internet: Internet):
    hook_of(town)
    publish_september(town)
    assert send_calls() == 1
    assert send_calls() == 0
    scenarios.publish_openly(town, SEPTEMBER)
    send_calls()
    correct(town, SEPTEMBER, "arrests", 99)
    scenarios.publish_openly(town, SEPTEMBER)
    send_calls()
    withdraw_month(period_of(town, SEPTEMBER), why="Wrong", by=officer_of(town))
    send_calls()
    assert send_calls() == 0
    assert told(internet) == [
        ("month.published", "2026-09"),
        ("public.published", "2026-09"),
        ("month.corrected", "2026-09"),
        ("public.corrected", "2026-09"),
        ("public.withdrawn", "2026-09"),
    ]
    [published, *_, withdrawn] = [json.loads(body) for _, _, body in internet.receiver.got]
    assert published["data"] == {
        "area": "testford",
        "month": "2026-09",
        "version": 1,
        "address": "http://localhost:8000/testford/2026-09/",
    }
    assert withdrawn["data"]["address"] == "http://localhost:8000/testford/public/2026-09/"
    everything = b"".join(body for _, _, body in internet.receiver.got).decode()
    assert not any(word in everything for word in (*SECRET, "arrests", "charges", "Wrong", "officer"))
    assert all(set(json.loads(body)["data"]) <= TOLD for _, _, body in internet.receiver.got)


def test_only_what_was_chosen_is_told_and_nothing_from_before(town: Town, internet: Internet):
    publish_september(town)
    hook_of(town, kinds=["public.published"])
    scenarios.accept(town, OCTOBER, {"arrests": 3, "charges": 12})
    scenarios.publish(town, OCTOBER)
    send_calls()
    assert told(internet) == []
    scenarios.publish_openly(town, OCTOBER)
    send_calls()
    assert told(internet) == [("public.published", "2026-10")]


def test_another_areas_month_is_not_told(town: Town, internet: Internet):
    other = scenarios.make_town("otherford")
    hook_of(town)
    publish_september(other)
    assert send_calls() == 0


def test_a_version_that_can_be_taken_back_waits(town: Town, internet: Internet, monkeypatch: pytest.MonkeyPatch):
    hook = hook_of(town)
    publish_fresh(town, SEPTEMBER)
    assert send_calls() == 0
    later = timezone.now() + GRACE
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert [each.kind for each in find_events(hook)] == ["month.published"]


def test_nothing_public_is_told_while_the_pages_are_off(town: Town, internet: Internet):
    hook_of(town, kinds=["public.published", "public.withdrawn"])
    publish_september(town)
    scenarios.publish_openly(town, SEPTEMBER)
    turn_public_pages(town.area, on=False, by=town.coordinator)
    assert send_calls() == 0


# --- Signed --------------------------------------------------------------------------------------------------------


def is_signed(internet: Internet, secret: str, place: int = -1) -> bool:
    """As a receiver checks it, by Standard Webhooks."""
    _, headers, body = internet.receiver.got[place]
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = b64decode(secret.removeprefix("whsec_"))
    mark = "v1," + b64encode(hmac.new(key, content, sha256).digest()).decode()
    return mark in headers["webhook-signature"].split(" ")


def test_a_call_is_signed_and_a_new_secret_signs_beside_the_former_one(town: Town, internet: Internet):
    hook = hook_of(town)
    first = show_secret(hook, by=town.coordinator)
    assert first.startswith("whsec_")
    assert len(b64decode(first[6:])) == 32
    try_hook(hook, by=town.coordinator)
    assert is_signed(internet, first)
    assert abs(int(internet.receiver.got[0][1]["webhook-timestamp"]) - timezone.now().timestamp()) < 10

    renew_secret(hook, by=town.coordinator)
    hook.refresh_from_db()
    second = show_secret(hook, by=town.coordinator)
    try_hook(hook, by=town.coordinator)
    assert second != first
    assert is_signed(internet, first)
    assert is_signed(internet, second)
    with pytest.raises(TransitionRefused, match="seven days"):
        renew_secret(hook, by=town.coordinator)

    Hook.objects.update(renewed_at=timezone.now() - timedelta(days=8))
    hook.refresh_from_db()
    try_hook(hook, by=town.coordinator)
    assert not is_signed(internet, first)
    assert is_signed(internet, second)


def test_the_secret_is_in_no_table_and_no_record(town: Town, internet: Internet):
    hook = hook_of(town)
    secret = show_secret(hook, by=town.coordinator)
    try_hook(hook, by=town.coordinator)
    hook.refresh_from_db()
    assert secret not in hook.secret
    events = [str(each) for each in AuditEvent.objects.filter(verb__startswith="hook.").values_list("verb", "details")]
    assert len(events) == 3
    assert not any(secret in each or "key=abc" in each for each in events)
    assert NAME in events[0]


def test_a_new_key_of_ours_reads_it_only_once_it_is_sealed_again(town: Town, internet: Internet, settings):
    hook = hook_of(town)
    old, settings.SECRET_KEY = settings.SECRET_KEY, "a new key, as long as it has to be for production, 123456789"
    assert try_hook(hook, by=town.coordinator).fault == calls.NO_SECRET
    with pytest.raises(TransitionRefused, match="can’t be read"):
        show_secret(hook, by=town.coordinator)
    settings.SECRET_KEY_FALLBACKS = [old]
    call_command("reseal_factors")
    settings.SECRET_KEY_FALLBACKS = []
    hook.refresh_from_db()
    assert sealing.unseal(hook.secret).startswith("whsec_")
    assert try_hook(hook, by=town.coordinator).sent_at is not None


# --- Again, until it is answered -----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 410, 500, 503])
def test_any_other_answer_is_a_failure_and_is_tried_again_under_the_same_name(
    town: Town, internet: Internet, status: int
):
    hook_of(town)
    publish_september(town)
    internet.receiver.status = status
    internet.receiver.headers = {"Location": f"https://{NAME}/elsewhere"}
    assert send_calls() == 1
    call = HookCall.objects.get()
    assert (call.status, call.sent_at, call.fault) == (status, None, f"The receiver answered with {status}.")
    assert send_calls() == 0  # not yet
    internet.receiver.status = 204
    a_day_later()
    assert send_calls() == 1
    call.refresh_from_db()
    assert call.sent_at is not None
    assert (call.status, call.fault, call.tries) == (204, "", 2)
    first, second = internet.receiver.got
    assert first[1]["webhook-id"] == second[1]["webhook-id"] == call.message_id
    assert first[2] == second[2]


def test_one_that_does_not_answer_holds_up_no_other(town: Town, internet: Internet, monkeypatch: pytest.MonkeyPatch):
    hook_of(town, "https://down.receiver.org/")  # the certificate is for another name
    hook_of(town)
    for month in (SEPTEMBER, OCTOBER):
        scenarios.accept(town, month, {"arrests": 3, "charges": 12})
        scenarios.publish(town, month)
    send_calls()
    assert len(told(internet)) == 2
    # After the first failure, nothing more is tried at this receiver.
    assert HookCall.objects.filter(hook__url__contains="down").count() == 1


def test_a_receiver_that_is_down_is_no_alarm_about_e_mails(town: Town, internet: Internet):
    hook_of(town)
    publish_september(town)
    internet.receiver.status = 500
    send_calls()
    assert find_letters_tried() is None


def test_after_ten_tries_it_stops_and_two_roles_are_told(town: Town, internet: Internet, mailoutbox):
    hook = hook_of(town)
    publish_september(town)
    internet.receiver.status = 500
    for _ in range(MOST_TRIES):
        assert send_calls() == 1
        a_day_later()
    assert send_calls() == 0
    hook.refresh_from_db()
    assert hook.gave_up
    assert AuditEvent.objects.filter(verb="hook.gave_up", actor="system").count() == 1
    send_on(date(2026, 11, 24), HOOKS)
    told_people = {message.to[0] for message in mailoutbox}
    assert {town.coordinator.email, officer_of(town).email} == told_people
    assert "hasn’t answered for two days" in mailoutbox[0].body
    assert "key=abc" not in mailoutbox[0].body

    # It comes back, and learns what it missed.
    internet.receiver.status = 200
    start_hook(hook, by=town.coordinator)
    assert send_calls() == 1
    assert told(internet)[-1] == ("month.published", "2026-09")
    hook.refresh_from_db()
    assert (hook.gave_up, hook.stopped_at) == (False, None)


def test_a_month_that_was_withdrawn_meanwhile_is_not_told_as_public(town: Town, internet: Internet):
    hook_of(town, kinds=["public.published", "public.withdrawn"])
    publish_september(town)
    scenarios.publish_openly(town, SEPTEMBER)
    internet.receiver.status = 500
    send_calls()
    withdraw_month(period_of(town, SEPTEMBER), is_urgent=True, by=officer_of(town))
    internet.receiver.status, internet.receiver.got = 200, []
    send_calls()
    a_day_later()
    send_calls()
    assert told(internet) == [("public.withdrawn", "2026-09")]
    assert HookCall.objects.get(kind="public.published").fault == calls.WITHDRAWN


def test_a_month_that_comes_back_is_told_to_whoever_heard_that_it_was_gone(town: Town, internet: Internet):
    """They may have asked to hear only of what is public and of what is withdrawn."""
    hook_of(town, kinds=["public.published", "public.withdrawn"])
    for month in (SEPTEMBER, OCTOBER):
        scenarios.accept(town, month, {"arrests": 3, "charges": 12})
        scenarios.publish(town, month)
        scenarios.publish_openly(town, month)
    withdraw_month(period_of(town, SEPTEMBER), why="Wrong", by=officer_of(town))
    send_calls()
    prepare_replacements(waiting_replacements())
    publish_again(town, OCTOBER)
    internet.receiver.got.clear()
    assert send_calls() == 1
    assert told(internet) == [("public.published", "2026-10")]


def test_what_went_down_while_it_was_stopped_is_told_once_it_starts(town: Town, internet: Internet):
    hook = hook_of(town, kinds=["public.published", "public.withdrawn"])
    publish_september(town)
    scenarios.publish_openly(town, SEPTEMBER)
    send_calls()
    stop_hook(hook, by=officer_of(town))
    withdraw_month(period_of(town, SEPTEMBER), why="Wrong", by=officer_of(town))
    assert send_calls() == 0
    start_hook(hook, by=town.coordinator)
    send_calls()
    assert told(internet) == [("public.published", "2026-09"), ("public.withdrawn", "2026-09")]


def test_a_worker_that_is_killed_loses_nothing(town: Town, internet: Internet, monkeypatch: pytest.MonkeyPatch):
    hook_of(town)
    publish_september(town)

    def die(*_, **__):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(outside, "post", die)
        with pytest.raises(SystemExit):
            send_calls()
    assert told(internet) == []
    assert send_calls() == 0  # somebody may be sending it
    a_day_later()
    assert send_calls() == 1
    assert told(internet) == [("month.published", "2026-09")]


def test_two_workers_tell_it_once(town: Town, internet: Internet, monkeypatch: pytest.MonkeyPatch):
    hook_of(town)
    publish_september(town)
    claim = calls.claim_now
    rivals = []

    def be_second(call: HookCall) -> bool:
        if not rivals:
            rivals.append(call)
            assert send_calls() == 1
        return claim(call)

    monkeypatch.setattr(calls, "claim_now", be_second)
    assert send_calls() == 0
    assert len(told(internet)) == 1


def test_what_is_old_is_not_told_again_after_its_call_was_deleted(town: Town, internet: Internet):
    hook = hook_of(town)
    publish_september(town)
    send_calls()
    HookCall.objects.all().delete()  # as the retention job does, after two months at the earliest
    assert find_events(hook, timezone.now() + timedelta(days=59)) == []


# --- No way inside -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("inside", ["127.0.0.1", "169.254.169.254", "10.0.0.7", "::1"])
def test_a_name_that_leads_inside_is_called_by_nobody(town: Town, internet: Internet, inside: str):
    internet.answers = [[inside]]
    hook = hook_of(town)
    publish_september(town)
    send_calls()
    assert internet.connected == []
    assert "internal network" in HookCall.objects.get().fault
    assert "internal network" in try_hook(hook, by=town.coordinator).fault
    assert internet.connected == []


def test_the_dns_may_change_its_answer_after_the_test(town: Town, internet: Internet):
    internet.answers = [["93.184.216.34"], ["127.0.0.1"]]
    hook = hook_of(town)
    assert try_hook(hook, by=town.coordinator).sent_at is not None
    publish_september(town)
    send_calls()
    assert len(internet.connected) == 1
    assert HookCall.objects.get(kind="month.published").sent_at is None


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "a.internal", "[::1]", "hooks.org:22"])
def test_such_an_address_is_not_even_saved(town: Town, host: str):
    with pytest.raises(ValidationError) as refused:
        hook_of(town, f"https://{host}/")
    assert "url" in refused.value.message_dict


def test_hosts_that_the_operator_names_are_the_only_ones(town: Town, settings, internet: Internet):
    inside = f"{NAME}:{internet.receiver.port}"
    settings.WEBHOOK_HOSTS = [inside]
    with pytest.raises(ValidationError, match="some hosts only"):
        hook_of(town)
    internet.answers = [["127.0.0.1"]]
    hook = hook_of(town, f"https://{inside}/")
    assert try_hook(hook, by=town.coordinator).sent_at is not None
    # Taken off the list, it isn't called any more, also where it was saved before.
    settings.WEBHOOK_HOSTS = ["other.example.org"]
    assert "some hosts only" in try_hook(hook, by=town.coordinator).fault


# --- Who may -------------------------------------------------------------------------------------------------------


def test_a_coordinator_makes_it_and_an_officer_may_only_stop_it(town: Town):
    for role in Role:
        if role in (Role.COORDINATOR, Role.OPERATOR):
            continue
        with pytest.raises(PermissionDenied):
            make_hook(town.area, name="x", url=URL, kinds=ALL, by=town.people[role])
    hook = hook_of(town)
    officer = officer_of(town)
    for act in (show_secret, renew_secret, try_hook, start_hook):
        with pytest.raises(PermissionDenied):
            act(hook, by=officer)
    with pytest.raises(PermissionDenied):
        stop_hook(hook, by=town.lead)
    stop_hook(hook, by=officer)
    stop_hook(hook, by=officer)
    assert AuditEvent.objects.filter(verb="hook.stopped").count() == 1
    with pytest.raises(TransitionRefused, match="stopped"):
        try_hook(hook.__class__.objects.get(), by=town.coordinator)


def test_an_area_has_ten_at_most_and_one_for_an_address(town: Town):
    first = hook_of(town)
    with pytest.raises(ValidationError, match="already a webhook"):
        hook_of(town)
    for number in range(MOST_HOOKS - 1):
        hook_of(town, f"https://hooks.receiver.org/{number}")
    with pytest.raises(ValidationError, match="at most 10"):
        hook_of(town, "https://hooks.receiver.org/more")
    stop_hook(first, by=town.coordinator)
    hook_of(town, "https://hooks.receiver.org/more")
    with pytest.raises(TransitionRefused, match="at most 10"):
        start_hook(first, by=town.coordinator)


def test_tests_are_limited(town: Town, internet: Internet):
    """Each holds a web worker for as long as the receiver takes."""
    hook = hook_of(town)
    other = hook_of(town, f"https://{NAME}/other")
    for _ in range(calls.MOST_TESTS // 2):
        try_hook(hook, by=town.coordinator)
        try_hook(other, by=town.coordinator)
    with pytest.raises(TransitionRefused, match="Wait ten minutes"):
        try_hook(hook, by=town.coordinator)
    assert len(internet.receiver.got) == calls.MOST_TESTS
    HookCall.objects.update(claimed_at=F("claimed_at") - calls.TESTS_WITHIN)
    try_hook(hook, by=town.coordinator)


def test_a_test_is_made_once(town: Town, internet: Internet):
    internet.receiver.status = 500
    call = try_hook(hook_of(town), by=town.coordinator)
    assert call.kind == HookKind.TEST
    a_day_later()
    assert send_calls() == 0
    assert not Hook.objects.get().gave_up

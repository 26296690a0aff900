"""Several at once: each letter goes out once, a month's bundle is asked for once, and each bundle made once."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from boards.rules import Role
from core.calendar import Month
from core.forms.pages import TOKEN
from core.labels import TransitionRefused
from core.letter_kinds import LetterKind
from core.models import AuditEvent, OutboxEntry, User
from reporting.models import IssuedPack, PackBundle
from reporting.packs.pdf.typesetting import build_pack
from reporting.packs.selectors import people_to_tell, waiting_bundles
from reporting.packs.services import issue as pack_bundles
from reporting.packs.services import letters as pack_letters
from reporting.packs.services.issue import ask_bundle, claim_bundle, make_bundle
from reporting.packs.services.letters import PACKS, send_again
from reporting.packs.tasks import sweep_pack_bundles
from tests.factories import make_member
from tests.integration.at_once import WAIT, WORKERS, by_all
from tests.letters import claimed_rows, send_on, told_of
from tests.scenarios import Town, accept, issue, make_town, open_month, publish
from tests.visiting import signed_in

pytestmark = pytest.mark.both_databases

OCTOBER = Month(2026, 10)


@pytest.fixture
def town(shared_database: str) -> Town:
    """October is published, and eight people sit on the board."""
    town = make_town()
    for _ in range(6):
        make_member(town.area, Role.BOARD_MEMBER, board=town.csp)
    accept(town, OCTOBER, {"arrests": 12, "charges": 4})
    publish(town, OCTOBER)
    return town


@pytest.fixture
def others() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(WORKERS) as pool:
        yield pool


# --- Issuing


def test_a_button_that_is_pressed_several_times_at_once_issues_one_pack(town: Town, others: ThreadPoolExecutor):
    make = reverse("reporting:pack-make", args=[town.area.slug]) + "?board=csp&month=2026-10"
    page = signed_in(town.coordinator).get(make)
    seen = page.context["made"].token
    sent = {TOKEN: "of one page", "seen": seen, "meeting": "Board meeting", "meeting_on": "27 11 2026"}
    clients = [signed_in(town.coordinator) for _ in range(WORKERS)]
    start = threading.Barrier(WORKERS)

    def press() -> str:
        start.wait(WAIT)
        return clients.pop().post(make, sent).headers["Location"]

    assert set(by_all(others, press)) == {IssuedPack.objects.get().get_absolute_url()}


# --- Letters


def test_several_workers_send_each_letter_once(town: Town, others: ThreadPoolExecutor, monkeypatch, mailoutbox):
    issue(town, OCTOBER)
    have_looked = threading.Barrier(WORKERS)

    def look(pack: IssuedPack) -> list[User]:
        """Every worker has seen that nothing is claimed, before the first claims."""
        people = people_to_tell(pack)
        have_looked.wait(WAIT)
        return people

    monkeypatch.setattr(pack_letters, "people_to_tell", look)

    def run() -> int:
        return send_on(timezone.localdate(), PACKS)

    assert sum(by_all(others, run)) == 8
    assert set(Counter(mail.to[0] for mail in mailoutbox).values()) == {1}
    assert told_of(LetterKind.PACKS).filter(sent_at__isnull=False).count() == len(mailoutbox) == 8


def test_two_coordinators_send_a_failed_one_again_once(town: Town, others: ThreadPoolExecutor, mailoutbox):
    issue(town, OCTOBER)
    claimed = next(claimed_rows(PACKS, today=timezone.localdate()))[0]
    claimed.fault = "The server was down"
    claimed.save()
    start = threading.Barrier(WORKERS)

    def press() -> bool:
        start.wait(WAIT)
        try:
            send_again(claimed, by=town.coordinator)
        except TransitionRefused:
            return False
        return True

    assert by_all(others, press).count(True) == 1
    assert [mail.to for mail in mailoutbox] == [[claimed.person.email]]


def test_a_claim_is_never_made_in_a_transaction_that_is_still_open(town: Town):
    issue(town, OCTOBER)
    bundle = ask_bundle(open_month(town, OCTOBER), by=town.coordinator)
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        next(claimed_rows(PACKS, today=timezone.localdate()))
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        claim_bundle(bundle)
    assert OutboxEntry.objects.count() == 0
    assert PackBundle.objects.get().claimed_at is None


# --- Bundles


def test_several_who_ask_at_once_get_one_bundle(town: Town, others: ThreadPoolExecutor):
    period, start = open_month(town, OCTOBER), threading.Barrier(WORKERS)

    def press() -> int:
        start.wait(WAIT)
        return ask_bundle(period, by=town.coordinator).pk

    assert set(by_all(others, press)) == {PackBundle.objects.get().pk}
    assert AuditEvent.objects.filter(verb="pack_bundle.asked").count() == 1


def test_several_workers_make_a_bundle_once(town: Town, others: ThreadPoolExecutor, monkeypatch):
    ask_bundle(open_month(town, OCTOBER), by=town.coordinator)
    have_looked, builds = threading.Barrier(WORKERS), []
    build, claim = build_pack, pack_bundles.claim_bundle
    monkeypatch.setattr(pack_bundles, "build_pack", lambda pack: builds.append(pack.title) or build(pack))

    def look_and_claim(bundle: PackBundle) -> bool:
        have_looked.wait(WAIT)
        return claim(bundle)

    monkeypatch.setattr(pack_bundles, "claim_bundle", look_and_claim)
    assert sorted(by_all(others, sweep_pack_bundles)) == [0, 0, 0, 1]
    assert len(builds) == 1
    bundle = PackBundle.objects.get()
    assert (bundle.made, bundle.total, bundle.fault, bundle.file is None) == (1, 1, "", False)


def test_others_see_how_far_it_is_while_it_is_made(town: Town, others: ThreadPoolExecutor, monkeypatch):
    ask_bundle(open_month(town, OCTOBER), by=town.coordinator)
    seen = []
    build = build_pack

    def look(pack: Any) -> bytes:
        (rows, *_) = by_all(others, lambda: list(PackBundle.objects.values_list("made", "total", "finished_at")))
        seen.append(rows)
        return build(pack)

    monkeypatch.setattr(pack_bundles, "build_pack", look)
    bundle = waiting_bundles().get()
    assert claim_bundle(bundle)
    assert make_bundle(bundle)
    assert seen == [[(0, 1, None)]]

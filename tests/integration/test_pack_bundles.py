"""All boards' packs of a month in one zip: who may ask, what is in it, what is missing and why, and its page."""

import hashlib
import io
import re
import zipfile
from collections.abc import Callable
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from boards.models import PartnershipArea, ReportingPeriod
from boards.rules import DRAFT_READERS, Role
from core.calendar import Month
from core.files import objects
from core.models import AuditEvent
from indicators.disclosure import Audience, Marking
from indicators.services.disclosure import mark_month
from reporting.models import PackBundle, PackKind
from reporting.packs.pdf.typesetting import build_pack
from reporting.packs.selectors import waiting_bundles
from reporting.packs.services import issue as pack_bundles
from reporting.packs.services.issue import ask_bundle, claim_bundle, make_bundle
from reporting.packs.tasks import delete_old_pack_bundles, make_pack_bundle, sweep_pack_bundles
from reporting.public.taking_down import withdraw_month
from tests.factories import make_area, make_board, make_indicator
from tests.full_disk import full_disk
from tests.integration.test_pack_plan import plan_one
from tests.integration.test_revisions import correct
from tests.scenarios import Town, accept, issue, make_operator, make_town, open_month, publish, publish_openly, sweep
from vvdash.jobs import EVERY_MINUTE

pytestmark = pytest.mark.django_db
OCTOBER = Month(2026, 10)
CSP = "OFFICIAL-SENSITIVE testford csp 2026-10 v1 not issued.pdf"
SAB = "OFFICIAL-SENSITIVE testford sab 2026-10 v1 not issued.pdf"


@pytest.fixture(scope="module")
def standing_october(standing) -> Town:
    return standing(lambda: make_october(make_town()))


@pytest.fixture
def october(standing_october: Town) -> Town:
    return deepcopy(standing_october)


def make_october(town: Town) -> Town:
    """October is published, for two boards."""
    sab = make_board(town.area, "sab", position=1)
    make_indicator(town.police, "lines", boards=(sab,), position=2)
    accept(town, OCTOBER, {"arrests": 12, "charges": 4, "lines": 3})
    publish(town, OCTOBER)
    return town


def ask(town: Town, month: Month = OCTOBER, *, role: Role = Role.STRATEGIC) -> PackBundle:
    return ask_bundle(open_month(town, month), by=town.people[role])


def made(town: Town, month: Month = OCTOBER) -> PackBundle:
    """A bundle that a worker has made."""
    bundle = ask(town, month)
    assert make_pack_bundle(bundle.pk) == 1
    return PackBundle.objects.get(pk=bundle.pk)


def opened(bundle: PackBundle) -> dict[str, bytes]:
    assert bundle.fault == ""
    with zipfile.ZipFile(io.BytesIO(objects.read(bundle.file))) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def read_me(bundle: PackBundle) -> str:
    return opened(bundle)["READ ME.txt"].decode()


# --- Asking


@pytest.mark.parametrize("role", [role for role in Role if role not in DRAFT_READERS])
def test_who_may_not_see_every_board_may_not_ask(october: Town, role: Role):
    with pytest.raises(PermissionDenied):
        ask(october, role=role)
    assert not PackBundle.objects.exists()


@pytest.mark.parametrize("role", sorted(DRAFT_READERS - {Role.OPERATOR}))
def test_who_may_asks_and_it_is_on_record(october: Town, role: Role):
    bundle = ask(october, role=role)
    event = AuditEvent.objects.get(verb="pack_bundle.asked")
    assert (event.actor_id, event.target_id, event.area) == (october.people[role].pk, str(bundle.pk), "testford")
    assert event.details == {"month": "2026-10"}


def test_an_operator_reads_them_and_asks_for_none(october: Town, client):
    bundle = made(october)
    operator = make_operator()
    with pytest.raises(PermissionDenied):
        ask_bundle(open_month(october, OCTOBER), by=operator)
    client.force_login(operator)
    page = client.get("/testford/packs/").content.decode()
    assert f"/testford/packs/bundles/{bundle.pk}/" in page
    assert "Make all boards’ packs for this month" not in page
    assert client.get(f"/testford/packs/bundles/{bundle.pk}/").status_code == 200


def test_nobody_asks_of_another_area(october: Town, outsider):
    with pytest.raises(PermissionDenied):
        ask_bundle(open_month(october, OCTOBER), by=outsider)


def test_while_one_is_under_way_it_is_given_to_whoever_asks(october: Town):
    first = ask(october)
    assert ask(october, role=Role.COORDINATOR) == first
    open_month(october, OCTOBER.next)
    assert ask(october, OCTOBER.next) != first
    make_pack_bundle(first.pk)
    assert ask(october) != first
    assert AuditEvent.objects.filter(verb="pack_bundle.asked").count() == 3


# --- What is in it


def test_it_has_a_pack_for_each_board_in_its_order(october: Town):
    bundle = made(october)
    files = opened(bundle)
    assert list(files) == [CSP, SAB, "READ ME.txt"]
    assert (bundle.made, bundle.total, bundle.marking) == (2, 2, "OFFICIAL-SENSITIVE")
    assert all(files[name].startswith(b"%PDF") for name in (CSP, SAB))


def test_its_read_me_says_what_is_in_it(october: Town):
    bundle = made(october)
    text, files = read_me(bundle), opened(bundle)
    assert text.startswith("OFFICIAL-SENSITIVE\n\nTestford’s board packs for October 2026\n")
    for words in (
        CSP,
        "Board csp: the month, for partners under the information-sharing agreement",
        "Version 1. Not issued: it was made for this zip",
        "Marking: OFFICIAL-SENSITIVE",
    ):
        assert words in text
    for name in (CSP, SAB):
        assert f"SHA-256: {hashlib.sha256(files[name]).hexdigest()}" in text
    assert "Not in this zip" not in text


def test_the_same_packs_make_the_same_zip(october: Town, monkeypatch):
    first = made(october)
    later = timezone.now() + timedelta(days=3)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    second = made(october)
    assert second.pk != first.pk
    assert objects.read(second.file) == objects.read(first.file)
    with zipfile.ZipFile(io.BytesIO(objects.read(first.file))) as archive:
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}


def test_what_was_issued_is_in_it_as_it_was_issued(october: Town):
    issue(october, OCTOBER, kind=PackKind.YEAR)
    issue(october, OCTOBER)
    pack = issue(october, OCTOBER)
    bundle = made(october)
    name = "OFFICIAL-SENSITIVE TESTFORD-2026-10-CSP-3.pdf"
    assert list(opened(bundle)) == [name, SAB, "READ ME.txt"]
    assert opened(bundle)[name] == objects.read(pack.pdf)
    assert "Version 1, issued as TESTFORD-2026-10-CSP-3 for the meeting on 27 November 2026" in read_me(bundle)
    assert pack.sha256 in read_me(bundle)


def test_a_pack_of_a_version_that_was_superseded_is_not_in_it(october: Town):
    issue(october, OCTOBER)
    correct(october, OCTOBER, 5)
    assert next(iter(opened(made(october)))).endswith("CSP-1.pdf")  # what the boards see is still version 1


def test_of_a_draft_month_it_has_drafts(october: Town):
    accept(october, OCTOBER.next, {"arrests": 1, "charges": 2, "lines": 3})
    sweep()
    assert next(iter(opened(made(october, OCTOBER.next)))) == "OFFICIAL-SENSITIVE testford csp 2026-11 v1 draft.pdf"


def test_a_public_boards_pack_is_the_public_one_with_its_appendix(october: Town):
    october.csp.packs_are_public = True
    october.csp.save()
    edition = publish_openly(october, OCTOBER)
    bundle = made(october)
    public = "testford csp 2026-10 public v1 not issued.pdf"
    appendix = "OFFICIAL-SENSITIVE testford csp 2026-10 appendix v1 not issued.pdf"
    assert list(opened(bundle)) == [public, appendix, SAB, "READ ME.txt"]
    for words in ("Board csp: the month, for the public", "Version 1, edition 1 for the public.", "Marking: none"):
        assert words in read_me(bundle)

    pack = issue(october, OCTOBER, kind=PackKind.APPENDIX)
    assert opened(made(october))["OFFICIAL-SENSITIVE TESTFORD-2026-10-CSP-1 appendix.pdf"] == objects.read(pack.pdf)

    withdraw_month(edition.period, why="A mistake", by=october.people[Role.INFORMATION])
    bundle = made(october)
    assert list(opened(bundle)) == [SAB, "READ ME.txt"]
    assert (bundle.made, bundle.total) == (1, 3)
    assert "- Board csp: the month, for the public. October 2026 has no public edition.\n" in read_me(bundle)


def test_an_appendix_with_nothing_in_it_is_left_out(town: Town):
    town.csp.packs_are_public = True
    town.csp.save()
    accept(town, OCTOBER, {"arrests": 40, "charges": 50})
    publish(town, OCTOBER)
    publish_openly(town, OCTOBER)
    assert "no appendix is needed" in read_me(made(town))
    plan_one(town)
    assert any("appendix" in name for name in opened(made(town)))


def test_a_month_that_is_marked_otherwise_marks_the_zip(october: Town):
    officer = october.people[Role.INFORMATION]
    mark_month(
        open_month(october, OCTOBER), audience=Audience.PARTNERS, marking=Marking.OFFICIAL, why="Agreed", by=officer
    )
    bundle = made(october)
    assert bundle.marking == "OFFICIAL"
    assert read_me(bundle).startswith("OFFICIAL\n\n")


# --- What is missing


def test_a_board_without_indicators_stops_no_other(october: Town):
    make_board(october.area, "hwbb")
    make_board(october.area, "old", retired=True)
    bundle = made(october)
    assert (bundle.made, bundle.total) == (2, 3)
    assert "No indicators are set up for this board in October 2026." in read_me(bundle)
    assert "Board old" not in read_me(bundle)


def test_a_pack_that_breaks_stops_no_other(october: Town, monkeypatch, caplog):
    build = build_pack

    def break_one(pack):
        if "SAB" in pack.running_head:
            raise RuntimeError("No room left for the letter Q")
        return build(pack)

    monkeypatch.setattr(pack_bundles, "build_pack", break_one)
    bundle = made(october)
    assert list(opened(bundle)) == [CSP, "READ ME.txt"]
    assert f"- Board sab: the month, for partners under the information-sharing agreement. {pack_bundles.BROKEN}" in (
        read_me(bundle)
    )
    assert "No room left" not in read_me(bundle)
    assert "No room left" in caplog.text


def without_boards(town: Town) -> ReportingPeriod:
    area: PartnershipArea = make_area("empty")
    return ReportingPeriod.objects.create(
        area=area, starts_on=OCTOBER.first_day, due_on=OCTOBER.next.first_day, opened_on=OCTOBER.first_day
    )


@pytest.mark.parametrize(
    ("period_of", "fault"),
    [
        (without_boards, "Empty has no boards."),
        (
            lambda town: open_month(town, OCTOBER.next),
            "No board has a pack for November 2026. November 2026 has not been worked out yet. ",
        ),
    ],
)
def test_with_no_pack_at_all_it_says_why(october: Town, period_of: Callable[[Town], ReportingPeriod], fault: str):
    bundle = PackBundle.objects.create(period=period_of(october), asked_at=timezone.now(), asked_by=october.coordinator)
    assert sweep_pack_bundles() == 1
    bundle.refresh_from_db()
    assert bundle.fault.startswith(fault)
    assert (bundle.file, bundle.finished_at is None) == (None, False)


# --- A worker that dies, a disk that is full


def age(bundle: PackBundle, **ages: timedelta) -> None:
    PackBundle.objects.filter(pk=bundle.pk).update(**{name: timezone.now() - by for name, by in ages.items()})


def test_a_claim_keeps_others_away_until_it_lapses(october: Town):
    bundle = ask(october)
    assert claim_bundle(bundle)
    assert not claim_bundle(bundle)
    assert (sweep_pack_bundles(), make_pack_bundle(bundle.pk)) == (0, 0)
    age(bundle, claimed_at=timedelta(minutes=9))
    assert sweep_pack_bundles() == 0
    age(bundle, claimed_at=timedelta(minutes=11))
    assert sweep_pack_bundles() == 1
    assert list(opened(PackBundle.objects.get(pk=bundle.pk))) == [CSP, SAB, "READ ME.txt"]
    assert sweep_pack_bundles() == 0


def test_a_worker_that_was_thought_dead_writes_nothing_more(october: Town, monkeypatch):
    bundle = ask(october)
    slow = waiting_bundles().get(pk=bundle.pk)
    build = build_pack
    others: list[PackBundle] = []

    def be_overtaken(pack):
        if not others:
            age(bundle, claimed_at=timedelta(minutes=11))
            others.append(waiting_bundles().get(pk=bundle.pk))
            assert claim_bundle(others[0])
        return build(pack)

    monkeypatch.setattr(pack_bundles, "build_pack", be_overtaken)
    assert claim_bundle(slow)
    assert not make_bundle(slow)
    bundle = PackBundle.objects.get(pk=bundle.pk)
    assert (bundle.made, bundle.finished_at) == (0, None)
    assert make_bundle(others[0])
    assert len(opened(PackBundle.objects.get(pk=bundle.pk))) == 3


def test_with_each_pack_it_says_that_it_is_still_at_it(october: Town, monkeypatch):
    said: list[tuple[int, int, datetime]] = []
    save = pack_bundles.save

    def listen(bundle: PackBundle, **fields: Any) -> None:
        save(bundle, **fields)
        now = PackBundle.objects.get(pk=bundle.pk)
        said.append((now.made, now.total, now.claimed_at))

    monkeypatch.setattr(pack_bundles, "save", listen)
    made(october)
    assert [(made, total) for made, total, _ in said] == [(0, 2), (1, 2), (2, 2), (2, 2)]
    assert said[0][2] < said[1][2] < said[2][2]


@pytest.mark.both_databases
def test_a_full_disk_leaves_no_half_a_zip(shared_database: str, caplog):
    town = make_october(make_town())
    bundle = ask(town)
    with full_disk("core_storedobject"):
        assert make_pack_bundle(bundle.pk) == 1
    bundle = PackBundle.objects.get(pk=bundle.pk)
    assert (bundle.file, bundle.fault, bundle.made) == (None, pack_bundles.FAILED, 2)
    assert "could not be made" in caplog.text
    assert len(opened(made(town))) == 3


def test_one_that_cannot_be_made_for_a_day_is_given_up(october: Town):
    bundle = ask(october)
    age(bundle, asked_at=timedelta(hours=25))
    assert sweep_pack_bundles() == 1
    assert PackBundle.objects.get(pk=bundle.pk).fault == pack_bundles.GIVEN_UP


def test_old_ones_are_deleted(october: Town):
    old, young = made(october), made(october)
    under_way = ask(october)
    age(old, finished_at=timedelta(days=7, minutes=1))
    age(young, finished_at=timedelta(days=6))
    assert delete_old_pack_bundles() == 1
    assert set(PackBundle.objects.values_list("pk", flat=True)) == {young.pk, under_way.pk}


def test_they_are_swept_and_tidied():
    sweeping, deleting = settings.JOBS["sweep-pack-bundles"], settings.JOBS["delete-old-bundles"]
    assert (sweeping["task"], sweeping["timetable"]) == (sweep_pack_bundles.name, EVERY_MINUTE)
    assert (deleting["task"], deleting["timetable"].first.hour) == (delete_old_pack_bundles.name, 4)


# --- Its page


@pytest.fixture
def browser(october: Town, client):
    client.force_login(october.people[Role.ANALYST])
    return client


def page_of(bundle: PackBundle) -> str:
    return reverse("reporting:bundle-view", args=["testford", bundle.pk])


def test_asking_on_the_page_makes_it_at_once_where_no_worker_is(browser, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        answer = browser.post(reverse("reporting:bundle-ask", args=["testford"]), {"month": "2026-10"})
    bundle = PackBundle.objects.get()
    assert (answer.status_code, answer.url) == (302, page_of(bundle))
    page = browser.get(answer.url).content.decode()
    assert "The zip is ready, with 2 packs." in page
    assert "progress.js" not in page
    download = reverse("reporting:bundle-zip", args=["testford", bundle.pk])
    assert f'href="{download}">Download the zip (' in page
    file = browser.get(download)
    assert file["Content-Type"] == "application/zip"
    assert file["Content-Disposition"] == 'attachment; filename="OFFICIAL-SENSITIVE testford 2026-10 packs.zip"'
    assert file.content == objects.read(bundle.file)


def test_a_stale_month_is_rolled_up_first(october: Town, browser, django_capture_on_commit_callbacks):
    accept(october, OCTOBER.next, {"arrests": 1, "charges": 2, "lines": 3})
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(reverse("reporting:bundle-ask", args=["testford"]), {"month": "2026-11"})
    assert PackBundle.objects.get().made == 2


@pytest.mark.parametrize("month", ["", "2026-13", "October", "2026-10\x00"])
def test_what_is_no_month_is_asked_again(browser, month: str):
    answer = browser.post(reverse("reporting:bundle-ask", args=["testford"]), {"month": month}, follow=True)
    assert answer.redirect_chain == [(reverse("reporting:pack-list", args=["testford"]), 302)]
    assert "Choose a month for the packs." in answer.content.decode()
    assert not PackBundle.objects.exists()


def test_a_month_that_the_area_does_not_hold_is_not_found(browser):
    assert browser.post(reverse("reporting:bundle-ask", args=["testford"]), {"month": "1999-01"}).status_code == 404


def test_it_says_how_far_it_is_and_that_one_can_leave(october: Town, browser):
    bundle = ask(october)
    waiting = browser.get(page_of(bundle)).content.decode()
    assert "The packs are waiting for their turn." in waiting
    assert "You can leave this page" in waiting
    assert f'href="{page_of(bundle)}">Look again</a>' in waiting
    assert 'role="status" data-unfinished' in waiting
    PackBundle.objects.filter(pk=bundle.pk).update(claimed_at=timezone.now(), made=1, total=2)
    page = browser.get(page_of(bundle)).content.decode()
    assert "1 of 2 packs made" in page
    assert '<progress class="vv-progress" max="2" value="1"' in page
    assert "http-equiv" not in page
    assert browser.get(reverse("reporting:bundle-zip", args=["testford", bundle.pk])).status_code == 404


def test_it_says_that_some_are_missing_or_why_there_is_no_zip(october: Town, browser):
    make_board(october.area, "hwbb")
    page = browser.get(page_of(made(october))).content.decode()
    assert "with 2 packs of 3. Its file READ ME.txt says why the other is missing." in page
    bundle = ask(october)
    PackBundle.objects.filter(pk=bundle.pk).update(finished_at=timezone.now(), fault=pack_bundles.FAILED)
    page = browser.get(page_of(bundle)).content.decode()
    assert pack_bundles.FAILED in page
    assert "Download" not in page


def test_the_register_lists_them_for_who_may_ask(october: Town, browser, client):
    bundle = made(october)
    ask(october)
    register = reverse("reporting:pack-list", args=["testford"])
    page = browser.get(register).content.decode()
    assert page_of(bundle) in page
    assert "2 packs, " in page
    assert "waiting for its turn" in page
    assert '<option value="2026-10" selected>October 2026</option>' in page
    client.force_login(october.people[Role.BOARD_MEMBER])
    assert "bundles" not in client.get(register).content.decode()


def test_another_areas_is_not_found(october: Town, client):
    bundle = made(october)
    other = make_town("elsewhere")
    client.force_login(other.coordinator)
    for name in ("bundle-view", "bundle-zip"):
        for area in ("testford", "elsewhere"):
            assert client.get(reverse(f"reporting:{name}", args=[area, bundle.pk])).status_code == 404


def test_no_page_reads_the_files_of_bundles(october: Town, browser):
    bundle = made(october)
    with CaptureQueriesContext(connection) as queries:
        browser.get(reverse("reporting:pack-list", args=["testford"]))
        browser.get(page_of(bundle))
    asked = [query["sql"] for query in queries if '"reporting_packbundle"' in query["sql"]]
    assert len(asked) >= 2
    assert [sql for sql in asked if re.search(r'(?<!LENGTH\()"reporting_packbundle"\."file"', sql)] == []

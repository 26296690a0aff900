"""A job deletes an object while somebody puts the same bytes again: nobody loses any. And objects move while in use."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from time import monotonic

import pytest
from django.db import connections, transaction
from django.utils import timezone

from core.calendar import Month
from core.files import objects
from core.models import StoredObject
from core.timetable import JobFailed
from reporting.models import IssuedPack
from reporting.packs.tasks import make_pack_bundle
from tests import scenarios
from tests.factories.regions import make_region
from tests.highlights import picture, tell
from tests.integration.at_once import WAIT
from tests.integration.command_line import run
from tests.integration.test_pack_bundles import ask
from tests.region_packs import leave_pack
from tests.scenarios import Town
from vvdash.s3 import S3Storage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]
OCTOBER = Month(2026, 10)
SHORT = 1.5  # seconds in which somebody who needn't wait is done


@pytest.fixture
def other(shared_database: str):
    """Somebody with a connection of their own."""
    with ThreadPoolExecutor(1) as pool:
        yield lambda act: pool.submit(alone, act)


def alone(act):
    try:
        return act()
    finally:
        connections.close_all()


@pytest.fixture
def region(shared_database: str):
    return make_region()


def leave_unused() -> None:
    """An object that nothing has used for long."""
    with transaction.atomic():
        objects.put(b"%PDF", objects.PDF)
    StoredObject.objects.update(unused_since=timezone.now() - objects.KEPT_FOR - timedelta(days=1))


@pytest.fixture
def slow_delete(monkeypatch) -> tuple[threading.Event, threading.Event]:
    """The store deletes once the second event is there; the first says that it was asked to."""
    is_deleting, go_on = threading.Event(), threading.Event()
    delete = S3Storage.delete

    def wait_and_delete(store: S3Storage, name: str) -> None:
        is_deleting.set()
        assert go_on.wait(WAIT)
        delete(store, name)

    monkeypatch.setattr(S3Storage, "delete", wait_and_delete)
    return is_deleting, go_on


@pytest.mark.parametrize("place", ["database", "s3"])
def test_a_job_deletes_nothing_that_somebody_is_putting(region, other, place, request):
    if place == "s3":
        request.getfixturevalue("s3")
    leave_unused()
    job: Future[int]
    with transaction.atomic():
        pack = leave_pack(region)
        job = other(objects.delete_unused)
        with pytest.raises(TimeoutError):
            job.result(SHORT)  # it waits for the row
    assert job.result(WAIT) == 0
    pack.refresh_from_db()
    assert objects.read(pack.pdf) == b"%PDF"


def test_whoever_puts_while_a_job_deletes_puts_it_again(region, other, s3, slow_delete):
    is_deleting, go_on = slow_delete
    leave_unused()
    job = other(objects.delete_unused)
    assert is_deleting.wait(WAIT)
    threading.Timer(SHORT, go_on.set).start()
    started = monotonic()
    pack = leave_pack_in_a_transaction(region)
    assert monotonic() - started > SHORT / 2  # it waited
    assert job.result(WAIT) == 1
    assert objects.read(StoredObject.objects.get(pk=pack.pdf_id)) == b"%PDF"
    assert s3.names() == {pack.pdf_id}


def leave_pack_in_a_transaction(region):
    with transaction.atomic():
        return leave_pack(region)


def test_whoever_puts_what_a_job_takes_for_a_stray_puts_it_again(region, other, s3, slow_delete, monkeypatch):
    is_deleting, go_on = slow_delete
    name = objects.name_of(b"%PDF")
    s3.write(name, b"%PDF")  # of a transaction that was rolled back long ago
    monkeypatch.setattr(objects, "KEPT_FOR", timedelta(0))
    job = other(objects.delete_strays)
    assert is_deleting.wait(WAIT)
    threading.Timer(SHORT, go_on.set).start()
    pack = leave_pack_in_a_transaction(region)
    assert job.result(WAIT) == 1
    assert objects.read(StoredObject.objects.get(pk=pack.pdf_id)) == b"%PDF"
    assert StoredObject.objects.get().size == 4


def test_a_job_that_fails_at_the_store_deletes_no_row(region, s3):
    leave_unused()
    with s3.paused(), pytest.raises(JobFailed, match="doesn’t answer"):
        objects.delete_unused()
    assert StoredObject.objects.get().unused_since is not None


# --- Moving ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def town(shared_database: str) -> Town:
    """With a pack, a bundle, a highlight's picture, and a region's pack."""
    town = scenarios.make_town()
    scenarios.accept(town, OCTOBER, {"arrests": 12, "charges": 4})
    scenarios.publish(town, OCTOBER)
    tell(town, starts_on=OCTOBER.first_day, picture=picture())
    scenarios.issue(town, OCTOBER)
    assert make_pack_bundle(ask(town).pk) == 1
    with transaction.atomic():
        leave_pack(make_region())
    return town


def list_content() -> dict[str, bytes]:
    return {each.pk: objects.read(each) for each in StoredObject.objects.all()}


def test_objects_move_to_a_store_and_back(town, request):
    before = list_content()
    refused = run("move_objects", "--to", "s3")
    assert (refused.status, refused.err) == (2, "Set OBJECTS_URL: it names the store to move from or to.")

    s3 = request.getfixturevalue("s3")
    there = run("move_objects", "--to", "s3")
    assert (there.status, there.out) == (0, f"Moved {len(before)} of {len(before)}.\n")
    assert s3.names() == before.keys()
    assert not StoredObject.objects.filter(content__isnull=False).exists()
    assert list_content() == before
    assert run("move_objects", "--to", "s3").out == "Moved 0 of 0.\n"

    name = IssuedPack.objects.get().pdf_id
    s3.write(name, b"other")
    back = run("move_objects", "--to", "database")
    assert (back.status, back.err) == (1, "Some files were not moved.")
    assert f"The object {name[:12]} no longer has the bytes that were stored." in back.out
    s3.write(name, before[name])
    assert run("move_objects", "--to", "database").out == "Moved 1 of 1.\n"
    assert list_content() == before
    assert s3.names() == before.keys()  # they stay there

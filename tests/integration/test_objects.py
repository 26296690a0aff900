"""Pictures and packs are the same wherever they are stored, and nobody gets bytes that weren't put."""

import logging
import subprocess
import sys
from datetime import timedelta
from hashlib import sha256
from time import monotonic

import pytest
from django.apps import apps
from django.conf import settings
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.db.models import BinaryField
from django.db.models.deletion import ProtectedError
from django.test import Client
from django.utils import timezone

from actions.models import Highlight
from actions.pictures import read_picture
from actions.services.highlights import archive_highlight, remove_picture, set_picture
from boards.services.retention import find_kind
from core.calendar import Month
from core.files import objects
from core.labels import TransitionRefused
from core.models import StoredObject, User
from core.tasks import delete_unused_objects
from core.timetable import JobFailed
from indicators.disclosure import Audience
from reporting.models import IssuedPack, PackBundle
from reporting.packs.services.issue import delete_old_bundles
from reporting.packs.tasks import make_pack_bundle
from tests import scenarios
from tests.factories.regions import make_region, make_region_member
from tests.highlights import picture, tell
from tests.integration.test_pack_bundles import ask
from tests.region_packs import leave_pack
from tests.retained import give_notice
from tests.scenarios import Town
from tests.standing import stand

pytestmark = pytest.mark.django_db
OCTOBER = Month(2026, 10)
DAY = timedelta(days=1)
NAME = "0" * 64


def make_october() -> Town:
    """A town with a published month."""
    town = scenarios.make_town()
    scenarios.accept(town, OCTOBER, {"arrests": 12, "charges": 4})
    scenarios.publish(town, OCTOBER)
    return town


made, town = stand(make_october)


@pytest.fixture
def browser(town: Town) -> Client:
    return signed_in(town.coordinator)


def signed_in(person: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(person)
    return client


@pytest.fixture(params=["database", "s3"])
def place(request) -> str:
    if request.param == "s3":
        request.getfixturevalue("s3")
    return request.param


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    """What comes after a transaction comes with this block."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def names_of(*kept: StoredObject) -> set[str]:
    return {each.pk for each in kept}


def is_at(place: str, stored: StoredObject) -> bool:
    stored.refresh_from_db()
    return (stored.content is None) == (place == "s3") and storages["objects"].exists(stored.pk)


def let_time_pass() -> None:
    StoredObject.objects.exclude(unused_since=None).update(unused_since=timezone.now() - objects.KEPT_FOR)


# --- The same journeys ----------------------------------------------------------------------------------------------


def test_a_pack_and_its_pictures_are_what_was_issued(town, browser, place, django_assert_num_queries):
    tell(town, starts_on=OCTOBER.first_day, picture=picture())
    pack = scenarios.issue(town, OCTOBER)
    (photo,) = pack.photos.all()
    assert is_at(place, pack.pdf)
    assert is_at(place, photo.picture)
    page = browser.get(pack.get_absolute_url())
    assert page.status_code == 200
    assert "Download the pack (PDF" in page.content.decode()
    file = browser.get(f"{pack.get_absolute_url()}pack.pdf")
    assert sha256(file.content).hexdigest() == pack.sha256 == pack.pdf_id
    assert file["Content-Type"] == "application/pdf"
    image = browser.get(f"{pack.get_absolute_url()}photos/{photo.picture_id}")
    assert (sha256(image.content).hexdigest(), image["Content-Type"]) == (photo.picture_id, "image/jpeg")
    with django_assert_num_queries(1):
        found = IssuedPack.objects.select_related("pdf").get()
        objects.read(found.pdf)


def test_a_picture_is_shown_replaced_and_removed(town, browser, place, committed):
    told = tell(town, picture=picture(size=(900, 600)))
    first = [told.picture, told.picture_small]
    path = f"/testford/highlights/{told.pk}/picture"
    for stored, asked in zip(first, ("", "?size=small"), strict=True):
        assert browser.get(f"{path}{asked}").content == objects.read(stored)
        assert is_at(place, stored)
    with committed():
        told = set_picture(
            told, read_picture(picture("navy")), alt="A van", revision=told.revision, by=town.coordinator
        )
    assert browser.get(path).content == objects.read(told.picture)
    # In the database they have gone; in the store they wait, as they do in backups.
    assert set(StoredObject.objects.exclude(unused_since=None)) == (set(first) if place == "s3" else set())
    let_time_pass()
    delete_unused_objects()
    assert names_of(*StoredObject.objects.all()) == names_of(told.picture, told.picture_small)
    with committed():
        remove_picture(told, by=town.coordinator)
    let_time_pass()
    delete_unused_objects()
    assert not StoredObject.objects.exists()
    assert browser.get(path).status_code == 404


def test_a_bundle_is_made_read_and_deleted(town, browser, place, committed):
    bundle = ask(town)
    assert make_pack_bundle(bundle.pk) == 1
    bundle = PackBundle.objects.get()
    assert is_at(place, bundle.file)
    answer = browser.get(f"/testford/packs/bundles/{bundle.pk}/packs.zip")
    assert (answer["Content-Type"], answer.content) == ("application/zip", objects.read(bundle.file))
    PackBundle.objects.update(finished_at=timezone.now() - 8 * DAY)
    with committed():
        assert delete_old_bundles() == 1
    let_time_pass()
    delete_unused_objects()
    assert not StoredObject.objects.exists()


def test_what_the_retention_rule_removes_goes_from_the_store_too(town, place, committed):
    told = tell(town, starts_on=OCTOBER.first_day, picture=picture())
    pack = scenarios.issue(town, OCTOBER)
    later = timezone.now() + DAY
    give_notice("packs", older_than=later, area=town.area.slug)
    archive_highlight(told, why="Done", by=town.coordinator)
    with committed():
        for code in ("packs", "pictures"):
            kind = find_kind(town.area, code)
            assert kind
            assert kind.remove(town.area.slug, later, 5).count == 1
    pack.refresh_from_db()
    assert (pack.pdf, len(pack.sha256)) == (None, 64)
    let_time_pass()
    delete_unused_objects()
    assert not StoredObject.objects.exists()


def test_the_store_is_empty_when_nothing_is_used(town, s3, committed):
    told = tell(town, picture=picture(size=(900, 600)))
    assert s3.names() == names_of(told.picture, told.picture_small)
    with committed():
        remove_picture(told, by=town.coordinator)
    delete_unused_objects()
    assert len(s3.names()) == 2  # a backup from yesterday has a row for each
    let_time_pass()
    delete_unused_objects()
    assert s3.names() == set()


def test_a_picture_that_is_used_again_stays(town, place, committed):
    told = tell(town, picture=picture())
    with committed():
        told = remove_picture(told, by=town.coordinator)
    let_time_pass()
    told = set_picture(told, read_picture(picture()), alt="A stall", revision=told.revision, by=town.coordinator)
    delete_unused_objects()
    assert is_at(place, Highlight.objects.get().picture)


def test_what_two_rows_use_goes_with_the_second(town, place, committed):
    one, other = (tell(town, title=title, picture=picture()) for title in ("One", "Other"))
    assert one.picture_id == other.picture_id
    with committed():
        remove_picture(one, by=town.coordinator)
    let_time_pass()
    delete_unused_objects()
    assert is_at(place, other.picture)
    assert sha256(objects.read(other.picture)).hexdigest() == other.picture_id


# --- Where it goes wrong --------------------------------------------------------------------------------------------


@pytest.fixture
def public_pack(town) -> IssuedPack:
    scenarios.publish_openly(town, OCTOBER)
    tell(town, starts_on=OCTOBER.first_day, picture=picture(), is_public=True)
    return scenarios.issue(town, OCTOBER, audience=Audience.PUBLIC)


def test_pages_answer_while_the_store_does_not(town, browser, s3, public_pack):
    pages = ("/testford/", "/testford/packs/", public_pack.get_absolute_url(), "/testford/highlights/", "/healthz")
    public = f"/testford/public/packs/{public_pack.reference}/"
    with s3.paused():
        started = monotonic()
        file = browser.get(f"{public_pack.get_absolute_url()}pack.pdf")
        waited = monotonic() - started
        answers = {path: browser.get(path).status_code for path in (*pages, public)}
        refused = browser.get(f"{public}pack.pdf")
        after = monotonic() - started - waited
    assert file.status_code == refused.status_code == 503
    assert "We can’t open or save files now" in file.content.decode()
    assert "Our file store isn’t responding" in file.content.decode()
    assert set(answers.values()) == {200}, answers
    assert 1 < waited < 8
    assert after < 3  # nobody waits again


def test_no_pack_is_issued_and_no_picture_saved_while_the_store_does_not_answer(town, browser, s3):
    told = tell(town)
    path = f"/testford/highlights/{told.pk}/picture/change/"
    with s3.paused():
        with pytest.raises(TransitionRefused, match=r"it was not issued\. Its number is still free\. What went wrong:"):
            scenarios.issue(town, OCTOBER)
        file = SimpleUploadedFile("a.jpg", picture(), "image/jpeg")
        typed = {"picture": file, "alt": "A stall", "revision": told.revision}
        answer = browser.post(path, typed)
    assert answer.status_code == 503
    assert "We can’t open or save files now" in answer.content.decode()
    assert not IssuedPack.objects.exists()
    assert Highlight.objects.get().picture is None


@pytest.mark.parametrize("how", ["changed", "missing"])
def test_bytes_that_were_not_put_are_never_sent(town, browser, s3, public_pack, how, caplog):
    content = objects.read(public_pack.pdf)
    changed = content[:-7] + b"x" + content[-6:]
    if how == "changed":
        s3.write(public_pack.pdf_id, changed)
    else:
        s3.remove(public_pack.pdf_id)
    for path in (public_pack.get_absolute_url(), f"/testford/public/packs/{public_pack.reference}/"):
        caplog.clear()
        answer = browser.get(f"{path}pack.pdf")
        assert answer.status_code == 503
        assert b"%PDF" not in answer.content
        (error,) = [each for each in caplog.records if each.levelno == logging.ERROR]
        words = "no longer has the bytes that" if how == "changed" else "isn’t in its store"
        assert words in str(error.exc_info)
    with pytest.raises(objects.Unreadable):
        objects.read(public_pack.pdf)


@pytest.mark.both_databases
def test_a_wrong_byte_in_the_database_is_found_too(town, browser):
    pack = scenarios.issue(town, OCTOBER)
    content = objects.read(pack.pdf)
    put = StoredObject.objects.filter(pk=pack.pdf_id)
    put.update(content=None)  # as for moving it
    if connection.vendor == "postgresql":
        with pytest.raises(IntegrityError, match="An object must have the hash of its bytes"), transaction.atomic():
            put.update(content=content[:-1] + b"x")
        return
    put.update(content=content[:-1] + b"x")
    assert browser.get(f"{pack.get_absolute_url()}pack.pdf").status_code == 503
    with pytest.raises(objects.Damaged):
        objects.put(content, objects.PDF)


@pytest.mark.both_databases
def test_an_object_stays_as_it_was(town):
    stored = tell(town, picture=picture()).picture
    row = StoredObject.objects.filter(pk=stored.pk)
    for change in ({"content": b"x" * stored.size}, {"size": 7, "content": b"x" * 7}, {"media_type": "text/html"}):
        with (
            pytest.raises(IntegrityError, match=r"stays as it was|have the hash of its bytes"),
            transaction.atomic(),
        ):
            row.update(**change)
    with pytest.raises(ProtectedError):
        row.delete()
    with pytest.raises(IntegrityError):
        sql("DELETE FROM core_storedobject")


def sql(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
        connection.check_constraints()


def test_a_damaged_object_is_never_put_again_as_if_it_were_well(town, s3):
    content = b"%PDF " * 9
    s3.write(objects.name_of(content), b"other")
    with pytest.raises(objects.Damaged):
        objects.put(content, objects.PDF)


# --- What nobody uses -----------------------------------------------------------------------------------------------


def test_what_was_put_and_rolled_back_goes_later(town, s3, monkeypatch):
    with transaction.atomic():
        stray = objects.put(b"never saved", objects.PDF)
        transaction.set_rollback(True)
    used = tell(town, picture=picture())
    s3.write("somebody-elses", b"x")
    assert not StoredObject.objects.filter(pk=stray.pk).exists()
    assert delete_unused_objects() == 0
    assert stray.pk in s3.names()
    monkeypatch.setattr(objects, "KEPT_FOR", timedelta(0))
    assert delete_unused_objects() == 1
    assert s3.names() == {used.picture_id, used.picture_small_id, "somebody-elses"}
    assert not StoredObject.objects.filter(pk=stray.pk).exists()


def test_a_copy_of_an_installation_deletes_nothing_in_its_store(town, s3, settings, monkeypatch, committed):
    objects.delete_strays()
    told = tell(town, picture=picture())
    assert objects.probe() == ""
    before = s3.names()
    options = settings.STORAGES["objects"]["OPTIONS"] | {"owner": "https://copy.example"}
    settings.STORAGES = {**settings.STORAGES, "objects": settings.STORAGES["objects"] | {"OPTIONS": options}}
    assert objects.probe() == "The store belongs to another installation."
    assert objects.read(told.picture)
    with committed():
        remove_picture(told, by=town.coordinator)
    let_time_pass()
    with pytest.raises(JobFailed, match="belongs to another installation"):
        objects.delete_unused()
    assert s3.names() == before


def test_the_check_says_how_the_store_is(town, s3, settings):
    assert objects.probe() == ""
    with s3.paused(), pytest.raises(objects.Unreadable):
        objects.probe()
    tell(town)
    where = settings.STORAGES["objects"]
    settings.STORAGES = {**settings.STORAGES, "objects": {"BACKEND": "core.files.objects.DatabaseStorage"}}
    assert objects.probe() is None
    StoredObject.objects.create(sha256=NAME, size=1, media_type="image/png")
    assert objects.probe() == "Files are in a store outside the database, but OBJECTS_URL isn’t set."
    settings.STORAGES = {**settings.STORAGES, "objects": where}


# --- Who pays for it ------------------------------------------------------------------------------------------------


def test_bytes_are_in_no_other_table():
    """A list of packs once loaded all their files."""
    ours = [model for model in apps.get_models() if "site-packages" not in model._meta.app_config.path]
    fields = [field for model in ours for field in model._meta.concrete_fields]
    assert [str(field) for field in fields if isinstance(field, BinaryField)] == ["core.StoredObject.content"]


def test_lists_load_no_content(town, browser, django_assert_max_num_queries):
    for number in range(3):
        tell(
            town, title=f"Story {number}", starts_on=OCTOBER.first_day, picture=picture(("teal", "navy", "red")[number])
        )
    scenarios.issue(town, OCTOBER)
    assert make_pack_bundle(ask(town).pk) == 1
    for path in ("/testford/highlights/", "/testford/packs/", "/testford/2026-10/"):
        with django_assert_max_num_queries(60) as asked:
            assert browser.get(path).status_code == 200
        assert [each["sql"] for each in asked if "storedobject" in each["sql"] and '."content"' in each["sql"]] == []


def test_clients_of_the_store_and_of_redis_are_loaded_only_where_there_is_one():
    program = (
        "import django; django.setup(); import vvdash.urls, sys; print({'boto3', 'botocore', 'redis'} & {*sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=settings.BASE_DIR,
        env={"DJANGO_SETTINGS_MODULE": "vvdash.settings", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "set()\n"


def test_a_pack_of_a_region_is_in_the_store_too(place):
    region = make_region()
    pack = leave_pack(region)
    answer = signed_in(make_region_member(region)).get(f"{pack.get_absolute_url()}pack.pdf")
    assert (answer.status_code, answer.content) == (200, b"%PDF")
    assert is_at(place, pack.pdf)

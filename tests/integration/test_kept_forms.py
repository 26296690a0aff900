"""What is kept of a form that could not be taken in, for whom, and until when."""

from datetime import time, timedelta

import pytest
from django.conf import settings
from django.http import HttpRequest
from django.test import RequestFactory
from django.utils import timezone

from core.forms import kept
from core.identity.sessions import SessionStore
from core.models import KeptForm, Session, User
from core.tasks import clear_sessions
from core.timetable import Timetable
from tests.factories import make_user

pytestmark = pytest.mark.django_db
PATH = "/a/page/"


@pytest.fixture
def user(db) -> User:
    return make_user()


def brought(rf: RequestFactory, user: User, note: str = "a note") -> HttpRequest:
    """A form of a page that this person had open, without their session."""
    request = rf.post(PATH, {kept.FIELD: kept.proof(user), "note": note})
    request.session = SessionStore()
    return request


def test_a_form_is_kept_for_its_person_and_its_page(rf: RequestFactory, user: User):
    request = brought(rf, user)
    assert kept.keep(request)
    held = kept.find(request.session, path=PATH, by=user)
    assert held is not None
    assert held["note"] == "a note"
    assert kept.find(request.session, path="/another/", by=user) is None
    assert kept.find(request.session, path=PATH, by=make_user()) is None


@pytest.mark.parametrize("is_gone", [True, False])
def test_an_old_page_of_somebody_who_cannot_sign_in_keeps_nothing(rf: RequestFactory, user: User, is_gone: bool):
    request = brought(rf, user)
    if is_gone:
        user.delete()
    else:
        user.is_active = False
        user.save()
    assert not kept.keep(request)
    assert request.session.is_empty()


def test_three_megabytes_are_kept_and_no_more(rf: RequestFactory, user: User, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = None
    around = len(brought(rf, user, "").POST.urlencode())
    most = brought(rf, user, "x" * (3 * 1024 * 1024 - around))
    assert kept.keep(most)
    more = brought(rf, user, "x" * (3 * 1024 * 1024 - around + 1))
    assert not kept.keep(more)
    assert more.session.is_empty()


def test_it_costs_a_few_queries_and_none_without_the_proof(rf: RequestFactory, user: User, django_assert_num_queries):
    request, unsigned = brought(rf, user), rf.post(PATH, {"note": "a note"})
    with django_assert_num_queries(6):  # two of them are the transaction's
        kept.keep(request)
    with django_assert_num_queries(0):
        assert not kept.keep(unsigned)


def test_a_session_that_has_ended_is_deleted_with_what_was_kept_in_it(rf: RequestFactory, user: User):
    ended, lasting = brought(rf, user), brought(rf, user)
    for request in (ended, lasting):
        kept.keep(request)
        request.session.save()
    long_ago = timezone.now() - timedelta(hours=8, seconds=1)
    Session.objects.filter(pk=ended.session.session_key).update(expire_date=long_ago + timedelta(hours=8))
    KeptForm.objects.filter(pk=ended.session[kept.KEPT]).update(kept_at=long_ago)
    clear_sessions()
    assert [form.pk for form in KeptForm.objects.all()] == [lasting.session[kept.KEPT]]
    assert [session.pk for session in Session.objects.all()] == [lasting.session.session_key]


def test_they_are_cleared_each_night():
    job = settings.JOBS["clear-sessions"]
    assert (job["task"], job["timetable"]) == (clear_sessions.name, Timetable(first=time(4)))

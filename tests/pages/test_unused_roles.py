"""Roles that nobody uses: which are listed, and what a coordinator does about them each quarter."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from boards.models import Membership, RoleReview
from boards.rules import Role
from core.models import AuditEvent, Session, User
from tests.days import days_ago
from tests.factories import make_member
from tests.scenarios import Town
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
PAGE = "/testford/setup/people/unused/"


@pytest.fixture
def client(town: Town) -> Client:
    User.objects.update(last_login=timezone.now())
    return signed_in(town.coordinator)


def leave(person: User, days: int) -> None:
    """Somebody signed in so many days ago for the last time."""
    User.objects.filter(pk=person.pk).update(last_login=days_ago(days))


def name(person: User) -> str:
    return f"role-{Membership.objects.get(user=person).pk}"


def test_a_role_counts_as_unused_after_90_days_and_a_boards_after_200(client: Client, town: Town):
    analyst, chair = town.people[Role.ANALYST], town.people[Role.BOARD_CHAIR]
    for days, listed in ((90, []), (91, [analyst]), (200, [analyst]), (201, [analyst, chair])):
        leave(analyst, days)
        leave(chair, days)
        form = client.get(PAGE).context["form"]
        assert sorted(form.fields) == sorted(map(name, listed)), days


def test_whoever_never_signed_in_counts_from_the_day_they_were_invited(client: Client, town: Town):
    analyst = town.people[Role.ANALYST]
    old = timezone.localdate() - timedelta(days=91)
    User.objects.filter(pk=analyst.pk).update(last_login=None, joined_on=old)
    assert "never signed in" in client.get(PAGE).content.decode()
    Membership.objects.filter(user=analyst).update(attested_at=timezone.now(), attested_by=town.coordinator)
    assert not client.get(PAGE).context["form"].fields


def test_some_end_after_a_question_and_others_stay(client: Client, town: Town):
    analyst, lead = town.people[Role.ANALYST], town.lead
    for person in (analyst, lead):
        leave(person, 91)
        Client().force_login(person)
        leave(person, 91)
    assert "No one has checked these roles yet" in client.get(PAGE).content.decode()
    typed = {name(analyst): "end", name(lead): "keep", "act": "look"}

    question = client.post(PAGE, typed)

    assert "End 1 role?" in question.content.decode()
    assert "Nothing has been saved yet" in question.content.decode()
    assert Membership.objects.filter(user=analyst).exists()

    done = client.post(PAGE, typed | {"act": "decide"}, follow=True).content.decode()

    assert "1 kept, 1 ended" in done
    assert "The next check is due on" in done
    assert not Membership.objects.filter(user=analyst).exists()
    assert not Session.objects.filter(person=analyst).exists()
    assert Membership.objects.get(user=lead).kept_by == town.coordinator
    review = RoleReview.objects.get()
    assert (review.kept, review.ended, review.reviewed_by) == (1, 1, town.coordinator)
    assert not client.get(PAGE).context["form"].fields
    verbs = set(AuditEvent.objects.values_list("verb", flat=True))
    assert {"membership.kept", "membership.revoked", "roles.reviewed"} <= verbs


def test_a_quarter_later_it_is_due_again(client: Client, town: Town):
    leave(town.people[Role.ANALYST], 91)
    client.post(PAGE, {name(town.people[Role.ANALYST]): "keep", "act": "look"})
    earlier = days_ago(91)
    RoleReview.objects.update(reviewed_at=earlier)
    Membership.objects.exclude(kept_at=None).update(kept_at=earlier)
    page = client.get(PAGE)
    assert "The next check is due now" in page.content.decode()
    assert list(page.context["form"].fields) == [name(town.people[Role.ANALYST])]


def test_nothing_happens_unless_each_is_decided(client: Client, town: Town):
    analyst, lead = town.people[Role.ANALYST], town.lead
    for person in (analyst, lead):
        leave(person, 91)
    answer = client.post(PAGE, {name(analyst): "end", "act": "decide"})
    assert "Choose for agency-lead" in answer.content.decode()
    assert Membership.objects.filter(user=analyst).exists()
    assert not RoleReview.objects.exists()


def test_nobody_ends_the_role_of_whoever_has_come_back(client: Client, town: Town):
    analyst = town.people[Role.ANALYST]
    leave(analyst, 91)
    typed = {name(analyst): "end", "act": "decide"}
    leave(analyst, 0)
    assert "The list has changed" in client.post(PAGE, typed).content.decode()
    assert Membership.objects.filter(user=analyst).exists()
    assert not RoleReview.objects.exists()


def test_another_areas_roles_are_not_listed(client: Client, town: Town, outsider: User):
    leave(outsider, 300)
    assert not client.get(PAGE).context["form"].fields


def test_it_can_be_recorded_that_there_is_nothing(client: Client):
    assert "0 kept, 0 ended" in client.post(PAGE, {"act": "look"}, follow=True).content.decode()


def test_the_end_of_a_strong_role_waits_and_leaves_the_list(client: Client, town: Town):
    """It once counted as ended, and stayed in the list."""
    officer = town.people[Role.INFORMATION]
    make_member(town.area, Role.INFORMATION)
    User.objects.update(last_login=timezone.now())
    leave(officer, 91)
    typed = {name(officer): "end"}
    assert client.post(PAGE, typed | {"act": "look"}).status_code == 200
    page = client.post(PAGE, typed | {"act": "decide"}, follow=True).content.decode()
    assert "Another person has to confirm the end of a strong role." in page
    review = RoleReview.objects.get()
    assert (review.kept, review.ended) == (0, 0)
    assert Membership.objects.filter(user=officer).exists()
    assert not client.get(PAGE).context["form"].fields

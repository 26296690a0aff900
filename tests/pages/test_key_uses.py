"""The page of a key's uses: by the hour, for whoever may see the key."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from boards.models import KeyUse
from boards.rules import Role
from boards.selectors import count_use
from boards.services.keys import note_key_uses
from tests.factories import make_member
from tests.keys import agency_key, bearer, give_key
from tests.scenarios import Town
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
NOON = timezone.localtime().replace(hour=12, minute=5, second=0, microsecond=0)
YESTERDAY = NOON - timedelta(days=1)


def words(client: Client, key: int) -> str:
    answer = client.get(f"/testford/keys/{key}/uses/")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_the_owner_sees_each_hour_noted_or_not(town: Town):
    key, secret = give_key(town, town.coordinator)
    for _ in range(3):
        count_use(key.pk, YESTERDAY)
    assert note_key_uses(NOON) == 1
    Client().get("/api/v1/areas/testford/months", headers=bearer(secret))
    Client().get("/api/v1/areas/testford/plan", headers=bearer(secret))
    assert KeyUse.objects.count() == 1  # this hour's, which nobody has noted
    shown = words(signed_in(town.coordinator), key.pk)
    assert "In the last 14 days this key made 5 requests." in shown
    assert "12:00 to 13:00" in shown
    assert "Published months, their lines and versions; The action plan" in shown
    assert "3 requests" in shown
    assert "refused" not in shown.lower().replace(">refused<", "").replace('data-label="refused"', "")


def test_a_key_that_asked_too_often_says_so(town: Town):
    key, _ = give_key(town, town.coordinator)
    count_use(key.pk, YESTERDAY)
    KeyUse.objects.update(requests=1200, refused=17)
    note_key_uses(NOON)
    shown = words(signed_in(town.people[Role.INFORMATION]), key.pk)
    assert "this key made 1200 requests. We refused 17 of these, because the key made too many at a time." in shown


def test_a_key_that_nobody_used_says_so(town: Town):
    key, _ = give_key(town, town.coordinator)
    assert "This key asked for nothing in the last 14 days." in words(signed_in(town.coordinator), key.pk)
    count_use(key.pk, NOON - timedelta(days=20))
    assert note_key_uses(NOON) == 1  # late, as after a stop
    assert "This key asked for nothing in the last 14 days." in words(signed_in(town.coordinator), key.pk)


def test_who_sees_it(town: Town, outsider):
    own, _ = give_key(town, town.people[Role.ANALYST])
    agencys, _ = agency_key(town)
    second = make_member(town.area, Role.AGENCY_LEAD, agency=town.police)
    may = {
        (town.coordinator, own.pk),
        (town.coordinator, agencys.pk),
        (town.people[Role.INFORMATION], own.pk),
        (town.people[Role.ANALYST], own.pk),
        (town.lead, agencys.pk),
        (second, agencys.pk),
    }
    people = {who for who, _ in may} | {town.people[Role.BOARD_MEMBER], outsider}
    for person in people - {town.people[Role.INFORMATION]}:
        for key in (own.pk, agencys.pk):
            status = signed_in(person).get(f"/testford/keys/{key}/uses/").status_code
            assert status == (200 if (person, key) in may else 404), (person, key)


def test_its_queries_do_not_grow_with_hours(town: Town, django_assert_max_num_queries):
    key, _ = give_key(town, town.coordinator)
    for hours in range(24):
        count_use(key.pk, YESTERDAY - timedelta(hours=hours))
    note_key_uses(NOON)
    client = signed_in(town.coordinator)
    with django_assert_max_num_queries(8):
        words(client, key.pk)

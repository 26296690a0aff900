"""A key is never wider than its owner, and nobody can guess, keep or overuse one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import RequestFactory
from django.utils import timezone

from boards.key_access import (
    UNKNOWN,
    KeyInAddress,
    KeyOver,
    KeyUnknown,
    NobodyAnswers,
    TooManyWrong,
    check_key,
    find_key,
)
from boards.key_secrets import Scope, make_secret, read_key
from boards.models import ApiKey, KeyUse, Membership, PartnershipArea, Region, RegionMembership
from boards.permissions import lacks_factor
from boards.rules import RegionRole, Role
from boards.selectors import TooOften, count_use
from boards.services.keys import (
    MOST_KEYS,
    find_keys,
    make_key,
    note_key_uses,
    replace_key,
    revoke_key,
    take_over_key,
    turn_keys,
)
from boards.services.people import revoke_role
from core.labels import TransitionRefused
from core.models import AuditEvent, ReadEvent, User
from tests.factories import make_agency, make_member, make_user
from tests.factors import give_app
from tests.integration.at_once import WORKERS, by_all
from tests.keys import agency_key, bearer, give_key, opened, turn_on
from tests.scenarios import Town, make_town

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate
A_MINUTE, AN_HOUR = settings.KEY_A_MINUTE, settings.KEY_AN_HOUR


def end_key(key: ApiKey) -> None:
    ApiKey.objects.filter(pk=key.pk).update(ends_on=TODAY() - timedelta(days=1))


def give_role(person: User, area: PartnershipArea, role: Role, **place: Any) -> None:
    Membership.objects.create(user=person, area=area, role=role.value, **place)


# --- What a key opens -------------------------------------------------------------------------------


def test_a_persons_key_opens_what_they_open_and_no_draft(town: Town):
    _, secret = give_key(town, town.coordinator)

    found = opened(secret)

    assert (found.area, found.agency, found.access.user) == (town.area, None, town.coordinator)
    assert found.access.roles == {Role.COORDINATOR}
    assert not found.access.can_see_drafts
    assert found.access.can_see_board(town.csp.pk)


def test_a_key_loses_what_its_person_loses_at_once(town: Town):
    person = town.people[Role.ANALYST]
    give_role(person, town.area, Role.BOARD_MEMBER, board=town.csp)
    _, secret = give_key(town, person)
    assert opened(secret).access.roles == {Role.ANALYST, Role.BOARD_MEMBER}

    Membership.objects.filter(user=person, role=Role.ANALYST.value).delete()
    assert opened(secret).access.roles == {Role.BOARD_MEMBER}

    Membership.objects.filter(user=person).delete()
    with pytest.raises(NobodyAnswers, match="no longer has a role in"):
        opened(secret)


def test_a_closed_account_has_no_key(town: Town):
    _, secret = give_key(town, town.coordinator)
    town.coordinator.is_active = False
    town.coordinator.save()

    with pytest.raises(NobodyAnswers):
        opened(secret)


def test_a_leavers_key_stays_revoked_when_they_return(town: Town):
    person = town.people[Role.ANALYST]
    key, secret = give_key(town, person)
    revoke_role(Membership.objects.get(user=person), by=town.coordinator)
    give_role(person, town.area, Role.ANALYST)

    key.refresh_from_db()
    assert key.revoked_by == town.coordinator
    with pytest.raises(KeyOver, match="revoked"):
        opened(secret)


@pytest.mark.parametrize("elsewhere", [False, True])
def test_without_a_second_factor_that_a_role_needs_no_key_opens(town: Town, settings, elsewhere):
    """… wherever the role is: on pages, its person sees only the set-up."""
    person = town.people[Role.COORDINATOR if not elsewhere else Role.STRATEGIC]
    _, secret = give_key(town, person)
    if elsewhere:
        give_role(person, make_town("elsewhere").area, Role.COORDINATOR)
    settings.PRODUCTION = True
    with pytest.raises(NobodyAnswers, match="second factor"):
        opened(secret)

    give_app(person)
    assert opened(secret).access.user == person


def test_a_role_in_a_region_needs_a_second_factor_too(town: Town, settings):
    person = town.people[Role.STRATEGIC]
    _, secret = give_key(town, person)
    settings.PRODUCTION = True
    assert opened(secret).access.user == person
    now, operator = timezone.now(), make_user(is_staff=True, is_superuser=True)
    region = Region.objects.create(slug="shire", name="Shire", made_at=now, made_by=operator)
    RegionMembership.objects.create(
        user=person, region=region, role=RegionRole.ANALYST.value, given_at=now, given_by=operator
    )
    assert lacks_factor(person)
    with pytest.raises(NobodyAnswers, match="second factor"):
        opened(secret)
    give_app(person)
    assert opened(secret).access.roles == {Role.STRATEGIC}  # and none of the region's


def test_an_operators_key_has_only_the_roles_that_somebody_gave(town: Town):
    person = town.people[Role.BOARD_MEMBER]
    person.is_superuser = person.is_staff = True
    person.save()
    _, secret = give_key(town, person)

    assert opened(secret).access.roles == {Role.BOARD_MEMBER}
    assert not opened(secret).access.can_coordinate


def test_an_agencys_key_acts_as_its_lead_and_as_nothing_else(town: Town):
    """The lead is an analyst and another agency's lead besides: the key is neither."""
    other = make_agency(town.area, "nhs")
    give_role(town.lead, town.area, Role.ANALYST)
    give_role(town.lead, town.area, Role.AGENCY_LEAD, agency=other)
    _, secret = agency_key(town)

    found = opened(secret)

    assert found.agency == town.police.pk
    assert (found.access.roles, found.access.led) == ({Role.AGENCY_LEAD}, {town.police.pk})


def test_an_agencys_key_waits_for_another_lead(town: Town):
    key, secret = agency_key(town)
    Membership.objects.filter(user=town.lead).delete()
    with pytest.raises(NobodyAnswers, match="can take it over"):
        opened(secret)

    second = make_member(town.area, Role.AGENCY_LEAD, agency=town.police)
    with pytest.raises(NobodyAnswers):  # not by itself
        opened(secret)
    take_over_key(key, by=second)

    assert opened(secret).access.user == second


def test_keys_that_are_turned_off_open_nothing(town: Town):
    _, secret = give_key(town, town.coordinator)
    turn_keys(town.area, on=False, by=town.people[Role.INFORMATION])
    with pytest.raises(NobodyAnswers, match="turned off"):
        opened(secret)
    with pytest.raises(PermissionDenied):
        turn_keys(town.area, on=True, by=town.people[Role.INFORMATION])


# --- Who has the secret -----------------------------------------------------------------------------


def test_an_unknown_prefix_and_a_wrong_secret_get_the_same_answer(town: Town, django_assert_num_queries):
    """… by the same work, so that nobody learns which prefixes exist."""
    key, _ = give_key(town, town.coordinator)
    wrong = make_secret().key
    with django_assert_num_queries(4):
        for sent in (wrong, f"vvd_{key.prefix}_{wrong[-43:]}"):
            with pytest.raises(KeyUnknown) as refused:
                check_key(sent)
            assert str(refused.value) == UNKNOWN


@pytest.mark.parametrize("sent", ["", "vvd_", "x" * 10_000, "vvd_ab_cd", "\x00", "vvd_abcdefgh_" + "é" * 43])
def test_nonsense_is_unknown(town: Town, sent):
    with pytest.raises(KeyUnknown):
        check_key(sent)


def test_only_with_the_secret_one_learns_that_a_key_is_over(town: Town):
    key, secret = give_key(town, town.coordinator)
    end_key(key)
    with pytest.raises(KeyOver, match="ended on"):
        opened(secret)
    with pytest.raises(KeyUnknown):
        check_key(f"vvd_{key.prefix}_{make_secret().key[-43:]}")
    revoke_key(key, by=town.people[Role.INFORMATION])
    with pytest.raises(KeyOver, match="revoked"):
        opened(secret)


def test_the_secret_is_nowhere_in_the_database(town: Town):
    key, secret = give_key(town, town.coordinator)
    prefix, digest = read_key(secret)
    assert (key.prefix, key.digest) == (prefix, digest)
    assert secret[-43:] not in str(ApiKey.objects.values().get())
    events = str(list(AuditEvent.objects.values()))
    assert digest not in events
    assert secret[-43:] not in events
    assert prefix in events


def test_a_key_in_the_address_is_refused_with_a_sentence(town: Town):
    _, secret = give_key(town, town.coordinator)
    with pytest.raises(KeyInAddress, match="stored in logs"):
        find_key(RequestFactory().get("/api/v1/areas", {"access_token": secret}))


def test_a_session_is_no_key(town: Town, client):
    client.force_login(town.coordinator)
    with pytest.raises(KeyUnknown):
        find_key(RequestFactory().get("/api/v1/areas"))


# --- Limits -----------------------------------------------------------------------------------------


def test_a_key_is_counted_by_the_minute_and_by_the_hour(town: Town):
    key, _ = give_key(town, town.coordinator)
    now = datetime(2026, 11, 27, 12, 30, 15, tzinfo=UTC)
    for _ in range(A_MINUTE):
        count_use(key.pk, now)
    with pytest.raises(TooOften) as refused:
        count_use(key.pk, now)
    assert refused.value.wait == 45
    count_use(key.pk, now + timedelta(minutes=1))
    use = KeyUse.objects.get()
    assert (use.requests, use.refused, use.in_minute) == (A_MINUTE + 2, 1, 1)

    KeyUse.objects.update(requests=AN_HOUR)
    with pytest.raises(TooOften) as refused:
        count_use(key.pk, now + timedelta(minutes=5))
    assert 24 * 60 < refused.value.wait <= 25 * 60


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_requests_at_the_same_time_are_all_counted(shared_database):
    town = make_town()
    key, _ = give_key(town, town.coordinator)
    now = datetime(2026, 11, 27, 12, 30, tzinfo=UTC)
    each = A_MINUTE // WORKERS

    def ask() -> None:
        for _ in range(each):
            count_use(key.pk, now, [Scope.PLAN])

    with ThreadPoolExecutor(WORKERS) as others:
        by_all(others, ask)
    use = KeyUse.objects.get()
    assert (use.requests, use.in_minute, use.refused) == (each * WORKERS, each * WORKERS, 0)


def test_wrong_keys_are_limited_by_address_and_right_ones_still_work(town: Town):
    _, secret = give_key(town, town.coordinator)
    answers = []
    for _ in range(32):
        with pytest.raises((KeyUnknown, TooManyWrong)) as refused:
            opened(make_secret().key)
        answers.append(refused.type)
    assert answers[0] is KeyUnknown
    assert answers[-1] is TooManyWrong
    assert opened(secret)


def test_the_log_of_reading_has_each_keys_hours(town: Town):
    key, secret = give_key(town, town.coordinator)
    for scopes in ([Scope.PLAN], [], [Scope.MONTHS]):
        opened(secret, scopes=scopes)
    assert note_key_uses(timezone.now()) == 0  # the hour isn't over
    assert note_key_uses(timezone.now() + timedelta(hours=1)) == 1
    noted = ReadEvent.objects.get(verb="key.read")
    assert (noted.area, noted.actor, noted.details["requests"]) == ("testford", town.coordinator.email, 3)
    assert noted.details["asked"] == "read:months read:plan"
    assert KeyUse.objects.count() == 0
    key.refresh_from_db()
    assert key.used_on == TODAY()


def test_a_check_reads_the_key_and_what_its_owner_is_and_counts_the_use(town: Town, django_assert_num_queries):
    _, secret = give_key(town, town.coordinator)
    with django_assert_num_queries(3):
        check_key(secret)
    opened(secret)  # the first of an hour makes its row
    with django_assert_num_queries(7):  # two of them begin and end the count
        opened(secret)


# --- Making, replacing and revoking one -------------------------------------------------------------


def test_nobody_makes_a_key_for_what_they_are_not(town: Town, outsider):
    turn_on(town)
    nhs = make_agency(town.area, "nhs")
    told: dict[str, Any] = {"name": "X", "scopes": [Scope.MONTHS], "ends_on": TODAY() + timedelta(days=9)}
    for by, agency in ((outsider, None), (outsider, town.police), (town.coordinator, town.police), (town.lead, nhs)):
        with pytest.raises(PermissionDenied):
            make_key(town.area, agency=agency, by=by, **told)
    operator = make_user(is_staff=True, is_superuser=True)
    with pytest.raises(PermissionDenied):
        make_key(town.area, agency=None, by=operator, **told)
    theirs = make_town("near")
    turn_on(theirs)
    with pytest.raises(PermissionDenied):
        make_key(town.area, agency=theirs.police, by=theirs.lead, **told)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " \u200b "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"ends_on": "today"}, "ends_on"),
        ({"ends_on": "late"}, "ends_on"),
        ({"scopes": [Scope.RETURN]}, "scopes"),
        ({"scopes": []}, "scopes"),
    ],
)
def test_what_a_key_lacks_is_said(town: Town, wrong, field):
    turn_on(town)
    days = {"today": TODAY(), "late": TODAY() + timedelta(days=367)}
    told: dict[str, Any] = {"name": "X", "scopes": [Scope.MONTHS], "ends_on": TODAY() + timedelta(days=9)} | wrong
    told["ends_on"] = days.get(told["ends_on"], told["ends_on"])
    with pytest.raises(ValidationError) as refused:
        make_key(town.area, agency=None, by=town.coordinator, **told)
    assert set(refused.value.message_dict) == {field}


def test_keys_of_one_name_or_without_number_are_refused(town: Town):
    give_key(town, town.coordinator, name="Power BI")
    with pytest.raises(ValidationError, match="already a key called"):
        give_key(town, town.coordinator, name="power  bi")
    give_key(town, town.people[Role.ANALYST], name="Power BI")
    for number in range(MOST_KEYS - 1):
        give_key(town, town.coordinator, name=f"No {number}")
    with pytest.raises(ValidationError, match="already 20 keys"):
        give_key(town, town.coordinator, name="One more")


def test_a_replaced_key_works_for_a_week(town: Town):
    key, secret = give_key(town, town.coordinator)
    new, its_secret = replace_key(key, ends_on=TODAY() + timedelta(days=200), by=town.coordinator)

    key.refresh_from_db()
    assert key.ends_on == TODAY() + timedelta(days=7)
    assert opened(secret).scopes == opened(its_secret.key).scopes
    assert (new.replaces, new.name) == (key, key.name)
    with pytest.raises(TransitionRefused, match="already replaced"):
        replace_key(key, ends_on=TODAY() + timedelta(days=200), by=town.coordinator)
    with pytest.raises(PermissionDenied):
        replace_key(new, ends_on=TODAY() + timedelta(days=200), by=town.people[Role.INFORMATION])


def test_who_may_revoke_a_key(town: Town, outsider):
    for by in (town.coordinator, town.people[Role.INFORMATION], town.people[Role.ANALYST]):
        key, _ = give_key(town, town.people[Role.ANALYST])
        revoke_key(key, by=by)
        revoke_key(key, by=by)  # pressed twice
        key.refresh_from_db()
        assert key.revoked_by == by
    key, _ = give_key(town, town.people[Role.ANALYST])
    for by in (outsider, town.lead, town.people[Role.STRATEGIC]):
        with pytest.raises(PermissionDenied):
            revoke_key(key, by=by)
    assert [event.verb for event in AuditEvent.objects.filter(verb="key.revoked")] == ["key.revoked"] * 3


def test_its_owners_are_told_when_it_is_made_and_before_it_ends(town: Town):
    second = make_member(town.area, Role.AGENCY_LEAD, agency=town.police)
    key, _ = agency_key(town, ends_on=TODAY() + timedelta(days=30))

    def told(days: int) -> list[str]:
        return [each.key for each in find_keys(TODAY() + timedelta(days=days)) if each.person == second]

    assert told(0) == [f"key-made:{key.pk}"]
    assert told(15) == []
    assert told(16) == [f"key-ends-14:{key.pk}"]
    assert told(28) == [f"key-ends-2:{key.pk}"]
    assert {each.person for each in find_keys(TODAY())} == {town.lead, second}


def test_keys_look_alike_and_differ():
    keys = sorted(make_secret().key for _ in range(50))
    assert all(before != after for before, after in pairwise(keys))
    assert all(len(read_key(key)[0]) == 8 for key in keys)
    assert bearer(keys[0])["Authorization"].startswith("Bearer vvd_")

"""Who gets into a region, and what its areas show it: only by a consent that two people gave."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.utils import timezone

from boards.models import Consent, RegionMembership, RegionPlace, Shows
from boards.permissions import find_region_access, lacks_factor
from boards.rules import RegionRole, Role
from boards.services.regions import (
    agree_to_consent,
    give_consent,
    grant_region_role,
    invite_area,
    make_region,
    remove_area,
    revoke_region_role,
    withdraw_consent,
)
from core.models import AuditEvent
from tests import scenarios
from tests.factories import make_area, make_user
from tests.factories import regions as factory
from tests.scenarios import Town

pytestmark = pytest.mark.django_db


def days(length: int = 365) -> dict:
    return {"starts_on": timezone.localdate(), "ends_on": timezone.localdate() + timedelta(days=length)}


def test_an_area_shows_a_region_nothing_before_two_of_its_people_agreed(town: Town, django_assert_num_queries):
    operator = scenarios.make_operator()
    region = make_region(name="Essex", slug="essex", by=operator)
    director = factory.make_region_member(region)

    def shown() -> dict:
        return find_region_access(director, "essex").shows

    assert shown() == {}
    with pytest.raises(ValidationError, match="Essex hasn’t invited Testford"):
        give_consent(town.area, region=region, shows=Shows.PARTNERS, **days(), by=town.coordinator)
    invite_area(region, town.area, by=operator)
    given = give_consent(town.area, region=region, shows=Shows.PARTNERS, **days(), by=town.coordinator)
    assert shown() == {}
    agree_to_consent(given, by=town.people[Role.INFORMATION])
    with django_assert_num_queries(4):
        access = find_region_access(director, "essex")
    assert access.shows == {town.area.pk: Shows.PARTNERS}
    assert access.missing == 2
    withdraw_consent(given, by=town.people[Role.INFORMATION])
    assert shown() == {}
    verbs = ["region.made", "region.area_invited", "consent.given", "consent.agreed", "consent.withdrawn"]
    assert list(AuditEvent.objects.filter(verb__in=verbs).order_by("pk").values_list("verb", flat=True)) == verbs


def test_a_consent_ends_with_its_last_day_and_with_the_invitation():
    area = make_area("a")
    region = factory.make_region(area, make_area("b"), make_area("c"))
    director = factory.make_region_member(region)
    assert find_region_access(director, "essex").missing == 0
    today = timezone.localdate()
    Consent.objects.filter(area=area).update(starts_on=today - timedelta(days=2), ends_on=today - timedelta(days=1))
    assert area.pk not in find_region_access(director, "essex").shows
    Consent.objects.filter(area=area).update(ends_on=today)
    assert area.pk in find_region_access(director, "essex").shows
    remove_area(RegionPlace.objects.get(area=area), by=scenarios.make_operator())
    access = find_region_access(director, "essex")
    assert area.pk not in access.shows
    assert [place.slug for place in access.places] == ["b", "c"]


def test_a_region_has_no_door_for_the_people_of_its_areas(town: Town):
    region = factory.make_region(town.area)
    for person in town.people.values():
        with pytest.raises(Http404):
            find_region_access(person, region.slug)
    gone = factory.make_region_member(region, is_active=False)
    with pytest.raises(Http404):
        find_region_access(gone, region.slug)


def test_comparison_needs_the_same_region_or_a_consent_of_its_own():
    ours, theirs, public = (make_area(slug) for slug in ("ours", "theirs", "public"))
    region = factory.make_region(theirs)
    factory.join_region(region, public, shows=Shows.PUBLIC)
    today = timezone.localdate()

    def areas() -> set[str]:
        return {consent.area.slug for consent in Consent.objects.let_compare(ours, today)}

    assert areas() == set()  # we aren't in that region
    factory.join_region(region, ours, shows=Shows.PUBLIC)
    assert areas() == set()  # we show less than they do
    Consent.objects.filter(area=ours).delete()
    factory.join_region(region, ours)
    assert areas() == {"theirs"}
    Consent.objects.filter(area=ours).update(withdrawn_at=timezone.now(), withdrawn_by=make_user())
    assert areas() == set()


def test_an_area_out_of_the_region_neither_compares_nor_is_compared():
    ours, theirs, third = (make_area(slug) for slug in ("ours", "theirs", "third"))
    region, operator = factory.make_region(ours, theirs, third), scenarios.make_operator()
    remove_area(RegionPlace.objects.get(area=theirs), by=operator)

    def areas(of) -> set[str]:
        return {consent.area.slug for consent in Consent.objects.let_compare(of, timezone.localdate())}

    assert areas(ours) == {"third"}
    assert areas(theirs) == set()
    invite_area(region, theirs, by=operator)
    assert areas(ours) == {"theirs", "third"}
    assert areas(theirs) == {"ours", "third"}


def test_an_area_is_once_in_a_region_and_may_consent_for_two_uses(town: Town):
    operator = scenarios.make_operator()
    region = make_region(name="Essex", slug="essex", by=operator)
    invite_area(region, town.area, by=operator)
    with pytest.raises(ValidationError, match="already invited"):
        invite_area(region, town.area, by=operator)
    give_consent(town.area, **days(), by=town.coordinator)
    give_consent(town.area, region=region, shows=Shows.PUBLIC, **days(), by=town.coordinator)
    with pytest.raises(ValidationError, match="There is already a permission"):
        give_consent(town.area, region=region, shows=Shows.PARTNERS, **days(), by=town.coordinator)
    with pytest.raises(ValidationError, match="Choose what you permit"):
        give_consent(town.area, shows=Shows.PARTNERS, **days(), by=town.coordinator)


def test_a_director_adds_analysts_only_and_each_needs_a_second_factor():
    operator = scenarios.make_operator()
    region = make_region(name="Essex", slug="essex", by=operator)

    def grant(role: RegionRole, name: str, by):
        return grant_region_role(region, email=f"{name}@county.example", name=name, role=role, is_attested=True, by=by)

    director = grant(RegionRole.DIRECTOR, "director", operator).user
    analyst = grant(RegionRole.ANALYST, "analyst", director)
    for by in (director, analyst.user):
        with pytest.raises(PermissionDenied):
            grant(RegionRole.DIRECTOR, "another", by)
    with pytest.raises(PermissionDenied):
        grant(RegionRole.ANALYST, "another", analyst.user)
    assert lacks_factor(director)
    assert lacks_factor(analyst.user)
    revoke_region_role(analyst, by=director)
    assert not lacks_factor(analyst.user)
    assert RegionMembership.objects.get().user == director

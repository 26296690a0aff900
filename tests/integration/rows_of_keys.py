"""A person's key, an agency's and its count, and how each constraint of theirs is violated."""

from collections.abc import Callable

from django.utils import timezone

from boards.models import ApiKey, KeyUse, RegionKey, RegionKeyUse, RegionMembership
from boards.services.keys import replace_key, revoke_key
from indicators.models import Submission
from tests.factories.regions import make_region
from tests.integration.rows import twice
from tests.keys import agency_key, give_key, give_region_key, opened
from tests.scenarios import Town


def leave_keys(town: Town) -> ApiKey:
    """The coordinator's key, which is counted; the agency's, which was replaced; one that is revoked."""
    key, secret = give_key(town, town.coordinator)
    opened(secret)
    theirs, _ = agency_key(town)
    replace_key(theirs, ends_on=key.ends_on, by=town.lead)
    revoke_key(give_key(town, town.coordinator, name="Lost")[0], by=town.coordinator)
    region_key, secret = give_region_key(make_region(slug="keyshire"))
    opened(secret)
    RegionMembership.objects.filter(user=region_key.answers_by).delete()  # others count these
    return key


OWN = ApiKey.objects.filter(person__isnull=False, revoked_at__isnull=True)
THEIRS = ApiKey.objects.filter(agency__isnull=False, replaces__isnull=True)
REVOKED = ApiKey.objects.filter(revoked_at__isnull=False)
KEY_CASES: list[tuple[str, Callable[[Town], object]]] = [
    ("key_of_a_person_or_an_agency", lambda town: OWN.update(person=None)),
    ("key_of_a_person_or_an_agency", lambda town: THEIRS.update(person=town.lead)),
    ("person_answers_for_own_key", lambda town: OWN.update(answers_by=town.lead)),
    ("key_revoked_at_by", lambda town: OWN.update(revoked_at=timezone.now())),
    ("key_revoked_at_by", lambda town: REVOKED.update(revoked_at=None)),
    ("only_an_agency_writes_its_return", lambda town: OWN.update(scopes="read:months write:return")),
    ("key_is_whole", lambda town: OWN.update(digest="")),
    ("key_is_whole", lambda town: OWN.update(prefix="")),
    ("key_is_whole", lambda town: OWN.update(name="")),
    ("key_is_whole", lambda town: OWN.update(scopes="")),
    (
        "return_saved_with_a_key_is_saved",
        lambda town: Submission.objects.filter(saved_at__isnull=False).update(
            saved_with=OWN.get(), saved_at=None, saved_by=None
        ),
    ),
    ("one_count_per_key_and_hour", lambda town: twice(KeyUse.objects.all())),
    ("region_key_revoked_at_by", lambda town: RegionKey.objects.update(revoked_at=timezone.now())),
    ("region_key_is_whole", lambda town: RegionKey.objects.update(digest="")),
    ("region_key_is_whole", lambda town: RegionKey.objects.update(prefix="")),
    ("region_key_is_whole", lambda town: RegionKey.objects.update(name="")),
    ("one_count_per_region_key_and_hour", lambda town: twice(RegionKeyUse.objects.all())),
]

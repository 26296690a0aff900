"""E-mail a key's owner that it was made, and 14 and 2 days before it ends."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from django.urls import reverse
from django.utils import timezone

from boards.models import ApiKey, Membership
from boards.roles import Role
from boards.services.telling import Occasion, make_source
from core.letter_kinds import LetterKind
from core.models import User
from core.months import date_label
from core.services.letters import Letter, Part
from core.within import Areas, within

MADE, ENDS = "key-made", "key-ends"
TOLD_FOR = timedelta(days=14)  # after this, nobody gets the news of a key any more
BEFORE_END = (2, 14)  # days


def find_keys(today: date, areas: Areas = None) -> Iterator[Occasion]:
    """Yield new keys and those that end soon, for each owner. Two queries."""
    keys = ApiKey.objects.in_force(today).select_related("area", "agency", "person", "made_by", "answers_by")
    # A key that was replaced ends as somebody meant it to.
    found = list(keys.filter(within(areas), replaced_by=None).order_by("pk"))
    people = list_owners(found)
    for key in found:
        for person in people[key.pk]:
            if timezone.localdate(key.made_at) >= today - TOLD_FOR:
                yield Occasion(key.area, person, f"{MADE}:{key.pk}", key)
            left = (key.ends_on - today).days
            if due := next((days for days in BEFORE_END if left <= days), None):
                yield Occasion(key.area, person, f"{ENDS}-{due}:{key.pk}", key)


def list_owners(keys: Sequence[ApiKey]) -> dict[int, list[User]]:
    """Return each key's people: its person, or every lead of its agency. One query."""
    agencies = {key.agency_id for key in keys if key.agency_id}
    held = Membership.objects.filter(agency__in=agencies, role=Role.AGENCY_LEAD.value, user__is_active=True)
    leads: dict[int | None, list[User]] = defaultdict(list)
    for each in held.select_related("user").order_by("pk") if agencies else ():
        leads[each.agency_id].append(each.user)
    return {key.pk: leads[key.agency_id] if key.agency_id else [key.person] if key.person else [] for key in keys}


def write_keys(found: Sequence[Occasion], today: date) -> Iterator[Part]:
    for each in found:
        key: ApiKey = each.thing
        is_new = each.key.startswith(MADE)
        maker = "You" if key.made_by_id == each.person.pk else str(key.made_by)
        letter = Letter(
            marking="",
            subject=f"New key for {key.area.name}" if is_new else f"A key for {key.area.name} ends soon",
            opening=f"{maker} made the key “{key}” of {key.owner}."
            if is_new
            else f"The key “{key}” of {key.owner} ends on {date_label(key.ends_on)}.",
            sentences=[
                "If you don’t expect it, revoke it." if is_new else "Replace it before then, or its system stops."
            ],
            link_words="Open the key",
            reason="You get this because it is your key."
            if key.agency_id is None
            else f"You get this because you are a lead of {key.owner}.",
        )
        yield Part(letter, reverse("boards:key-view", args=[key.area.slug, key.pk]))


KEYS = make_source(LetterKind.KEYS, find_keys, write_keys)

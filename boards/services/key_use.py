"""Note in the log of reading how often each key was used, once an hour is over."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from boards.key_use import read_bits, start_of_hour
from boards.models import ApiKey, KeyUse
from boards.selectors import HOUR_LABEL, KEY_READ
from core.reading import make_read


def note_key_uses(now: datetime) -> int:
    """Note every count of an hour that is over, and delete it. Return how many."""
    over = KeyUse.objects.filter(hour__lt=start_of_hour(now)).order_by("pk").values_list("pk", flat=True)
    return sum(_note(pk) for pk in list(over))


@transaction.atomic
def _note(pk: int) -> int:
    use = KeyUse.objects.select_for_update(of=("self",)).select_related("key__area", "key__answers_by").filter(pk=pk)
    held = use.first()
    if held is None:  # another worker was first
        return 0
    key = held.key
    make_read(
        KEY_READ,
        reverse("boards:key-view", args=[key.area.slug, key.pk]),
        by=key.answers_by,
        area=key.area.slug,
        key=str(key),
        owner=key.owner,
        hour=timezone.localtime(held.hour).strftime(HOUR_LABEL),
        requests=held.requests,
        refused=held.refused,
        asked=" ".join(scope.value for scope in read_bits(held.asked)),
    )
    day = timezone.localdate(held.hour)
    ApiKey.objects.filter(pk=key.pk).update(used_on=max(day, key.used_on or day))
    held.delete()
    return 1

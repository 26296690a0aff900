"""Note in the log of reading how often each key was used, once an hour is over."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from boards.key_use import start_of_hour
from boards.models import ApiKey, KeyUse
from core.reading import make_read

VERB = "key.read"


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
        VERB,
        reverse("boards:key-view", args=[key.area.slug, key.pk]),
        by=key.answers_by,
        area=key.area.slug,
        key=str(key),
        owner=key.owner,
        hour=f"{timezone.localtime(held.hour):%Y-%m-%d %H:00}",
        requests=held.requests,
        refused=held.refused,
    )
    day = timezone.localdate(held.hour)
    ApiKey.objects.filter(pk=key.pk).update(used_on=max(day, key.used_on or day))
    held.delete()
    return 1

"""How often is a key used, and what for? Counts requests, by key and hour, and says whether there were too many."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Case, F, Q, When

from boards.key_secrets import Scope
from boards.models import KeyUse

BITS = {scope: 1 << place for place, scope in enumerate(Scope)}


class TooOften(Exception):
    """Raised for a key that is used too often. `wait` is in seconds."""

    def __init__(self, wait: int) -> None:
        super().__init__(
            f"This key has asked too often: at most {settings.KEY_A_MINUTE} times a minute and "
            f"{settings.KEY_AN_HOUR:,} times an hour. Wait {wait} seconds."
        )
        self.wait = wait


def start_of_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def as_bits(scopes: Iterable[Scope]) -> int:
    return sum(BITS[scope] for scope in set(scopes))


def read_bits(asked: int) -> list[Scope]:
    return [scope for scope, bit in BITS.items() if asked & bit]


def count_use(key: int, now: datetime, scopes: Iterable[Scope] = ()) -> None:
    """Count a request for what these scopes open. Two statements. Raises TooOften."""
    hour, asked = start_of_hour(now), as_bits(scopes)
    first = {"requests": 1, "minute": now.minute, "in_minute": 1, "asked": asked}
    use, is_first = KeyUse.objects.get_or_create(key_id=key, hour=hour, defaults=first)
    if not is_first:
        same_minute = Q(minute=now.minute)
        too_often = Q(requests__gte=settings.KEY_AN_HOUR) | same_minute & Q(in_minute__gte=settings.KEY_A_MINUTE)
        use.requests = F("requests") + 1
        use.refused = F("refused") + Case(When(too_often, then=1), default=0)
        use.in_minute = Case(When(same_minute, then=F("in_minute") + 1), default=1)
        use.minute = now.minute
        use.asked = F("asked").bitor(asked)
        # The database counts, so two requests at the same time are two. `save` reads back what it counted.
        use.save(update_fields=["requests", "refused", "in_minute", "minute", "asked"])
    if use.requests > settings.KEY_AN_HOUR:
        raise TooOften(int((hour + timedelta(hours=1) - now).total_seconds()) + 1)
    if use.in_minute > settings.KEY_A_MINUTE:
        raise TooOften(60 - now.second)

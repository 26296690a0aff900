"""How often is a key used, and what for? One statement counts a request and says whether there were too many."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, cast

from django.conf import settings
from django.db import connection

from boards.key_secrets import Scope
from boards.models import KeyUse
from core.selectors import fetch_rows
from core.statements import statement

# A row for each key and hour. The count of the last minute begins anew with the first request of the next.
COUNT = statement(
    """
    INSERT INTO {use} (key_id, hour, requests, refused, minute, in_minute, asked) VALUES (%s, %s, 1, 0, %s, 1, %s)
    ON CONFLICT (key_id, hour) DO UPDATE SET
        requests = {use}.requests + 1,
        in_minute = CASE WHEN {use}.minute = excluded.minute THEN {use}.in_minute + 1 ELSE 1 END,
        minute = excluded.minute,
        asked = {use}.asked | excluded.asked,
        refused = {use}.refused + CASE
            WHEN {use}.requests >= %s OR ({use}.minute = excluded.minute AND {use}.in_minute >= %s) THEN 1 ELSE 0 END
    RETURNING requests, in_minute
""",
    use=KeyUse,
)


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
    """Count a request for what these scopes open. One statement. Raises TooOften."""
    hour = start_of_hour(now)
    values: list[Any] = [
        key,
        connection.ops.adapt_datetimefield_value(hour),
        now.minute,
        as_bits(scopes),
        settings.KEY_AN_HOUR,
        settings.KEY_A_MINUTE,
    ]
    ((requests, in_minute),) = fetch_rows(COUNT, values)
    if cast("int", requests) > settings.KEY_AN_HOUR:
        raise TooOften(int((hour + timedelta(hours=1) - now).total_seconds()) + 1)
    if cast("int", in_minute) > settings.KEY_A_MINUTE:
        raise TooOften(60 - now.second)

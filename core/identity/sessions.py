"""Sessions that end and that name their person, and the counts of tries.

A session ends `SESSION_COOKIE_AGE` after the sign-in, or `SESSION_IDLE` after its last page. Each row names its person,
so people can see their own sessions and end them. A page saves the time once in a few minutes, not each time.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as Stored
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.database import by_the_way

BEGAN, DEVICE = "began", "device"  # keys in the session
# By which provider somebody signed in, and whether it asked for a second factor.
PROVIDER, FACTOR_THERE = "provider", "factor_there"
NOTED_EVERY = timedelta(minutes=5)


class SessionStore(Stored):
    """Django's sessions in the database, with their person and the time of their last page."""

    # Whom the row named when we read it. One query reads both, and core.person gives the person to Django.
    person: Any = None
    is_only_seen = False  # nothing but the time of the last page has changed
    _modified = False

    @property
    def modified(self) -> bool:
        return self._modified

    @modified.setter
    def modified(self, value: bool) -> None:
        self._modified, self.is_only_seen = value, False

    @classmethod
    def get_model_class(cls) -> Any:
        from core.models import Session  # noqa: PLC0415

        return Session

    def load(self) -> dict[str, Any]:
        """Return what the session holds; nothing if there is none, or if it has ended. One query, or two for none."""
        current: Any = self.model.objects.filter(session_key=self.session_key, expire_date__gt=timezone.now())
        row = current.select_related("person").first()
        if row is None:
            return super().load()  # which forgets the key too
        self.person = row.person
        if row.seen_at is not None and timezone.now() - row.seen_at > min(NOTED_EVERY, settings.SESSION_IDLE / 10):
            # The middleware then calls `save` with the answer.
            self._modified = self.is_only_seen = True
        return dict(self.decode(row.session_data))

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        if SESSION_KEY in data:
            self._read_began()  # before the data is encoded
        row: Any = super().create_model_instance(data)
        if SESSION_KEY in data:
            row.person_id, row.device = int(data[SESSION_KEY]), data.get(DEVICE, "")
            row.began_at, row.seen_at = self._read_began(), timezone.now()
        return row

    def get_expiry_date(self, **kwargs: Any) -> datetime:
        end: datetime = super().get_expiry_date(**kwargs)
        if SESSION_KEY not in self:  # a stranger's, or one with a saved form
            return end
        last = self._read_began() + timedelta(seconds=settings.SESSION_COOKIE_AGE)
        return min(end, last, timezone.now() + settings.SESSION_IDLE)

    def save(self, must_create: bool = False) -> None:
        if self.is_only_seen and not must_create:
            # Only these columns: another request may have saved a form in this session since we read it.
            row: Any = self.model.objects.filter(pk=self.session_key)
            with by_the_way("when someone was last here"):
                row.update(seen_at=timezone.now(), expire_date=self.get_expiry_date())
        else:
            super().save(must_create)

    def pop(self, key: str, *default: Any) -> Any:
        # Django's would say that the session has changed, even if it has no such key.
        if default and key not in self:
            return default[0]
        return super().pop(key, *default)

    def _read_began(self) -> datetime:
        """Return when somebody signed in; now, for a new session."""
        began = self.setdefault(BEGAN, timezone.now().timestamp())
        return datetime.fromtimestamp(began, tz=timezone.get_current_timezone())


# The counts of tries are in a table that noise can't flush.
#
# Django's own database cache deletes rows that still count once it has 300. It also hides that it could not write: on a
# full disk, allauth then says “too many tries”. This one deletes only what has ended, and raises what the database
# says.

FOREVER = timedelta(days=400)


class LimitsCache(BaseCache):
    """A cache in the table `core.models.Limit`. Its values are JSON."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        name = self.make_and_validate_key(key, version=version)
        values = _limits().filter(pk=name, ends_at__gt=timezone.now()).values_list("value", flat=True)
        return next(iter(values), default)

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        name = self.make_and_validate_key(key, version=version)
        _limits().update_or_create(pk=name, defaults={"value": value, "ends_at": self._end(timeout)})

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        name = self.make_and_validate_key(key, version=version)
        try:
            with transaction.atomic():
                _limits().filter(pk=name, ends_at__lte=timezone.now()).delete()
                _limits().create(pk=name, value=value, ends_at=self._end(timeout))
        except IntegrityError:  # it is there; no other fault of the database means that
            return False
        return True

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        name = self.make_and_validate_key(key, version=version)
        return bool(_limits().filter(pk=name, ends_at__gt=timezone.now()).update(ends_at=self._end(timeout)))

    def delete(self, key: str, version: int | None = None) -> bool:
        return bool(_limits().filter(pk=self.make_and_validate_key(key, version=version)).delete()[0])

    def clear(self) -> None:
        _limits().all().delete()

    def _end(self, timeout: Any) -> datetime:
        moment = self.get_backend_timeout(timeout)
        return timezone.now() + FOREVER if moment is None else datetime.fromtimestamp(moment, tz=UTC)


def _limits() -> Any:
    # Django makes its caches before its models.
    from core.models import Limit  # noqa: PLC0415

    return Limit.objects

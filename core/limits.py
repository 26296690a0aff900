"""Where are the counts of tries stored? In a table that noise can't flush.

Django's own database cache deletes rows that still count once it has 300. It also hides that it could not write: on a
full disk, allauth then says “too many tries”. This one deletes only what has ended, and raises what the database says.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import IntegrityError, transaction
from django.utils import timezone

FOREVER = timedelta(days=400)


class LimitsCache(BaseCache):
    """A cache in the table `core.models.Limit`. Its values are JSON."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        name = self.make_and_validate_key(key, version=version)
        found = _limits().filter(pk=name, ends_at__gt=timezone.now()).values_list("value", flat=True)
        return next(iter(found), default)

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

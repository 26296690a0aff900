"""Find the address of a static file once. Each page names five, and none changes while a process runs."""

from functools import cached_property, lru_cache
from typing import Any

from django.contrib.staticfiles.storage import StaticFilesStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

MOST = 200


class _Found:
    """Remembers the addresses that were asked for."""

    @cached_property
    def _find(self) -> Any:
        return lru_cache(MOST)(super().url)  # type: ignore[misc]

    def url(self, *arguments: Any, **named: Any) -> str:
        return str(self._find(*arguments, **named))


class FilesAsTheyAre(_Found, StaticFilesStorage):
    """The files of a try-out: nothing is collected."""


class CollectedFiles(_Found, CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """The files of production: each has the hash of its content in its name, and is compressed."""

"""Find the view of an address. Each process remembers it for the addresses of areas and regions.

We have 340 patterns. To go through half of them takes as long as to ask the database something.
"""

from collections.abc import Collection, Sequence
from functools import lru_cache

from django.urls import Resolver404, ResolverMatch, URLPattern, URLResolver
from django.urls.resolvers import RoutePattern

MOST = 500  # addresses of a process, those used last: about 2 kB each


class KeptResolver(URLResolver):
    """Remembers the addresses that it has resolved, unless their first part is one of `apart`: those may have a token,
    which mustn't stay in memory."""

    def __init__(self, patterns: Sequence[URLPattern | URLResolver], *, apart: Collection[str]) -> None:
        super().__init__(RoutePattern(""), patterns)
        self.apart = apart
        self._find = lru_cache(MOST)(self._look_for)

    def resolve(self, path: str) -> ResolverMatch:
        path = str(path)  # it may be lazy
        if path.partition("/")[0] in self.apart:
            return self._look_for(path)
        match, copy = self._find(path), ResolverMatch.__new__(ResolverMatch)
        # A middleware puts the area itself into `kwargs`.
        copy.__dict__ = match.__dict__ | {"kwargs": dict(match.kwargs)}
        return copy

    def _look_for(self, path: str) -> ResolverMatch:
        # Without the list of all other patterns, which is long, and only Django's page for developers shows it.
        try:
            match = super().resolve(path)
        except Resolver404:
            raise Resolver404({"path": path}) from None
        match.tried = None
        return match

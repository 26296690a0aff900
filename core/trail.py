"""Which request does this thread answer, or which one queued this task? For the log: docs/adr/0078.

Never its path, query, body or headers: they have tokens, names and what people searched for.
"""

import re
import secrets
from contextvars import ContextVar
from dataclasses import dataclass

from django.http import HttpRequest

FOREIGN = re.compile(r"[A-Za-z0-9-]{8,64}")
LONGEST = 60


@dataclass(slots=True)
class Trail:
    """A request by its id, its visitor's address, and itself, with its person's key once somebody asked who it is
    (core.person). A task has its name, and the id of the request that queued it."""

    id: str
    visitor: str = ""
    task: str = ""
    request: HttpRequest | None = None
    person: int | None = None

    def describe(self) -> dict[str, str | int]:
        """Return what is known now, without a query: who isn't looked up yet stays unknown."""
        fields: dict[str, str | int] = {"request": self.id}
        if self.task:
            fields["task"] = self.task
        if self.visitor:
            fields["visitor"] = self.visitor
        if self.request is not None:
            fields["method"] = (self.request.method or "")[:LONGEST]
            fields["view"] = name_view(self.request)
            match = self.request.resolver_match
            # Not its `kwargs`: there a middleware puts the area itself. django-stubs don't know this one.
            captured: dict[str, object] = getattr(match, "captured_kwargs", {})
            if "area" in captured:
                fields["area"] = str(captured["area"])[:LONGEST]
            if self.person is not None:
                fields["person"] = self.person
        return fields


trail: ContextVar[Trail | None] = ContextVar("trail", default=None)


def name_view(request: HttpRequest) -> str:
    match = request.resolver_match
    return (match.view_name or "unnamed") if match is not None else "none"


def make_id(sent: str, *, is_believed: bool) -> str:
    """Return the id that a proxy of ours gave a request, or a new one."""
    return sent if is_believed and FOREIGN.fullmatch(sent) else secrets.token_hex(8)

"""The request that a thread answers or that queued a task, and the command that runs: for the log (docs/adr/0078).

Never its path, query, body or headers: they have tokens, names and what people searched for.
"""

import os
import pwd
import re
import secrets
from collections.abc import Sequence
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from django.http import HttpRequest

FOREIGN = re.compile(r"[A-Za-z0-9-]{8,64}")
LONGEST = 60


@dataclass(slots=True)
class Trail:
    """A request by its id, its visitor's address, and itself, with its person's key once somebody asked who it is
    (core.identity.sign_in), and the second of the monotonic clock in which it began. A task has its name, and the id of
    the request that queued it."""

    id: str
    visitor: str = ""
    task: str = ""
    request: HttpRequest | None = None
    person: int | None = None
    since: float = 0.0

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


SIGNED_IN = Path("/proc/self/loginuid")
NOBODY = 2**32 - 1
# A context of this thread only: what a request does in `manage.py runserver` isn't the command's.
_command: ContextVar[str] = ContextVar("command", default="")


def note_command(arguments: Sequence[str]) -> None:
    """Remember the command of a command line, for what it records."""
    _command.set(arguments[1] if len(arguments) > 1 else "")


def describe_command() -> dict[str, str]:
    """Return the command that runs, and the user of the machine who ran it; nothing if none runs."""
    command = _command.get()
    return {"command": command, "run_by": find_os_user()} if command else {}


def find_os_user() -> str:
    """Return the name of the user whose process this is, and of the user who signed in, if that is another one."""
    # Not from the environment, where anybody can write any name.
    name = _name_user(os.getuid())
    with suppress(OSError, ValueError):
        # Linux keeps it through sudo and su. Not every machine has it, and a service has none.
        signed_in = int(SIGNED_IN.read_text())
        if signed_in not in (NOBODY, os.getuid()):
            return f"{name} (signed in as {_name_user(signed_in)})"
    return name


def _name_user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"

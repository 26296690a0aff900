"""Which command of manage.py runs, and who on this machine ran it? Pure."""

import os
import pwd
from collections.abc import Sequence
from contextlib import suppress
from contextvars import ContextVar
from pathlib import Path

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

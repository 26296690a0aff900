"""Which command of manage.py runs, and who on this machine ran it? Pure."""

import os
import pwd
from collections.abc import Sequence
from contextvars import ContextVar

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
    """Return the name of the user whose process this is, and of whoever became that user with sudo."""
    # Not getpass.getuser(): it believes the environment, where anybody can write any name.
    number = os.getuid()
    try:
        name = pwd.getpwuid(number).pw_name
    except KeyError:
        name = f"user {number}"
    became = os.environ.get("SUDO_USER", "")
    return f"{name} (sudo by {became})" if became and number == 0 else name

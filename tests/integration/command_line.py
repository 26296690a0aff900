"""Run a management command as a user does, without a process of its own."""

import io
from dataclasses import dataclass

from django.core.management import call_command
from django.core.management.base import CommandError


@dataclass
class Ran:
    """How a command ended: its exit status, what it printed, and what it said on stderr."""

    status: int
    out: str
    err: str


def run(name: str, *arguments: object) -> Ran:
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command(name, *map(str, arguments), stdout=out, stderr=err)
    except CommandError as refusal:
        return Ran(refusal.returncode, out.getvalue(), err.getvalue() + str(refusal))
    return Ran(0, out.getvalue(), err.getvalue())

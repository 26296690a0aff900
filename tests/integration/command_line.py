"""Run a management command as a user does, without a process of its own."""

import io
from dataclasses import dataclass

from django.core.management import call_command
from django.core.management.base import CommandError

from boards.models import Membership, PartnershipArea
from boards.rules import Role
from core.models import User


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


def confirmed_by(*areas: str) -> tuple[str, str]:
    """Return the option of an import that names a second person: a coordinator of these areas."""
    person, _ = User.objects.get_or_create(email="second@council.example", defaults={"name": "Second"})
    for area in PartnershipArea.objects.filter(slug__in=areas):
        Membership.objects.get_or_create(user=person, area=area, role=Role.COORDINATOR.value)
    return "--confirmed-by", person.email

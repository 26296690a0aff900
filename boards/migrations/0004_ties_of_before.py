from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import migrations

ROLE, FACTOR = "role", "factor"
CONFIRMED_ROLES = ("coordinator", "information")
# The events of a role that somebody gave. Their target is a membership, so it begins with the person's name.
GIVEN = ("membership.granted", "membership.added", "region.role_granted")

type Found = tuple[int | None, int, str, datetime]  # who made it, the person, the kind, and when


def find_in_rows(apps: Any) -> Iterator[Found]:
    """Yield what the rows say of roles that are still held, of requests about roles, and of resets."""
    for name, by, at in (("Membership", "attested_by", "attested_at"), ("RegionMembership", "given_by", "given_at")):
        for made_by, person, made_at in apps.get_model("boards", name).objects.values_list(by, "user", at):
            yield made_by, person, ROLE, made_at
    asked = apps.get_model("boards", "RoleRequest").objects.filter(gives=True)
    for made_by, person, made_at in asked.values_list("asked_by", "user", "asked_at"):
        yield made_by, person, ROLE, made_at
    resets = apps.get_model("boards", "FactorReset").objects.filter(confirmed_at__isnull=False)
    for asker, confirmer, person, made_at in resets.values_list("asked_by", "confirmed_by", "person", "confirmed_at"):
        yield asker, person, FACTOR, made_at
        yield confirmer, person, FACTOR, made_at


def find_in_record(apps: Any) -> Iterator[Found]:
    """Yield what only the record says: who invited somebody whose role has ended. Its events of roles have no key of
    the person, only their name. If two people have the same name, both are tied: too strict is the safe side."""
    events = apps.get_model("core", "AuditEvent").objects.filter(actor_id__isnull=False).order_by("happened_at")
    for made_by, person, made_at in events.filter(verb="user.created").values_list(
        "actor_id", "target_id", "happened_at"
    ):
        yield made_by, int(person), ROLE, made_at
    named = defaultdict(list)
    for key, name, email in apps.get_model(settings.AUTH_USER_MODEL).objects.values_list("pk", "name", "email"):
        named[name or email].append(key)
    given = events.filter(verb__in=GIVEN).values_list("actor_id", "target", "details", "happened_at")
    for made_by, target, details, made_at in given.iterator():
        # Whoever confirmed such a role gave it to nobody: a request says who asked for it.
        if details.get("role") in CONFIRMED_ROLES:
            continue
        for end in range(len(target)):
            if target.startswith(": ", end):
                for person in named.get(target[:end], ()):
                    yield made_by, person, ROLE, made_at


def fill(apps: Any, schema_editor: Any) -> None:
    tie = apps.get_model("boards", "Tie")
    people = set(apps.get_model(settings.AUTH_USER_MODEL).objects.values_list("pk", flat=True))
    first: dict[tuple[int, int, str], datetime] = {}
    for made_by, person, kind, made_at in (*find_in_rows(apps), *find_in_record(apps)):
        if made_by is not None and made_by != person and {made_by, person} <= people:
            key = made_by, person, kind
            first[key] = min(made_at, first.get(key, made_at))
    tie.objects.bulk_create(
        tie(made_by_id=made_by, person_id=person, kind=kind, made_at=made_at)
        for (made_by, person, kind), made_at in first.items()
    )


class Migration(migrations.Migration):
    """Only here does anything read the record: no row says who invited somebody whose role has ended."""

    dependencies = [("boards", "0003_ties")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

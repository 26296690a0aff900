"""An upgrade finds who invited whom, in the rows and in the record: as if this release had noted it."""

from importlib import import_module

import pytest
from django.apps import apps

from boards.models import Membership, RoleRequest, Tie
from boards.rules import RegionRole, Role
from boards.services.factors import ask_reset, confirm_reset
from boards.services.people import grant_role, make_first_coordinator, revoke_role
from boards.services.regions import grant_region_role, revoke_region_role
from boards.services.requests import ask_role, confirm_request, withdraw_request
from core.models import User
from tests.factories import make_agency, make_area, make_member, make_user
from tests.factories.regions import make_region
from tests.factors import give_app
from tests.integration.rows import empty_the_record
from tests.scenarios import Town, make_operator

pytestmark = pytest.mark.django_db
fill = import_module("boards.migrations.0004_ties_of_before").fill

type Made = set[tuple[str, str, str]]


def list_ties() -> Made:
    return set(Tie.objects.values_list("made_by__name", "person__name", "kind"))


def upgrade() -> Made:
    """What a database of before gets."""
    Tie.objects.all().delete()
    fill(apps, None)
    return list_ties()


def give(town: Town, name: str, role: Role = Role.ANALYST, *, by: User | None = None) -> Membership:
    agency = make_agency(town.area, "nhs") if role is Role.AGENCY_LEAD else None
    held, _ = grant_role(
        town.area,
        email=f"{name}@council.example",
        name=name.capitalize(),
        role=role,
        agency=agency,
        is_attested=True,
        by=by or town.coordinator,
    )
    return held


def ask(town: Town, name: str) -> RoleRequest:
    email, role = f"{name}@council.example", Role.INFORMATION
    return ask_role(town.area, email=email, name=name.capitalize(), role=role, is_attested=True, by=town.coordinator)


def test_what_was_done_is_found_whatever_is_over(town: Town):
    officer, operator = town.people[Role.INFORMATION], make_operator()
    colleague = make_member(town.area, Role.COORDINATOR, email="colleague@council.example")
    kept = give(town, "kept")
    revoke_role(give(town, "ended"), by=town.coordinator)
    # An account that somebody else made: only the event of the role names its giver.
    revoke_role(give(town, "kept", Role.AGENCY_LEAD, by=colleague), by=town.coordinator)
    withdraw_request(ask(town, "withdrawn"), by=town.coordinator)
    confirm_request(ask(town, "confirmed"), by=officer)
    give_app(kept.user)
    confirm_reset(ask_reset(kept, why="A stolen phone", by=colleague), by=officer)
    region = make_region()
    for name, role in (("chief", RegionRole.DIRECTOR), ("clerk", RegionRole.ANALYST)):
        held = grant_region_role(
            region, email=f"{name}@essex.example", name=name.capitalize(), role=role, is_attested=True, by=operator
        )
    revoke_region_role(held, by=operator)
    make_first_coordinator(
        make_area("harlow"), email="first@harlow.example", name="First", is_attested=True, by=operator
    )

    before = list_ties()
    assert before == {
        ("coordinator", "Kept", "role"),
        ("coordinator", "Ended", "role"),
        ("colleague", "Kept", "role"),
        ("coordinator", "Withdrawn", "role"),
        ("coordinator", "Confirmed", "role"),
        ("colleague", "Kept", "factor"),
        ("information", "Kept", "factor"),
        ("operator", "Chief", "role"),
        ("operator", "Clerk", "role"),
        ("operator", "First", "role"),
    }
    assert upgrade() == before


def test_whoever_confirms_a_strong_role_gave_it_to_nobody(town: Town):
    officer = town.people[Role.INFORMATION]
    confirm_request(ask(town, "confirmed"), by=officer)
    assert upgrade() == {("coordinator", "Confirmed", "role")}


def test_without_the_record_the_rows_are_enough_for_what_is_still_held(town: Town):
    give(town, "kept")
    ask(town, "asked")
    revoke_role(give(town, "ended"), by=town.coordinator)
    empty_the_record()
    assert upgrade() == {("coordinator", "Kept", "role"), ("coordinator", "Asked", "role")}


def test_two_people_of_one_name_are_both_tied(town: Town):
    """The record names a membership, not its person."""
    make_user("other@council.example", name="Kept")
    held = give(town, "kept")
    held.delete()
    upgrade()
    assert Tie.objects.filter(person__name="Kept", made_by=town.coordinator).count() == 2

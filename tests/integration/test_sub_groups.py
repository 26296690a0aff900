"""Sub-groups: set up, changed, retired and brought back, with what each act refuses."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from actions.models import SubGroup
from actions.services.meetings import (
    SubGroupDraft,
    add_sub_group,
    bring_back_sub_group,
    change_sub_group,
    retire_sub_group,
)
from boards.rules import Role
from core.labels import TransitionRefused
from core.models import AuditEvent
from tests.factories import make_board, make_member
from tests.meeting import make_group, meet
from tests.scenarios import Town, make_town

pytestmark = pytest.mark.django_db


def draft(town: Town, **options) -> SubGroupDraft:
    wanted: dict[str, Any] = {
        "name": "Perpetrator sub-group",
        "remit": "To see who harms.",
        "board": town.csp,
    } | options
    return SubGroupDraft(**wanted)


def add(town: Town, code: str = "perpetrators", **options) -> SubGroup:
    return add_sub_group(town.area, code, draft(town, **options), by=town.coordinator)


def test_is_set_up_with_its_members_and_its_chair(town):
    group = add(town, members=(town.lead, town.coordinator), chair=town.lead, remit=" One\r\ntwo ")

    assert (group.code, group.remit, group.chair, group.retired) == ("perpetrators", "One\ntwo", town.lead, False)
    assert set(group.members.all()) == {town.lead, town.coordinator}
    details = AuditEvent.objects.get(verb="sub_group.added").details
    members = f"{town.lead.email}, {town.coordinator.email}"
    assert details == {"reports_to": "csp", "members": members, "chair": town.lead.email}


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.COORDINATOR, Role.OPERATOR)])
def test_only_the_coordinator_does_anything(town, role):
    group, somebody = add(town), town.people[role]
    for act in (
        lambda: add_sub_group(town.area, "other", draft(town), by=somebody),
        lambda: change_sub_group(group, draft(town), revision=group.revision, by=somebody),
        lambda: retire_sub_group(group, why="Done", by=somebody),
        lambda: bring_back_sub_group(group, why="Not done", by=somebody),
    ):
        with pytest.raises(PermissionDenied):
            act()


def wrong_drafts(town: Town):
    elsewhere = make_town("elsewhere")
    stranger = elsewhere.coordinator
    return [
        ({"name": " "}, {"name": ["Enter a name."]}),
        ({"name": "\u200b"}, {"name": ["Enter a name."]}),  # shows nothing
        ({"name": "x" * 121}, {"name": ["Shorten the name to 120 characters; it has 121."]}),
        ({"remit": " \n "}, {"remit": ["Enter what the sub-group has to do."]}),
        ({"remit": "x" * 1001}, {"remit": ["Shorten the remit to 1,000 characters; it has 1,001."]}),
        ({"board": elsewhere.csp}, {"board": ["Board csp belongs to another area."]}),
        ({"board": make_board(town.area, "old", retired=True)}, {"board": ["Board old is retired: choose another."]}),
        (
            {"members": (stranger,)},
            {"members": [f"{stranger} has no role in Testford: choose people who do."]},
        ),
        ({"chair": town.lead}, {"chair": [f"{town.lead} isn’t a member: choose a member."]}),
    ]


def test_a_draft_that_doesnt_hold_is_refused_in_a_sentence(town):
    group = add(town, "first")
    for options, sentences in wrong_drafts(town):
        wanted = draft(town, **options)
        with pytest.raises(ValidationError) as caught:
            add_sub_group(town.area, "second", wanted, by=town.coordinator)
        assert caught.value.message_dict == sentences
        with pytest.raises(ValidationError) as caught:
            change_sub_group(group, wanted, revision=group.revision, by=town.coordinator)
        assert caught.value.message_dict == sentences


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("", "Enter a code."),
        ("Not a code", "Use lower-case letters, digits and single hyphens: drug-arrests."),
        ("x" * 41, "Shorten the code to 40 characters; it has 41."),
        ("add", "“add” is already the address of another page: choose another code."),
        ("outreach", "“outreach” is already in use: choose another code."),
    ],
)
def test_a_code_is_one_of_its_own(town, code, sentence):
    make_group(town)
    with pytest.raises(ValidationError) as caught:
        add(town, code)
    assert caught.value.message_dict == {"code": [sentence]}


def test_is_changed_and_the_audit_says_how(town):
    group = add(town, members=(town.lead,), chair=town.lead)
    wanted = draft(town, name="Harm sub-group", members=(town.coordinator,))
    changed = change_sub_group(group, wanted, revision=group.revision, by=town.coordinator)

    assert (str(changed), changed.chair, list(changed.members.all())) == ("Harm sub-group", None, [town.coordinator])
    changes = AuditEvent.objects.get(verb="sub_group.changed").details["changes"]
    assert changes == {
        "name": ["Perpetrator sub-group", "Harm sub-group"],
        "chair": [str(town.lead), ""],
        "members": [town.lead.email, town.coordinator.email],
    }
    change_sub_group(group, wanted, revision=group.revision, by=town.coordinator)
    assert AuditEvent.objects.filter(verb="sub_group.changed").count() == 1


def test_keeps_a_member_who_lost_every_role(town):
    gone = make_member(town.area, Role.ANALYST)
    group = add(town, members=(gone,))
    gone.memberships.all().delete()
    assert (
        change_sub_group(
            group, draft(town, name="Other", members=(gone,)), revision=group.revision, by=town.coordinator
        ).name
        == "Other"
    )
    with pytest.raises(ValidationError):
        add(town, "other", members=(gone,))


def test_is_retired_and_brought_back_with_a_reason(town):
    group = add(town)
    for act in (retire_sub_group, bring_back_sub_group):
        with pytest.raises(ValidationError):
            act(group, why=" ", by=town.coordinator)
    with pytest.raises(TransitionRefused, match="isn’t retired"):
        bring_back_sub_group(group, why="Needed", by=town.coordinator)
    assert retire_sub_group(group, why="It is done", by=town.coordinator).retired
    assert AuditEvent.objects.get(verb="sub_group.retired").details == {"why": "It is done"}
    with pytest.raises(TransitionRefused, match="is retired already"):
        retire_sub_group(group, why="Over", by=town.coordinator)
    with pytest.raises(TransitionRefused, match="is retired: bring it back first"):
        change_sub_group(group, draft(town), revision=group.revision, by=town.coordinator)
    assert not bring_back_sub_group(group, why="Needed again", by=town.coordinator).retired
    assert AuditEvent.objects.get(verb="sub_group.brought_back").details == {"why": "Needed again"}


def test_isnt_retired_while_a_meeting_of_it_is_planned(town):
    group = add(town)
    meet(town, sub_group=group)
    with pytest.raises(
        TransitionRefused, match=r"M1 of Perpetrator sub-group is still planned. Cancel it or record it"
    ):
        retire_sub_group(group, why="It is done", by=town.coordinator)

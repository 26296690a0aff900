"""The Serious Violence Duty: who is proposed, what each did, and what is missing."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from actions.models import Authority, DutyAct
from actions.models.duty import SPECIFIED, ActKind, AuthorityKind, Paper
from actions.presenters.duty import DutyRow, describe_signatures, duty_table, make_duty
from actions.selectors.duty import keeps_duty, list_authorities
from actions.services.duty import (
    AuthorityDraft,
    add_authority,
    change_authority,
    end_duty,
    propose_authorities,
    record_act,
    start_duty,
    take_back_act,
)
from actions.workflow import Presence
from boards.models import Agency
from core.calendar import Month
from core.labels import Refused, TransitionRefused
from core.models import AuditEvent
from indicators.disclosure import Audience
from reporting.models import PackKind
from tests.duty import DAY, act, authority, start
from tests.factories import make_agency
from tests.integration.test_pack_content import pack_of
from tests.meeting import attend, hold, seat, strategic_group
from tests.scenarios import Town, accept, make_town, publish, publish_openly

pytestmark = pytest.mark.django_db
CONSULTED, ASKED, ANSWERED, SIGNED = ActKind
OCTOBER = Month(2026, 10)


def missing(town: Town) -> list[str]:
    return make_duty(list_authorities(town.area)).missing


def signatures(town: Town) -> str:
    return describe_signatures(list_authorities(town.area))


def test_the_specified_authorities_are_proposed_from_the_agencies(town):
    make_agency(town.area, "fire", name="Anytown Fire", kind=Agency.Kind.FIRE)
    for code in ("children", "housing"):
        make_agency(town.area, code, kind=Agency.Kind.COUNCIL)
    proposed = [(draft.kind, draft.name, draft.agency) for draft in propose_authorities(town.area)]
    fire = Agency.objects.get(code="fire")
    assert [kind for kind, _, _ in proposed] == list(SPECIFIED)
    assert (AuthorityKind.POLICE, town.police.name, town.police) in proposed
    assert (AuthorityKind.FIRE, "Anytown Fire", fire) in proposed
    assert (AuthorityKind.COUNCIL, "Local authority", None) in proposed, "no department is chosen for its council"
    assert (AuthorityKind.PROBATION, "Probation", None) in proposed
    assert not Authority.objects.exists(), "nothing happens before the coordinator chooses it"


def test_what_ended_comes_back_with_what_was_done(town):
    fire = start(town)[AuthorityKind.FIRE]
    assert start(town) == {}, "a form that was sent twice"
    act(town, fire)
    end_duty(town.area, by=town.coordinator)
    assert not keeps_duty(town.area)
    assert signatures(town) == ""
    assert propose_authorities(town.area) == []
    start_duty(town.area, (), by=town.coordinator)
    assert list_authorities(town.area).count() == 6
    assert signatures(town).startswith("1 of 6 specified authorities has signed the strategy 2026–27; ")


def test_who_has_not_signed_what_others_have_is_named(town):
    of = start(town)
    assert missing(town) == []
    assert signatures(town) == "No specified authority has signed a strategy yet."
    for kind, row in of.items():
        act(town, row, paper=Paper.NEEDS)
        if kind != AuthorityKind.FIRE:
            act(town, row)
    assert missing(town) == ["Fire and rescue hasn’t signed the strategy 2026–27."]
    assert signatures(town) == (
        "5 of 6 specified authorities have signed the strategy 2026–27; fire and rescue has not."
    )
    act(town, of[AuthorityKind.FIRE])
    assert missing(town) == []
    assert signatures(town) == "All 6 specified authorities have signed the strategy 2026–27."
    # Next year's begins with the first who signs it.
    act(town, of[AuthorityKind.FIRE], year=2027)
    assert "Police haven’t signed the strategy 2027–28." in missing(town)
    assert signatures(town) == (
        "1 of 6 specified authorities has signed the strategy 2027–28; police, probation, youth offending team, health "
        "and local authority have not."
    )


def test_a_kind_that_the_list_lacks_is_named(town):
    start(town)
    fire = Authority.objects.get(kind="fire")
    draft = AuthorityDraft(kind=AuthorityKind.FIRE, name=fire.name, retired=True)
    change_authority(fire, draft, revision=0, by=town.coordinator)
    for row in list_authorities(town.area):
        act(town, row)
    assert missing(town) == ["Fire and rescue isn’t on the list."]
    assert signatures(town) == (
        "All 5 specified authorities have signed the strategy 2026–27; fire and rescue isn’t on the list."
    )
    with pytest.raises(TransitionRefused, match="bring it back first"):
        act(town, fire)


def test_relevant_authorities_must_be_consulted_and_answer_when_they_are_asked(town):
    start(town)
    prison = authority(town)
    assert missing(town) == []
    act(town, Authority.objects.get(kind="police"))
    assert "Anytown Prison hasn’t been consulted on the strategy 2026–27." in missing(town)
    act(town, prison, CONSULTED)
    act(town, prison, ANSWERED, done_on=DAY - timedelta(days=1))
    act(town, prison, ASKED)
    of_prison = [sentence for sentence in missing(town) if sentence.startswith("Anytown Prison")]
    assert of_prison == [
        "Anytown Prison hasn’t answered the request of 31 March 2026 to collaborate on the strategy 2026–27."
    ]
    act(town, prison, ANSWERED, done_on=date(2026, 4, 2))
    assert not [sentence for sentence in missing(town) if sentence.startswith("Anytown Prison")]


def test_documents_get_a_table(town):
    police, prison = authority(town, "Police", kind=AuthorityKind.POLICE), authority(town)
    act(town, prison, CONSULTED, done_on=date(2026, 2, 10))
    act(town, police, paper=Paper.AGREEMENT, year=2025)
    assert duty_table(list_authorities(town.area)) == [
        DutyRow("Police", (), ("agreement 2025–26, 31 March 2026",)),
        DutyRow("Anytown Prison", ("strategy 2026–27, 10 February 2026",), ()),
    ]


def test_what_was_recorded_wrongly_is_removed_and_the_record_keeps_it(town):
    signed = act(town, authority(town), note="In the safe")
    assert act(town, signed.authority, note="In the safe") == signed, "a form that was sent twice"
    with pytest.raises(ValidationError, match="already on the list"):
        act(town, signed.authority, note="Elsewhere")
    with pytest.raises(ValidationError, match="Say why you are removing it"):
        take_back_act(signed, why=" ", by=town.coordinator)
    for _ in range(2):
        take_back_act(signed, why="The wrong prison", by=town.coordinator)
    assert not DutyAct.objects.exists()
    kept = AuditEvent.objects.get(verb="authority.act_removed").details
    assert (kept["paper"], kept["note"], kept["why"]) == ("strategy 2026–27", "In the safe", "The wrong prison")


def test_of_two_people_who_change_an_authority_the_second_is_told(town):
    prison = authority(town)
    draft = AuthorityDraft(kind=AuthorityKind.PRISON, name="HMP Anytown", contact="Head of reducing reoffending")
    assert change_authority(prison, draft, revision=0, by=town.coordinator).revision == 1
    assert change_authority(prison, draft, revision=0, by=town.coordinator).revision == 1, "the same is nothing"
    other = AuthorityDraft(kind=AuthorityKind.PRISON, name="Other")
    with pytest.raises(Refused, match="was changed after you opened this form"):
        change_authority(prison, other, revision=0, by=town.coordinator)


def test_what_an_authority_and_an_act_can_not_be(town):
    elsewhere = make_town("otherton").police
    prison = authority(town)
    for wanted, field in (
        ({"name": " "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "Anytown Prison"}, "name"),
        ({"contact": "x" * 121}, "contact"),
        ({"agency": elsewhere}, "agency"),
    ):
        with pytest.raises(ValidationError) as refused:
            authority(town, **{"name": "Other"} | wanted)
        assert list(refused.value.message_dict) == [field]
    for act_wanted, field in (
        ({"done_on": timezone.localdate() + timedelta(days=1)}, "done_on"),
        ({"done_on": date(1000, 1, 1)}, "done_on"),
        ({"year": 1000}, "year"),
    ):
        with pytest.raises(ValidationError) as refused:
            act(town, prison, **act_wanted)
        assert list(refused.value.message_dict) == [field]
    assert (Authority.objects.count(), DutyAct.objects.count()) == (1, 0)


def test_only_the_coordinator_does_it(town):
    prison = authority(town)
    signed = act(town, prison)
    draft = AuthorityDraft(kind=AuthorityKind.PRISON, name="Other")
    for attempt in (
        lambda: start_duty(town.area, SPECIFIED, by=town.lead),
        lambda: end_duty(town.area, by=town.lead),
        lambda: add_authority(town.area, draft, by=town.lead),
        lambda: change_authority(prison, draft, revision=0, by=town.lead),
        lambda: record_act(prison, None, by=town.lead),
        lambda: take_back_act(signed, why="No", by=town.lead),
    ):
        with pytest.raises(PermissionDenied):
            attempt()


def test_the_strategic_groups_packs_say_who_has_signed(town):
    accept(town, OCTOBER, {"arrests": 2, "charges": 1})
    publish(town, OCTOBER)
    publish_openly(town, OCTOBER)
    group, said = strategic_group(town), "1 of 6 specified authorities has signed the strategy 2026–27; "
    assert "specified" not in str(pack_of(town, board=group))
    start(town)
    act(town, Authority.objects.get(kind="fire"))
    away = seat(town)
    for day in (5, 12, 13):
        attend(town, hold(town, board=group, held_on=date(2026, 10, day)), {away: Presence.APOLOGY})
    packs = [
        pack_of(town, board=group),
        pack_of(town, board=group, kind=PackKind.YEAR),
        pack_of(town),
        pack_of(town, board=group, audience=Audience.PUBLIC),
    ]
    assert [said in str(pack) for pack in packs] == [True, True, False, False]
    absence = f"The {town.csp} has not been at the strategic group’s last 3 meetings."
    assert [absence in str(pack) for pack in packs] == [True, True, True, False]

"""Where the plan, what is asked and the packs touch what others change: what an examiner found, and was mended."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from actions.models import Challenge, Highlight
from actions.permissions import can_read_about
from actions.services import challenges
from actions.services.highlights import archive_highlight
from actions.services.plan import ActionDraft, change_action
from actions.services.progress import add_milestone
from boards.permissions import access_to
from boards.rules import Role
from boards.services.area import Rewording, set_responsibilities
from core.calendar import Month
from core.texts import find_signs
from indicators.disclosure import Audience
from indicators.models import Indicator
from reporting.models import IssuedPack
from tests import challenging, scenarios
from tests.factories import make_board, make_member
from tests.integration.test_pack_plan import plan_one, tell_of
from tests.scenarios import Town
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
OCTOBER = Month(2026, 10)


def texts(town: Town) -> list[str]:
    return list(town.csp.responsibilities.values_list("text", flat=True))


def test_what_a_board_answers_for_stays_the_same_row(town: Town):
    set_responsibilities(town.csp, ["One", "Two"], by=town.coordinator)
    duty = town.csp.responsibilities.get(text="Two")
    asked = challenging.ask(town, responsibility=duty)
    set_responsibilities(town.csp, ["Two", "Three", "One"], by=town.coordinator)
    assert texts(town) == ["Two", "Three", "One"]
    same = (Rewording("Two", "Two, reworded"),)
    set_responsibilities(town.csp, ["Two, reworded", "Three", "One"], same=same, by=town.coordinator)
    asked.refresh_from_db()
    assert asked.responsibility.text == "Two, reworded"
    with pytest.raises(ValidationError) as refused:
        set_responsibilities(town.csp, ["Three"], by=town.coordinator)
    assert "has a challenge or an offer of support" in refused.value.message_dict["responsibilities"][0]
    assert texts(town) == ["Two, reworded", "Three", "One"]


def test_who_sits_on_the_strategic_group_reads_what_its_packs_have(town: Town):
    group = make_board(town.area, "strategic")
    seated = make_member(town.area, Role.BOARD_MEMBER, board=group, email="seated@testford.example")
    other = make_member(town.area, Role.BOARD_MEMBER, board=make_board(town.area, "sab"), email="sab@testford.example")
    challenge = challenging.ask(town)
    for person, may in ((seated, True), (other, False)):
        access = access_to(town.area, by=person)
        assert can_read_about(access, challenge) is may
        assert Challenge.objects.readable_by(access).exists() is may


def test_an_archived_highlight_takes_a_public_pack_off_the_public_pages(town: Town):
    scenarios.accept(town, OCTOBER, {"arrests": 12, "charges": 4})
    scenarios.publish(town, OCTOBER)
    scenarios.publish_openly(town, OCTOBER)
    plan_one(town)
    tell_of(town, "For anyone", is_public=True)
    pack = scenarios.issue(town, OCTOBER, audience=Audience.PUBLIC)
    path = f"/testford/public/packs/{pack.reference}/"
    assert "For anyone" in Client().get(path).content.decode()
    archive_highlight(Highlight.objects.get(), why="It named someone", by=town.coordinator)
    for gone in (path, f"{path}pack.pdf"):
        assert Client().get(gone).status_code == 410
    assert pack.reference not in Client().get("/testford/public/packs/").content.decode()
    member = signed_in(town.coordinator)
    assert member.get(IssuedPack.objects.get().get_absolute_url()).status_code == 200


def test_shorter_days_leave_no_milestone_outside(town: Town):
    action = plan_one(town)
    add_milestone(action, title="First half", due_on=date(2026, 6, 1), by=town.coordinator)
    draft = ActionDraft(
        title=action.title,
        strand=action.strand,
        board=action.board,
        agency=action.agency,
        owner=action.owner,
        starts_on=action.starts_on,
        due_on=date(2026, 5, 1),
        measure=Indicator.objects.get(code="arrests"),
    )
    with pytest.raises(ValidationError) as refused:
        change_action(action, draft, revision=action.revision, why="Sooner", by=town.coordinator)
    assert "“First half” is due on 1 June 2026, outside these dates" in refused.value.message_dict["due_on"][0]


def test_a_challenge_stays_on_its_boards_page_until_its_next_pack(town: Town):
    scenarios.accept(town, OCTOBER, {"arrests": 12, "charges": 4})
    scenarios.publish(town, OCTOBER)
    strategic, member = town.people[Role.STRATEGIC], town.people[Role.BOARD_MEMBER]
    challenge = challenges.answer(challenging.ask(town), text=challenging.ANSWER, seen=1, by=member)
    challenges.accept(challenge, by=strategic)
    client = signed_in(member)
    assert challenge.question in client.get("/testford/2026-10/csp/").content.decode()
    scenarios.issue(town, OCTOBER)
    assert challenge.question not in client.get("/testford/2026-10/csp/").content.decode()


def test_an_answer_is_due_within_a_year(town: Town):
    with pytest.raises(ValidationError, match="more than a year away"):
        challenging.ask(town, due_on=date(9999, 12, 31))


@pytest.mark.parametrize("text", ["943 476\n5919", "943_476_5919", "SS1-1AA", "07700\t900123"])
def test_what_is_split_over_lines_is_found_too(text: str):
    assert find_signs(text)

"""The plan, challenges and highlights in a pack: there as soon as the area has them, and for whom."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from actions.models import Action, HighlightKind
from actions.services import challenges
from actions.services.highlights import HighlightDraft, add_highlight
from actions.services.plan import ActionDraft, add_action
from actions.services.progress import add_milestone, add_update, tick_milestone
from actions.workflow import Rag
from boards.models import Strand
from boards.rules import Role
from core.calendar import Month, date_label
from core.labels import TransitionRefused
from indicators.disclosure import Audience
from indicators.models import Indicator
from reporting.models import PackKind
from tests.factories import make_board
from tests.integration.test_pack_content import chapter, pack_of, rows, words
from tests.ruling import set_rule
from tests.scenarios import Town, accept, issue, make_town, open_month, publish, publish_openly
from tests.standing import stand
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
OCTOBER = Month(2026, 10)


def make_october() -> Town:
    town = make_town()
    accept(town, OCTOBER, {"arrests": 12, "charges": 4})
    publish(town, OCTOBER)
    return town


made, october = stand(make_october)


def plan_one(town: Town, title: str = "Train all housing workers", **changes: Any) -> Action:
    strand, _ = Strand.objects.get_or_create(area=town.area, code="prevent", defaults={"name": "Prevent"})
    fields: dict[str, Any] = {
        "title": title,
        "strand": strand,
        "board": town.csp,
        "agency": town.police,
        "owner": town.lead,
        "starts_on": date(2026, 1, 5),
        "due_on": date(2026, 9, 30),
        "measure": Indicator.objects.get(area=town.area, code="arrests"),
    }
    return add_action(town.area, ActionDraft(**fields | changes), by=town.coordinator)


def ask(town: Town, action: Action) -> Any:
    draft = challenges.ChallengeDraft(
        area=town.area,
        action=action,
        board=town.csp,
        answerer=town.people[Role.BOARD_MEMBER],
        question="When will they be trained?",
        due_on=timezone.localdate() + timedelta(days=7),
    )
    return challenges.raise_challenge(draft, by=town.people[Role.STRATEGIC])


def test_the_cover_asks_in_three_sentences(october: Town):
    """However much is off track, owed or missing: what is longest overdue is named."""
    today = timezone.localdate()
    for days, title in ((3, "Light the park"), (5, "Train all housing workers"), (4, "Visit each school")):
        late = today - timedelta(days=days)
        ask(october, plan_one(october, title, starts_on=late - timedelta(days=30), due_on=late))
    decide, answer = pack_of(october).cover.asks
    which = "3 actions that are red or overdue, the first of them A2"
    assert decide == f"Decide what to do about {which}, overdue by 5 days: Train all housing workers."
    due = date_label(today + timedelta(days=7))
    assert answer == f"Answer 3 challenges, the first of them C1 by {due}: When will they be trained?"
    assert pack_of(october, audience=Audience.PUBLIC).cover.asks == ()


def test_a_boards_page_asks_in_the_words_of_its_pack(october: Town):
    url, member = "/testford/2026-10/csp/", signed_in(october.people[Role.BOARD_MEMBER])
    heading = "What the board is asked to decide"
    assert heading not in member.get(url).content.decode()  # a pack would say that there is nothing
    late = timezone.localdate() - timedelta(days=3)
    ask(october, plan_one(october, "Light the park", starts_on=late - timedelta(days=30), due_on=late))
    page = member.get(url)
    assert page.context["asks"] == list(pack_of(october).cover.asks)
    assert f"{heading}</h2>" in page.content.decode()
    assert heading not in member.get("/testford/2026-10/").content.decode()


def test_a_boards_page_asks_about_figures_as_its_pack_does(october: Town):
    open_month(october, Month(2026, 11))
    publish(october, Month(2026, 11))
    page = signed_in(october.people[Role.BOARD_MEMBER]).get("/testford/2026-11/csp/")
    assert page.context["asks"] == ["Ask Police for the figures that are missing."]


def tell_of(town: Town, title: str, **changes: Any) -> None:
    fields: dict[str, Any] = {
        "kind": HighlightKind.CAMPAIGN,
        "title": title,
        "strand": Strand.objects.get(area=town.area, code="prevent"),
        "boards": (town.csp,),
        "starts_on": date(2026, 10, 5),
        "story": "Posters in every school.",
    }
    draft = HighlightDraft(**fields | changes)
    add_highlight(town.area, draft, names_nobody=draft.is_public, by=town.coordinator)


def keys(town: Town, **options: Any) -> set[str]:
    told = {each.key for each in pack_of(town, **options).chapters if each.blocks}
    return told & {"plan", "challenges", "highlights"}


def test_they_appear_as_soon_as_there_are_any(october: Town):
    assert keys(october) == set()
    action = plan_one(october)
    assert keys(october) == {"plan"}
    ask(october, action)
    tell_of(october, "In every school")
    assert keys(october) == {"plan", "challenges", "highlights"}
    assert keys(october, kind=PackKind.YEAR) == {"challenges", "highlights"}
    assert keys(october, kind=PackKind.APPENDIX) == {"plan", "challenges"}  # what members of a public board get


def test_a_row_says_how_an_action_goes(october: Town):
    action = plan_one(october)
    milestone = add_milestone(action, title="First half", due_on=date(2026, 6, 1), by=october.coordinator)
    add_milestone(action, title="Second half", due_on=date(2026, 9, 1), by=october.coordinator)
    tick_milestone(milestone, done=True, by=october.lead)
    add_update(action, text="No dates yet.", rag=Rag.RED, rag_why="No room is free", by=october.lead)
    assert rows(pack_of(october), "plan") == [
        [
            f"A1 Train all housing workers; {october.lead}, Police; Community Safety Partnership (CSP)",
            "30 September 2026; Overdue",
            "1 of 2 milestones done",
            "Red: off track; No room is free",
            "Arrests",
        ]
    ]
    assert "1 action: 1 red; 1 overdue." in words(pack_of(october), "plan")


def test_a_board_has_its_own_and_the_strategic_group_all(october: Town):
    group = make_board(october.area, "strategic")
    other = make_board(october.area, "sab")
    plan_one(october)
    plan_one(october, "Visit each adult", board=other, measure=None, no_measure_why="It is a way of working")
    assert len(rows(pack_of(october), "plan")) == 1
    assert [row[0][:2] for row in rows(pack_of(october, board=group), "plan")] == ["A1", "A2"]
    assert rows(pack_of(october, board=other), "plan")[0][4] == "Not linked to an indicator: it is a way of working"


def test_a_challenge_stays_until_it_is_closed_and_once_more(october: Town):
    challenge = ask(october, plan_one(october))
    assert rows(pack_of(october), "challenges")[0][2:] == ["Raised; It is with its answerer.", "Not answered yet"]
    member = october.people[Role.BOARD_MEMBER]
    challenge = challenges.answer(challenge, text="In March.", seen=1, by=member)
    assert rows(pack_of(october), "challenges")[0][3].startswith("In March.; ")
    challenges.accept(challenge, by=october.people[Role.STRATEGIC])
    assert "Closed since the last pack" in words(pack_of(october), "challenges")
    issue(october, OCTOBER)
    assert keys(october) == {"plan"}


def test_an_appendix_without_a_withheld_figure_is_issued_for_its_challenges_alone(october: Town):
    october.csp.packs_are_public = True
    october.csp.save()
    set_rule(october.area, kind="show", why="Agreed", by=october.people[Role.INFORMATION])
    publish_openly(october, OCTOBER)
    with pytest.raises(TransitionRefused, match="no appendix is needed"):
        issue(october, OCTOBER, kind=PackKind.APPENDIX)
    ask(october, plan_one(october, board=make_board(october.area, "sab")))
    pack = issue(october, OCTOBER, kind=PackKind.APPENDIX)
    told = {each["key"] for each in pack.content["chapters"] if each["blocks"]}
    assert "challenges" in told
    assert "plan" not in told


def test_the_public_reads_highlights_that_are_marked_for_it_alone(october: Town):
    ask(october, plan_one(october))
    tell_of(october, "For partners")
    publish_openly(october, OCTOBER)
    assert keys(october, audience=Audience.PUBLIC) == set()
    tell_of(october, "For anyone", is_public=True)
    pack = pack_of(october, audience=Audience.PUBLIC)
    assert [block["text"] for block in chapter(pack, "highlights")["blocks"] if block["kind"] == "heading"] == [
        "For anyone"
    ]
    said = json.dumps(pack.as_data())
    assert "For partners" not in said
    assert "Train all housing workers" not in said
    assert "When will they be trained" not in said


def test_highlights_are_the_months_and_of_a_year_the_years(october: Town):
    plan_one(october)
    tell_of(october, "In May", starts_on=date(2026, 5, 4), ends_on=date(2026, 5, 8))
    tell_of(october, "In October")
    assert "In May" not in words(pack_of(october), "highlights")
    assert "In May" in words(pack_of(october, kind=PackKind.YEAR), "highlights")

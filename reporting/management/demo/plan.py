"""Anytown's plan, what the strategic group asks and offers, and what there is to tell: out of plan.toml."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.utils import timezone

from actions.models import Action, Challenge, EventKind, HighlightKind, Meeting, Way
from actions.pictures import read_picture
from actions.services import challenges, plan, support
from actions.services.events import EventDraft, add_event
from actions.services.expectations import ExpectationDraft, expect_of_event
from actions.services.highlights import HighlightDraft, add_highlight, set_picture
from actions.workflow import Rag
from boards.models import Agency, Board, PartnershipArea, ReportingPeriod, Responsibility, Strand
from core.models import User
from core.months import Month
from indicators.models import Indicator
from reporting.management.demo.blueprint import read
from reporting.management.demo.days import ago, on
from reporting.management.demo.meetings import load_meetings
from reporting.management.demo.posters import poster

type People = dict[str, User]


def load_plan(area: PartnershipArea, *, month: Month, people: People) -> None:
    told = read("plan")
    for row in told["action"]:
        if "decided_on" not in row:
            load_action(area, row, people)
    # After the actions that meetings look at, and before those that they decide.
    load_meetings(area, people=people)
    for row in told["action"]:
        if "decided_on" in row:
            load_action(area, row, people)
    for row in told["event"]:
        load_event(area, row, people)
    for row in told["highlight"]:
        load_highlight(area, row, people)
    for row in told["challenge"]:
        load_challenge(area, row, month, people)
    for row in told["support"]:
        load_support(area, row, people)


def load_action(area: PartnershipArea, row: dict[str, Any], people: People) -> None:
    coordinator, owner = people["coordinator"], people[row["owner"]]
    draft = plan.ActionDraft(
        title=row["title"],
        strand=Strand.objects.get(area=area, code=row["strand"]),
        board=Board.objects.get(area=area, code=row["board"]),
        agency=Agency.objects.get(area=area, code=row["agency"]),
        owner=owner,
        starts_on=row["starts_on"],
        due_on=row.get("first_due_on", row["due_on"]),
        measure=Indicator.objects.get(area=area, code=row["measure"]) if "measure" in row else None,
        no_measure_why=row.get("no_measure_why", ""),
        decided_in=Meeting.objects.get(area=area, held_on=row["decided_on"]) if "decided_on" in row else None,
    )
    expected = make_expectation(None, *row["expected"]) if "expected" in row else None
    with on(row["starts_on"]):
        action = plan.add_action(area, draft, expected=expected, by=coordinator)
    moved_on, why = row.get("moved", (row["starts_on"], ""))
    with on(moved_on):
        action = plan.change_action(
            action, replace(draft, due_on=row["due_on"]), revision=action.revision, why=why, by=coordinator
        )
    milestones = []
    for title, due_on, is_done in row["milestones"]:
        with on(row["starts_on"] if due_on <= draft.due_on else moved_on):
            milestones.append((plan.add_milestone(action, title=title, due_on=due_on, by=coordinator), is_done))
    for milestone, is_done in milestones:
        if is_done:
            with on(milestone.due_on):
                plan.tick_milestone(milestone, done=True, by=owner)
    if "complete" in row:
        with on(row["due_on"]):
            plan.add_update(action, text=row["complete"], rag=Rag.GREEN, by=owner)
            plan.complete_action(action, by=owner)
    elif "rag" in row or "update" in row:
        rag, why = Rag(row.get("rag", Rag.GREEN)), row.get("rag_why", "")
        with on(ago(row.get("said_ago", 5))):
            plan.add_update(action, text=row.get("update", why), rag=rag, rag_why=why, by=owner)


def make_expectation(indicator: Indicator | None, way: str, percent: int, by_month: str) -> ExpectationDraft:
    return ExpectationDraft(indicator, Way(way), percent, Month.parse(by_month))


def load_event(area: PartnershipArea, row: dict[str, Any], people: People) -> None:
    indicators = {indicator.code: indicator for indicator in Indicator.objects.filter(area=area)}
    draft = EventDraft(
        kind=EventKind(row["kind"]),
        title=row["title"],
        board=Board.objects.get(area=area, code=row["board"]) if "board" in row else None,
        starts_on=row["starts_on"],
        ends_on=row.get("ends_on"),
        said_by=row["said_by"],
        aims=tuple((indicators[code], Way(way)) for code, way in row["moves"]),
    )
    with on(row["told_on"]):
        event = add_event(area, draft, by=people["coordinator"])
    for code, way, percent, by_month, day, who in row["expected"]:
        with on(day):
            expect_of_event(event, make_expectation(indicators[code], way, percent, by_month), by=people[who])


def load_highlight(area: PartnershipArea, row: dict[str, Any], people: People) -> None:
    draft = HighlightDraft(
        kind=HighlightKind(row["kind"]),
        title=row["title"],
        strand=Strand.objects.get(area=area, code=row["strand"]),
        boards=tuple(Board.objects.filter(area=area, code__in=row["boards"])),
        starts_on=row["starts_on"],
        ends_on=row.get("ends_on"),
        story=row["story"],
        reach=row.get("reach"),
        reach_of=row.get("reach_of", ""),
        is_public=row.get("is_public", False),
    )
    coordinator = people["coordinator"]
    with on(draft.ends_on or draft.starts_on):
        told = add_highlight(area, draft, names_nobody=draft.is_public, by=coordinator)
        if "picture" in row:
            picture, alt = read_picture(poster(row["picture"])), row["picture_alt"]
            set_picture(told, picture, alt=alt, revision=told.revision, names_nobody=True, by=coordinator)


# --- Challenges and support -----------------------------------------------------------------------


def load_challenge(area: PartnershipArea, row: dict[str, Any], month: Month, people: People) -> None:
    draft = challenges.ChallengeDraft(
        area=area,
        **about(area, row, month),
        question=row["question"],
        answerer=people[row["answerer"]],
        due_on=timezone.localdate() + timedelta(days=row["days"]),
    )
    with on(ago(row["ago"])):
        challenge = challenges.raise_challenge(draft, by=people["strategic"])
    for days, act, who, words in row["said"]:
        with on(ago(days)):
            challenge = say(challenge, act, words, by=people[who])


def say(challenge: Challenge, act: str, words: str, *, by: User) -> Challenge:
    if act == "answer":
        return challenges.answer(challenge, text=words, seen=challenge.entries.count(), by=by)
    if act == "press":
        return challenges.press(challenge, text=words, by=by)
    if act == "accept":
        return challenges.accept(challenge, text=words, by=by)
    board = challenge.board
    if act != "escalate" or board is None:
        raise ValueError(f"plan.toml has no act “{act}”.")
    return challenges.escalate(challenge, to=board, why=words, by=by)


def load_support(area: PartnershipArea, row: dict[str, Any], people: People) -> None:
    draft = support.SupportDraft(area=area, **about(area, row, None), offer=row["offer"])
    with on(ago(row["ago"])):
        offered = support.offer_support(draft, by=people["strategic"])
    for days, _act, who, words in row["said"]:  # each of them is taken up
        with on(ago(days)):
            support.take_up(offered, why=words, by=people[who])


def about(area: PartnershipArea, row: dict[str, Any], month: Month | None) -> dict[str, Any]:
    """Return what a row is about, and who gets it."""
    found: dict[str, Any] = {}
    if "indicator" in row and month is not None:
        found["indicator"] = Indicator.objects.get(area=area, code=row["indicator"])
        found["period"] = ReportingPeriod.objects.get(area=area, starts_on=month.first_day)
    if "action" in row:
        found["action"] = Action.objects.get(area=area, title=row["action"])
    if "strand" in row:
        found["strand"] = Strand.objects.get(area=area, code=row["strand"])
    if "responsibility" in row:
        found["responsibility"] = Responsibility.objects.get(board__area=area, text__startswith=row["responsibility"])
    if "board" in row:
        found["board"] = Board.objects.get(area=area, code=row["board"])
    if "agency" in row:
        found["agency"] = Agency.objects.get(area=area, code=row["agency"])
    return found

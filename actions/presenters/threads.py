"""Draws the challenges and offers that are about the subject of a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from actions.models import Action, Challenge, Support
from actions.month_figures import Question, month_figures
from actions.permissions import can_challenge
from actions.presenters.challenges import (
    ACTION,
    INDICATOR,
    RESPONSIBILITY,
    STEP,
    STRAND,
    ChallengeView,
    SupportView,
    challenge_view,
    describe_subject,
    support_view,
)
from actions.selectors.challenges import list_asked, list_offers
from actions.workflow import ActionState
from boards.models import PartnershipArea, ReportingPeriod, Responsibility, Strand
from boards.permissions import Access
from boards.rules import MonthStatus
from boards.selectors import newest_published
from core.calendar import Month
from core.database import is_in_use
from core.pages import NotHeld, link_to
from core.texts import read_number
from indicators.models.catalogue import Indicator
from indicators.models.pathways import PathwayStep


@dataclass(frozen=True, slots=True)
class Thread:
    """The challenges and offers on a page that this reader may read, and where the reader can add another; empty if
    they can't."""

    challenges: Sequence[Challenge] = ()
    offered: Sequence[Support] = ()
    raise_url: str = ""
    offer_url: str = ""
    asks_about: str = ""  # the subject of a new one, if the page has more than one

    @property
    def questions(self) -> list[ChallengeView]:
        """Return the challenges, open ones first. No query."""
        today = timezone.localdate()
        views = [challenge_view(challenge, today=today) for challenge in self.challenges]
        return sorted(views, key=lambda view: (view.is_closed, -view.challenge.number))

    @property
    def offers(self) -> list[SupportView]:
        """Return the offers, open ones first. No query."""
        views = [support_view(support) for support in self.offered]
        return sorted(views, key=lambda view: (not view.is_open, -view.support.number))


def make_thread(
    access: Access,
    *,
    indicator: Indicator | None = None,
    period: ReportingPeriod | None = None,
    action: Action | None = None,
    strand: Strand | None = None,
) -> Thread:
    """Make the thread. For an indicator, it has those about every month; `period` is the published month for a new one.
    Three queries; two if nothing was asked."""
    things = {"indicator": indicator, "action": action, "strand": strand}
    # Exactly one: anything else is a mistake of the caller, and fails here.
    ((name, thing),) = ((name, thing) for name, thing in things.items() if thing is not None)
    about = Q(**{name: thing})
    address = make_query(
        indicator=indicator.code if indicator else "",
        month=period.month if period else None,
        action=action.number if action else None,
        strand=strand.code if strand else "",
    )
    # This only hides links. raise_challenge and offer_support check it again.
    can_ask = can_challenge(access) and is_askable(indicator, period, action)
    return Thread(
        challenges=list_asked(access, about),
        offered=list_offers(access, about),
        raise_url=raise_url(access, address) if can_ask else "",
        offer_url=offer_url(access, address) if can_ask else "",
        asks_about=period.month.label if period else "",
    )


def is_askable(indicator: Indicator | None, period: ReportingPeriod | None, action: Action | None) -> bool:
    """Return whether anybody may ask about it: an indicator needs a published month, and an archived action can't be
    asked about."""
    if indicator is not None:
        return period is not None and period.is_published
    return action is None or action.state != ActionState.ARCHIVED


def make_query(**parts: str | int | Month | None) -> str:
    """Return "indicator=cuckooed&month=2026-10", how an address names the subject."""
    return urlencode({name: str(part) for name, part in parts.items() if part})


def raise_url(access: Access, address: str) -> str:
    return f"{link_to('actions:challenge-raise', access.area.slug)}?{address}"


def offer_url(access: Access, address: str) -> str:
    return f"{link_to('actions:support-offer', access.area.slug)}?{address}"


def asks(access: Access, responsibilities: Sequence[tuple[int, str]]) -> list[tuple[str, str]]:
    """Return each responsibility of a board, with the address for a question about it; empty if this reader can't
    ask."""
    may = can_challenge(access)
    return [(text, raise_url(access, make_query(responsibility=pk)) if may else "") for pk, text in responsibilities]


NOTHING = "Open the page of an indicator, an action, a strand or a board, and ask from there."


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject. `parts` are its values in a draft; `query` is how an address, or a form's hidden boxes, name it."""

    parts: Mapping[str, Any]
    query: Mapping[str, str]
    words: str
    url: str

    @property
    def address(self) -> str:
        return make_query(**self.query)


def find_subject(access: Access, data: QueryDict) -> Subject:
    """Return the subject. Raises NotHeld, with a sentence, also for another area's."""
    area = access.area
    query = {
        name: text
        for name in (INDICATOR, "month", ACTION, STRAND, RESPONSIBILITY, STEP)
        # From an address: PostgreSQL refuses a NUL, and no code or number is longer.
        if (text := str(data.get(name, "")).replace("\x00", "")[:60])
    }
    find = {INDICATOR: _indicator, ACTION: _action, STRAND: _strand, RESPONSIBILITY: _responsibility, STEP: _step}
    kinds = [kind for kind in find if kind in query]
    if len(kinds) != 1:
        raise NotHeld(NOTHING)
    if kinds == [INDICATOR] and "month" not in query:
        query["month"] = newest_month(area)
    parts = find[kinds[0]](area, query)
    # Never saved: it only describes its subject.
    of_it = Challenge(area=area, **parts)
    return Subject(parts=parts, query=query, words=describe_subject(of_it), url=subject_url(of_it, access))


def newest_month(area: PartnershipArea) -> str:
    """Return the newest month. Raises NotHeld if none is published."""
    newest = newest_published(area)
    if newest is None:
        raise NotHeld("No month is published yet. You can ask once the boards can read one.")
    return str(newest.month)


def _indicator(area: PartnershipArea, query: Mapping[str, str]) -> dict[str, Any]:
    indicator = Indicator.objects.select_related("owner").filter(area=area, code=query[INDICATOR]).first()
    if indicator is None:
        raise NotHeld(f"{area.name} has no indicator “{query[INDICATOR]}”.")
    period = find_published(area, query.get("month", ""))
    return {"indicator": indicator, "period": period}


def find_published(area: PartnershipArea, text: str) -> ReportingPeriod:
    """Return the published month of an address. Raises NotHeld."""
    try:
        month = Month.parse(text)
    except ValueError as fault:
        raise NotHeld(str(fault)) from None
    published = ReportingPeriod.objects.filter(area=area, starts_on=month.first_day, status=MonthStatus.PUBLISHED.value)
    period = published.first()
    if period is None:
        raise NotHeld(f"{month.label} is not published. Choose a month that the boards can read.")
    # Its address needs the area: loading it would be a query.
    period.area = area
    return period


def _action(area: PartnershipArea, query: Mapping[str, str]) -> dict[str, Any]:
    number = read_number(query[ACTION]) or 0  # no action’s
    action = Action.objects.select_related("board", "agency", "owner").filter(area=area, number=number).first()
    if action is None:
        raise NotHeld(f"The plan of {area.name} has no action A{query[ACTION]}.")
    action.area = area
    return {"action": action}


def _strand(area: PartnershipArea, query: Mapping[str, str]) -> dict[str, Any]:
    strand = Strand.objects.in_use().filter(area=area, code=query[STRAND]).first()
    if strand is None:
        raise NotHeld(f"The plan of {area.name} has no strand “{query[STRAND]}”.")
    return {"strand": strand}


def _responsibility(area: PartnershipArea, query: Mapping[str, str]) -> dict[str, Any]:
    key = read_number(query[RESPONSIBILITY]) or 0
    duty = Responsibility.objects.select_related("board").filter(board__area=area, pk=key).first()
    if duty is None:
        raise NotHeld(f"No board in {area.name} is responsible for that now.")
    return {"responsibility": duty}


def _step(area: PartnershipArea, query: Mapping[str, str]) -> dict[str, Any]:
    step = list_uncounted(area).filter(pk=read_number(query[STEP]) or 0).first()
    if step is None:
        raise NotHeld(f"{area.name} has no such pathway step, or the step is counted.")
    step.pathway.area = area
    return {"step": step}


def list_uncounted(area: PartnershipArea) -> QuerySet[PathwayStep]:
    """Return the steps that nobody counts. Those that are counted are asked about by their indicator's month."""
    steps = PathwayStep.objects.in_use().filter(is_in_use("pathway"), pathway__area=area, indicator=None)
    return steps.select_related("pathway", "agency")


def list_figures_asked(area: PartnershipArea, challenges: Sequence[Challenge]) -> list[Any]:
    """Return for each challenge the figure that it is about, as it was when it was raised, or now if it isn't raised
    yet.

    None for a challenge about something else. At most two queries: actions.month_figures.
    """
    now = timezone.now()
    # All in one call: each question by itself would be two queries.
    questions = {
        place: Question(challenge.indicator.code, challenge.period, challenge.raised_at or now)
        for place, challenge in enumerate(challenges)
        if challenge.indicator is not None and challenge.period is not None
    }
    figures = dict(zip(questions, month_figures().as_asked(area, [*questions.values()]), strict=True))
    return [figures.get(place) for place in range(len(challenges))]


def find_figure_asked(challenge: Challenge) -> Any:
    return list_figures_asked(challenge.area, [challenge])[0]


def list_subjects(access: Access) -> dict[str, list[tuple[str, str]]]:
    """List all possible subjects, by kind, each with its name in an address. An indicator also needs a month. Five
    queries."""
    area = access.area
    indicators = Indicator.objects.in_use().filter(area=area).order_by("title")
    actions = Action.objects.filter(area=area).exclude(state=ActionState.ARCHIVED.value).order_by("number")
    duties = Responsibility.objects.filter(is_in_use("board"), board__area=area).select_related("board")
    subjects = {
        "Indicators": [(make_query(indicator=indicator.code), indicator.title) for indicator in indicators],
        "Actions": [(make_query(action=action.number), str(action)) for action in actions],
        "Strands": [
            (make_query(strand=strand.code), strand.name) for strand in Strand.objects.in_use().filter(area=area)
        ],
        **{
            f"The {board} is responsible for": [
                (make_query(responsibility=duty.pk), str(duty)) for duty in board_duties
            ]
            for board, board_duties in groupby(
                duties.order_by("board__position", "position"), key=lambda duty: duty.board
            )
        },
        "Pathway steps that no one counts": [
            (make_query(step=step.pk), f"{step.pathway}: {step}")
            for step in list_uncounted(area).order_by("pathway__position", "position")
        ],
    }
    return {kind: things for kind, things in subjects.items() if things}


def subject_url(about: Challenge | Support, access: Access) -> str:
    """Return the page of its subject; empty if this person can't read one."""
    slug = about.area.slug
    if about.indicator is not None:
        month = f"?month={about.period.month}" if about.period else ""
        return reverse("reporting:indicator-view", args=[slug, about.indicator.code]) + month
    if about.action is not None:
        return reverse("actions:action-view", args=[slug, about.action.number])
    if about.strand is not None:
        return reverse("actions:strand-plan", args=[slug, about.strand.code])
    # Others read the challenge, but not that board's page.
    if about.responsibility is not None and access.can_see_board(about.responsibility.board_id):
        newest = newest_published(about.area)
        code = about.responsibility.board.code
        return reverse("reporting:board-view", args=[slug, newest.month, code]) if newest else ""
    if about.step is not None:
        return reverse("reporting:pathway-view", args=[slug, about.step.pathway.code])
    return ""

"""What is a challenge or an offer about, as an address says it, and where is that read?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from actions.models import Action, Challenge, Support
from actions.presenters.challenges import ACTION, INDICATOR, RESPONSIBILITY, STRAND, describe_subject
from actions.presenters.threads import make_query
from boards.models import PartnershipArea, ReportingPeriod, Responsibility, Strand
from boards.permissions import Access
from boards.selectors import newest_published
from boards.workflow import MonthStatus
from core.months import Month
from core.not_held import NotHeld
from indicators.models.catalogue import Indicator

NOTHING = "Open an indicator, an action, a strand or a board’s page, and ask from there: the question belongs to it."


@dataclass(frozen=True, slots=True)
class Subject:
    """`parts` are what a draft of it says; `asked` is how an address says it, and a form in hidden boxes."""

    parts: Mapping[str, Any]
    asked: Mapping[str, str]
    words: str
    url: str

    @property
    def address(self) -> str:
        return make_query(**self.asked)


def find_subject(access: Access, data: QueryDict) -> Subject:
    """Raises NotHeld, for another area's too, with a sentence."""
    area = access.area
    asked = {
        name: text
        for name in (INDICATOR, "month", ACTION, STRAND, RESPONSIBILITY)
        if (text := str(data.get(name, "")).replace("\x00", "")[:60])
    }
    find = {INDICATOR: _indicator, ACTION: _action, STRAND: _strand, RESPONSIBILITY: _responsibility}
    kinds = [kind for kind in find if kind in asked]
    if len(kinds) != 1:
        raise NotHeld(NOTHING)
    parts = find[kinds[0]](area, asked)
    of_it = Challenge(area=area, **parts)
    return Subject(parts=parts, asked=asked, words=describe_subject(of_it), url=subject_url(of_it, access))


def _indicator(area: PartnershipArea, asked: Mapping[str, str]) -> dict[str, Any]:
    indicator = Indicator.objects.select_related("owner").filter(area=area, code=asked[INDICATOR]).first()
    if indicator is None:
        raise NotHeld(f"{area.name} has no indicator “{asked[INDICATOR]}”.")
    try:
        month = Month.parse(asked.get("month", ""))
    except ValueError as fault:
        raise NotHeld(str(fault)) from None
    published = ReportingPeriod.objects.filter(area=area, starts_on=month.first_day, status=MonthStatus.PUBLISHED.value)
    period = published.first()
    if period is None:
        raise NotHeld(f"{month.label} is not published: ask about a month that the boards can read.")
    period.area = area
    return {"indicator": indicator, "period": period}


def _action(area: PartnershipArea, asked: Mapping[str, str]) -> dict[str, Any]:
    number = parse_number(asked[ACTION])
    found = Action.objects.select_related("board", "agency", "owner").filter(area=area, number=number).first()
    if found is None:
        raise NotHeld(f"The plan of {area.name} has no action A{asked[ACTION]}.")
    found.area = area
    return {"action": found}


def _strand(area: PartnershipArea, asked: Mapping[str, str]) -> dict[str, Any]:
    found = Strand.objects.in_use().filter(area=area, code=asked[STRAND]).first()
    if found is None:
        raise NotHeld(f"The plan of {area.name} has no strand “{asked[STRAND]}”.")
    return {"strand": found}


def _responsibility(area: PartnershipArea, asked: Mapping[str, str]) -> dict[str, Any]:
    key = parse_number(asked[RESPONSIBILITY])
    found = Responsibility.objects.select_related("board").filter(board__area=area, pk=key).first()
    if found is None:
        raise NotHeld(f"No board of {area.name} answers for that any more.")
    return {"responsibility": found}


def parse_number(text: str) -> int:
    """0, which nothing has, for what is no number."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def subject_url(about: Challenge | Support, access: Access) -> str:
    """The page of what it is about; empty where there is none that this person may read."""
    slug = about.area.slug
    if about.indicator is not None:
        return reverse("reporting:indicator-view", args=[slug, about.indicator.code])
    if about.action is not None:
        return reverse("actions:action-view", args=[slug, about.action.number])
    if about.strand is not None:
        return reverse("actions:strand-plan", args=[slug, about.strand.code])
    if about.responsibility is not None and access.can_see_board(about.responsibility.board_id):
        newest = newest_published(about.area)
        code = about.responsibility.board.code
        return reverse("reporting:board-view", args=[slug, newest.month, code]) if newest else ""
    return ""

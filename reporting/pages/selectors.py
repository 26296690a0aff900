"""Reads how far a new area has got, the breakdowns of an indicator, and what in an area has the words that somebody
searches for.

The search starts each kind of thing from the same query as its own pages, so nobody finds what they can't open. Parts
that not every reader of a thing may read (the points of a meeting's agenda, line names) aren't searched.
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db import connection
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet, Subquery, Value

from actions.models import (
    Action,
    Authority,
    Challenge,
    ChallengeEntry,
    Event,
    EventAim,
    Highlight,
    Kpi,
    Meeting,
    Seat,
)
from actions.selectors.events import list_events
from actions.selectors.group import list_seats
from actions.selectors.highlights import list_highlights
from actions.selectors.meetings import readable_meetings, with_bodies
from boards.models import Agency, Board, Membership, PartnershipArea
from boards.permissions import Access
from boards.rules import STRATEGIC_GROUP, Role
from core.calendar import NAMES, Month
from core.models import User
from indicators.models import Collection, Indicator, Observation, Pathway, PathwayStep, Submission
from reporting.models import Document, IndicatorLine, IssuedPack, MarketOwner, Snapshot, StepSetAside
from reporting.months.selectors import whole_lines
from reporting.packs.selectors import packs_for


@dataclass(frozen=True, slots=True)
class Progress:
    """How much there is of each thing that the first steps need."""

    boards: int
    empty_boards: int  # boards without an indicator
    seated_boards: int  # boards with a member
    agencies: int
    owing: int  # agencies with returns to make
    led: int  # … that have a lead
    indicators: int
    people: int
    signed_in: int
    past_figures: int  # confirmed, from a file
    past_first: date | None  # the first month that has one
    past_last: date | None
    handed_in: int
    aside: frozenset[str]


def list_opted(area: PartnershipArea) -> dict[str, bool]:
    """Return which of the pages that an area may do without it has. One query."""
    there = {
        "group": list_seats(area),
        "documents": Document.objects.filter(area=area),
        "duty": Authority.objects.in_use().filter(area=area),
        "pathways": Pathway.objects.in_use().filter(area=area),
        "market": MarketOwner.objects.filter(area=area, agency__isnull=False),
    }
    # Named apart from the relations of an area, which are called so.
    asked = {f"has_{name}": Exists(rows) for name, rows in there.items()}
    row = PartnershipArea.objects.filter(pk=area.pk).annotate(**asked).values_list(*asked).get()
    return dict(zip(there, row, strict=True))


def get_progress(area: PartnershipArea) -> Progress:
    measured = Indicator.objects.in_use().filter(area=area)
    memberships = Membership.objects.filter(area=area, user__is_active=True)
    agencies = list(
        Agency.objects.in_use()
        .filter(area=area)
        .annotate(
            owes=Exists(measured.filter(owner=OuterRef("pk"), collection=Collection.RETURN)),
            has_lead=Exists(memberships.filter(agency=OuterRef("pk"), role=Role.AGENCY_LEAD.value)),
        )
        .values_list("owes", "has_lead")
    )
    # The strategic group's members have a role in the area, and need none on its board.
    is_seated = Q(code=STRATEGIC_GROUP) & Exists(memberships.filter(role=Role.STRATEGIC.value))
    boards = list(
        Board.objects.in_use()
        .filter(area=area)
        .annotate(
            has_indicator=Exists(measured.filter(boards=OuterRef("pk"))),
            has_member=Q(Exists(memberships.filter(board=OuterRef("pk")))) | is_seated,
        )
        .values_list("has_indicator", "has_member")
    )
    people = User.objects.filter(Exists(memberships.filter(user=OuterRef("pk")))).aggregate(
        all=Count("pk"), signed_in=Count("last_login")
    )
    # A subquery, because a second Count would multiply with the join of the returns.
    of_area = measured.order_by().values("area").annotate(number=Count("pk"))
    past = (
        Observation.objects.filter(period__area=area)
        .exclude(imported_from="")
        .aggregate(figures=Count("pk"), first=Min("period__starts_on"), last=Max("period__starts_on"))
    )
    counted = (
        PartnershipArea.objects.filter(pk=area.pk)
        .annotate(
            indicators_in_use=Subquery(of_area.values("number")),
            handed_in=Count("periods__submissions", filter=Q(periods__submissions__handed_in_on__isnull=False)),
        )
        .values("indicators_in_use", "handed_in")
        .get()
    )
    return Progress(
        boards=len(boards),
        empty_boards=sum(not has_indicator for has_indicator, _ in boards),
        seated_boards=sum(has_member for _, has_member in boards),
        agencies=len(agencies),
        owing=sum(owes for owes, _ in agencies),
        led=sum(owes and has_lead for owes, has_lead in agencies),
        indicators=counted["indicators_in_use"] or 0,
        people=people["all"],
        signed_in=people["signed_in"],
        past_figures=past["figures"],
        past_first=past["first"],
        past_last=past["last"],
        handed_in=counted["handed_in"],
        aside=frozenset(StepSetAside.objects.filter(area=area).values_list("step", flat=True)),
    )


# --- The search -----------------------------------------------------------------------------------

ENGLISH = "english"
# Nine digits fit into the database's column.
REFERENCE = re.compile(r"([acekm])\s?([0-9]{1,9})", re.IGNORECASE)
SHORT_NAMES = [name[:3].lower() for name in NAMES]
MONTH = re.compile(
    rf"\b(?:(?P<name>{'|'.join(NAMES)}|{'|'.join(SHORT_NAMES)})\.?\s+(?P<year>[12][0-9]{{3}})"
    r"|(?P<written>[12][0-9]{3}-(?:0[1-9]|1[0-2])))\b",
    re.IGNORECASE | re.ASCII,
)


@dataclass(frozen=True)
class Sought:
    """What somebody typed: words, perhaps with a month ("October 2026") or a reference ("A12")."""

    words: str

    @cached_property
    def month(self) -> Month | None:
        match = MONTH.search(self.words)
        if match is None:
            return None
        if match["written"]:
            return Month.parse(match["written"])
        return Month(int(match["year"]), SHORT_NAMES.index(match["name"][:3].lower()) + 1)

    @property
    def besides(self) -> str:
        """Return the words without the month."""
        return MONTH.sub(" ", self.words).strip()

    def number(self, letter: str) -> int | None:
        """Return 12 from "A12", for the letter A."""
        match = REFERENCE.fullmatch(self.words)
        return int(match[2]) if match and match[1].upper() == letter else None


type Rows = QuerySet[Any]


def matching(rows: Rows, words: str, *fields: str) -> Rows:
    """Return those that have all the words in these fields. PostgreSQL knows English word forms; SQLite compares
    letters.
    """
    if connection.vendor == "postgresql":
        query = SearchQuery(words, config=ENGLISH, search_type="websearch")
        having: Rows = rows.alias(document=SearchVector(*fields, config=ENGLISH)).filter(document=query)
        return having
    for word in words.replace('"', " ").split():
        condition = Q()
        for field in fields:
            condition |= Q(**{f"{field}__icontains": word})
        rows = rows.filter(condition)
    return rows


def either(rows: Rows, words: str, *fields: str, number: int | None) -> Rows:
    """Return those that have the words, and the one with that number."""
    matched = matching(rows, words, *fields)
    return matched if number is None else rows.filter(Q(number=number) | Q(pk__in=matched.values("pk")))


def of_month(rows: Rows, sought: Sought, *fields: str, of: Q) -> Rows:
    """Return those of the month that is named, with the other words; without a month, those with all the words."""
    if sought.month is None:
        return matching(rows, sought.words, *fields)
    rows = rows.filter(of)
    return matching(rows, sought.besides, *fields) if sought.besides else rows


# --- Each kind of thing ----------------------------------------------------------------------------


def find_indicators(snapshot: Snapshot, sought: Sought) -> QuerySet[IndicatorLine]:
    """Return indicators of the month that their list opens on. The names of categories count too."""
    wholes, parts = whole_lines(snapshot), IndicatorLine.objects.filter(snapshot=snapshot).exclude(category_code="")
    named = matching(wholes, sought.words, "title", "short_title", "question", "section_title")
    parted = matching(parts.order_by(), sought.words, "category_name", "title")
    return wholes.filter(Q(pk__in=named.values("pk")) | Q(indicator_code__in=parted.values("indicator_code")))


def find_actions(access: Access, sought: Sought) -> QuerySet[Action]:
    actions = Action.objects.filter(area=access.area, archived_at=None).select_related("area", "strand")
    return either(actions, sought.words, "title", "rag_why", "strand__name", number=sought.number("A"))


def find_kpis(access: Access, sought: Sought) -> QuerySet[Kpi]:
    kpis = Kpi.objects.filter(area=access.area, retired_at=None).select_related("area", "board", "indicator")
    fields = ("title", "why", "indicator__title", "strand__name")
    return either(kpis, sought.words, *fields, number=sought.number("K")).order_by("number")


def find_events(access: Access, sought: Sought) -> QuerySet[Event]:
    """Return events by their name, who reported them, and the indicators that they may move."""
    events = list_events(access.area).prefetch_related(None)
    matched = either(events, sought.words, "title", "said_by", number=sought.number("E"))
    moved = matching(EventAim.objects.filter(event__in=events.values("pk")), sought.words, "indicator__title")
    return events.filter(Q(pk__in=matched.values("pk")) | Q(pk__in=moved.values("event")))


def find_challenges(access: Access, sought: Sought) -> QuerySet[Challenge]:
    """Return challenges by the question and its entries."""
    readable = Challenge.objects.readable_by(access)
    said = matching(ChallengeEntry.objects.filter(challenge__in=readable.values("pk")), sought.words, "text")
    by_question = either(readable, sought.words, "question", number=sought.number("C"))
    return readable.filter(Q(pk__in=by_question.values("pk")) | Q(pk__in=said.values("challenge"))).select_related(
        "area"
    )


def find_meetings(access: Access, sought: Sought) -> QuerySet[Meeting]:
    meetings, fields = readable_meetings(access), ("board__name", "sub_group__name", "notes")
    condition = Q(pk__in=either(meetings, sought.words, *fields, number=sought.number("M")).values("pk"))
    if sought.month is not None:
        day = Q(held_on__year=sought.month.year, held_on__month=sought.month.number)
        condition |= Q(pk__in=of_month(meetings, sought, *fields, of=day).values("pk"))
    return with_bodies(meetings.filter(condition))


def find_highlights(access: Access, sought: Sought) -> QuerySet[Highlight]:
    highlights = list_highlights(access.area).filter(archived_at=None).prefetch_related(None)
    return matching(highlights, sought.words, "title", "story", "reach_of", "strand__name")


def find_pathways(access: Access, sought: Sought) -> QuerySet[Pathway]:
    """Return pathways by their title, their question and their steps."""
    pathways = Pathway.objects.in_use().filter(area=access.area).select_related("area")
    steps = PathwayStep.objects.in_use().filter(pathway__in=pathways.values("pk"))
    stepped = matching(steps, sought.words, "name", "agency__name", "indicator__title", "nobody_counts")
    named = matching(pathways, sought.words, "title", "question")
    return pathways.filter(Q(pk__in=named.values("pk")) | Q(pk__in=stepped.order_by().values("pathway")))


def find_seats(access: Access, sought: Sought) -> QuerySet[Seat]:
    """Return members of the strategic group by their role, substitute and board."""
    return matching(
        with_page(list_seats(access.area), "Strategic group"),
        sought.words,
        "page",
        "title",
        "substitute",
        "board__name",
    )


def find_authorities(access: Access, sought: Sought) -> QuerySet[Authority]:
    """Return authorities under the duty by their name and their contact."""
    rows = with_page(Authority.objects.in_use().filter(area=access.area), "Serious Violence Duty").select_related(
        "area"
    )
    return matching(rows, sought.words, "page", "name", "contact")


def with_page(rows: Rows, title: str) -> Rows:
    """Return the rows with the title of the page that lists them, which finds them too."""
    named: Rows = rows.alias(page=Value(title))
    return named


def find_packs(access: Access, sought: Sought) -> QuerySet[IssuedPack]:
    packs = packs_for(access)
    of = Q(period__starts_on=sought.month.first_day) if sought.month else Q()
    matched = of_month(packs, sought, "board__name", "board__short_name", "meeting", of=of)
    return packs.filter(Q(pk__in=matched.values("pk")) | Q(reference__icontains=sought.words))


def find_returns(access: Access, sought: Sought) -> QuerySet[Submission]:
    """Return the returns of this person's own agencies."""
    returns = Submission.objects.filter(agency__area=access.area, agency__in=access.agencies)
    of = Q(period__starts_on=sought.month.first_day) if sought.month else Q()
    matched = of_month(returns, sought, "agency__name", "comment", of=of)
    return matched.select_related("agency", "period__area").order_by("-period__starts_on", "agency__position")

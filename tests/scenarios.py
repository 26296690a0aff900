"""Standing characters, and the ways in which figures get into a month. Everything that has a life
is made through services, so that no test holds a state that the product can't reach."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from boards.models import Agency, Board, Membership, PartnershipArea, PublicAdvice, ReportingPeriod
from boards.rules import AGENCY_ROLES, BOARD_ROLES, Role
from boards.services.area import set_advice
from boards.services.months import close_month, ensure_month
from core.calendar import Month
from core.models import User
from indicators.figures import Entry
from indicators.models import Submission
from indicators.selectors.returns import list_boxes
from indicators.selectors.series import get_background
from indicators.services.entries import check_entries
from indicators.services.returns import accept_return, return_return, save_draft, submit_return
from indicators.trend import CellState
from reporting.models import IndicatorLine, IssuedPack, PublicEdition, Snapshot
from reporting.months.rollup import roll_up, stale_periods
from reporting.months.services import publish_month
from reporting.packs.presenters.order import make_pack
from reporting.packs.presenters.sources import Order
from reporting.packs.services.issue import issue_pack
from reporting.public.services import agree, ask_consent, publish_edition, turn_public_pages
from tests.factories import (
    make_agency,
    make_area,
    make_board,
    make_indicator,
    make_membership,
    make_section,
    make_user,
    make_users,
)


@dataclass
class Town:
    """An area with an agency, a board, two indicators, and one person for each role."""

    area: PartnershipArea
    police: Agency
    csp: Board
    people: dict[Role, User] = field(default_factory=dict)

    @property
    def lead(self) -> User:
        return self.people[Role.AGENCY_LEAD]

    @property
    def coordinator(self) -> User:
        return self.people[Role.COORDINATOR]


def make_town(slug: str = "testford") -> Town:
    """The police count arrests (lower is better) and charges (no judgement) for the CSP."""
    area = make_area(slug)
    town = Town(area, make_agency(area, "police"), make_board(area, "csp"))
    section = make_section(area, "arrests")
    make_indicator(town.police, "arrests", section=section, boards=(town.csp,), polarity="lower", position=0)
    make_indicator(town.police, "charges", section=section, boards=(town.csp,), position=1)
    roles = [role for role in Role if role is not Role.OPERATOR]
    people = make_users([f"{role}@{slug}.example" for role in roles])
    town.people = dict(zip(roles, people, strict=True))
    members = [
        make_membership(
            town.people[role],
            area,
            role,
            agency=town.police if role in AGENCY_ROLES else None,
            board=town.csp if role in BOARD_ROLES else None,
        )
        for role in roles
    ]
    Membership.objects.bulk_create(members)  # thousands of tests begin with them
    return town


def make_outsider() -> User:
    """Somebody with every power in another area, and none here."""
    town = make_town("elsewhere")
    return town.coordinator


def make_operator() -> User:
    return make_user("operator@test.example", is_staff=True, is_superuser=True)


def entries(figures: Mapping[str, object]) -> dict[str, Entry]:
    """{"arrests": 12, "charges": None} as typed. A state stands for the reason why there is no figure;
    None is "not available"."""
    return {name: _entry(CellState.NOT_AVAILABLE if value is None else value) for name, value in figures.items()}


def _entry(value: object) -> Entry:
    if isinstance(value, CellState):
        return Entry(reason=value.value, note="The system was down")
    return Entry(value=str(value))


def commented(agency: Agency, month: Month, typed: Mapping[str, Entry]) -> dict[str, Entry]:
    """… with a word on each figure that is unusual, which a return asks for."""
    boxes = list_boxes(agency, month)
    asked = check_entries(boxes, typed, get_background(agency, month, boxes)).questions
    names = {key.partition(":")[0] for key in asked}
    return {name: replace(entry, note="Checked") if name in names else entry for name, entry in typed.items()}


def open_month(town: Town, month: Month) -> ReportingPeriod:
    return ensure_month(town.area, month, by=town.coordinator)


def submit(town: Town, month: Month, figures: Mapping[str, object], *, agency: Agency | None = None) -> Submission:
    """The lead types the figures and submits them."""
    agency = agency or town.police
    period = open_month(town, month)
    existing = Submission.objects.filter(agency=agency, period=period).first()
    typed = commented(agency, month, entries(figures))
    saved = save_draft(agency, period, typed, revision=existing.revision if existing else 0, by=town.lead)
    return submit_return(agency, period, revision=saved.revision, by=town.lead)


def accept(town: Town, month: Month, figures: Mapping[str, object], *, agency: Agency | None = None) -> Submission:
    """… and the coordinator accepts them."""
    return accept_return(submit(town, month, figures, agency=agency), by=town.coordinator)


def give_back(town: Town, submission: Submission) -> Submission:
    """… or returns them, with a comment."""
    return return_return(submission, comment="Please check the arrests.", by=town.coordinator)


def sweep() -> None:
    roll_up(stale_periods())


def stale_months(town: Town) -> list[str]:
    """The months that wait for a roll-up, in order: ["2026-09", "2026-10"]."""
    stale = stale_periods().filter(area=town.area).order_by("starts_on")
    return [str(period.month) for period in stale]


def newest_lines(town: Town, month: Month) -> dict[str, IndicatorLine]:
    """The lines of a month's newest version, by indicator and category: "arrests", "lines.london"."""
    snapshot = Snapshot.objects.filter(period__area=town.area, period__starts_on=month.first_day).latest("version")
    return {
        f"{line.indicator_code}.{line.category_code}".removesuffix("."): line
        for line in snapshot.lines.order_by("position")
    }


def publish(town: Town, month: Month) -> Snapshot:
    """Publish a month, and before it whatever comes before it."""
    open_month(town, month)
    periods = ReportingPeriod.objects.filter(area=town.area, starts_on__lte=month.first_day, status="open")
    for period in periods.order_by("starts_on"):
        snapshot = publish_early(period, by=town.coordinator)
    return snapshot


EARLY = "The board meets"


def close_early(period: ReportingPeriod, *, by: User) -> ReportingPeriod:
    """Whoever's return is missing."""
    return close_month(period, by=by, missing=[], why=EARLY)


def publish_early(period: ReportingPeriod, *, by: User) -> Snapshot:
    """Close a month and publish it, whoever's return is missing."""
    return publish_month(close_early(period, by=by), why=EARLY, by=by)


def publish_openly(town: Town, month: Month) -> PublicEdition:
    """The newest version of a published month becomes public: the information officer consents to it first."""
    turn_public_pages(town.area, on=True, by=town.coordinator)
    period = ReportingPeriod.objects.select_related("area").get(area=town.area, starts_on=month.first_day)
    edition = ask_consent(period, by=town.coordinator)
    agree(edition, by=town.people[Role.INFORMATION], seen=edition.fingerprint)
    publish_edition(edition, by=town.coordinator)
    edition.refresh_from_db()
    return edition


def tell_signs(town: Town, **options: Any) -> PublicAdvice:
    """Anybody may read the area's warning signs, as soon as its public pages are on."""
    told: dict[str, Any] = {
        "signs": "A second phone\nLots of short visits",
        "how_to_report": "Tell a teacher.",
        "is_public": True,
    }
    advice = PublicAdvice.objects.filter(area=town.area).first()
    return set_advice(town.area, **told | options, revision=advice.revision if advice else 0, by=town.coordinator)


def issue(town: Town, month: Month, **options: Any) -> IssuedPack:
    """The coordinator looks at the board's pack of a published month, and issues it."""
    period = ReportingPeriod.objects.select_related("area").get(area=town.area, starts_on=month.first_day)
    wanted: dict[str, Any] = {"board": town.csp, "meeting": "Board meeting", "meeting_on": date(2026, 11, 27)}
    order = Order(period, **wanted | options)
    seen = make_pack(order, include_drafts=False).token
    return issue_pack(order, seen=seen, by=town.coordinator)

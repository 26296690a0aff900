"""The states of a month, the roles, and which months somebody may read or open. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from core.calendar import Month, months_between
from core.labels import Labelled, Lifecycle


class MonthStatus(Labelled):
    """The state of a month. OPEN accepts returns. CLOSED doesn't, and the coordinator checks it. Boards see
    PUBLISHED."""

    OPEN = "open", "Open"
    CLOSED = "closed", "Closed"
    PUBLISHED = "published", "Published"


MONTH = Lifecycle(
    name="A month",
    start=MonthStatus.OPEN,
    transitions={
        MonthStatus.OPEN: {MonthStatus.CLOSED: "close"},
        MonthStatus.CLOSED: {MonthStatus.OPEN: "reopen", MonthStatus.PUBLISHED: "publish"},
        MonthStatus.PUBLISHED: {MonthStatus.CLOSED: "take back"},
    },
    owners={
        MonthStatus.OPEN: "agencies",
        MonthStatus.CLOSED: "coordinator",
        MonthStatus.PUBLISHED: "boards",
    },
)


class Role(Labelled):
    """A person's role in an area. A person may have several roles, in several areas."""

    AGENCY_LEAD = "agency-lead", "Agency lead"
    AGENCY_APPROVER = "agency-approver", "Agency approver"
    # gets an e-mail when the agency's return is overdue
    AGENCY_CONTACT = "agency-contact", "Agency second contact"
    BOARD_MEMBER = "board-member", "Board member"
    BOARD_CHAIR = "board-chair", "Board chair"
    STRATEGIC = "strategic", "Strategic group member"
    COORDINATOR = "coordinator", "Coordinator"
    ANALYST = "analyst", "Analyst"
    INFORMATION = "information", "Information officer"
    # A role in every area: all superusers have it, and no membership may name it.
    OPERATOR = "operator", "Operator"


# What a role is for, for whoever gives it. Everybody with a role reads the published months.
WHAT_ROLES_DO = {
    Role.AGENCY_LEAD: "enters the agency’s return each month",
    Role.AGENCY_APPROVER: "releases the agency’s return to the coordinator",
    Role.AGENCY_CONTACT: "reads the agency’s return, and gets an email when it is overdue",
    Role.BOARD_MEMBER: "reads the board’s own page and packs",
    Role.BOARD_CHAIR: "reads the board’s own page and packs, follows the returns, and answers escalated challenges",
    Role.STRATEGIC: "reads drafts and every board’s page and packs, and raises challenges",
    Role.COORDINATOR: "accepts returns, publishes months, and looks after the set-up and the people",
    Role.ANALYST: "reads drafts and every board’s page and packs, imports past figures, and writes commentaries",
    Role.INFORMATION: "reads drafts, decides what the public may see, and approves what is made public",
}


class RegionRole(Labelled):
    """A person's role in a region. It isn't a Role: it gives nothing inside an area."""

    DIRECTOR = "director", "Director"
    ANALYST = "analyst", "Regional analyst"


WHAT_REGION_ROLES_DO = {
    RegionRole.DIRECTOR: "reads what the areas agreed to, adds analysts, and agrees to what the region publishes",
    RegionRole.ANALYST: "reads what the areas agreed to, and prepares what the region publishes",
}

# The code of the strategic group's board.
STRATEGIC_GROUP = "strategic"

AGENCY_ROLES = frozenset({Role.AGENCY_LEAD, Role.AGENCY_APPROVER, Role.AGENCY_CONTACT})
BOARD_ROLES = frozenset({Role.BOARD_MEMBER, Role.BOARD_CHAIR})
# The role that answers a challenge escalated to a board, instead of its members.
CHAIR_ROLES = frozenset({Role.BOARD_CHAIR})
AREA_ROLES = frozenset({Role.STRATEGIC, Role.COORDINATOR, Role.ANALYST, Role.INFORMATION})
# The roles that can do the most. An information officer confirms who gets or loses one, and nobody has both in an area.
CONFIRMED_ROLES = frozenset({Role.COORDINATOR, Role.INFORMATION})

# Roles that read a month before it is published, and every board's page.
DRAFT_READERS = AREA_ROLES | {Role.OPERATOR}

# Roles with packs, returns and public pages in their menu. Only they can open those pages.
PACK_READERS = DRAFT_READERS | BOARD_ROLES
RETURNERS = AGENCY_ROLES | CHAIR_ROLES | {Role.STRATEGIC, Role.COORDINATOR}
# Roles that see whose turn each return of a month is, for all agencies. The coordinator can do more with them.
RETURN_FOLLOWERS = CHAIR_ROLES | {Role.STRATEGIC, Role.AGENCY_APPROVER}
# Roles that always need a second factor to sign in. An area can add others.
FACTOR_ROLES = frozenset({Role.COORDINATOR, Role.INFORMATION, Role.OPERATOR})
# Roles that ask for a second factor to be reset, and agree to it.
FACTOR_RESETTERS = frozenset({Role.COORDINATOR, Role.INFORMATION, Role.OPERATOR})
PUBLISHERS = frozenset({Role.COORDINATOR, Role.INFORMATION})


LONGEST_AGO = 12  # months that people can open by hand: older ones are history, from a file


@dataclass(frozen=True)
class ReadableMonths:
    """The months that one person may read. `every` has each month of the area, and whether it is published."""

    every: tuple[tuple[Month, bool], ...] = ()
    with_drafts: bool = False

    @cached_property
    def published(self) -> frozenset[Month]:
        return frozenset(month for month, is_published in self.every if is_published)

    @cached_property
    def listed(self) -> tuple[Month, ...]:
        """Return the months, newest first."""
        readable = [month for month, is_published in self.every if is_published or self.with_drafts]
        return tuple(sorted(readable, reverse=True))

    def __contains__(self, month: object) -> bool:
        return month in self.listed

    def has(self, month: Month | None) -> bool:
        """Return whether it is a month of the area, readable or not."""
        return any(month == of_area for of_area, _ in self.every)

    @property
    def newest(self) -> Month | None:
        """Return the newest published month, or the newest draft if no month is published."""
        published = next((month for month in self.listed if month in self.published), None)
        return published or next(iter(self.listed), None)

    def before(self, month: Month) -> Month | None:
        return next((other for other in self.listed if other < month), None)

    def after(self, month: Month) -> Month | None:
        return next((other for other in reversed(self.listed) if other > month), None)

    def by_year(self) -> Iterator[tuple[int, list[Month]]]:
        for year, months in groupby(self.listed, key=lambda month: month.year):
            yield year, list(months)


def list_opened_with(month: Month, opened: Iterable[Month], *, current: Month) -> list[Month]:
    """Return the months that open when somebody chooses this one, so that there is no gap.

    For an area's first month, these are all months up to the current one. For any other, these are the months between
    it and the nearest open one.
    """
    months = sorted(opened)
    if not months:
        return list(months_between(month, current))
    if month > months[-1]:
        return list(months_between(months[-1].next, month))
    if month < months[0]:
        return list(months_between(month, months[0].previous))
    return [] if month in months else [month]


def list_openable(opened: Iterable[Month], *, current: Month, is_published: bool) -> list[Month]:
    """Return the months that people can open by hand, newest first.

    Once a month is published, no month before the oldest one can open: its figures would change what was published.
    """
    months = set(opened)
    earliest = current + -LONGEST_AGO
    since = min(months) if is_published and months else earliest
    return [month for month in months_between(max(since, earliest), current) if month not in months][::-1]

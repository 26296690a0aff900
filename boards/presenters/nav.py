"""The way from a page to others: one menu and one month picker, the same on every page of an area."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from boards.models import Board
from boards.permissions import Access, RegionAccess
from boards.rules import PACK_READERS, PUBLISHERS, RETURNERS, ReadableMonths, Role
from core.calendar import Month
from core.pages import link_to

# Pages of a month. The picker leads from each to the same page of another month.
MONTHLY = frozenset(
    {
        "reporting:month-view",
        "reporting:board-view",
        "reporting:month-year",
        "reporting:month-lines",
        "reporting:month-changes",
        "reporting:return-grid",
        "reporting:publishing-month",
    }
)

# Pages that show the month in their address: ?month=2026-10.
OF_ASKED_MONTH = frozenset({"reporting:indicator-list", "reporting:indicator-view", "reporting:kpi-list"})

# The part of an address after its area, and the menu item that the page belongs to.
FOUND_UNDER = {
    "changes": "Latest month",
    "indicators": "Indicators",
    "kpis": "KPIs",
    "exports": "Indicators",
    "pathways": "Indicators",
    "market": "Indicators",
    "history": "Indicators",
    "method": "Indicators",
    "figures": "Indicators",
    "plan": "Actions",
    "highlights": "Actions",
    "events": "Actions",
    "impact": "Actions",
    "engagement": "Actions",
    "challenges": "Challenges",
    "support": "Challenges",
    "meetings": "Meetings",
    "sub-groups": "Meetings",
    "documents": "Meetings",
    "packs": "Packs",
    "returns": "Returns",
    "corrections": "Returns",
    "provisional": "Returns",
    "reminders": "Returns",
    "publishing": "Public pages",
    "disclosure": "Public pages",
    "consent": "Public pages",
    "markings": "Public pages",
    "setup": "Set-up",
    "audit": "Audit log",
    "retention": "Audit log",
}


def month_url(access: Access, month: Month, board: str = "") -> str:
    """Return the address of a board's page of a month, or of the month's own page without a board."""
    return _month_url(access.area.slug, month, board)


def _month_url(area: str, month: Month, board: str = "") -> str:
    if board:
        return link_to("reporting:board-view", area, month, board)
    return link_to("reporting:month-view", area, month)


def indicators_url(area: str, query: str = "") -> str:
    """Return the address of an indicator's page, with {} in place of its code; `query` says which month it shows."""
    return f"{link_to('reporting:indicator-list', area)}{{}}/{query}"


def month_query(month: Month, version: str | int = "") -> str:
    """Return the end of an indicator's address that makes it show that month, in that version."""
    return f"?month={month}&version={version}" if version else f"?month={month}"


@dataclass(frozen=True, slots=True)
class Here:
    """The page that a menu is on: its address, the address's name, and the month that it shows, if any."""

    path: str
    name: str = ""
    month: Month | None = None

    def url(self, area: str, month: Month) -> str:
        """Return the address of the same page for another month. From a page without a month, return that month's own
        page."""
        if self.name in OF_ASKED_MONTH:
            return f"{self.path}?month={month}"
        home = link_to("reporting:area-home", area)
        if self.name in MONTHLY and self.month:
            return home + self.path.removeprefix(home).replace(f"{self.month}/", f"{month}/", 1)
        return _month_url(area, month)


# What people come for, and the menu items that serve it. An item that isn't in one stands by itself.
GROUPS = {
    "Month": ("Latest month", "Returns"),
    "Results": ("Indicators", "KPIs"),
    "Plan": ("Actions", "Challenges", "Meetings"),
    "Papers": ("Packs", "Public pages"),
}


class Link(NamedTuple):
    """A link, and its value of `aria-current`: "page" for the page itself, "true" for the item that the page belongs
    to."""

    label: str
    url: str
    current: str = ""


class Group(NamedTuple):
    """Links of the menu under one word, folded; or one link without a word."""

    label: str
    links: list[Link]

    @property
    def is_current(self) -> bool:
        return any(link.current for link in self.links)


def make_groups(links: Iterable[Link]) -> list[Group]:
    """Put the links of a menu together, in the order of GROUPS. A group of one is its link."""
    of_label = {link.label: link for link in links}
    groups = []
    for label, names in GROUPS.items():
        members = [of_label.pop(name) for name in names if name in of_label]
        if members:
            groups.append(Group(label if len(members) > 1 else "", members))
    return groups + [Group("", [link]) for link in of_label.values()]


def nav_html(access: Access, months: ReadableMonths, here: Here) -> SafeString:
    """Make the menu, the search and the month picker of a page. No queries."""
    slug = access.area.slug
    places = list_places(slug, access.roles, months.newest, has_months=bool(months.every))
    itself = here.path if any(url == here.path for _, url in places) else ""
    # Only a month's page has pages beside it. All other pages share one picker.
    is_monthly = months.has(here.month) and here.name in MONTHLY | OF_ASKED_MONTH
    beside = here if is_monthly else Here("", month=here.month)
    return _nav_html(slug, places, months, itself, found_under(slug, here.path), beside)


def found_under(area: str, path: str) -> str:
    """Return the menu item that a page belongs to; empty for a person's own pages."""
    home = link_to("reporting:area-home", area)
    first = path.removeprefix(home).partition("/")[0] if path.startswith(home) else ""
    return FOUND_UNDER.get(first, "Latest month" if first[:1].isdigit() else "")


NOBODY: frozenset[Role] = frozenset()
type Places = tuple[tuple[str, str], ...]


@lru_cache(maxsize=256)
def list_places(area: str, roles: frozenset[Role], newest: Month | None, *, has_months: bool) -> Places:
    """Return the menu for somebody with these roles. They can open each page, and each page has something to show.

    `newest` is the newest month that they can read; an area may have others.
    """
    of_months, of_readable = roles if has_months else NOBODY, roles if newest else NOBODY
    places = [
        ("Indicators", "reporting:indicator-list", of_readable),
        ("KPIs", "reporting:kpi-list", of_months),
        ("Actions", "actions:plan", roles),
        ("Challenges", "actions:challenge-list", of_months),
        ("Meetings", "actions:meeting-list", roles),
        ("Packs", "reporting:pack-list", PACK_READERS & of_months),
        ("Returns", "reporting:returns", RETURNERS & of_months),
        ("Public pages", "reporting:publishing", PUBLISHERS & of_months),
        ("Set-up", "indicators:setup", {Role.COORDINATOR}),
        ("Audit log", "boards:audit", {Role.INFORMATION}),
    ]
    offered = [(label, link_to(name, area)) for label, name, readers in places if not roles.isdisjoint(readers)]
    return (("Latest month", _month_url(area, newest)), *offered) if newest else tuple(offered)


# For everybody with the same places and months: nothing here may depend on the person.
@lru_cache(maxsize=256)
def _nav_html(area: str, places: Places, months: ReadableMonths, itself: str, under: str, here: Here) -> SafeString:
    links = [Link(label, url, "page" if url == itself else "true" if label == under else "") for label, url in places]
    context: dict[str, object] = {"groups": make_groups(links), "search_url": link_to("reporting:search", area)}
    # A page of an open month, such as a return, names its own month, though the picker leads to none that is open.
    shown = here.month if months.has(here.month) else months.newest
    if shown is not None:
        context |= make_picker(area, months, shown, here)
    return render_to_string("components/nav.html", context)


def make_picker(area: str, months: ReadableMonths, shown: Month, here: Here) -> dict[str, object]:
    before, after = months.before(shown), months.after(shown)
    return {
        "shown": shown,
        "before": before and Link(before.label, here.url(area, before)),
        "after": after and Link(after.label, here.url(area, after)),
        "years": [
            (year, [(month, here.url(area, month), month not in months.published) for month in of_year])
            for year, of_year in months.by_year()
        ],
    }


def board_links(access: Access, month: Month, boards: Iterable[Board], *, here: str = "") -> list[Link]:
    """Return the month's own page and each board's page that this person may open; `here` is the code of the board
    shown."""
    links = [Link("All", month_url(access, month), "" if here else "page")]
    return links + [
        Link(board.short_name, month_url(access, month, board.code), "page" if board.code == here else "")
        for board in boards
        if access.can_see_board(board.pk) and (not board.retired or board.code == here)
    ]


def seen(access: Access, boards: Sequence[Board]) -> list[Board]:
    """Return the boards whose pages this person may open."""
    return [board for board in boards if access.can_see_board(board.pk)]


def region_nav_html(access: RegionAccess, month: Month | None, *, here: str) -> SafeString:
    """Return the menu, with the links of this month; empty for an operator, who reads no figure of a region."""
    links = list_links(access, month, here=here) if access.roles else []
    return render_to_string("components/region_nav.html", {"links": links}) if links else SafeString("")


def list_links(access: RegionAccess, month: Month | None, *, here: str) -> list[tuple[str, str, bool]]:
    """Return each link's label and address, and whether it is this page. Without a month, of the newest."""
    slug = access.region.slug
    links = [
        ("This month", name_url("reporting:region-month", "reporting:region-home", slug, month)),
        ("Lines", name_url("reporting:region-lines", "reporting:region-lines-newest", slug, month)),
        ("Packs", reverse("reporting:region-pack-list", args=[slug])),
        ("Public pages", reverse("region-public:edition-list", args=[slug])),
    ]
    if access.can_set_up:
        links.append(("Set-up", reverse("region-setup:setup", args=[slug])))
    return [(label, url, url == here) for label, url in links]


def name_url(of_month: str, newest: str, slug: str, month: Month | None) -> str:
    return reverse(of_month, args=[slug, month]) if month else reverse(newest, args=[slug])

"""What does each page cost? The targets are those of a quiet machine with two cores: see docs/adr/0093."""

from collections.abc import Iterator
from functools import partial

from script.benching.browser import Browser
from script.benching.floor import Page, compare
from script.benching.making import (
    AREAS_OF_A_REGION,
    LINES_OF_A_REGION,
    ROWS_OF_A_RETURN,
    analyze,
    make_long_return,
    make_region,
)
from script.benching.report import Act, Report

MONTH, OPEN = "/anytown/2026-10/", "/anytown/returns/2026-11/"
HOMES = {
    "coordinator": "coordinator",
    "strategic group": "strategic",
    "board member": "csp.member",
    "board chair": "lscb.chair",
    "agency lead": "police.lead",
    "agency approver": "police.approver",
    "agency contact": "police.contact",
    "analyst": "analyst",
    "information officer": "information",
}


def pages(report: Report) -> None:
    """Measure each page, with all middleware, on an open connection."""
    lead, director = Browser(make_long_return()), Browser(make_region())
    floor = Browser("strategic@anytown.example")
    analyze()
    compare(report, lambda: floor.get("/floor"), [*figures(), *tasks(lead), *homes(), *regions(director), *public()])


def anew(act: Act) -> Act:
    """Ask for a page that this process hasn't made yet, and leave alone what it has made."""
    from django.core.cache import caches
    from django.core.cache.backends.dummy import DummyCache

    def ask() -> None:
        kept = caches["pages"]
        caches["pages"] = DummyCache("", {})
        try:
            act()
        finally:
            caches["pages"] = kept

    return ask


def figures() -> Iterator[Page]:
    person = Browser("strategic@anytown.example")
    dashboard, board = partial(person.get, MONTH), partial(person.get, f"{MONTH}csp/")
    yield Page("dashboard (26 lines)", dashboard, 3)
    yield Page("dashboard, made anew", anew(dashboard), 6.8)
    yield Page("board", board, 6)
    yield Page("board, made anew", anew(board), 10.2)
    yield Page("indicator (36 months)", partial(person.get, "/anytown/indicators/cuckooed/"), 6)
    yield Page("year at a glance", partial(person.get, f"{MONTH}year/"), 10)
    yield Page("plan", partial(person.get, "/anytown/plan/"), 8)


def tasks(lead: Browser) -> Iterator[Page]:
    person, boss = Browser("police.lead@anytown.example"), Browser("coordinator@anytown.example")
    yield Page(f"return ({ROWS_OF_A_RETURN} rows)", partial(lead.get, f"{OPEN}long/"), 15)
    yield Page("everything I owe, lead", partial(person.get, "/anytown/mine/"), 12)
    yield Page("everything I owe, coordinator", partial(boss.get, "/anytown/mine/"), 12)


def homes() -> Iterator[Page]:
    for role, name in HOMES.items():
        yield Page(f"home, {role}", partial(Browser(f"{name}@anytown.example").get, "/anytown/"), 12)


def regions(director: Browser) -> Iterator[Page]:
    size, url = f"{AREAS_OF_A_REGION} × {LINES_OF_A_REGION}", "/regions/bench/2026-10/"
    month, indicator = partial(director.get, url), partial(director.get, "/regions/bench/indicators/count-00/")
    yield Page(f"region’s month ({size})", month, 10)
    yield Page("region’s month, made anew", anew(month), 12)
    yield Page("region’s month, with rates", partial(director.get, f"{url}?as=rates"), 10)
    yield Page("region’s indicator", indicator, 10)
    yield Page("region’s indicator, made anew", anew(indicator), 12)


def public() -> Iterator[Page]:
    anybody, url = Browser(), "/anytown/public/2026-10/"
    tag = anybody.ask(anybody.factory.get(url))[2]["ETag"]
    page = partial(anybody.get, url)
    yield Page("public page (26 lines)", page, 3.4)
    yield Page("public page, made anew", anew(page), 13.6)
    yield Page("public page, not modified", partial(anybody.get_again, url, tag), 1.7)

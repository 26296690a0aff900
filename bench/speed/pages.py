"""What does each page cost? The targets are those of a quiet machine with two cores: see docs/adr/0101."""

from collections.abc import Iterator

from bench.speed.browser import Browser, Visit
from bench.speed.floor import Page, compare
from bench.speed.making import (
    AREAS_OF_A_REGION,
    LINES_OF_A_REGION,
    ROWS_OF_A_RETURN,
    analyze,
    make_long_return,
    make_region,
)
from bench.speed.report import Act, Report

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
    floor = Visit(Browser("strategic@anytown.example"), "/floor")
    compare(report, floor, list_pages())


def list_pages() -> list[Page]:
    """Return the pages of the table. What they show is made, unless it is there."""
    lead, director = Browser(make_long_return()), Browser(make_region())
    analyze()
    return [*figures(), *tasks(lead), *homes(), *regions(director), *public()]


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
    dashboard, board = Visit(person, MONTH), Visit(person, f"{MONTH}csp/")
    yield Page("dashboard (26 lines)", dashboard, 3, rate=450)
    yield Page("dashboard, made anew", anew(dashboard), 6.8)
    yield Page("board", board, 6)
    yield Page("board, made anew", anew(board), 10.2)
    yield Page("indicator (36 months)", Visit(person, "/anytown/indicators/cuckooed/"), 6)
    yield Page("year at a glance", Visit(person, f"{MONTH}year/"), 10)
    yield Page("plan", Visit(person, "/anytown/plan/"), 8)


def tasks(lead: Browser) -> Iterator[Page]:
    person, boss = Browser("police.lead@anytown.example"), Browser("coordinator@anytown.example")
    yield Page(f"return ({ROWS_OF_A_RETURN} rows)", Visit(lead, f"{OPEN}long/"), 15, rate=100)
    yield Page("everything I owe, lead", Visit(person, "/anytown/mine/"), 12)
    yield Page("everything I owe, coordinator", Visit(boss, "/anytown/mine/"), 12)


def homes() -> Iterator[Page]:
    for role, name in HOMES.items():
        rate = 100 if role == "coordinator" else 0
        yield Page(f"home, {role}", Visit(Browser(f"{name}@anytown.example"), "/anytown/"), 12, rate=rate)


def regions(director: Browser) -> Iterator[Page]:
    size, url = f"{AREAS_OF_A_REGION} × {LINES_OF_A_REGION}", "/regions/bench/2026-10/"
    month, indicator = Visit(director, url), Visit(director, "/regions/bench/indicators/count-00/")
    yield Page(f"region’s month ({size})", month, 10)
    yield Page("region’s month, made anew", anew(month), 12)
    yield Page("region’s month, with rates", Visit(director, f"{url}?as=rates"), 10)
    yield Page("region’s indicator", indicator, 10)
    yield Page("region’s indicator, made anew", anew(indicator), 12)


def public() -> Iterator[Page]:
    anybody, url = Browser(), "/anytown/public/2026-10/"
    tag = anybody.ask(anybody.factory.get(url))[2]["ETag"]
    page = Visit(anybody, url)
    yield Page("public page (26 lines)", page, 3.4)
    yield Page("public page, made anew", anew(page), 13.6)
    yield Page("public page, not modified", Visit(anybody, url, tag), 1.7)

"""What does each page cost? The targets are bounds, about twice what was measured, and never more than MOST: see
docs/adr/0101."""

import re
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

MOST = 40  # ms
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
    yield Page("dashboard (26 lines)", dashboard, 8, rate=150)
    yield Page("dashboard, made anew", anew(dashboard), 20)
    yield Page("board", board, 25)
    yield Page("board, made anew", anew(board), 30)
    yield Page("indicator (36 months)", Visit(person, "/anytown/indicators/cuckooed/"), 30)
    yield Page("year at a glance", Visit(person, f"{MONTH}year/"), 14)
    yield Page("plan", Visit(person, "/anytown/plan/"), 11)


def tasks(lead: Browser) -> Iterator[Page]:
    person, boss = Browser("police.lead@anytown.example"), Browser("coordinator@anytown.example")
    yield Page(f"return ({ROWS_OF_A_RETURN} rows)", Visit(lead, f"{OPEN}long/"), 25)
    yield Page("return, saved", SavedReturn(lead, f"{OPEN}long/"), 30)
    yield Page("everything I owe, lead", Visit(person, "/anytown/mine/"), MOST)
    yield Page("everything I owe, coordinator", Visit(boss, "/anytown/mine/"), MOST)


class SavedReturn:
    """A return that its lead saves, each time with another figure in its first row."""

    def __init__(self, lead: Browser, url: str) -> None:
        self.lead, self.url = lead, url
        page = lead.get(url).decode()
        self.revision = int(re.findall(r'name="revision" value="(\d+)"', page)[0])
        self.rows = re.findall(r'name="([^"]+:value)"', page)

    def __call__(self) -> None:
        figures = dict.fromkeys(self.rows, "7") | {self.rows[0]: str(self.revision)}
        status = self.lead.post(self.url, revision=str(self.revision), then="save", **figures)
        if status != 302:
            raise SystemExit(f"{self.url} was not saved: {status}.")
        self.revision += 1


def homes() -> Iterator[Page]:
    for role, name in HOMES.items():
        yield Page(f"home, {role}", Visit(Browser(f"{name}@anytown.example"), "/anytown/"), MOST)


def regions(director: Browser) -> Iterator[Page]:
    size, url = f"{AREAS_OF_A_REGION} × {LINES_OF_A_REGION}", "/regions/bench/2026-10/"
    month, indicator = Visit(director, url), Visit(director, "/regions/bench/indicators/count-00/")
    yield Page(f"region’s month ({size})", month, 10)
    yield Page("region’s month, made anew", anew(month), 20)
    yield Page("region’s month, with rates", Visit(director, f"{url}?as=rates"), 10)
    yield Page("region’s indicator", indicator, 10)
    yield Page("region’s indicator, made anew", anew(indicator), 20)


def public() -> Iterator[Page]:
    anybody, url = Browser(), "/anytown/public/2026-10/"
    tag = anybody.ask(anybody.factory.get(url))[2]["ETag"]
    page = Visit(anybody, url)
    yield Page("public page (26 lines)", page, 4)
    yield Page("public page, made anew", anew(page), 16)
    yield Page("public page, not modified", Visit(anybody, url, tag), 4)

"""No link of a page is dead for the person who sees it. Where it names a place in a page, the place is there."""

import http.client
import re
from collections import defaultdict
from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

import pytest

from tests.functional.pages import STATES, State
from tests.functional.site import Site
from tests.functional.test_pages import EVERY_TIME
from tests.tiers import vary_at_release

OK, REFUSED = 200, 403
NUMBER = re.compile(r"[0-9]+")
NOT_OPENED = {"/healthz/jobs": "it answers 503 while a job of the demonstration is late"}


class Finder(HTMLParser):
    """Finds the addresses that a page leads to, and the places in it that an address can name."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.addresses: set[str] = set()
        self.places: set[str] = {""}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in names:
            self.addresses.add(names["href"])
        self.places.add(names.get("id", ""))


@dataclass
class Answer:
    status: int
    html: str  # empty for a file

    @cached_property
    def found(self) -> Finder:
        return Finder(self.html)


@dataclass
class Reader:
    """Opens addresses without a browser, each once for a person."""

    site: Site
    opened: dict[tuple[str, str], Answer] = field(default_factory=dict)

    def open(self, who: str, address: str) -> Answer:
        """Return the answer; a redirect is followed."""
        if (who, address) not in self.opened:
            headers = {"Cookie": f"sessionid={self.site.sessions[who]}"} if who else {}
            # A new connection each time: one that is kept alive waits 40 ms for the acknowledgement of each answer.
            with closing(http.client.HTTPConnection(urlsplit(self.site.url).netloc, timeout=60)) as connection:
                connection.request("GET", address, headers=headers)
                answer = connection.getresponse()
                body, to = answer.read(), answer.getheader("Location")
                is_page = answer.getheader("Content-Type", "").startswith("text/html")
            self.opened[who, address] = (
                self.open(who, urljoin(address, to).partition("#")[0])
                if to
                else Answer(answer.status, body.decode() if is_page else "")
            )
        return self.opened[who, address]


class Link(NamedTuple):
    address: str
    place: str
    who: str
    seen_on: str
    is_of_refusal: bool = False


def find_fault(link: Link, answer: Answer) -> str:
    # The month picker of a refused page leads to the same page of other months, which are refused as well.
    if answer.status != OK and not (link.is_of_refusal and answer.status == REFUSED):
        return f"{link.seen_on}: {link.address} answers {answer.status}"
    if answer.html and link.place and link.place not in answer.found.places:
        return f"{link.seen_on}: {link.address} has no place #{link.place}"
    return ""


def test_links_and_places_are_found():
    found = Finder('<h2 id="a">A</h2><p><a href="/x/?y=1&amp;z=2#b">X</a> <a>no link</a> <link href="/z.css"></p>')

    assert found.addresses == {"/x/?y=1&z=2#b"}
    assert found.places == {"", "a"}


def test_faults_are_found():
    link = Link("/x/", "a", "", "home")

    refused = link._replace(is_of_refusal=True)
    assert find_fault(link, Answer(403, "")) == "home: /x/ answers 403"
    assert find_fault(refused, Answer(403, "")) == ""
    assert find_fault(refused, Answer(404, "")) == "home: /x/ answers 404"
    assert find_fault(link, Answer(404, "")) == "home: /x/ answers 404"
    assert find_fault(link, Answer(200, '<p id="b">')) == "home: /x/ has no place #a"
    assert find_fault(link, Answer(200, '<p id="a">')) == find_fault(link, Answer(200, "")) == ""


@pytest.mark.parametrize("states", vary_at_release([EVERY_TIME, list(STATES)]), ids=["usual states", "all states"])
def test_no_link_of_a_page_is_dead(site: Site, states: Collection[State]):
    """Addresses that differ only in their numbers, such as a month's, count as one link: the first and the last of them
    are opened, each by somebody who sees it. A link of a page to itself is checked each time."""
    reader = Reader(site)
    alike: dict[tuple[str, str], list[Link]] = defaultdict(list)
    faults = []
    for state in states:
        page = reader.open(state.who, state.path).found
        for written in page.addresses:
            address, _, place = urljoin(state.path, written).partition("#")
            if address == state.path:
                faults += [] if place in page.places else [f"{state}: it has no place #{place}"]
            elif address.startswith("/") and address not in NOT_OPENED:
                alike[NUMBER.sub("0", address), NUMBER.sub("0", place)].append(
                    Link(address, place, state.who, state.name, state.status == REFUSED)
                )
    assert len(alike) > 500

    chosen = {link for links in map(sorted, alike.values()) for link in (links[0], links[-1])}
    faults += filter(None, (find_fault(link, reader.open(link.who, link.address)) for link in sorted(chosen)))
    assert faults == []

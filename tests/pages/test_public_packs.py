"""The boards' packs that anybody may read: those that were issued for the public, while what they show is public."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from boards.retention import list_kinds
from boards.rules import Role
from core.calendar import Month
from core.files import objects
from indicators.disclosure import Audience, Marking
from indicators.services.disclosure import mark_month
from reporting.models import IssuedPack
from reporting.public.services import turn_public_pages
from reporting.public.taking_down import withdraw_month
from tests import scenarios
from tests.answers import Answer
from tests.pages.test_pack_pages import publish_second_edition, words_of
from tests.retained import give_notice
from tests.scenarios import Town
from tests.standing import stand
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
OCTOBER = Month(2026, 10)
LIST = "/testford/public/packs/"
PACK = f"{LIST}TESTFORD-2026-10-CSP-1/"
FILE, PARTNERS = f"{PACK}pack.pdf", f"{LIST}TESTFORD-2026-10-CSP-2/"


def make_town_with_packs() -> Town:
    """A pack for the public, and one for partners."""
    town = scenarios.make_town()
    scenarios.accept(town, OCTOBER, {"arrests": 12, "charges": 4})
    scenarios.publish(town, OCTOBER)
    scenarios.publish_openly(town, OCTOBER)
    scenarios.issue(town, OCTOBER, audience=Audience.PUBLIC)
    scenarios.issue(town, OCTOBER)
    return town


made, town = stand(make_town_with_packs)


def ask(path: str, **headers: Any) -> Answer:
    return Client().get(path, headers=headers)


def test_anybody_finds_a_public_pack(town: Town):
    words = words_of(ask(LIST))

    assert "Board packs of Testford" in words
    assert "Board csp: October 2026Board meeting, 27 November 2026. TESTFORD-2026-10-CSP-1. PDF of" in words
    assert "CSP-2" not in words
    for page in ("/testford/public/", "/testford/public/2026-10/"):
        assert f'href="{LIST}"' in ask(page).content.decode()


def test_anybody_reads_it(town: Town):
    answer = ask(PACK)
    words = words_of(answer)

    assert "Testford Board csp Board pack for October 2026" in words
    for chapter in IssuedPack.objects.get(number=1).content["chapters"]:
        assert chapter["title"] in words
    assert "[c]" in words
    # Nobody is named, and whatever waits for members alone isn't there.
    for absent in ("By coordinator", "by coordinator", "@", "OFFICIAL-SENSITIVE", "CSP-2"):
        assert absent not in words
    assert answer.content.decode().count("<h1") == 1


def test_the_very_file_is_given_out(town: Town):
    answer = ask(FILE)

    assert answer.content == objects.read(IssuedPack.objects.get(number=1).pdf)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="TESTFORD-2026-10-CSP-1.pdf"'


@pytest.mark.parametrize("path", [LIST, PACK, FILE])
def test_a_reader_may_keep_it_and_brings_no_cookie(town: Town, path: str):
    first = ask(path)

    assert first.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert not first.cookies
    again = ask(path, if_none_match=first.headers["ETag"])
    assert again.status_code == 304
    assert again.content == b""
    assert Client().post(path).status_code == 405


@pytest.mark.parametrize(("path", "most"), [(LIST, 2), (PACK, 2), (FILE, 1)])
def test_to_find_that_nothing_changed_is_cheap(town: Town, path: str, most: int):
    tag = ask(path).headers["ETag"]

    with CaptureQueriesContext(connection) as asked:
        ask(path, if_none_match=tag)

    assert len(asked) <= most
    assert not any('"pdf"' in each["sql"].partition("LENGTH")[0] for each in asked)


def test_a_pack_for_partners_is_not_there(town: Town):
    for path in (PARTNERS, f"{PARTNERS}pack.pdf", f"{LIST}NOPE/", "/elsewhere/public/packs/"):
        answer = ask(path)
        assert answer.status_code == 404
        assert "There is no such page, or it is not public." in words_of(answer)


def withdrawn(town: Town) -> None:
    edition = IssuedPack.objects.get(number=1).edition
    assert edition
    withdraw_month(edition.period, why="Too early", by=town.people[Role.INFORMATION])


def turned_off(town: Town) -> None:
    turn_public_pages(town.area, on=False, by=town.coordinator)


def marked(town: Town) -> None:
    period = IssuedPack.objects.get(number=1).period
    officer = town.people[Role.INFORMATION]
    mark_month(period, audience=Audience.PUBLIC, marking=Marking.SENSITIVE, why="An inquiry", by=officer)


@pytest.mark.parametrize(("act", "status"), [(withdrawn, 410), (turned_off, 404), (marked, 404)])
def test_what_it_shows_is_not_public_any_more(town: Town, act: Callable[[Town], None], status: int):
    tag = ask(PACK).headers["ETag"]
    act(town)

    assert ask(PACK).status_code == status
    assert ask(PACK, if_none_match=tag).status_code == status
    assert ask(FILE).status_code == status
    assert "CSP-1" not in ask(LIST).content.decode()


def test_it_says_what_changed_later(town: Town):
    tag = ask(PACK).headers["ETag"]
    publish_second_edition(town, 13)

    answer = ask(PACK, if_none_match=tag)
    assert answer.status_code == 200
    assert "replaced edition 1, and changes 1 of the board’s figures: Arrests 12 → 13." in words_of(answer)


def test_a_town_without_public_packs_says_so(town: Town):
    other = scenarios.make_town("elseford")
    scenarios.accept(other, OCTOBER, {"arrests": 12, "charges": 40})
    scenarios.publish(other, OCTOBER)
    scenarios.publish_openly(other, OCTOBER)

    assert "No board pack is public now." in words_of(ask("/elseford/public/packs/"))


def test_a_town_whose_only_public_pack_was_withdrawn_says_that_none_is_public_now(town: Town):
    """Not that none is yet: somebody may have read it."""
    september = Month(2026, 9)
    scenarios.open_month(town, september)
    scenarios.publish(town, september)
    scenarios.publish_openly(town, september)
    withdrawn(town)
    assert "No board pack is public now." in words_of(ask(LIST))


def test_a_pack_that_was_removed_says_so(town: Town):
    """Its links still say what became of it, to members and to anybody; the register keeps its row."""
    tomorrow = timezone.now() + timedelta(days=1)
    give_notice("packs", older_than=tomorrow, area="testford")
    (kind,) = (kind for kind in list_kinds("testford") if kind.code == "packs")
    assert kind.remove("testford", tomorrow, 10).count == 2
    for path in (PACK, FILE):
        gone = ask(path)
        assert gone.status_code == 410
        assert "We removed it on" in words_of(gone)
    assert "CSP-1" not in words_of(ask("/testford/public/2026-10/"))
    assert ask(LIST).status_code == 200
    member = signed_in(town.coordinator)
    register = words_of(member.get("/testford/packs/"))
    assert register.count("under the retention rule; SHA-256") == 2
    assert "TESTFORD-2026-10-CSP-1" in register
    for path in ("/testford/packs/TESTFORD-2026-10-CSP-2/", "/testford/packs/TESTFORD-2026-10-CSP-2/pack.pdf"):
        answer = member.get(path)
        assert answer.status_code == 404
        assert "under the retention rule" in words_of(answer)
    assert member.get("/testford/2026-10/").status_code == 200
    assert member.get("/testford/search/?q=pack").status_code == 200
    assert member.get("/").status_code in (200, 302)

"""The pictures of highlights in packs: for whom, where they are found, and that they stay as they were issued."""

import re
from hashlib import sha256
from html import unescape
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client

from actions.models import Highlight
from actions.pictures import for_print, read_picture
from actions.services.highlights import archive_highlight, remove_picture, set_picture
from boards.rules import Role
from core.calendar import Month
from core.forms.pages import ChangedMeanwhile
from core.models import User
from indicators.disclosure import Audience
from reporting.models import IssuedPack, PackPhoto
from reporting.packs.pdf.typesetting import build_pack
from reporting.packs.presenters.shapes import photos_told
from reporting.packs.services.issue import issue_pack
from tests.answers import Answer
from tests.factories import make_board, make_member
from tests.highlights import picture, tell
from tests.integration.test_issue_pack import order_of, seen
from tests.integration.test_pack_content import pack_of
from tests.pdf_structure import faults_of
from tests.scenarios import Town, accept, issue, make_town, publish, publish_openly
from tests.standing import stand
from tests.unit.test_pack_photos import figures

pytestmark = pytest.mark.django_db
OCTOBER = Month(2026, 10)
DAYS: dict[str, Any] = {"starts_on": OCTOBER.first_day}
MAKE = "/testford/packs/make/?board=csp&month=2026-10"


def make_october() -> Town:
    """A highlight for anybody, and one for partners, each with a picture; and one without."""
    town = make_town()
    accept(town, OCTOBER, {"arrests": 12, "charges": 4})
    publish(town, OCTOBER)
    publish_openly(town, OCTOBER)
    tell(town, title="For anyone", picture=picture("teal"), is_public=True, **DAYS)
    tell(town, title="For partners", picture=picture("navy"), **DAYS)
    tell(town, title="Told in words", **DAYS)
    return town


made, october = stand(make_october)


def printed(colour: str) -> bytes:
    return for_print(read_picture(picture(colour)).content)[0]


def key(colour: str) -> str:
    return sha256(printed(colour)).hexdigest()


def ask(person: User | None, path: str, **headers: Any) -> Answer:
    client = Client()
    if person is not None:
        client.force_login(person)
    return client.get(path, headers=headers)


def sources(answer: Answer) -> list[str]:
    assert answer.status_code == 200
    return [unescape(found) for found in re.findall(r'<img src="([^"]+)"', answer.content.decode())]


def change_picture(town: Town, title: str, colour: str) -> None:
    told = Highlight.objects.get(title=title)
    new = read_picture(picture(colour))
    set_picture(told, new, alt="Another", revision=told.revision, names_nobody=True, by=town.coordinator)


# --- What a pack shows ----------------------------------------------------------------------------


def test_partners_see_both_and_the_public_those_of_public_highlights(october: Town):
    both, public = pack_of(october), pack_of(october, audience=Audience.PUBLIC)
    assert set(both.photos()) == {key("teal"), key("navy")}
    assert set(public.photos()) == {key("teal")}
    for pack in (both, public):
        pdf = build_pack(pack)
        assert figures(pdf).count("A stall") == len(pack.photos())
        assert faults_of(pdf) == []
        assert build_pack(pack) == pdf


def test_a_draft_shows_the_highlights_own_picture(october: Town):
    member = october.people[Role.BOARD_MEMBER]
    shown = sources(ask(member, MAKE))
    assert len(shown) == 2
    for path in shown:
        assert re.fullmatch(r"/testford/highlights/\d+/picture", path)
        assert ask(member, path).status_code == 200
    assert len(sources(ask(member, f"{MAKE}&audience=public"))) == 1


# --- What was issued ------------------------------------------------------------------------------


def test_an_issued_pack_keeps_them_whatever_becomes_of_the_highlights(october: Town):
    pack = issue(october, OCTOBER)
    before = sources(ask(october.coordinator, pack.get_absolute_url()))
    assert before == [f"/testford/packs/{pack.reference}/photos/{key(colour)}" for colour in ("navy", "teal")]
    change_picture(october, "For anyone", "red")
    told = Highlight.objects.get(title="For partners")
    remove_picture(told, by=october.coordinator)
    told.refresh_from_db()
    archive_highlight(told, why="Told twice", by=october.coordinator)
    assert sources(ask(october.coordinator, pack.get_absolute_url())) == before
    for path, colour in zip(before, ("navy", "teal"), strict=True):
        answer = ask(october.people[Role.BOARD_MEMBER], path)
        assert answer.content == printed(colour)
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert "no-store" in answer.headers["Cache-Control"]
    pack.refresh_from_db()
    assert photos_told(pack.content).keys() == {key("teal"), key("navy")}


def test_the_page_brings_no_data_of_its_own(october: Town):
    answer = ask(october.coordinator, issue(october, OCTOBER).get_absolute_url())
    assert "data:image" not in answer.content.decode()
    assert "img-src 'self'" in answer.headers["Content-Security-Policy"]


def test_another_picture_is_something_else_than_was_seen(october: Town):
    order = order_of(october)
    token = seen(order)
    change_picture(october, "For partners", "red")
    with pytest.raises(ChangedMeanwhile, match="has changed since you opened it"):
        issue_pack(order, seen=token, by=october.coordinator)
    assert not PackPhoto.objects.exists()


def test_a_picture_of_a_pack_is_for_whoever_may_read_the_pack(october: Town):
    other = make_member(october.area, Role.BOARD_MEMBER, board=make_board(october.area, "sab"), email="sab@x.example")
    pack, public = issue(october, OCTOBER), issue(october, OCTOBER, audience=Audience.PUBLIC)
    (path, _) = sources(ask(october.coordinator, pack.get_absolute_url()))
    assert ask(october.people[Role.BOARD_MEMBER], path).status_code == 200
    assert ask(other, path).status_code == 404
    assert ask(october.lead, path).status_code == 403
    assert ask(None, path).status_code == 302
    for wrong in (
        f"/testford/packs/{public.reference}/photos/{key('navy')}",  # which is in another pack
        f"/testford/packs/{pack.reference}/photos/{'0' * 64}",
        f"/testford/packs/NOPE/photos/{key('navy')}",
    ):
        assert ask(october.coordinator, wrong).status_code == 404


# --- For the public -------------------------------------------------------------------------------


def public_path(pack: IssuedPack, colour: str) -> str:
    return f"/testford/public/packs/{pack.reference}/photos/{key(colour)}"


def test_anybody_sees_the_pictures_of_a_public_pack(october: Town):
    public, pack = issue(october, OCTOBER, audience=Audience.PUBLIC), issue(october, OCTOBER)
    (path,) = sources(ask(None, f"/testford/public/packs/{public.reference}/"))
    assert path == public_path(public, "teal")
    caches["pages"].clear()
    answer = ask(None, path)
    assert ask(None, f"/testford/public/packs/{public.reference}/pack.pdf").status_code == 200
    kept: Any = caches["pages"]
    assert not kept._cache  # what is sent as it lies takes no room from pages
    assert (answer.content, answer.headers["Content-Type"]) == (printed("teal"), "image/jpeg")
    assert not answer.cookies
    again = ask(None, path, if_none_match=answer.headers["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    for partners in (public_path(public, "navy"), public_path(pack, "teal"), public_path(pack, "navy")):
        assert ask(None, partners).status_code == 404


def test_a_picture_goes_with_its_pack(october: Town):
    public = issue(october, OCTOBER, audience=Audience.PUBLIC)
    path = public_path(public, "teal")
    tag = ask(None, path).headers["ETag"]
    archive_highlight(Highlight.objects.get(title="For anyone"), why="A mistake", by=october.coordinator)
    assert ask(None, path).status_code == 410
    assert ask(None, path, if_none_match=tag).status_code == 410

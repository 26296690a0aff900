"""The pages of highlights, the months' pages that show them, and what the public is shown of them."""

import re
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.core.cache import caches
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape
from PIL import Image

from actions.models import Highlight
from actions.pictures import read_picture
from actions.services.highlights import archive_highlight, bring_back_highlight, change_highlight, set_picture
from boards.rules import Role
from core.calendar import Month
from core.files import objects
from core.forms.fields import fingerprint
from core.models import AuditEvent
from reporting.public.services import turn_public_pages
from reporting.public.views import months as public_highlights
from tests import scenarios
from tests.factories import make_board, make_user
from tests.highlights import STORY, draft, picture, strand_of, tell
from tests.scenarios import Town, make_town
from tests.standing import stand
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
SEPTEMBER = Month(2026, 9)
LIST, ADD, PUBLIC = "/testford/highlights/", "/testford/highlights/add/", "/testford/public/2026-09/"


@pytest.fixture
def coordinator(town: Town) -> Client:
    return signed_in(town.people[Role.COORDINATOR])


@pytest.fixture
def member(town: Town) -> Client:
    return signed_in(town.people[Role.BOARD_MEMBER])


def typed(town: Town, **given: Any) -> dict[str, Any]:
    return {
        "kind": "campaign",
        "title": "See the signs",
        "strand": strand_of(town.area).pk,
        "boards": [town.csp.pk],
        "starts_on": "14 9 2026",
        "story": STORY,
        "revision": "0",
        **given,
    }


def errors_of(response) -> list[str]:
    """What the error summary says."""
    summary = re.search(r'error-summary__list">(.*?)</ul>', response.content.decode(), re.DOTALL)
    return [re.sub(r"<[^>]+>", "", line) for line in re.findall(r"<li>(.*?)</li>", summary[1])] if summary else []


def file(content: bytes, name: str = "stall.jpg", kind: str = "image/jpeg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, kind)


def page_of(highlight: Highlight, end: str = "") -> str:
    return f"{LIST}{highlight.pk}/{end}"


# --- Telling


def test_a_coordinator_tells_shows_changes_archives_and_brings_back(town: Town, coordinator: Client):
    answer = coordinator.post(ADD, typed(town, ends_on="20/9/2026", reach="120", reach_of="shoppers"), follow=True)
    told = Highlight.objects.get()
    assert answer.redirect_chain == [(page_of(told), 302)]
    assert "14 to 20 September 2026. Reached 120 shoppers." in answer.content.decode()

    sent = {"picture": file(picture()), "alt": "A stall in the High Street", "revision": "0"}
    answer = coordinator.post(page_of(told, "picture/change/"), sent, follow=True)
    assert 'alt="A stall in the High Street" width="90" height="60"' in answer.content.decode()

    form = coordinator.get(page_of(told, "change/")).content.decode()
    assert 'value="14 September 2026"' in form
    assert 'name="revision" value="1"' in form
    coordinator.post(page_of(told, "change/"), typed(town, title="Another title", revision="1"))
    assert "Another title" in coordinator.get(LIST).content.decode()

    coordinator.post(page_of(told, "archive/"), {"why": "Told twice"}, follow=True)
    assert "Another title" not in coordinator.get(LIST).content.decode()
    assert "Another title" in coordinator.get(f"{LIST}?archived=only").content.decode()
    assert "Told twice" in coordinator.get(page_of(told)).content.decode()
    coordinator.post(page_of(told, "bring-back/"), {"why": "It wasn’t"})
    assert "Another title" in coordinator.get(LIST).content.decode()

    coordinator.post(page_of(told, "picture/change/"), {"act": "remove"})
    assert "<img" not in coordinator.get(page_of(told)).content.decode()
    assert Highlight.objects.get().picture is None


def test_what_is_missing_is_asked_for(town: Town, coordinator: Client):
    assert errors_of(coordinator.post(ADD, {})) == [
        "Choose the kind of highlight",
        "Enter the title",
        "Choose the strand of the plan",
        "Choose at least one board",
        "Enter the start date",
        "Enter the story of what was done",
    ]
    assert not Highlight.objects.exists()


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"starts_on": "31 2 2026"}, "“Start date” must be a real day: there is no 31 February 2026"),
        ({"ends_on": "1 9 2026"}, "It started on 14 September 2026: choose a later last day."),
        ({"reach": "many", "reach_of": "people"}, "Enter how many people it reached as a whole number, such as 120"),
        ({"reach": "-5", "reach_of": "people"}, "It must be a whole number from 0 to 10,000,000."),
        ({"reach": "9" * 40, "reach_of": "people"}, "It must be a whole number from 0 to 10,000,000."),
        ({"reach": "5"}, "Enter who they are, such as pupils in year 8."),
        ({"title": "x" * 121}, "Shorten this to 120 characters; it has 121."),
        ({"story": "word " * 10_000}, "Shorten this to 4,000 characters; it has 49,999."),
        ({"kind": "party"}, "Choose the kind of highlight from the list"),
        ({"boards": ["999999"]}, "Choose the boards from the list"),
        ({"is_public": "on"}, "The public can read it. Check that it doesn’t name anyone, then tick the box."),
        ({"title": "Nul\x00"}, "Null characters are not allowed."),
    ],
)
def test_what_does_not_hold_is_said_beside_it(town: Town, coordinator: Client, given: dict, error: str):
    answer = coordinator.post(ADD, typed(town, **given))

    assert answer.status_code == 200
    assert errors_of(answer) == [error]
    assert not Highlight.objects.exists()


def test_another_areas_strand_and_board_are_none(town: Town, coordinator: Client):
    other = make_town("elsewhere")
    answer = coordinator.post(ADD, typed(town, strand=strand_of(other.area).pk, boards=[other.csp.pk]))

    assert errors_of(answer) == ["Choose the strand of the plan from the list", "Choose the boards from the list"]


def test_two_at_one_form(town: Town, coordinator: Client):
    """The second is told, keeps what they typed, and may save it over the first’s."""
    told = tell(town)
    coordinator.post(page_of(told, "change/"), typed(town, title="First"))

    answer = coordinator.post(page_of(told, "change/"), typed(town, title="Second"))
    assert "“First” was changed after you opened this form" in errors_of(answer)[0]
    html = answer.content.decode()
    assert 'value="Second"' in html
    assert 'name="revision" value="1"' in html
    assert f'value="{town.csp.pk}" checked' in html
    assert Highlight.objects.get().title == "First"

    coordinator.post(page_of(told, "change/"), typed(town, title="Second", revision="1"))
    assert Highlight.objects.get().title == "Second"


def test_an_archived_one_is_not_changed(town: Town, coordinator: Client):
    told = archive_highlight(tell(town), why="Told twice", by=town.coordinator)

    assert "is archived" in errors_of(coordinator.post(page_of(told, "change/"), typed(town, title="x")))[0]
    assert "is archived" in errors_of(coordinator.post(page_of(told, "archive/"), {"why": "x"}))[0]
    removed = coordinator.post(page_of(told, "picture/change/"), {"act": "remove"}, follow=True)
    assert "is archived: bring it back first" in removed.content.decode()


# --- Who reads


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OPERATOR])
def test_everybody_reads_and_the_coordinator_alone_is_offered_to_change(town: Town, role: Role):
    told = tell(town, picture=picture())
    client = signed_in(town.people[role])

    for path in (LIST, page_of(told)):
        html = client.get(path).content.decode()
        assert "See the signs" in html
        assert ("Add a highlight" in html or "Archive it" in html) == (role is Role.COORDINATOR)
    assert client.get(page_of(told, "picture")).status_code == 200


def test_those_of_another_area_are_none(town: Town, coordinator: Client):
    foreign = tell(make_town("elsewhere"), picture=picture())

    for end in ("", "change/", "archive/", "bring-back/", "picture", "picture/change/"):
        assert coordinator.get(page_of(foreign, end)).status_code == 404
    assert coordinator.get(f"{LIST}{10**30}/").status_code == 404


def test_what_was_typed_is_shown_as_text(town: Town, member: Client):
    told = tell(town, title="<script>alert(1)</script>", story="<img src=x onerror=alert(1)>", picture=picture())

    for path in (LIST, page_of(told)):
        html = member.get(path).content.decode()
        assert "<script>alert" not in html
        assert "<img src=x" not in html


# --- The list


def titles(client: Client, query: str = "") -> list[str]:
    return re.findall(r"<h2 [^>]*><a [^>]*>([^<]+)</a></h2>", client.get(f"{LIST}{query}").content.decode())


def test_the_list_is_filtered(town: Town, member: Client):
    other = make_board(town.area, "sab")
    tell(town, title="A", starts_on=date(2025, 12, 20), ends_on=date(2026, 1, 4))
    tell(town, title="B", kind="team", strand=strand_of(town.area, "pursue"))
    tell(town, title="C", boards=(other, town.csp), starts_on=date(2026, 9, 15))
    archive_highlight(tell(town, title="D"), why="Told twice", by=town.coordinator)

    assert titles(member) == ["C", "B", "A"]
    assert titles(member, "?kind=team") == titles(member, "?strand=pursue") == ["B"]
    assert titles(member, "?board=sab") == ["C"]
    assert titles(member, "?year=2025") == ["A"]
    assert titles(member, "?year=2026") == ["C", "B", "A"]
    assert titles(member, "?archived=only") == ["D"]
    assert titles(member, "?year=2026&kind=campaign") == ["C", "A"]
    assert titles(member, "?kind=training") == ["C", "B", "A"]  # none is: no such choice
    html = member.get(f"{LIST}?year=2025&board=nowhere").content.decode()
    assert "1 of 3 highlights." in html
    assert "“nowhere” isn’t an option under “Board”" in html
    assert "No highlight matches these filters" in member.get(f"{LIST}?year=2025&kind=team").content.decode()


def test_the_list_has_pages_that_keep_its_filters(town: Town, member: Client):
    for number in range(23):
        tell(town, title=f"Number {number}")
    tell(town, title="Other", kind="team")

    first = member.get(f"{LIST}?kind=campaign").content.decode()
    assert "?kind=campaign&amp;page=2" in first
    assert len(titles(member, "?kind=campaign&page=2")) == 3
    assert len(titles(member, "?page=nonsense")) == 20


def test_an_empty_list_says_so(member: Client):
    assert "There are no highlights yet. The coordinator adds them." in member.get(LIST).content.decode()


# --- Pictures


def test_a_picture_is_sent_as_it_was_encoded(town: Town, member: Client):
    told = tell(town, picture=picture(kind="PNG", size=(900, 600)))

    large, small = (member.get(page_of(told, f"picture{query}")) for query in ("", "?size=small"))

    assert [Image.open(BytesIO(answer.content)).size for answer in (large, small)] == [(900, 600), (400, 267)]
    for answer in (large, small):
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert "ETag" not in answer.headers


def test_a_transparent_one_is_a_png(town: Town, member: Client):
    file = BytesIO()
    Image.new("RGBA", (9, 9), (0, 0, 0, 9)).save(file, "PNG")

    answer = member.get(page_of(tell(town, picture=file.getvalue()), "picture"))

    assert answer.headers["Content-Type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG")


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (SVG, "The file isn’t a JPEG, PNG, WebP or GIF picture"),
        (b"<script>alert(1)</script>", "The file isn’t a JPEG, PNG, WebP or GIF picture"),
        (b"GIF89a=1;alert(1)//", "it is damaged or incomplete"),
        (picture()[:200], "it is damaged or incomplete"),
        (b"", "The file is empty"),
        (picture() + bytes(10 * 1024 * 1024), "The file is larger than 10 MB"),
    ],
    ids=["svg", "script", "a gif that is a script", "half", "empty", "large"],
)
def test_a_file_that_is_no_picture_is_refused(town: Town, coordinator: Client, content: bytes, error: str):
    told = tell(town)

    sent = {"picture": file(content), "alt": "A stall", "revision": "0"}
    answer = coordinator.post(page_of(told, "picture/change/"), sent)

    assert error in errors_of(answer)[0]
    assert "A stall" in answer.content.decode()  # the words aren't lost
    assert Highlight.objects.get().picture is None


def test_a_picture_of_five_megabytes_is_taken(town: Town, coordinator: Client):
    """More than other pages take of a file."""
    told = tell(town)
    sent = {"picture": file(picture() + bytes(5 * 1024 * 1024)), "alt": "A stall", "revision": "0"}

    assert coordinator.post(page_of(told, "picture/change/"), sent).status_code == 302


def test_a_picture_has_to_be_chosen_and_described(town: Town, coordinator: Client):
    told = tell(town)

    assert errors_of(coordinator.post(page_of(told, "picture/change/"), {"revision": "0"})) == [
        "Choose a picture.",
        "Describe what the picture shows.",
    ]


def test_the_picture_of_what_anybody_may_read_is_checked(town: Town, coordinator: Client):
    told = tell(town, is_public=True)
    here = page_of(told, "picture/change/")

    sent = {"picture": file(picture()), "alt": "A stall", "revision": "0"}
    assert errors_of(coordinator.post(here, sent)) == [
        "The public can read it. Check that it doesn’t name anyone, then tick the box."
    ]
    sent["picture"] = file(picture())
    assert coordinator.post(here, {**sent, "names_nobody": "on"}).status_code == 302


def test_whoever_makes_a_picture_public_sees_it_and_is_asked_about_it(town: Town, coordinator: Client):
    told = tell(town, picture=picture())
    here = page_of(told, "change/")
    page = coordinator.get(here).content.decode()
    assert f'src="{page_of(told, "picture")}?size=small" alt="A stall"' in page
    assert "I have checked that it doesn’t name anyone, and no one can be recognised in its picture" in page

    sent = typed(town, is_public="on", revision="1")
    (error,) = errors_of(coordinator.post(here, sent | {"names_nobody": "on"}))  # as from a page without the picture
    assert error == "The public can read it. Check that it doesn’t name anyone, then tick the box."
    tick = fingerprint([told.picture_id])
    assert f'value="{tick}"' in page
    coordinator.post(page_of(told, "picture/change/"), {"picture": file(picture("navy")), "alt": "A", "revision": "1"})
    assert errors_of(coordinator.post(here, sent | {"names_nobody": tick, "revision": "2"})) == [error]  # another one
    assert not Highlight.objects.filter(is_public=True).exists()

    tick = fingerprint([Highlight.objects.get().picture_id])
    assert coordinator.post(here, sent | {"names_nobody": tick, "revision": "2"}).status_code == 302
    assert Highlight.objects.get().is_public


def test_a_highlight_without_a_picture_is_asked_about_its_words_alone(town: Town, coordinator: Client):
    told = tell(town)
    page = coordinator.get(page_of(told, "change/")).content.decode()
    assert "I have checked that it doesn’t name anyone" in page
    assert "can be recognised" not in page
    sent = typed(town, is_public="on", names_nobody="on")
    assert coordinator.post(page_of(told, "change/"), sent).status_code == 302


def test_other_words_keep_the_picture(town: Town, coordinator: Client):
    told = tell(town, picture=picture())

    coordinator.post(page_of(told, "picture/change/"), {"alt": "Other words", "revision": "1"})

    assert (Highlight.objects.get().picture_alt, objects.read(Highlight.objects.get().picture)) == (
        "Other words",
        objects.read(told.picture),
    )


def test_a_forged_picture_is_refused_before_it_is_read(town: Town):
    """The page sets how much is read before the token is looked at; it is looked at all the same."""
    told = tell(town)
    client = Client(enforce_csrf_checks=True)
    client.force_login(town.coordinator)
    here = page_of(told, "picture/change/")

    assert client.post(here, {"picture": file(picture()), "alt": "A stall", "revision": "0"}).status_code == 403
    assert client.post(here, {"act": "remove"}).status_code == 403
    token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', client.get(here).content.decode())[1]
    sent = {"picture": file(picture()), "alt": "A stall", "revision": "0", "csrfmiddlewaretoken": token}
    assert client.post(here, sent).status_code == 302


# --- The months' pages


def make_published_town() -> Town:
    town = make_town()
    scenarios.accept(town, SEPTEMBER, {"arrests": 12, "charges": 9})
    scenarios.sweep()
    scenarios.publish(town, SEPTEMBER)
    return town


made, published = stand(make_published_town)


def test_they_stand_on_their_months_page_and_their_boards(published: Town):
    other = make_board(published.area, "sab")
    tell(published, title="Of the CSP", picture=picture())
    tell(published, title="Of the SAB", boards=(other,))
    tell(published, title="Of October", starts_on=date(2026, 10, 1))
    client = signed_in(published.people[Role.STRATEGIC])

    def told(path: str) -> list[str]:
        return re.findall(r"highlights/\d+/\">([^<]+)</a>", client.get(path).content.decode())

    assert told("/testford/2026-09/") == ["Of the SAB", "Of the CSP"]
    assert told("/testford/2026-09/csp/") == ["Of the CSP"]
    assert told("/testford/2026-09/sab/") == ["Of the SAB"]
    html = client.get("/testford/2026-09/").content.decode()
    assert "A stall" not in html  # pictures and stories are a page away: the month is light
    assert escape(STORY) not in html


def test_the_page_changes_as_they_do(published: Town):
    client = signed_in(published.people[Role.BOARD_MEMBER])

    def page() -> str:
        return client.get("/testford/2026-09/").content.decode()

    assert "Highlights" not in page()
    told = tell(published)
    assert "See the signs" in page()
    told = change_highlight(told, draft(published, title="Changed"), revision=0, by=published.coordinator)
    assert "Changed" in page()
    told.strand.name = "Prepare"
    told.strand.save()
    assert "Prepare" in page()
    told = archive_highlight(told, why="Told twice", by=published.coordinator)
    assert "Highlights" not in page()
    bring_back_highlight(told, why="It wasn’t", by=published.coordinator)
    assert "Changed" in page()


def test_a_month_without_them_asks_nothing_more(published: Town, django_assert_max_num_queries):
    client = signed_in(published.people[Role.BOARD_MEMBER])
    client.get("/testford/2026-09/")
    with django_assert_max_num_queries(20) as queries:
        client.get("/testford/2026-09/")
    assert not [one for one in queries if "highlight.title" in one["sql"]]


# --- For the public


@pytest.fixture
def public(published: Town) -> Town:
    scenarios.publish_openly(published, SEPTEMBER)
    return published


def test_the_public_reads_those_that_are_marked(public: Town):
    shown = tell(public, title="For anyone", is_public=True, picture=picture(), reach=5, reach_of="shops")
    tell(public, title="For partners", story="What partners read.", picture=picture("red"))
    tell(public, title="Of October", is_public=True, starts_on=date(2026, 10, 1))
    archived = tell(public, title="Of the past", is_public=True)
    archive_highlight(archived, why="Told twice", by=public.coordinator)

    html = Client().get(PUBLIC).content.decode()

    assert "For anyone" in html
    assert "Campaign, 14 September 2026. Reached 5 shops." in html
    assert f"/testford/public/highlights/{shown.pk}/picture?size=small" in html
    for hidden in ("For partners", "What partners read", "Of October", "Of the past", public.coordinator.email):
        assert hidden not in html
    assert "/testford/highlights/" not in html


def test_its_tag_follows_what_is_shown_and_nothing_else(public: Town):
    def tag() -> str:
        return Client().get(PUBLIC).headers["ETag"]

    by, tags = public.coordinator, [tag()]
    partners = tell(public)
    assert tag() == tags[0]
    change_highlight(partners, draft(public, title="For partners"), revision=0, by=by)
    assert tag() == tags[0]
    told = tell(public, is_public=True)
    tags.append(tag())
    told = change_highlight(told, draft(public, title="Changed", is_public=True), revision=0, names_nobody=True, by=by)
    tags.append(tag())
    other = make_board(public.area, "sab")
    told = change_highlight(
        told,
        draft(public, title="Changed", is_public=True, boards=(other,)),
        revision=1,
        names_nobody=True,
        by=by,
    )
    assert tag() == tags[-1]  # for which boards isn't shown
    assert Client().get(PUBLIC, headers={"If-None-Match": tags[-1]}).status_code == 304
    archive_highlight(told, why="Told twice", by=by)
    assert tag() == tags[0]
    assert len(set(tags)) == 3


def test_a_public_picture_is_there_while_anybody_may_read_it(public: Town):
    by = public.coordinator
    told = tell(public, is_public=True, picture=picture(size=(900, 600)))
    path = f"/testford/public/highlights/{told.pk}/picture"

    def status() -> int:
        return Client().get(path).status_code

    answer = Client().get(path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert not answer.cookies
    assert len(Client().get(f"{path}?size=small").content) < len(answer.content)
    again = Client().get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")

    told = change_highlight(told, draft(public), revision=1, by=by)
    assert status() == 404
    told = change_highlight(told, draft(public, is_public=True), revision=2, names_nobody=True, by=by)
    assert status() == 200
    turn_public_pages(public.area, on=False, by=by)
    assert status() == 404
    turn_public_pages(public.area, on=True, by=by)
    assert status() == 200
    told = archive_highlight(told, why="Told twice", by=by)
    assert status() == 404
    bring_back_highlight(told, why="It wasn’t", by=by)
    assert status() == 404  # whether the public can read it is decided anew


def test_public_pictures_take_no_room_from_pages_and_are_read_only_to_be_sent(public: Town, django_assert_num_queries):
    told = tell(public, is_public=True, picture=picture(), by=public.coordinator)
    path = f"/testford/public/highlights/{told.pk}/picture"
    caches["pages"].clear()
    with django_assert_num_queries(3):
        answer = Client().get(path)
    assert answer.content == objects.read(told.picture)
    kept: Any = caches["pages"]
    assert not kept._cache
    with CaptureQueriesContext(connection) as asked:
        again = Client().get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert [query["sql"] for query in asked if '"content"' in query["sql"]] == []
    assert len(asked) == 2  # the picture, and whether its months are still public

    set_picture(told, read_picture(picture("navy")), alt="A stall", revision=1, names_nobody=True, by=told.added_by)
    assert Client().get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 200


def test_a_picture_that_is_taken_away_while_it_is_asked_for_is_none(public: Town, monkeypatch):
    told = tell(public, is_public=True, picture=picture())
    monkeypatch.setattr(public_highlights, "read_public_picture", lambda _: None)
    assert Client().get(f"/testford/public/highlights/{told.pk}/picture").status_code == 404


def test_there_is_no_other_way_to_a_picture(public: Town):
    told = tell(public, is_public=True, picture=picture())
    hidden, bare = tell(public, picture=picture()), tell(public, is_public=True)
    make_town("elsewhere")

    for path in (
        f"/elsewhere/public/highlights/{told.pk}/picture",
        f"/testford/public/highlights/{hidden.pk}/picture",
        f"/testford/public/highlights/{bare.pk}/picture",
        f"/testford/public/highlights/{10**30}/picture",
    ):
        assert Client().get(path).status_code == 404
    assert Client().post(f"/testford/public/highlights/{told.pk}/picture").status_code == 405
    stranger = signed_in(make_user("nobody@test.example"))
    assert stranger.get(page_of(told, "picture")).status_code == 404
    assert Client().get(page_of(told, "picture")).status_code == 302


def test_who_told_it_is_in_the_record(town: Town, coordinator: Client):
    coordinator.post(ADD, typed(town))

    event = AuditEvent.objects.get(verb="highlight.added")
    assert (event.actor, event.area, event.target) == (town.coordinator.email, "testford", "See the signs")

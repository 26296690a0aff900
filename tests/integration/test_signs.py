"""“See the signs”: what an area tells anybody of warning signs, its page of the set-up, and the public page."""

import re
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from boards.models import PublicAdvice
from boards.services.area import LONGEST_HOW, LONGEST_SIGN, MOST_SIGNS, USUAL_SIGNS, set_advice
from core.calendar import Month
from core.models import AuditEvent
from reporting.public.services import turn_public_pages
from tests import scenarios
from tests.answers import Answer
from tests.integration import setup_pages
from tests.scenarios import Town

pytestmark = pytest.mark.django_db
SIGNS = "/testford/public/signs/"
MARKUP = "<script>alert(1)</script> & <b>so on</b>"
SEPTEMBER = Month(2026, 9)


@pytest.fixture
def town(monkeypatch) -> Town:
    return setup_pages.make_town(monkeypatch)


@pytest.fixture
def page(town, client):
    return setup_pages.opener(town, client)


@pytest.fixture
def public(town) -> Town:
    """Where anybody may read the signs."""
    turn_public_pages(town.area, on=True, by=town.coordinator)
    scenarios.tell_signs(town)
    return town


def get(path: str = SIGNS, status: int = 200, **headers: Any) -> Answer:
    response = Client().get(path, headers=headers)
    assert response.status_code == status
    return response


def html_of(response: Answer) -> str:
    return response.content.decode()


# --- The service ----------------------------------------------------------------------------------


def test_each_line_is_a_sign_once_and_without_its_bullet(town):
    advice = scenarios.tell_signs(
        town,
        signs="  • A second   phone \r\n\r\n- Bruises\nA second phone\n",
        how_to_report="\n Ask us.  \r\n\r\nOr ring.\n",
    )
    assert advice.listed == ["A second phone", "Bruises"]
    assert advice.how_to_report == "Ask us.\n\nOr ring."


def test_what_changed_is_written_down(town):
    scenarios.tell_signs(town, is_public=False)
    scenarios.tell_signs(town, signs="Bruises", is_public=True)
    scenarios.tell_signs(town, signs="Bruises", is_public=True)  # a form that was sent twice

    added, changed = AuditEvent.objects.filter(verb__startswith="advice.").order_by("id")
    assert (added.verb, added.actor, added.area) == ("advice.added", town.coordinator.email, "testford")
    assert added.details["changes"]["how_to_report"] == ["", "Tell a teacher."]
    assert changed.verb == "advice.changed"
    assert changed.details["changes"] == {
        "signs": ["A second phone\nLots of short visits", "Bruises"],
        "is_public": ["False", "True"],
    }
    advice = PublicAdvice.objects.get()
    assert advice.changed_by == town.coordinator
    assert str(advice) == "Testford: see the signs"


def test_only_a_coordinator_of_the_area_says_so(town, outsider):
    for person in (town.lead, outsider):
        with pytest.raises(PermissionDenied):
            set_advice(town.area, signs="Bruises", how_to_report="", is_public=True, revision=0, by=person)
    assert not PublicAdvice.objects.exists()


@pytest.mark.parametrize(
    ("draft", "sentence"),
    [
        ({"signs": " \n • \n"}, "Enter the warning signs, one on each line."),
        ({"signs": "\n".join(f"Sign {n}" for n in range(MOST_SIGNS + 1))}, "Enter at most 30 signs; you entered 31."),
        (
            {"signs": f"Bruises\n{'x' * (LONGEST_SIGN + 1)}"},
            "Sign 2 is too long: shorten it to 200 characters; it has 201.",
        ),
        (
            {"how_to_report": "x" * (LONGEST_HOW + 1)},
            "Shorten this text to 2,000 characters; it has 2,001.",
        ),
    ],
)
def test_what_does_not_hold_is_refused_with_a_sentence(town, draft, sentence):
    with pytest.raises(ValidationError) as refusal:
        scenarios.tell_signs(town, **draft)
    assert refusal.value.messages == [sentence]
    assert not PublicAdvice.objects.exists()


def test_the_usual_signs_hold(town):
    longest = ["x" * LONGEST_SIGN, *(f"Sign {n}" for n in range(MOST_SIGNS - 1))]
    for signs in (USUAL_SIGNS, longest):
        assert scenarios.tell_signs(town, signs="\n".join(signs)).listed == list(signs)


# --- The set-up page ------------------------------------------------------------------------------


def test_a_coordinator_begins_with_usual_signs_and_publishes(town, page):
    assert "Not written" in html_of(page("indicators:setup"))
    first = html_of(page("boards:signs-edit"))
    assert "Nothing is saved yet." in first
    assert USUAL_SIGNS[0] in first
    assert page("reporting:signs-preview").status_code == 404

    answer = html_of(page("boards:signs-edit", signs="Bruises", how_to_report="Ask us"))
    assert "Saved. No one else can read it yet." in answer
    assert 'href="/testford/setup/signs/preview/"' in answer
    assert "Not public" in html_of(page("indicators:setup"))
    preview = html_of(page("reporting:signs-preview"))
    assert "<li>Bruises</li>" in preview
    assert "Ask us" in preview

    answer = html_of(page("boards:signs-edit", signs="Bruises", how_to_report="Ask us", is_public="on", revision=1))
    assert "Anyone can read it once the public pages are on." in answer
    assert "public when the pages are on" in html_of(page("reporting:publishing"))
    turn_public_pages(town.area, on=True, by=town.coordinator)
    assert f'href="{SIGNS}"' in html_of(page("boards:signs-edit"))
    publishing = html_of(page("reporting:publishing"))
    assert f'href="{SIGNS}"' in publishing
    assert 'href="/testford/setup/signs/"' in publishing
    assert "<li>Bruises</li>" in html_of(get())


def test_a_long_text_is_refused_and_kept(town, page):
    answer = page("boards:signs-edit", signs="x" * 20_000, how_to_report="y" * 20_000)
    assert setup_pages.errors(answer) == [
        "Sign 1 is too long: shorten it to 200 characters; it has 20,000.",
        "Shorten this text to 2,000 characters; it has 20,000.",
    ]
    assert "x" * 20_000 in html_of(answer)
    assert not PublicAdvice.objects.exists()


def test_a_sign_that_is_there_very_many_times_is_refused_and_kept(town, page):
    """Once would be saved, though nobody looked for personal details in so much text."""
    signs = "Ring 07700 900123\n" * 600
    answer = page("boards:signs-edit", signs=signs, how_to_report="")
    assert setup_pages.errors(answer) == [
        "Shorten the signs to 10,000 characters, for example by removing any that are there twice."
    ]
    assert signs.strip() in html_of(answer)
    assert not PublicAdvice.objects.exists()


def test_two_at_one_form(town, page):
    """The second is told what the first saved, keeps what they typed, and may save it over that."""
    page("boards:signs-edit", signs="Bruises\nA second phone", is_public="on", revision=0)

    answer = page("boards:signs-edit", signs="Train tickets", revision=0)
    (told,) = setup_pages.errors(answer)
    assert "This page was changed after you opened this form." in told
    assert "differs, the saved text is now: signs: Bruises · A second phone; the public can read it: yes." in told
    assert "Train tickets</textarea>" in html_of(answer)
    assert 'name="revision" value="1"' in html_of(answer)
    assert PublicAdvice.objects.get().listed == ["Bruises", "A second phone"]

    page("boards:signs-edit", signs="Train tickets", revision=1)
    assert PublicAdvice.objects.get().listed == ["Train tickets"]
    assert PublicAdvice.objects.get().revision == 2


def test_a_form_that_was_sent_twice_is_no_second_person(town, page):
    for _ in range(2):
        assert "Saved." in html_of(page("boards:signs-edit", signs="Bruises", revision=0))


def test_a_null_character_is_refused(town, page):
    assert setup_pages.errors(page("boards:signs-edit", signs="Bru\x00ises")) == ["Null characters are not allowed."]


# --- The public page ------------------------------------------------------------------------------


def test_it_says_what_to_see_and_how_to_report(public):
    html = html_of(get())
    for words in (
        "County lines",
        "Cuckooing",
        "<li>A second phone</li>",
        "Tell a teacher.",
        "This page does not ask you for anything",
    ):
        assert words in html
    assert re.findall(r'href="(tel:[^"]+|https:[^"]+)"', html) == [
        "tel:08001111",
        "tel:999",
        "tel:101",
        "tel:0800555111",
        "https://crimestoppers-uk.org/",
    ]
    for tag in ("<form", "<input", "<button", "<script", "<iframe", "<img"):
        assert tag not in html


def test_no_cookie_is_read_or_set_and_nothing_is_taken(public):
    client = Client()
    client.cookies["sessionid"] = "short"
    with CaptureQueriesContext(connection) as queries:
        response = client.get(SIGNS)
    assert response.status_code == 200
    assert not response.cookies
    assert "Cookie" not in response.headers.get("Vary", "")
    assert not [one["sql"] for one in queries if "session" in one["sql"] or "core_user" in one["sql"]]
    assert len(queries) == 2
    assert Client(enforce_csrf_checks=True).post(SIGNS, {"signs": "x"}).status_code == 405


def test_a_reader_has_it_until_it_changes(public):
    tag = get().headers["ETag"]
    assert get(status=304, **{"If-None-Match": tag}).content == b""
    scenarios.tell_signs(public, signs="Bruises")
    changed = get(**{"If-None-Match": tag})
    assert "<li>Bruises</li>" in html_of(changed)
    assert changed.headers["ETag"] != tag


def test_it_is_not_there_while_it_is_not_public_or_the_pages_are_off(public):
    turn_public_pages(public.area, on=False, by=public.coordinator)
    assert get(status=404).content == get("/nowhere/public/signs/", 404).content
    turn_public_pages(public.area, on=True, by=public.coordinator)
    get()
    scenarios.tell_signs(public, is_public=False)
    assert get(status=404).content == get("/nowhere/public/signs/", 404).content


def test_markup_is_shown_as_it_was_typed(public):
    scenarios.tell_signs(public, signs=MARKUP, how_to_report=MARKUP)
    html = html_of(get())
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;so on&lt;/b&gt;") == 2
    assert "<script" not in html


def test_without_a_public_month_no_link_leads_nowhere(public):
    assert 'href="/testford/public/"' not in html_of(get())


def test_the_list_and_the_month_lead_there_while_it_is_public(town):
    setup_pages.roll_up_months(town)
    scenarios.publish_openly(town, SEPTEMBER)
    paths = ("/testford/public/", "/testford/public/2026-09/")
    tags = {}
    for path in paths:
        response = get(path)
        assert SIGNS not in html_of(response)
        tags[path] = response.headers["ETag"]
    scenarios.tell_signs(town)
    for path in paths:
        assert f'href="{SIGNS}"' in html_of(get(path, **{"If-None-Match": tags[path]}))
    assert 'href="/testford/public/"' in html_of(get())

"""What looks personal is asked about in the forms that are made by hand too: returns, corrections, and what decides
about them, editions, line names, the set-up and packs."""

from typing import Any

import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from boards.rules import Role
from core.calendar import Month
from core.forms.fields import ABOUT_NOBODY, DecisionForm, Question, fingerprint
from core.forms.pages import form_left, send_back
from core.identity.sessions import SessionStore
from core.texts import find_signs
from indicators.forms.returns import DecideReturnForm, MarkForm
from indicators.models import Category, Correction, LineName, NameViewer, Observation, Submission
from indicators.services.names import grant_view
from indicators.workflow import CorrectionState, SubmissionState
from reporting.models import IssuedPack, MonthWithdrawal, PublicEdition
from reporting.public.services import ask_consent, turn_public_pages
from reporting.public.taking_down import withdraw_month
from reporting.workflow import EditionState
from tests.answers import Answer
from tests.factories import make_dimension, make_indicator
from tests.integration.return_pages import CHECK, EDIT, OCTOBER, RECEIPT, SUBMIT, Page, fields, url
from tests.scenarios import Town, accept, open_month, publish, publish_openly, submit
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
RING = "Ring 07700 900123"
OTHER = "He is 943 476 5919"
ASKS = "“07700 900123” looks like a telephone number. Remove it, or confirm that it doesn’t identify anyone."
FIGURE = "/testford/figures/2024-10/arrests/"
DECIDE = url("indicators:return-edit"), url("reporting:return-decide")


def tick(*texts: str) -> str:
    """What the box holds that was shown with these texts."""
    return fingerprint(sign for text in texts for sign in find_signs(text))


@pytest.fixture
def lead(town: Town) -> Client:
    open_month(town, OCTOBER)
    return signed_in(town.lead)


@pytest.fixture
def coordinator(town: Town) -> Client:
    return signed_in(town.coordinator)


def asked_at(response: Answer, box: str) -> bool:
    """Whether the page asks at this box, which isn't ticked, and its summary leads there."""
    page = Page(response)
    shown = page.controls.get(box, {})
    return (
        page.title.startswith("Error: ")
        and page.links.get(box) == ASKS
        and shown.get("value") == tick(RING)
        and "checked" not in shown
        and ABOUT_NOBODY in page.text
    )


# --- The question by itself -------------------------------------------------------------------------


def unanswered(*texts: str, ticked: str = "") -> dict[str, str]:
    return Question({"not_personal": ticked}, texts=texts).wrong


def test_it_asks_about_its_texts_and_is_answered_by_a_tick_for_them():
    assert unanswered("We talked.", "") == {}
    assert unanswered("We talked.", RING) == {"not_personal": ASKS}
    assert unanswered(RING, ticked=tick(RING)) == {}
    assert unanswered(RING, OTHER, ticked=tick(RING)) != {}
    assert unanswered(RING, ticked=tick(RING, OTHER)) == {}
    assert unanswered(RING, ticked="on") != {}


def test_texts_beside_each_other_make_nothing_together():
    assert unanswered("07700", "900123") == {}


def test_it_is_asked_again_out_of_what_was_left(rf: RequestFactory):
    here = "/a/page/"
    sent, opened = rf.post("/decide/", {"decision": "mark", "why": RING, "not_personal": "y"}), rf.get(here)
    sent.session = opened.session = SessionStore()
    assert send_back(sent, MarkForm(sent.POST), here)["Location"] == here

    def left(page: HttpRequest, form: type[DecisionForm]) -> dict[str, str]:
        return form_left(page, lambda typed: form(typed, auto_id="left-%s")).wrong

    assert left(opened, DecideReturnForm) == {}  # another one of the same page
    assert left(opened, MarkForm) == {"left-not_personal": ASKS}
    again = rf.get(here)
    again.session = sent.session
    assert left(again, MarkForm) == {}


# --- A return: figures' notes, and comments on soft checks ------------------------------------------


def send(lead: Client, note: str, then: str = "check", **more: Any) -> Answer:
    revision = str(Submission.objects.get().revision if Submission.objects.exists() else 0)
    typed = fields({"arrests": 12, "charges": 4}, **{"arrests:note": note, "revision": revision, "then": then}, **more)
    return lead.post(EDIT, typed, follow=True)


def hand_in(lead: Client, **more: Any) -> Answer:
    answer = lead.post(SUBMIT, {"revision": str(Submission.objects.get().revision), **more})
    return lead.get(CHECK) if answer["Location"] == CHECK else answer


def test_a_draft_is_saved_whatever_its_notes_say(lead: Client):
    assert "Draft saved" in send(lead, RING, then="save").content.decode()
    assert Submission.objects.get().draft["arrests"]["note"] == RING


def test_checking_names_what_looks_personal_and_whose_note_it_is(lead: Client):
    page = send(lead, RING)
    assert page.request["PATH_INFO"] == CHECK
    assert asked_at(page, "not_personal")
    html = page.content.decode()
    assert (
        f'<a class="vv-break" href="{EDIT}#arrests-note">Arrests: “07700 900123” looks like a telephone number' in html
    )
    assert 'id="arrests-note"' in lead.get(EDIT).content.decode()


def test_it_can_not_be_submitted_before_it_is_answered(lead: Client):
    send(lead, RING)
    for wrong in ({}, {"not_personal": "on"}, {"not_personal": tick(OTHER)}):
        assert asked_at(hand_in(lead, **wrong), "not_personal")
        assert Submission.objects.get().state == SubmissionState.DRAFT
    assert hand_in(lead, not_personal=tick(RING))["Location"] == RECEIPT
    assert Observation.objects.get(indicator__code="arrests").note == RING


def test_a_tick_is_not_for_what_was_typed_since(lead: Client):
    send(lead, RING)
    page = send(lead, f"{RING}. {OTHER}")
    box = Page(page).controls["not_personal"]["value"]
    assert hand_in(lead, not_personal=tick(RING)).status_code == 200
    assert hand_in(lead, not_personal=box)["Location"] == RECEIPT


def test_without_it_nothing_is_asked(lead: Client):
    page = send(lead, "Two were counted late")
    assert "not_personal" not in page.content.decode()
    assert hand_in(lead)["Location"] == RECEIPT


def test_a_note_of_a_box_that_is_asked_for_no_more_is_not_asked_about(lead: Client):
    send(lead, "Two were counted late")
    held = Submission.objects.get()
    held.draft["gone"] = {"value": "3", "reason": "", "note": RING}
    held.save(update_fields=["draft"])
    assert "not_personal" not in lead.get(CHECK).content.decode()
    assert hand_in(lead)["Location"] == RECEIPT


def test_what_else_is_wrong_comes_first(lead: Client, town: Town):
    """The form again, as ever: the answers aren't shown before they are whole."""
    page = lead.post(EDIT, fields({"arrests": "x"}, **{"arrests:note": RING}), follow=True)
    assert "arrests-value" in Page(page).links
    assert hand_in(lead).status_code == 200
    assert Submission.objects.get().state == SubmissionState.DRAFT


def test_a_return_that_takes_nothing_any_more_says_so(lead: Client, town: Town):
    send(lead, RING)
    hand_in(lead, not_personal=tick(RING))
    assert hand_in(lead)["Location"] == RECEIPT  # pressed twice


# --- Giving a return back ---------------------------------------------------------------------------


def give_back(coordinator: Client, comment: str, decision: str = "return", **more: Any) -> Answer:
    typed = {"decision": decision, "comment": comment, "revision": str(Submission.objects.get().revision), **more}
    return coordinator.post(DECIDE[1], typed, follow=True)


def test_a_comment_is_asked_about_and_kept(coordinator: Client, town: Town):
    submit(town, OCTOBER, {"arrests": 12, "charges": 4})
    page = give_back(coordinator, RING)
    assert asked_at(page, "left-not_personal")
    assert f"\n{RING}</textarea>" in page.content.decode()
    assert Submission.objects.get().state == SubmissionState.SUBMITTED
    give_back(coordinator, RING, not_personal=tick(RING))
    assert (Submission.objects.get().state, Submission.objects.get().comment) == (SubmissionState.RETURNED, RING)


def test_what_stands_beside_accepting_is_not_asked_about(coordinator: Client, town: Town):
    submit(town, OCTOBER, {"arrests": 12, "charges": 4})
    give_back(coordinator, RING, decision="accept")
    assert Submission.objects.get().state == SubmissionState.ACCEPTED


def test_another_refusal_keeps_the_tick(coordinator: Client, town: Town):
    submit(town, OCTOBER, {"arrests": 12, "charges": 4})
    page = Page(give_back(coordinator, RING + "…" * 3000, not_personal=tick(RING)))
    assert "Shorten the comment" in page.text
    assert "checked" in page.controls["left-not_personal"]


# --- Corrections ------------------------------------------------------------------------------------


@pytest.fixture
def signed_off(town: Town) -> Town:
    accept(town, OCTOBER, {"arrests": 12, "charges": 4})
    return town


def ask(lead: Client, **typed: Any) -> Answer:
    return lead.post(FIGURE, {"value": "10", "reason": "", "note": "", "why": "Two were counted twice", **typed})


@pytest.mark.parametrize("control", ["note", "why"])
def test_the_reason_of_a_correction_is_asked_about(lead: Client, signed_off: Town, control: str):
    page = ask(lead, **{control: RING})
    assert asked_at(page, "not_personal")
    assert RING in page.content.decode()
    assert not Correction.objects.exists()
    assert ask(lead, **{control: RING}, not_personal=tick(RING)).status_code == 302
    assert RING in (Correction.objects.get().note, Correction.objects.get().reason)


def test_it_is_asked_beside_what_else_is_wrong(lead: Client, signed_off: Town):
    page = ask(lead, value="x", why=RING)
    assert set(Page(page).links) == {"value", "not_personal"}
    again = Page(ask(lead, value="x", why=RING, not_personal=tick(RING)))
    assert set(again.links) == {"value"}
    assert "checked" in again.controls["not_personal"]


def test_so_is_what_a_coordinator_says_of_it(lead: Client, coordinator: Client, signed_off: Town):
    ask(lead)
    correction = Correction.objects.get()
    path = reverse("reporting:correction-decide", args=["testford", correction.pk])
    page = coordinator.post(path, {"decision": "decline", "comment": RING}, follow=True)
    assert asked_at(page, "left-not_personal")
    assert f"\n{RING}</textarea>" in page.content.decode()
    correction.refresh_from_db()
    assert correction.state == CorrectionState.ASKED
    coordinator.post(path, {"decision": "decline", "comment": RING, "not_personal": tick(RING)})
    correction.refresh_from_db()
    assert (correction.state, correction.comment) == (CorrectionState.DECLINED, RING)


def test_and_why_a_figure_may_still_change(coordinator: Client, signed_off: Town):
    path = reverse("reporting:figure-mark", args=["testford", OCTOBER, "arrests"])
    page = coordinator.post(path, {"decision": "mark", "why": RING}, follow=True)
    assert asked_at(page, "left-not_personal")
    assert Page(page).value("mark-why") == RING
    assert not Observation.objects.filter(is_provisional=True).exists()
    coordinator.post(path, {"decision": "mark", "why": RING, "not_personal": tick(RING)})
    assert Observation.objects.filter(is_provisional=True).count() == 1


# --- Editions for the public ------------------------------------------------------------------------


@pytest.fixture
def officer(town: Town) -> Client:
    return signed_in(town.people[Role.INFORMATION])


@pytest.fixture
def published(signed_off: Town) -> Town:
    publish(signed_off, OCTOBER)
    turn_public_pages(signed_off.area, on=True, by=signed_off.coordinator)
    return signed_off


PUBLISHING = "/testford/publishing/2024-10/"


def say_why(officer: Client, edition: PublicEdition, decision: str, **more: Any) -> Answer:
    typed = {"edition": str(edition.pk), "decision": decision, "why": RING, **more}
    return officer.post(PUBLISHING, typed, follow=True)


def test_why_an_edition_is_declined_is_asked_about(officer: Client, published: Town):
    edition = ask_consent(open_month(published, OCTOBER), by=published.coordinator)
    page = say_why(officer, edition, "decline")
    assert asked_at(page, "left-not_personal")
    assert Page(page).value("decline-why") == RING
    edition.refresh_from_db()
    assert edition.state == EditionState.ASKED
    say_why(officer, edition, "decline", not_personal=tick(RING))
    edition.refresh_from_db()
    assert (edition.state, edition.declined_why) == (EditionState.DECLINED, RING)


def test_why_a_month_was_taken_down_is_asked_about_in_its_own_form(officer: Client, published: Town):
    edition = publish_openly(published, OCTOBER)
    withdrawal = withdraw_month(edition.period, is_urgent=True, by=published.people[Role.INFORMATION])
    page = say_why(officer, edition, "explain")
    assert asked_at(page, "left-not_personal")
    assert Page(page).value("explain-why") == RING
    assert not hasattr(withdrawal, "explanation")
    say_why(officer, edition, "explain", not_personal=tick(RING))
    assert MonthWithdrawal.objects.get().reason == RING


# --- Line names ---------------------------------------------------------------------------------

NAMES = "/testford/names/"


@pytest.fixture
def origin(town: Town) -> Category:
    dimension = make_dimension(town.area, "origin", ["london"])
    dimension.categories.update(longitude=-0.1, latitude=51.5)
    make_indicator(town.police, "lines", dimension=dimension, boards=(town.csp,), position=2)
    return dimension.categories.get()


def test_why_somebody_may_see_names_and_why_no_more_is_asked_about(officer: Client, town: Town, origin: Category):
    typed = {"act": "grant", "user": str(town.people[Role.ANALYST].pk), "why": RING}
    page = officer.post(NAMES, typed)
    assert asked_at(page, "not_personal")
    assert Page(page).value("grant-why") == RING
    assert not NameViewer.objects.exists()
    officer.post(NAMES, {**typed, "not_personal": tick(RING)})
    viewer = NameViewer.objects.get()
    assert viewer.why == RING

    typed = {"act": "end", "viewer": str(viewer.pk), "why": OTHER}
    shown = Page(officer.post(NAMES, typed))
    assert set(shown.links) == {"not_personal"}
    assert shown.value(f"end-why-{viewer.pk}") == OTHER
    officer.post(NAMES, {**typed, "not_personal": tick(OTHER)})
    assert NameViewer.objects.get().ended_at is not None


def test_why_names_are_looked_at_and_a_name_are_asked_about(town: Town, origin: Category):
    grant_view(town.area, user=town.people[Role.ANALYST], why="Works on them", by=town.people[Role.INFORMATION])
    viewer = signed_in(town.people[Role.ANALYST])
    typed = {"act": "note", "origin": str(origin.pk), "name": RING}
    page = viewer.post(NAMES, typed)
    assert asked_at(page, "not_personal")
    assert Page(page).value("note-name") == RING
    assert not LineName.objects.exists()
    viewer.post(NAMES, {**typed, "not_personal": tick(RING)})
    assert LineName.objects.get().name == RING

    typed = {"act": "reveal", "origin": str(origin.pk), "why": OTHER}
    page = viewer.post(NAMES, typed)
    assert set(Page(page).links) == {"not_personal"}
    assert RING not in page.content.decode()
    assert Page(page).value(f"why-{origin.pk}") == OTHER
    assert RING in viewer.post(NAMES, {**typed, "not_personal": tick(OTHER)}).content.decode()


def test_beside_another_refusal_the_tick_stays(officer: Client, town: Town, origin: Category):
    page = Page(officer.post(NAMES, {"act": "grant", "user": "", "why": RING, "not_personal": tick(RING)}))
    assert set(page.links) == {"grant-user"}
    assert "checked" in page.controls["not_personal"]


# --- The set-up, and a pack's meeting ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "control", "typed"),
    [
        ("agencies/police/edit/", "name", {"kind": "police", "position": "1"}),
        ("boards/csp/edit/", "basis", {"name": "Safety", "short_name": "CSP", "position": "1"}),
        ("boards/csp/edit/", "responsibilities", {"name": "Safety", "short_name": "CSP", "position": "1"}),
        ("strands/add/", "summary", {"name": "Prevent", "code": "prevent", "position": "1"}),
        ("sections/add/", "title", {"code": "health", "position": "2"}),
        ("dimensions/add/", "name", {"code": "age-group"}),
        ("indicators/arrests/definitions/2020-01/", "text", {}),
        ("indicators/arrests/define/", "text", {"applies_from": str(Month.of(timezone.localdate()))}),
    ],
)
def test_texts_of_the_set_up_are_asked_about(coordinator: Client, path: str, control: str, typed: dict[str, str]):
    here = f"/testford/setup/{path}"
    assert asked_at(coordinator.post(here, {**typed, control: RING}), "id_not_personal")
    assert coordinator.post(here, {**typed, control: RING, "not_personal": tick(RING)}).status_code == 302


def test_an_indicators_form_shows_its_box(coordinator: Client, town: Town):
    page = coordinator.post("/testford/setup/indicators/arrests/edit/", {"source": RING})
    assert Page(page).links["id_not_personal"] == ASKS
    assert Page(page).controls["id_not_personal"]["value"] == tick(RING)


def test_what_the_meeting_of_a_pack_is_called_is_asked_about(coordinator: Client, published: Town):
    make = "/testford/packs/make/?board=csp&month=2024-10"
    seen = Page(coordinator.get(make)).value("seen")
    typed = {"seen": seen, "meeting": RING, "meeting_on": "20 11 2024"}
    assert asked_at(coordinator.post(make, typed), "issue_not_personal")
    assert not IssuedPack.objects.exists()
    coordinator.post(make, {**typed, "not_personal": tick(RING)})
    assert IssuedPack.objects.get().meeting == RING

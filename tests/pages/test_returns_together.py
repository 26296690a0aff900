"""All returns of one person for a month on one page: typed, saved, checked and handed in, each by itself."""

import re
from collections.abc import Mapping
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from boards.models import Membership
from boards.rules import Role
from core import audit
from core.forms import kept
from core.models import User
from indicators.models import Submission
from indicators.services.returns import save_draft
from tests.answers import Answer
from tests.factories import make_agency, make_indicator, make_member, make_user
from tests.integration.clock import clock_at
from tests.scenarios import Town, accept, close_early, entries, make_town, open_month, submit
from tests.together import OCTOBER, drafts, lead_too, make_towns, state
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
EDIT = reverse("together:edit", args=[OCTOBER])
CHECK = reverse("together:check", args=[OCTOBER])


clock = clock_at("2026-11-05", autouse=True)


@pytest.fixture
def towns() -> list[Town]:
    """Derby and Leeds are theirs, York is not."""
    return [*make_towns("derby", "leeds"), make_town("york")]


@pytest.fixture
def client(towns: list[Town]) -> Client:
    return signed_in(towns[0].lead)


def text_of(answer: Answer) -> str:
    main = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", main)).split())


def fields_of(answer: Answer, *, of: str = EDIT) -> dict[str, str]:
    """What the form would send as it stands: its hidden fields and boxes, without the buttons."""
    form = answer.content.decode().partition(f'action="{of}"')[2].partition("</form>")[0]
    fields = {}
    for tag in re.findall(r"<input [^>]*>", form):
        given = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        fields[given["name"]] = unescape(given.get("value", ""))
    return {name: value for name, value in fields.items() if name != "csrfmiddlewaretoken"}


def opened(client: Client) -> dict[str, str]:
    return fields_of(client.get(EDIT))


def typed(**figures: Mapping[str, object]) -> dict[str, str]:
    """typed(derby={"arrests": 3}) as the form names it."""
    return {
        f"{slug}/police/{name}:value": str(value) for slug, boxes in figures.items() for name, value in boxes.items()
    }


def send(client: Client, fields: Mapping[str, str], then: str = "save", *, follow: bool = True) -> Answer:
    return client.post(EDIT, {**fields, "then": then}, follow=follow)


def leads_to(answer: Answer) -> str:
    return answer.headers["Location"]


def summary(answer: Answer) -> list[str]:
    found = re.findall(r"govuk-error-summary__list.*?</ul>", answer.content.decode(), re.DOTALL)
    return [
        unescape(re.sub(r"<[^>]*>", "", item)).strip() for each in found for item in re.findall(r"<li.*?</li>", each)
    ]


# --- Whose are there ---------------------------------------------------------------------------------


def test_it_has_their_returns_by_area_and_no_others(client):
    page = client.get(EDIT)
    said = text_of(page)
    assert "Derby Not started 10 November 2026 0 of 2" in said
    assert 'name="leeds/police/arrests:value"' in page.content.decode()
    assert "ork" not in page.content.decode().replace("working", "").replace("workbook", "")


def test_a_removed_membership_takes_the_area_off_at_once(client, towns):
    fields = opened(client) | typed(derby={"arrests": 3}, leeds={"arrests": 4})
    lead_too_in(towns[0].lead, "hull")
    Membership.objects.filter(area=towns[1].area, user=towns[0].lead).delete()

    answer = send(client, fields)

    assert drafts(towns[0]) == {"arrests": "3"}
    assert drafts(towns[1]) == {}
    assert summary(answer) == ["Nothing was saved for “leeds/police”: you don’t enter a return there."]
    assert 'name="leeds/police/arrests:value"' not in answer.content.decode()


def lead_too_in(person: User, slug: str) -> Town:
    """One more area, so that there are still two."""
    town = make_town(slug)
    open_month(town, OCTOBER)
    lead_too(town, person)
    return town


@pytest.mark.parametrize("slug", ["york", "no-such-town"])
def test_an_area_of_others_is_answered_as_one_that_there_isnt(client, towns, slug):
    open_month(towns[2], OCTOBER)
    answer = send(client, opened(client) | typed(**{slug: {"arrests": 3}}) | {f"{slug}/police/revision": "0"})
    assert summary(answer) == [f"Nothing was saved for “{slug}/police”: you don’t enter a return there."]
    assert not Submission.objects.exists()


def test_another_role_there_brings_no_return(towns, client):
    open_month(towns[2], OCTOBER)
    for role, agency in ((Role.COORDINATOR, None), (Role.AGENCY_APPROVER, towns[2].police)):
        Membership.objects.create(user=towns[0].lead, area=towns[2].area, role=role.value, agency=agency)
    assert 'name="york/' not in client.get(EDIT).content.decode()


def test_one_return_is_led_to_and_none_is_said():
    town = make_town("derby")
    open_month(town, OCTOBER)
    assert leads_to(signed_in(town.lead).get(EDIT)) == f"/derby/returns/{OCTOBER}/police/"
    none = signed_in(make_user()).get(EDIT)
    assert none.status_code == 200
    assert "You have no returns to enter for October 2026." in text_of(none)


def test_nobody_signed_in_is_asked_to():
    assert leads_to(Client().get(EDIT)) == f"{reverse('account_login')}?next={EDIT}"


def test_an_area_that_has_not_opened_the_month_says_so(client, towns):
    lead_too(towns[2], towns[0].lead)
    assert "York has not opened October 2026." in text_of(client.get(EDIT))


def test_a_retired_agency_that_began_nothing_is_left_out(client, towns):
    towns[1].police.retired = True
    towns[1].police.save()
    assert leads_to(client.get(EDIT)) == f"/derby/returns/{OCTOBER}/police/"


def test_two_agencies_of_one_area_are_told_apart(client, towns):
    nhs = make_agency(towns[0].area, "nhs")
    make_indicator(nhs, "stays")
    lead_too(towns[0], towns[0].lead, agency=nhs)
    said = text_of(client.get(EDIT))
    assert "Derby, Police" in said
    assert "Derby, Nhs" in said


# --- Saved -------------------------------------------------------------------------------------------


def test_figures_of_several_areas_are_saved_by_one_button(client, towns):
    answer = send(client, opened(client) | typed(derby={"arrests": 3}, leeds={"arrests": "4 or 5", "charges": 0}))
    assert "Draft saved: Derby; Leeds." in text_of(answer)
    assert (drafts(towns[0]), drafts(towns[1])) == ({"arrests": "3"}, {"arrests": "4 or 5", "charges": "0"})


def test_a_return_in_which_nothing_was_typed_is_not_begun(client, towns):
    send(client, opened(client) | typed(derby={"arrests": 3}))
    assert state(towns[1]) == ""
    assert "No figure had changed" in text_of(send(client, opened(client)))


def test_a_fault_in_one_area_does_not_hold_up_the_others(client, towns, monkeypatch):
    record = audit.record

    def fail(action, thing, **details):
        if details["area"] == "derby":
            raise RuntimeError("The disk is full")
        record(action, thing, **details)

    monkeypatch.setattr(audit, "record", fail)
    answer = send(client, opened(client) | typed(derby={"arrests": 3}, leeds={"arrests": 4}))

    assert (drafts(towns[0]), drafts(towns[1])) == ({}, {"arrests": "4"})
    assert "Draft saved: Leeds." in text_of(answer)
    assert summary(answer)[0].startswith("Derby: Something went wrong, so we didn’t save this.")
    assert fields_of(answer)["derby/police/arrests:value"] == "3"
    assert fields_of(answer)["leeds/police/arrests:value"] == "4"
    monkeypatch.setattr(audit, "record", record)
    send(client, fields_of(answer))
    assert drafts(towns[0]) == {"arrests": "3"}


def test_a_return_that_was_submitted_meanwhile_keeps_what_was_typed_on_the_page(client, towns):
    fields = opened(client) | typed(derby={"arrests": 9}, leeds={"arrests": 4})
    submit(towns[0], OCTOBER, {"arrests": 1, "charges": 1})

    answer = send(client, fields)

    assert answer.status_code == 409
    assert "has been submitted, so it can't be edited" in summary(answer)[0]
    assert fields_of(answer)["derby/police/arrests:value"] == "9"
    assert drafts(towns[1]) == {"arrests": "4"}


def test_what_somebody_else_saved_meanwhile_is_brought_together(client, towns):
    fields = opened(client) | typed(derby={"arrests": 9}, leeds={"arrests": 4})
    second = make_member(towns[0].area, Role.AGENCY_LEAD, agency=towns[0].police)
    period = open_month(towns[0], OCTOBER)
    save_draft(towns[0].police, period, entries({"arrests": 7, "charges": 2}), revision=0, by=second)

    answer = send(client, fields)

    assert answer.status_code == 409
    assert "Derby: Arrests. Saved since you opened this page: 7. In your form: 9." in summary(answer)
    assert (
        "These figures have changed since then, and you hadn’t typed anything for them: Charges." in summary(answer)[0]
    )
    assert 'href="#derby--police--arrests-value"' in answer.content.decode()
    assert drafts(towns[1]) == {"arrests": "4"}
    again = fields_of(answer)
    assert (again["derby/police/arrests:value"], again["derby/police/charges:value"]) == ("9", "2")
    send(client, again)
    assert drafts(towns[0]) == {"arrests": "9", "charges": "2"}


def test_what_was_typed_is_there_again_after_a_session_that_ended(client, towns):
    fields = opened(client) | typed(derby={"arrests": 3})
    assert fields[kept.FIELD]
    client.logout()
    client.post(EDIT, {**fields, "then": "save"})
    assert not Submission.objects.exists()
    client.force_login(towns[0].lead)

    page = client.get(EDIT)

    assert fields_of(page)["derby/police/arrests:value"] == "3"
    assert [words.partition(":")[0] for words in summary(page)] == ["Derby"]
    send(client, fields_of(page))
    assert drafts(towns[0]) == {"arrests": "3"}


def test_a_month_that_was_closed_without_them_still_takes_figures(client, towns):
    close_early(open_month(towns[0], OCTOBER), by=towns[0].coordinator)
    fields = opened(client)
    assert "October 2026 is closed without these figures." in text_of(client.get(EDIT))
    send(client, fields | typed(derby={"arrests": 3}, leeds={"arrests": 4}))
    assert (drafts(towns[0]), drafts(towns[1])) == ({"arrests": "3"}, {"arrests": "4"})


# --- Pasted ------------------------------------------------------------------------------------------

BLOCK = "Arrests\t7\nCharges\t8\nBurglary\t9"


def test_a_block_is_shown_for_the_area_that_it_was_pasted_into(client, towns):
    fields = opened(client) | typed(derby={"arrests": 3})
    start = {"start": "leeds/police/arrests:value", "pasted": BLOCK}
    preview = send(client, fields | start, "paste")

    assert "2 of 2 figures for October 2026 from Police, Leeds change." in text_of(preview)
    assert drafts(towns[0]) == {"arrests": "3"}
    assert state(towns[1]) == ""
    page = send(client, fields_of(preview), "pasted")
    assert drafts(towns[1]) == {"arrests": "7", "charges": "8"}
    assert "Leeds: The figures you pasted are in the table" in text_of(page)
    send(client, fields_of(page), "undo:leeds/police/")
    assert drafts(towns[1]) == {}
    assert drafts(towns[0]) == {"arrests": "3"}


def test_a_block_without_an_area_asks_for_it_and_stays(client, towns):
    page = send(client, opened(client) | {"pasted": BLOCK, "start": ""}, "paste")
    assert summary(page) == ["Choose which area the figures are for, or put the cursor in the box where they start."]
    assert "Burglary\t9" in page.content.decode()
    shown = send(client, fields_of(page) | {"pasted": BLOCK, "paste_into": "derby/police/"}, "paste")
    assert "from Police, Derby change." in text_of(shown)


def test_a_block_that_cannot_be_read_is_refused_there(client, towns):
    block = "1\n2\n3\n4"
    fields = opened(client) | {"pasted": block, "paste_into": "derby/police/"}
    page = send(client, fields | typed(leeds={"arrests": 4}), "paste")
    assert summary(page)[0].startswith("Derby: ")
    assert block in page.content.decode()
    assert drafts(towns[1]) == {"arrests": "4"}


# --- Checked and handed in -----------------------------------------------------------------------------


def test_those_that_are_ready_are_handed_in_and_the_others_say_what_they_lack(client, towns):
    hull = lead_too_in(towns[0].lead, "hull")
    figures = typed(derby={"arrests": 3, "charges": 1}, leeds={"arrests": "many"})
    page = send(client, opened(client) | figures, "check")

    assert page.redirect_chain[-1][0] == CHECK
    said = text_of(page)
    assert "1 return is ready: saved but not submitted yet. 1 can’t be submitted yet and stays as a draft." in said
    assert "Hull: nothing has been entered yet." in said
    assert any(words.startswith("Leeds: Arrests: ") for words in summary(page))
    assert 'href="#leeds--police--arrests-value"' in page.content.decode()
    assert 'id="leeds--police--arrests-value"' in page.content.decode()
    hidden = fields_of(page, of=CHECK)
    for _ in range(2):  # a double press
        done = client.post(CHECK, hidden, follow=True)
        assert "Submitted: Derby." in text_of(done)
    assert [state(town) for town in (*towns[:2], hull)] == ["submitted", "draft", ""]
    mended = send(client, fields_of(page) | typed(leeds={"arrests": 5, "charges": 2}), "check")
    client.post(CHECK, fields_of(mended, of=CHECK), follow=True)
    assert state(towns[1]) == "submitted"


def test_one_that_was_saved_again_is_not_handed_in_and_the_other_is(client, towns):
    figures = typed(derby={"arrests": 3, "charges": 1}, leeds={"arrests": 5, "charges": 2})
    page = send(client, opened(client) | figures, "check")
    second = make_member(towns[0].area, Role.AGENCY_LEAD, agency=towns[0].police)
    period = open_month(towns[0], OCTOBER)
    save_draft(towns[0].police, period, entries({"arrests": 7}), revision=1, by=second)

    done = client.post(CHECK, fields_of(page, of=CHECK), follow=True)

    assert "Derby was not submitted. This return was saved again after you checked it." in text_of(done)
    assert "Submitted: Leeds." in text_of(done)
    assert [state(town) for town in towns[:2]] == ["draft", "submitted"]


def test_a_return_that_is_no_longer_theirs_is_not_handed_in(client, towns):
    figures = typed(derby={"arrests": 3, "charges": 1}, leeds={"arrests": 5, "charges": 2})
    page = send(client, opened(client) | figures, "check")
    lead_too_in(towns[0].lead, "hull")
    Membership.objects.filter(area=towns[1].area, user=towns[0].lead).delete()

    done = client.post(CHECK, fields_of(page, of=CHECK), follow=True)

    assert "Nothing was saved for “leeds/police”: you don’t enter a return there." in text_of(done)
    assert [state(town) for town in towns[:2]] == ["submitted", "draft"]


def test_each_area_accepts_its_own(client, towns):
    accept(towns[0], OCTOBER, {"arrests": 3, "charges": 1})
    said = text_of(client.get(EDIT))
    assert "Derby Accepted" in said
    assert "Leeds Not started" in said


# --- Led to ------------------------------------------------------------------------------------------


def test_home_and_everything_i_owe_lead_there(client, towns):
    for url in (reverse("reporting:area-home", args=["derby"]), reverse("reporting:mine", args=["derby"])):
        assert f'href="{EDIT}"' in client.get(url).content.decode(), url
    assert f'href="{EDIT}"' in client.get(reverse("reporting:home")).content.decode()


def test_nobody_else_is_led_there(towns):
    for url in (reverse("reporting:area-home", args=["leeds"]), reverse("reporting:mine", args=["leeds"])):
        assert f'href="{EDIT}"' not in signed_in(towns[1].lead).get(url).content.decode()


# --- How much it costs -------------------------------------------------------------------------------


READING = 16  # the session and the person; their memberships, months, returns; boxes and what stands beside them
SAVING_EACH = 9  # and to wait for no lock for long, which SQLite doesn't do


def count_queries(client: Client, fields: Mapping[str, str] | None = None) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = client.get(EDIT) if fields is None else client.post(EDIT, {**fields, "then": "save"})
    assert answer.status_code == (200 if fields is None else 302)
    return len([query for query in queries if "SAVEPOINT" not in query["sql"]])


def test_queries_are_as_many_for_fourteen_areas_as_for_two_and_saving_adds_as_many_for_each():
    read, saved = {}, {}
    towns = make_towns("derby", "leeds")
    client = signed_in(towns[0].lead)
    for number in (2, 3, 14):
        for more in range(len(towns), number):
            town = make_town(f"town-{more}")
            open_month(town, OCTOBER)
            lead_too(town, towns[0].lead)
            towns.append(town)
        client.get(EDIT)
        read[number] = count_queries(client)
        figures = {town.area.slug: {"arrests": number, "charges": 1} for town in towns}
        Submission.objects.all().delete()
        saved[number] = count_queries(client, opened(client) | typed(**figures))
        Submission.objects.all().delete()
    assert read[2] == read[3] == read[14] <= READING
    each = saved[3] - saved[2]
    assert saved[14] - saved[2] == 12 * each
    assert each <= SAVING_EACH

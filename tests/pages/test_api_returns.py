"""A system saves a draft with its agency's key, and nothing more."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from boards.key_secrets import Scope
from boards.models import Membership
from boards.rules import Role
from core.calendar import Month
from core.models import AuditEvent, SentForm
from indicators.figures import Entry
from indicators.models import Submission
from indicators.services import entries
from indicators.services.returns import save_draft
from reporting.api import returns
from tests import scenarios
from tests.factories import make_agency, make_dimension, make_indicator
from tests.keys import agency_key, bearer, give_key
from tests.pages.test_api import is_as_the_document_says, is_problem
from tests.scenarios import Town
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
OCTOBER = Month(2026, 10)
RETURN = "/api/v1/areas/testford/returns/2026-10"
FILE = f"{RETURN}/file"


class System:
    """The police's system, with its key."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.period = scenarios.open_month(town, OCTOBER)
        self.key, self.secret = agency_key(town)

    def get(self) -> dict[str, Any]:
        return Client().get(RETURN, headers=bearer(self.secret)).json()

    def patch(self, *figures: dict[str, Any], **headers: str):
        return self.send({"figures": figures}, **headers)

    def send(self, data: object, **headers: str):
        body = data if isinstance(data, str | bytes) else json.dumps(data)
        return Client().patch(RETURN, body, content_type="application/json", headers=bearer(self.secret) | headers)

    def upload(self, content: bytes, query: str = "", **headers: str):
        file = SimpleUploadedFile("return.csv", content, "text/csv")
        return Client().post(f"{FILE}?{query}", {"file": file}, headers=bearer(self.secret) | headers)

    @property
    def draft(self) -> dict[str, dict[str, str]]:
        return Submission.objects.get(agency=self.town.police).draft


@pytest.fixture
def system(town: Town) -> System:
    return System(town)


def typed(value: str = "", reason: str = "", note: str = "") -> dict[str, str]:
    return {"value": value, "reason": reason, "note": note}


def test_a_system_saves_a_draft_and_a_lead_submits_it(system: System):
    before = system.get()
    assert (before["state"], before["revision"], before["accepts_figures"]) == ("not-started", 0, True)
    assert [box["indicator"] for box in before["boxes"]] == ["arrests", "charges"]

    answer = system.patch({"indicator": "arrests", "value": 12})

    assert (answer.status_code, answer.headers["ETag"]) == (200, '"1"')
    said = answer.json()
    is_as_the_document_says(said, "Return")
    assert (said["state"], said["saved_by"]) == ("draft", "Niche, for which agency-lead answers")
    # As the form says: the other box is still to be filled.
    assert [(error["indicator"], error["part"]) for error in said["errors"]] == [("charges", "value")]
    assert system.draft == {"arrests": typed("12")}
    held = Submission.objects.get()
    assert (held.state, held.saved_by, held.saved_with) == ("draft", system.town.lead, system.key)
    saved = AuditEvent.objects.get(verb="submission.saved")
    assert (saved.actor, saved.details["with_key"]) == (system.town.lead.email, str(system.key))

    lead = signed_in(system.town.lead)
    page = lead.get("/testford/returns/2026-10/police/").content.decode()
    assert "Last saved by Niche, for which agency-lead answers" in page


def test_no_operation_submits_accepts_or_corrects(client):
    """A draft is the most that a machine can write: what else there is only reads."""
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    writing = {(method, path) for path, methods in paths.items() for method in methods if method != "get"}
    of_a_return = "/api/v1/areas/{town}/returns/{month}"
    assert writing == {("patch", of_a_return), ("post", f"{of_a_return}/file")}
    for kind in ("submit_return", "accept_return", "release_return", "ask_correction"):
        assert not hasattr(returns, kind), kind


def test_what_a_person_typed_stays_beside_it(system: System):
    by = system.town.lead
    save_draft(system.town.police, system.period, {"charges": Entry("3")}, revision=0, by=by)
    system.patch({"indicator": "arrests", "value": "12", "note": "Checked"})
    assert system.draft == {"arrests": typed("12", note="Checked"), "charges": typed("3")}
    system.patch({"indicator": "arrests", "reason": "not-available", "note": "The system was down"})
    assert system.draft["arrests"] == typed(reason="not-available", note="The system was down")


def test_the_same_again_makes_no_new_revision(system: System):
    for _ in range(3):
        assert system.patch({"indicator": "arrests", "value": 12}).json()["revision"] == 1
    assert AuditEvent.objects.filter(verb="submission.saved").count() == 1


def test_a_person_who_saves_between_two_readings_is_not_overwritten(system: System):
    read = system.get()["revision"]
    save_draft(system.town.police, system.period, {"arrests": Entry("3")}, revision=0, by=system.town.lead)
    refused = system.patch({"indicator": "arrests", "value": 12}, **{"If-Match": f'"{read}"'})
    is_problem(refused, 412, "changed")
    assert system.draft == {"arrests": typed("3")}
    is_problem(system.patch({"indicator": "arrests", "value": 12}, **{"If-Match": '"x"'}), 412, "changed")
    assert system.patch({"indicator": "arrests", "value": 12}, **{"If-Match": 'W/"1"'}).status_code == 200


def test_a_person_learns_that_a_system_saved_meanwhile(system: System):
    lead = signed_in(system.town.lead)
    system.patch({"indicator": "arrests", "value": 12})
    answer = lead.post(
        "/testford/returns/2026-10/police/",
        {"revision": "0", "arrests:value": "3", "charges:value": "", "then": "save", "opened": "{}"},
    )
    assert answer.status_code == 409
    assert "Niche, for which agency-lead answers saved this return after you opened it." in answer.content.decode()


@pytest.mark.parametrize("value", ["twelve", "12.5", "-3", "NaN", "9" * 30])
def test_text_that_is_no_count_is_saved_as_typed_and_named(system: System, value):
    said = system.patch({"indicator": "arrests", "value": value}).json()
    wrong, unfilled = said["errors"]
    assert (wrong["indicator"], wrong["part"], wrong["is_empty"]) == ("arrests", "value", False)
    assert (unfilled["indicator"], unfilled["part"], unfilled["is_empty"]) == ("charges", "value", True)
    assert system.draft["arrests"]["value"] == value


@pytest.mark.parametrize("value", ["12", "12.0", '"12.0"', "1.2e1"])
def test_a_whole_number_may_come_as_a_decimal(system: System, value):
    """As pandas writes a column that has a gap."""
    said = system.send(f'{{"figures": [{{"indicator": "arrests", "value": {value}}}]}}').json()
    assert [error["indicator"] for error in said["errors"]] == ["charges"]
    assert system.draft["arrests"]["value"] == (value.strip('"') if '"' in value else "12")


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ("12.5", "12.5"),
        ("-3", "-3"),
        ("NaN", "NaN"),
        ("Infinity", "Infinity"),
        ("-Infinity", "-Infinity"),
        ("1e400", "Infinity"),
        ("true", "true"),
        ("1000000001", "1000000001"),
        ("9" * 4000, f"{'9' * 29}…"),
    ],
)
def test_a_number_that_is_no_count_saves_nothing_and_is_named(system: System, value, named):
    said = is_problem(system.send(f'{{"figures": [{{"indicator": "arrests", "value": {value}}}]}}'), 422, "wrong")
    assert said["errors"] == [
        {
            "pointer": "/figures/0/value",
            "detail": f"Send a whole number from 0 to 1,000,000,000, or null for an empty box. You sent {named}.",
        }
    ]
    assert not Submission.objects.exists()


def test_an_unusual_figure_is_asked_about(system: System):
    town = system.town
    scenarios.accept(town, OCTOBER.previous, {"arrests": 4, "charges": 4})
    said = system.patch({"indicator": "arrests", "value": 4000}).json()
    assert [question["indicator"] for question in said["questions"]] == ["arrests"]
    assert "far from the figures so far" in said["questions"][0]["detail"]


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({"figures": []}, "/figures"),
        ({"figures": [{"indicator": "no-such", "value": 1}]}, "/figures/0"),
        ({"figures": [{"indicator": "arrests"}, {"indicator": "arrests", "value": 1}]}, "/figures/1"),
        ({"figures": [{"indicator": "arrests", "category": "x", "value": 1}]}, "/figures/0"),
        ({"figures": [{"indicator": "arrests", "value": [1]}]}, "/figures/0/value"),
        ({"figures": [{"indicator": "arrests", "value": "9" * 101}]}, "/figures/0/value"),
        ({"figures": [{"indicator": "arrests", "vlaue": 1}]}, "/figures/0/vlaue"),
        ({"figures": [{"indicator": "arrests", "note": "x" * 2001}]}, "/figures/0/note"),
        ({}, "/figures"),
        ([], None),
    ],
)
def test_a_wrong_body_saves_nothing_and_says_where(system: System, sent, pointer):
    said = is_problem(system.send(sent), 422, "wrong")
    if pointer:
        assert pointer in [each["pointer"] for each in said["errors"]]
    assert not Submission.objects.exists()


@pytest.mark.parametrize("body", ["{", b"\xff\xfe", "", '{"figures": [{"indicator": "arrests", "value": "\\ud800"}]}'])
def test_a_body_that_cannot_be_read(system: System, body):
    assert system.send(body).status_code in (200, 400, 422)
    if Submission.objects.exists():
        assert system.draft in ({}, {"arrests": typed("\\ud800")})


def test_characters_that_no_database_holds(system: System):
    assert system.patch({"indicator": "arrests", "note": "a\x00b"}).status_code == 200
    assert system.draft["arrests"]["note"] == "ab"
    is_problem(system.patch({"indicator": "arrests", "note": "a\ud800"}), 422, "wrong")


# --- Who ---------------------------------------------------------------------------------------------


def test_only_the_agencys_key_reaches_its_return(system: System):
    town = system.town
    for person in (town.coordinator, town.lead):
        _, secret = give_key(town, person, name="Own")
        is_problem(Client().get(RETURN, headers=bearer(secret)), 403, "not-opened")
    _, reading = agency_key(town, name="Reads", scopes=[Scope.MONTHS])
    is_problem(Client().get(RETURN, headers=bearer(reading)), 403, "not-opened")
    other = scenarios.make_town("elsewhere")
    scenarios.open_month(other, OCTOBER)
    _, theirs = agency_key(other)
    is_problem(Client().get(RETURN, headers=bearer(theirs)), 404, "not-found")
    is_problem(Client().patch(RETURN, "{}", content_type="application/json"), 401, "key-unknown")


def test_another_agencys_boxes_are_not_there(system: System):
    nhs = make_agency(system.town.area, "nhs")
    make_indicator(nhs, "wounds", position=3)
    said = is_problem(system.patch({"indicator": "wounds", "value": 1}), 422, "wrong")
    assert "no box “wounds”" in said["errors"][0]["detail"]


def test_when_its_lead_leaves_nothing_is_saved(system: System):
    Membership.objects.filter(user=system.town.lead, role=Role.AGENCY_LEAD.value).delete()
    is_problem(system.patch({"indicator": "arrests", "value": 1}), 403, "nobody-answers")
    assert not Submission.objects.exists()


def test_what_is_handed_in_can_no_longer_be_saved(system: System):
    scenarios.submit(system.town, OCTOBER, {"arrests": 4, "charges": 1})
    said = is_problem(system.patch({"indicator": "arrests", "value": 12}), 409, "not-now")
    assert "has been submitted, so it can't be edited" in said["detail"]
    is_problem(system.upload(b"x"), 409, "not-now")
    read = system.get()
    assert (read["state"], read["accepts_figures"], read["errors"]) == ("submitted", False, [])


def test_a_month_that_is_not_open_is_not_there(system: System):
    path = RETURN.replace("2026-10", "2027-01")
    is_problem(Client().get(path, headers=bearer(system.secret)), 404, "not-found")


# --- Once --------------------------------------------------------------------------------------------


def test_a_request_that_is_sent_again_under_its_name_is_saved_once(system: System):
    name = {"Idempotency-Key": "october-1"}
    system.patch({"indicator": "arrests", "value": 12}, **name)
    save_draft(system.town.police, system.period, {"arrests": Entry("3")}, revision=1, by=system.town.lead)
    again = system.patch({"indicator": "arrests", "value": 12}, **name)
    assert (again.status_code, again.json()["revision"]) == (200, 2)
    assert system.draft == {"arrests": typed("3")}  # the lead's, which came after
    refused = is_problem(system.patch({"indicator": "arrests", "value": 13}, **name), 422, "wrong")
    assert refused["errors"][0]["pointer"] == "Header Idempotency-Key"
    is_problem(system.patch({"indicator": "arrests", "value": 1}, **{"Idempotency-Key": "x" * 201}), 422, "wrong")


def test_a_refused_request_may_be_sent_again_under_its_name(system: System):
    name = {"Idempotency-Key": "october-1"}
    refused = system.patch({"indicator": "arrests", "value": 12}, **name, **{"If-Match": '"7"'})
    is_problem(refused, 412, "changed")
    assert not SentForm.objects.exists()
    assert system.patch({"indicator": "arrests", "value": 12}, **name).json()["revision"] == 1


# --- Files -------------------------------------------------------------------------------------------

ROWS = b"agency,indicator,category,month,value,state,note\npolice,arrests,,2026-10,12,,\npolice,charges,,2026-10,,,\n"


def test_a_file_is_previewed_and_saved_only_when_asked(system: System):
    answer = system.upload(ROWS)
    assert answer.status_code == 200, answer.content
    shown = answer.json()
    is_as_the_document_says(shown, "Preview")
    assert shown["changes"] == [{"title": "Arrests", "now": "nothing", "new": "12", "problems": []}]
    assert not Submission.objects.exists()
    assert system.upload(ROWS, "apply=true").json()["is_saved"]
    assert system.draft == {"arrests": typed("12")}
    assert Submission.objects.get().saved_with == system.key


def test_a_file_leaves_what_a_person_types_meanwhile(system: System, monkeypatch):
    """… in a box that no row of the file changes, also if they save while we read the file."""
    police, by = system.town.police, system.town.lead
    save_draft(police, system.period, {"charges": Entry("3")}, revision=0, by=by)
    compare = entries.make_preview

    def save_meanwhile(*parts):
        preview = compare(*parts)
        save_draft(police, system.period, {"charges": Entry("8")}, revision=1, by=by)
        return preview

    monkeypatch.setattr(returns, "make_preview", save_meanwhile)
    assert system.upload(ROWS, "apply=true").json()["is_saved"]
    assert system.draft == {"arrests": typed("12"), "charges": typed("8")}


def test_a_file_with_a_fault_saves_nothing(system: System):
    wrong = ROWS + b"police,no-such,,2026-10,1,,\n"
    assert "isn\u2019t a figure in this return" in system.upload(wrong).json()["problems"][0]
    said = is_problem(system.upload(wrong, "apply=true"), 422, "wrong")
    assert "isn’t a figure in this return" in said["errors"][0]["detail"]
    is_problem(system.upload(b"nothing like it"), 422, "wrong")
    is_problem(system.upload(b"", "apply=true"), 422, "wrong")
    assert not Submission.objects.exists()


def test_records_are_counted_only_in_a_way_that_a_lead_saved(town: Town):
    origin = make_dimension(town.area, "origin", ["london", "derby"])
    make_indicator(town.police, "lines", dimension=origin, position=4)
    system = System(town)
    rows = b"When,From\n2026-10-03,London\n2026-10-05,London\n2026-10-07,Derby\n"
    said = is_problem(system.upload(rows, "kind=records&mapping=Lines"), 422, "wrong")
    assert said["errors"][0]["pointer"] == "?mapping"

    from indicators.models import ColumnMapping  # noqa: PLC0415

    mapping = ColumnMapping.objects.create(
        agency=town.police,
        name="Lines",
        month_column="When",
        kind_column="From",
        kinds={"London": "lines.london"},
        saved_by=town.lead,
    )
    undecided = system.upload(rows, "kind=records&mapping=Lines&apply=true")
    said = is_problem(undecided, 422, "wrong")
    assert "1 kind of record has no decision yet" in said["errors"][0]["detail"]
    assert "Derby" not in undecided.content.decode()  # a word of a record
    assert not Submission.objects.exists()

    mapping.kinds = {"London": "lines.london", "Derby": "lines.derby"}
    mapping.save()
    assert system.upload(rows, "kind=records&mapping=Lines&apply=true").json()["is_saved"]
    assert system.draft == {"lines.london": typed("2"), "lines.derby": typed("1")}


def test_a_file_of_fifty_megabytes_is_refused_unread(system: System):
    answer = system.upload(b"x" * (50 * 1024**2))
    is_problem(answer, 413, "too-large")
    assert not Submission.objects.exists()

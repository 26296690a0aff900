"""The API: what partners read with a key, what anybody reads without one, and how it says no."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client
from django.utils import timezone
from jsonschema import Draft202012Validator

from boards.key_secrets import Scope
from boards.models import ApiKey
from boards.rules import Role
from boards.services.keys import revoke_key, turn_keys
from core.calendar import Month
from reporting.api import problems
from reporting.api.answers import PARAMETERS
from reporting.api.document import HEADERS, make_document
from reporting.public.services import turn_public_pages
from reporting.public.taking_down import withdraw_month
from tests import challenging, measuring, scenarios
from tests.keys import agency_key, bearer, give_key
from tests.planning import plan
from tests.scenarios import Town
from tests.standing import stand

pytestmark = pytest.mark.django_db
SEPTEMBER, OCTOBER = Month(2026, 9), Month(2026, 10)
AREA, PUBLIC = "/api/v1/areas/testford", "/api/v1/public/areas/testford"
SECRET = 7654321


def make_told_town() -> Town:
    """September is published and public, and October is a draft."""
    town = scenarios.make_town()
    measuring.take_in(town, "arrests", 2, 2, 2, last=SEPTEMBER.previous)
    scenarios.accept(town, SEPTEMBER, {"arrests": 2, "charges": 1})
    scenarios.accept(town, OCTOBER, {"arrests": SECRET, "charges": SECRET})
    scenarios.sweep()
    scenarios.publish(town, SEPTEMBER)
    scenarios.publish_openly(town, SEPTEMBER)
    plan(town)
    challenging.ask(town)
    measuring.set_from(town, SEPTEMBER + -3, SEPTEMBER)
    return town


made, told = stand(make_told_town)


type Ask = Callable[..., Any]


@pytest.fixture
def ask(told: Town) -> Ask:
    """A request with the coordinator's key."""
    _, secret = give_key(told, told.coordinator)
    return lambda path, **headers: Client().get(path, headers=bearer(secret) | headers)


def is_problem(answer, status: int, slug: str) -> dict[str, Any]:
    assert answer.headers["Content-Type"] == problems.CONTENT_TYPE, answer.content[:500]
    said = answer.json()
    assert (answer.status_code, said["status"], said["type"]) == (status, status, f"/api/v1/#problem-{slug}")
    assert said["detail"].endswith(".")
    is_as_the_document_says(said, "Problem")
    return said


def is_as_the_document_says(data: object, schema: str) -> None:
    """… with each date, month, code and number."""
    described = {"$ref": f"#/components/schemas/{schema}", "components": make_document()["components"]}
    Draft202012Validator(described, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(data)


# --- Reading with a key -----------------------------------------------------------------------------

READ: dict[str, str] = {
    "/api/v1/areas": "Areas",
    AREA: "Area",
    f"{AREA}/months": "Months",
    f"{AREA}/months/2026-09": "Month",
    f"{AREA}/months/2026-09/lines": "Lines",
    f"{AREA}/months/2026-09/versions": "Versions",
    f"{AREA}/indicators": "Indicators",
    f"{AREA}/indicators/arrests": "Passport",
    f"{AREA}/indicators/arrests/history": "Series",
    f"{AREA}/plan": "Plan",
    f"{AREA}/challenges": "Challenges",
    f"{AREA}/kpis": "Kpis",
    "/api/v1/public/areas": "Areas",
    f"{PUBLIC}/months": "PublicMonths",
    f"{PUBLIC}/latest": "PublicLines",
    f"{PUBLIC}/months/2026-09": "PublicLines",
    f"{PUBLIC}/history": "PublicHistory",
    "/api/v1/figures": "Table",
    "/api/v1/public/figures": "Table",
}
FILES = [
    f"{AREA}/months/2026-09/lines.csv",
    f"{AREA}/indicators/arrests/history.csv",
    f"{AREA}/history.csv",
    f"{PUBLIC}/history.csv",
]


@pytest.mark.parametrize("path", READ)
def test_each_answer_is_as_the_document_says(ask: Ask, path):
    answer = ask(path)
    assert answer.status_code == 200, answer.content
    is_as_the_document_says(answer.json(), READ[path])


@pytest.mark.parametrize("path", [*READ, *FILES])
def test_each_header_is_as_the_document_says(ask: Ask, path):
    answers = find_operation(path)["responses"]
    sent = {name for name in HEADERS if name in ask(path).headers}
    # A first page may be the last: then nothing leads on.
    assert sent | {"Link"} == set(answers["200"]["headers"]) | {"Link"}
    assert sent <= set(answers["200"]["headers"])
    assert {status for status, answer in answers.items() if status != "200" and "headers" in answer} <= {"429"}


def find_operation(path: str) -> dict[str, Any]:
    for address, methods in make_document()["paths"].items():
        if re.fullmatch(re.sub(r"{\w+}", "[^/]+", address), path):
            return methods["get"]
    raise LookupError(path)


@pytest.mark.parametrize("path", [*READ, *FILES])
def test_an_answer_that_has_not_changed_is_not_sent_again(ask: Ask, path):
    answer = ask(path)
    tag = answer.headers["ETag"]
    for known in (tag, tag.removeprefix("W/"), f"W/{tag.removeprefix('W/')}", "*"):
        again = ask(path, **{"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    assert ask(path, **{"If-None-Match": '"another"'}).status_code == 200


def test_a_file_for_machines_begins_with_its_header(ask: Ask):
    for path in FILES:
        answer = ask(path)
        first = answer.content.decode().splitlines()[0]
        assert first.startswith(("indicator,", "agency,indicator,", "month,")), (
            path
        )  # and no mark of the order of bytes
        if "public" not in path:
            assert answer.headers["X-Marking"] == "OFFICIAL-SENSITIVE"


@pytest.mark.parametrize("path", [*READ, *FILES])
def test_no_draft_is_in_any_answer_whoever_asks(told: Town, path):
    """… and a coordinator reads drafts on pages."""
    _, secret = give_key(told, told.coordinator)
    content = Client().get(path, headers=bearer(secret)).content.decode()
    assert str(SECRET) not in content
    # September's returns were due in October.
    assert "2026-10" not in content.replace("2026-10-10", "") or path in (f"{AREA}/plan", f"{AREA}/challenges")


@pytest.mark.parametrize("path", ["months/2026-10", "months/2026-10/lines", "months/2026-10/lines.csv"])
@pytest.mark.parametrize("more", ["", "?version=1"])
def test_a_draft_is_not_there(ask: Ask, path, more):
    is_problem(ask(f"{AREA}/{path}{more}"), 404, "not-found")
    is_problem(ask(f"{AREA}/indicators/arrests/history?month=2026-10"), 404, "not-found")
    is_problem(ask(f"{AREA}/kpis?month=2026-10"), 404, "not-found")


def test_pages_of_a_list(ask: Ask):
    first = ask(f"{AREA}/months/2026-09/lines?size=1")
    assert first.headers["Link"] == f'<{AREA}/months/2026-09/lines?page=2&size=1>; rel="next"'
    second = ask(f"{AREA}/months/2026-09/lines?size=1&page=2")
    assert second.headers["Link"] == f'<{AREA}/months/2026-09/lines?page=1&size=1>; rel="prev"'
    both = first.json()["lines"] + second.json()["lines"]
    assert [line["indicator"] for line in both] == ["arrests", "charges"]
    assert ask(f"{AREA}/months/2026-09/lines?page=9").json()["lines"] == []


@pytest.mark.parametrize(
    ("query", "pointer"), [("page=-1", "?page"), ("page=x", "?page"), ("size=501", "?size"), ("size=0", "?size")]
)
def test_a_wrong_page_is_said(ask: Ask, query, pointer):
    said = is_problem(ask(f"{AREA}/months?{query}"), 422, "wrong")
    assert [each["pointer"] for each in said["errors"]] == [pointer]


def test_a_wrong_month_is_said(ask: Ask):
    said = is_problem(ask(f"{AREA}/months/2026-13/lines"), 422, "wrong")
    assert said["errors"][0]["pointer"] == "/month"
    is_problem(ask(f"{AREA}/months/2026-09/lines?version=0"), 422, "wrong")
    is_problem(ask(f"{AREA}/months/2026-09/lines?version=9"), 404, "not-found")
    is_problem(ask(f"{AREA}/indicators/no-such"), 404, "not-found")


def test_another_area_answers_like_none(ask: Ask):
    other = scenarios.make_town("elsewhere")
    told = [is_problem(ask(f"/api/v1/areas/{slug}/months"), 404, "not-found") for slug in (other.area.slug, "nowhere")]
    assert told[0]["detail"] == told[1]["detail"]


# --- Keys -------------------------------------------------------------------------------------------


def test_without_a_key_nothing_of_partners_is_read(told: Town, client):
    client.force_login(told.coordinator)  # a session is no key
    for path in (path for path in [*READ, *FILES] if "public" not in path):
        answer = client.get(path)
        is_problem(answer, 401, "key-unknown")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert not answer.cookies


def test_each_scope_opens_its_own(told: Town):
    opens = {
        Scope.MONTHS: "months/2026-09/lines",
        Scope.HISTORY: "indicators/arrests/history",
        Scope.PLAN: "plan",
        Scope.CHALLENGES: "challenges",
        Scope.KPIS: "kpis",
    }
    for scope, own in opens.items():
        _, secret = give_key(told, told.coordinator, scopes=[scope], name=scope.value)
        for path in opens.values():
            answer = Client().get(f"{AREA}/{path}", headers=bearer(secret))
            if path == own:
                assert answer.status_code == 200
            else:
                is_problem(answer, 403, "not-opened")


def test_a_key_that_is_over_says_so(told: Town):
    key, secret = give_key(told, told.coordinator)
    ApiKey.objects.update(ends_on=timezone.localdate() - timedelta(days=1))
    is_problem(Client().get(AREA, headers=bearer(secret)), 401, "key-over")
    ApiKey.objects.update(ends_on=timezone.localdate())
    assert Client().get(AREA, headers=bearer(secret)).status_code == 200
    turn_keys(told.area, on=False, by=told.coordinator)
    is_problem(Client().get(AREA, headers=bearer(secret)), 403, "nobody-answers")
    revoke_key(key, by=told.coordinator)
    is_problem(Client().get(AREA, headers=bearer(secret)), 401, "key-over")
    is_problem(Client().get(AREA, headers=bearer(secret[:-1])), 401, "key-unknown")
    is_problem(Client().get(f"{AREA}?key={secret}"), 400, "key-in-address")


def test_a_key_shows_only_the_challenges_that_its_owner_may_read(told: Town):
    seen = {}
    for person in (told.coordinator, told.people[Role.AGENCY_LEAD]):
        _, secret = give_key(told, person)
        seen[person.pk] = Client().get(f"{AREA}/challenges", headers=bearer(secret)).json()["total"]
    assert seen[told.coordinator.pk] == 1
    assert seen[told.lead.pk] == 0


def test_too_many_requests_are_told_when_to_come_back(told: Town):
    _, secret = give_key(told, told.coordinator)
    answers = [Client().get("/api/v1/areas", headers=bearer(secret)) for _ in range(125)]
    # The minute may end in between.
    late = [answer for answer in answers if answer.status_code == 429]
    if late:
        is_problem(late[0], 429, "too-often")
        assert 1 <= int(late[0].headers["Retry-After"]) <= 60


def test_what_partners_get_is_for_nobody_else(ask: Ask):
    answer = ask(f"{AREA}/months/2026-09/lines")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "Authorization" in answer.headers["Vary"]
    assert "Access-Control-Allow-Origin" not in answer.headers


# --- Public -----------------------------------------------------------------------------------------


def test_anybody_reads_what_is_public_from_any_site(told: Town):
    for path in (path for path in [*READ, *FILES] if "public" in path):
        answer = Client().get(path)
        assert answer.status_code == 200, path
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Cache-Control"] == ("public, max-age=0, s-maxage=60, must-revalidate, proxy-revalidate")
        assert not answer.cookies
        assert "Set-Cookie" not in answer.headers


def test_what_is_no_longer_public_is_gone(told: Town):
    turn_public_pages(told.area, on=False, by=told.coordinator)
    for path in ("months", "latest", "months/2026-09", "history", "history.csv"):
        is_problem(Client().get(f"{PUBLIC}/{path}"), 404, "not-found")
    assert Client().get("/api/v1/public/areas").json() == {"areas": []}


def test_a_script_of_another_site_learns_why_there_is_nothing(told: Town):
    """… or it would show its own copy on."""
    client = Client()
    officer = told.people[Role.INFORMATION]
    withdraw_month(scenarios.open_month(told, SEPTEMBER), why="A mistake", by=officer)
    answers = {
        410: client.get(f"{PUBLIC}/months/2026-09"),
        404: client.get("/api/v1/public/areas/nowhere/latest"),
        422: client.get(f"{PUBLIC}/history?page=x"),
        405: client.post(f"{PUBLIC}/latest"),
    }
    for status, answer in answers.items():
        assert answer.status_code == status
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert client.get("/api/v1/public/nothing").headers["Access-Control-Allow-Origin"] == "*"
    for path in (AREA, "/api/v1/nothing"):
        answer = client.get(path)
        assert answer.status_code in (401, 404)
        assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("path", ["/api/v1/public/areas", f"{PUBLIC}/latest", f"{PUBLIC}/history.csv"])
def test_nobody_fills_a_cache_with_addresses(told: Town, path):
    tag = Client().get(path).headers["ETag"]
    kept: Any = caches["api"]
    before = len(kept._cache)
    assert before
    for number in range(20):
        assert Client().get(f"{path}?x={number}").headers["ETag"] == tag
    assert len(kept._cache) == before


def test_nobody_empties_the_cache_of_pages(told: Town):
    """… not even with a page of a list for each number."""
    kept: Any = caches["pages"]
    kept.set("a-month", "as rendered")
    for page in range(1, 231):
        assert Client().get(f"{PUBLIC}/months?page={page}").status_code == 200
    assert list(kept._cache) == [kept.make_key("a-month")]
    api: Any = caches["api"]
    assert len(api._cache) <= 60


def test_an_answer_depends_on_what_the_document_names(ask: Ask):
    paths = ask("/api/v1/openapi.json").json()["paths"].values()
    parameters = [each for path in paths for each in path.get("get", {}).get("parameters", ())]
    assert {each["name"] for each in parameters if each["in"] == "query"} == set(PARAMETERS)
    lines = f"{AREA}/months/2026-09/lines"
    tag, header = (ask(f"{lines}?size=1&x=1").headers[name] for name in ("ETag", "Link"))
    assert "x=1" not in header
    assert ask(f"{lines}?size=1&x=2").headers["ETag"] == tag
    assert ask(f"{lines}?size=2").headers["ETag"] != tag
    months = f"{PUBLIC}/months/2026-09"
    tags = {ask(f"{months}{more}").headers["ETag"] for more in ("", "?page=2", "?size=1", "?page=2&size=1")}
    assert len(tags) == 4
    tags = {ask(f"{PUBLIC}/history{more}").headers["ETag"] for more in ("", "?indicator=arrests", "?page=2")}
    assert len(tags) == 3


OLD = {
    f"{AREA}/indicators/arrests/history": "/api/v1/figures",
    f"{AREA}/indicators/arrests/history.csv": "/api/v1/figures.csv",
    f"{AREA}/history.csv": "/api/v1/figures.csv",
    f"{PUBLIC}/history": "/api/v1/public/figures",
    f"{PUBLIC}/history.csv": "/api/v1/public/figures.csv",
}


@pytest.mark.parametrize("path", [*READ, *FILES])
def test_an_old_address_says_since_when_it_is_old_and_what_to_use(ask: Ask, path):
    answer = ask(path)
    assert answer.headers.get("Deprecation") == ("@1796342400" if path in OLD else None)  # 4 December 2026
    assert (f'<{OLD.get(path)}>; rel="successor-version"' in answer.headers.get("Link", "")) is (path in OLD)
    if path in OLD:
        assert ask(path, **{"If-None-Match": answer.headers["ETag"]}).headers["Deprecation"]
        assert ask(OLD[path]).status_code == 200


def test_the_document_marks_what_is_old(ask: Ask):
    paths = ask("/api/v1/openapi.json").json()["paths"]
    marked = {path for path, methods in paths.items() if any(each.get("deprecated") for each in methods.values())}
    assert {path.format(town="testford", code="arrests") for path in marked} == set(OLD)
    assert ask("/api/v1/").content.decode().count("This address is old") == len(OLD)
    links = ask(f"{AREA}/indicators/arrests/history?size=1").headers["Link"]
    assert links.index("successor-version") < links.index('rel="next"')


# --- Everything below /api/ -------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/api/", "/api/v2/", "/api/v1/nothing", "/api/v1/areas/testford/", "/api/v1/é"])
def test_an_unknown_address_is_a_problem_too(town: Town, path):
    is_problem(Client().get(path), 404, "not-found")
    is_problem(Client().post(path), 404, "not-found")


@pytest.mark.parametrize("path", ["/api/v1/", "/api/v1/openapi.json", AREA, f"{PUBLIC}/latest"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "TRACE"])
def test_what_is_only_read_says_so(town: Town, path, method):
    answer = Client().generic(method, path)
    is_problem(answer, 405, "read-only")
    assert "GET" in answer.headers["Allow"]


def test_fifty_megabytes_are_refused_before_they_are_read(told: Town):
    _, secret = give_key(told, told.coordinator)

    class Unread(io.BytesIO):
        def read(self, *_: object) -> bytes:
            raise AssertionError("It was read.")

    for path in (AREA, f"{PUBLIC}/latest"):
        more: dict[str, Any] = {"CONTENT_LENGTH": 50 * 1024**2, "wsgi.input": Unread()}
        answer = Client().get(path, headers=bearer(secret), **more)
        is_problem(answer, 413, "too-large")
    for length in ("-1", "9" * 5000):
        is_problem(Client().get(AREA, headers=bearer(secret), CONTENT_LENGTH=length), 400, "unreadable")


@pytest.mark.parametrize("debug", [True, False])
def test_our_own_fault_is_a_problem_and_no_traceback(told: Town, monkeypatch, settings, debug):
    settings.DEBUG = debug
    monkeypatch.setattr("reporting.api.partners.newest_versions", lambda *_, **__: 1 / 0)
    _, secret = give_key(told, told.coordinator)
    client = Client(raise_request_exception=False)
    answer = client.get(f"{AREA}/months", headers=bearer(secret), SERVER_NAME="localhost")
    assert answer.status_code == 500
    if not debug:  # Django's own page for whoever develops it comes first
        is_problem(answer, 500, "broken")


def test_a_head_request_is_a_get_without_its_body(told: Town):
    answer = Client().head(f"{PUBLIC}/latest")
    assert (answer.status_code, answer.content) == (200, b"")


def test_an_agencys_key_reads_published_months_as_its_lead(told: Town):
    _, secret = agency_key(told)
    assert Client().get(AREA, headers=bearer(secret)).json()["agency"] == "police"
    assert Client().get(f"{AREA}/months/2026-09/lines", headers=bearer(secret)).status_code == 200
    is_problem(Client().get(f"{AREA}/months/2026-10/lines", headers=bearer(secret)), 404, "not-found")


def test_the_page_about_it_needs_nobody(town: Town):
    answer = Client().get("/api/v1/")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    page = answer.content.decode()
    assert "Authorization: Bearer" in page
    assert "<script" not in page
    for kind in problems.KINDS:
        assert f'id="{kind.anchor}"' in page
    assert "lines[].numerator" in page
    assert "The month. Example: 2026-11." in page
    assert "pwits" in page
    assert "/api/v1/areas/anytown/returns/2026-11" in page

"""A month's marking: who may change it, and that whatever shows the month is marked so."""

import re
import subprocess
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from boards.models import ReportingPeriod
from boards.permissions import access_to
from boards.rules import Role
from core.calendar import Month
from core.mail.daily import Mention, write
from core.models import AuditEvent, User
from core.texts import LONGEST_REASON
from indicators.disclosure import Audience, Marking
from indicators.models import Indicator, MonthMarking
from indicators.selectors.disclosure import get_marking, list_markings
from indicators.selectors.reminders import Reminder
from indicators.services.disclosure import mark_month
from indicators.services.letters import REMINDERS
from indicators.workflow import ReminderKind
from reporting.months.readings import MonthPage
from tests import scenarios
from tests.answers import Answer
from tests.integration.command_line import run
from tests.scenarios import Town
from tests.standing import stand
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
SEPTEMBER, OCTOBER, NOVEMBER = (Month(2026, number) for number in (9, 10, 11))
USUAL = "OFFICIAL-SENSITIVE"
OF_OCTOBER = (
    "2026-10/",
    "2026-10/csp/",
    "2026-10/?version=1",
    "changes/2026-10/",
    "returns/2026-10/",
    "returns/2026-10/police/",
    "figures/2026-10/arrests/",
    "markings/2026-10/",
)
OF_OTHERS = (
    "2026-09/",
    "returns/2026-09/police/",
    "",
    "markings/",
    "method/",
    "setup/",
    "indicators/",  # of many months
    "indicators/arrests/",
)


def make_published_town() -> Town:
    town = scenarios.make_town()
    for month, arrests in ((SEPTEMBER, 9), (OCTOBER, 12)):
        scenarios.accept(town, month, {"arrests": arrests, "charges": 3})
    scenarios.publish(town, OCTOBER)
    return town


made, published = stand(make_published_town)


def officer(town: Town) -> User:
    return town.people[Role.INFORMATION]


def period_of(town: Town, month: Month = OCTOBER) -> ReportingPeriod:
    return ReportingPeriod.objects.select_related("area").get(area=town.area, starts_on=month.first_day)


def mark(town: Town, marking: Marking, *, audience: Audience = Audience.PARTNERS, month: Month = OCTOBER, why="Agreed"):
    return mark_month(period_of(town, month), audience=audience, marking=marking, why=why, by=officer(town))


def ask(user: User, path: str, **typed: Any) -> Answer:
    client = signed_in(user)
    url = f"/testford/{path}"
    return client.post(url, typed) if typed else client.get(url)


def somebody_for(town: Town, path: str) -> User:
    """Whose page this is."""
    if path.startswith(("setup/", "returns/2026-10/")) and path != "returns/2026-10/police/":
        return town.coordinator
    return officer(town) if path.startswith("markings/") else town.coordinator


def shown(answer: Answer) -> list[str]:
    """The marking in the page's header and footer."""
    assert answer.status_code == 200, answer.status_code
    return re.findall(r'class="vv-marking">(?:<span[^>]*>)?([^<]*)<', answer.content.decode())


def file_name(answer: Answer) -> str:
    assert answer.status_code == 200
    return re.search(r'filename="(.*)"', answer["Content-Disposition"])[1]


def pack_text(answer: Answer) -> str:
    assert answer.status_code == 200
    ran = subprocess.run(["pdftotext", "-raw", "-", "-"], input=answer.content, capture_output=True, check=True)
    return ran.stdout.decode()


# --- The act --------------------------------------------------------------------------------------


def test_unless_somebody_says_otherwise_partners_see_the_usual_marking_and_the_public_none(published):
    assert get_marking(period_of(published)) is Marking.SENSITIVE
    assert get_marking(period_of(published), audience=Audience.PUBLIC) is Marking.NONE


def test_the_newest_counts_for_its_month_and_audience(published):
    mark(published, Marking.NONE)
    mark(published, Marking.OFFICIAL)
    mark(published, Marking.OFFICIAL, audience=Audience.PUBLIC, month=SEPTEMBER)

    assert get_marking(period_of(published)) is Marking.OFFICIAL
    assert get_marking(period_of(published), audience=Audience.PUBLIC) is Marking.NONE
    assert get_marking(period_of(published, SEPTEMBER)) is Marking.SENSITIVE
    assert get_marking(period_of(published, SEPTEMBER), audience=Audience.PUBLIC) is Marking.OFFICIAL
    mark(published, Marking.SENSITIVE)
    assert get_marking(period_of(published)) is Marking.SENSITIVE
    assert MonthMarking.objects.count() == 4


def test_it_is_written_down_with_from_to_audience_and_reason(published):
    mark(published, Marking.OFFICIAL, why="  The group agreed\n on 3 November ")

    event = AuditEvent.objects.get(verb="month.marked")
    assert event.actor == officer(published).email
    assert event.area == "testford"
    assert event.target == "Testford, October 2026"
    assert event.details == {
        "audience": "partners",
        "from": "OFFICIAL-SENSITIVE",
        "to": "OFFICIAL",
        "why": "The group agreed on 3 November",
    }


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.INFORMATION, Role.OPERATOR)])
def test_only_an_information_officer_marks(published, role):
    with pytest.raises(PermissionDenied, match="Only an information officer of Testford can change"):
        mark_month(
            period_of(published),
            audience=Audience.PARTNERS,
            marking=Marking.OFFICIAL,
            why="Agreed",
            by=published.people[role],
        )
    assert not MonthMarking.objects.exists()


def test_one_of_another_area_does_not(published):
    elsewhere = scenarios.make_town("elsewhere")
    with pytest.raises(PermissionDenied):
        mark_month(
            period_of(published),
            audience=Audience.PARTNERS,
            marking=Marking.OFFICIAL,
            why="Agreed",
            by=officer(elsewhere),
        )


@pytest.mark.parametrize(
    ("why", "sentence"),
    [("", "Say why"), (" \n", "Say why"), ("x" * (LONGEST_REASON + 1), "Shorten the reason to 300 characters")],
)
def test_it_takes_a_reason(published, why, sentence):
    with pytest.raises(ValidationError, match=sentence):
        mark(published, Marking.OFFICIAL, why=why)
    assert not MonthMarking.objects.exists()


def test_the_same_again_is_refused(published):
    with pytest.raises(ValidationError, match="October 2026 is already marked OFFICIAL-SENSITIVE for partners"):
        mark(published, Marking.SENSITIVE)
    with pytest.raises(ValidationError, match="October 2026 already has no marking for the public"):
        mark(published, Marking.NONE, audience=Audience.PUBLIC)
    mark(published, Marking.OFFICIAL)
    with pytest.raises(ValidationError, match="October 2026 is already marked OFFICIAL for partners"):
        mark(published, Marking.OFFICIAL)
    assert MonthMarking.objects.count() == AuditEvent.objects.filter(verb="month.marked").count() == 1


# --- Its pages ------------------------------------------------------------------------------------


def test_the_officer_changes_it_on_the_months_page(published):
    page = ask(officer(published), "markings/2026-10/").content.decode()
    assert "No one has changed this month’s marking." in page

    answer = ask(
        officer(published), "markings/2026-10/", audience="partners", marking="OFFICIAL", why="The group agreed"
    )

    assert answer.status_code == 302
    assert answer["Location"] == "/testford/markings/"
    assert get_marking(period_of(published)) is Marking.OFFICIAL
    text = re.sub(r"\s+", " ", ask(published.coordinator, "markings/").content.decode())
    assert 'OFFICIAL <strong class="vv-status">Lowered</strong>' in text
    assert re.search(r"By information on \d+ \w+ \d{4}: The group agreed", text)
    assert "OFFICIAL, for partners" in ask(officer(published), "markings/2026-10/").content.decode()


def test_no_marking_can_be_chosen(published):
    assert (
        ask(officer(published), "markings/2026-10/", audience="partners", marking="none", why="Open").status_code == 302
    )
    assert get_marking(period_of(published)) is Marking.NONE


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"audience": "partners", "marking": "OFFICIAL", "why": ""}, "Say why you are changing the marking"),
        (
            {"audience": "partners", "marking": "OFFICIAL-SENSITIVE", "why": "Again"},
            "is already marked OFFICIAL-SENSITIVE for partners",
        ),
        ({"marking": "OFFICIAL", "why": "Agreed"}, "Choose the audience"),
        ({"audience": "public", "marking": "SECRET", "why": "Agreed"}, "Choose the marking from the list"),
        ({"audience": "public", "why": "Agreed"}, "Choose the marking"),
        ({"audience": "public", "marking": "OFFICIAL", "why": "Ring 07700 900123"}, "looks like a telephone number"),
    ],
)
def test_what_is_wrong_is_said(published, typed, sentence):
    answer = ask(officer(published), "markings/2026-10/", **typed)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "<title>Error: " in page
    assert sentence in page
    assert not MonthMarking.objects.exists()


def test_coordinator_and_analyst_read_and_do_not_change(published):
    for role in (Role.COORDINATOR, Role.ANALYST):
        page = ask(published.people[role], "markings/").content.decode()
        assert "October 2026" in page
        assert "markings/2026-10/" not in page
        refused = ask(published.people[role], "markings/2026-10/", audience="partners", marking="OFFICIAL", why="x")
        assert refused.status_code == 403
        assert "Only an information officer can change how a month is marked." in refused.content.decode()
    assert ask(published.lead, "markings/").status_code == 403
    assert not MonthMarking.objects.exists()


def test_a_month_that_is_not_held_has_no_page(published):
    assert ask(officer(published), "markings/2020-01/").status_code == 404


def test_the_list_takes_as_many_queries_for_many_markings(published, django_assert_num_queries):
    mark(published, Marking.OFFICIAL)
    mark(published, Marking.OFFICIAL, month=SEPTEMBER)
    with django_assert_num_queries(2):
        assert [len(markings) for _, markings in list_markings(published.area)] == [2, 2]


# --- Where it stands ------------------------------------------------------------------------------


@pytest.mark.parametrize("path", OF_OCTOBER)
def test_the_frame_shows_the_marking_of_the_pages_month(published, path):
    reader = somebody_for(published, path)
    assert shown(ask(reader, path)) == [USUAL, USUAL]
    mark(published, Marking.OFFICIAL)
    assert shown(ask(reader, path)) == ["OFFICIAL", "OFFICIAL"]
    assert USUAL not in re.sub(r"(?s)<main.*</main>", "", ask(reader, path).content.decode())
    mark(published, Marking.NONE)
    assert shown(ask(reader, path)) == []


@pytest.mark.parametrize("path", OF_OTHERS)
def test_a_page_of_another_month_or_of_none_keeps_the_usual_one(published, path):
    mark(published, Marking.NONE)
    assert shown(ask(somebody_for(published, path), path)) == [USUAL, USUAL]


def test_the_month_of_a_definition_is_no_month_of_figures(published):
    arrests = Indicator.objects.get(code="arrests")
    arrests.definitions.create(applies_from=OCTOBER.first_day, text="Arrests for drugs")
    mark(published, Marking.NONE)
    page = ask(published.coordinator, "setup/indicators/arrests/definitions/2026-10/")
    assert shown(page) == [USUAL, USUAL]


def test_what_is_kept_of_a_page_is_kept_by_its_marking(published):
    def keys() -> list[object]:
        access = access_to(published.area, by=published.coordinator)
        return [MonthPage(access, OCTOBER, "").depends_on()]

    before = keys()
    assert keys() == before
    mark(published, Marking.OFFICIAL)
    assert all(now != then for now, then in zip(keys(), before, strict=True))


def test_the_publics_marking_is_not_shown_to_partners(published):
    mark(published, Marking.OFFICIAL, audience=Audience.PUBLIC)
    assert shown(ask(published.coordinator, "2026-10/")) == [USUAL, USUAL]


def test_a_draft_is_marked_too(published):
    scenarios.accept(published, NOVEMBER, {"arrests": 4, "charges": 1})
    mark(published, Marking.OFFICIAL, month=NOVEMBER)
    assert shown(ask(published.coordinator, "2026-11/")) == ["OFFICIAL", "OFFICIAL"]
    name = file_name(ask(published.coordinator, "packs/2026-11/csp/"))
    assert name == "OFFICIAL testford csp 2026-11 v1 draft.pdf"


def test_the_months_page_costs_the_same_when_it_is_marked(published):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert ask(published.people[Role.BOARD_MEMBER], "2026-10/").status_code == 200
        return len(asked)

    before = queries()
    kept = queries()
    mark(published, Marking.OFFICIAL)
    assert queries() == before
    assert queries() == kept


def test_the_pack_is_marked(published):
    def pack() -> tuple[str, str]:
        answer = ask(published.people[Role.BOARD_MEMBER], "packs/2026-10/csp/")
        return file_name(answer), pack_text(answer)

    name, text = pack()
    assert name == f"{USUAL} testford csp 2026-10 v1 not issued.pdf"
    pages = text.count("\f")
    assert text.count(USUAL) == 2 * pages + 1
    mark(published, Marking.OFFICIAL)
    name, text = pack()
    assert name == "OFFICIAL testford csp 2026-10 v1 not issued.pdf"
    assert text.count("OFFICIAL") == 2 * pages + 1
    assert "SENSITIVE" not in text
    mark(published, Marking.NONE)
    name, text = pack()
    assert name == "testford csp 2026-10 v1 not issued.pdf"
    assert "OFFICIAL" not in text
    assert "Marking" not in text


def test_an_indicators_file_keeps_the_usual_marking(published):
    """It holds many months, and one of them was marked otherwise."""
    mark(published, Marking.NONE)
    answer = ask(published.people[Role.BOARD_MEMBER], "indicators/arrests/figures.csv")
    assert file_name(answer) == f"{USUAL} testford arrests 2026-10 v1.csv"
    assert answer.content.decode("utf-8-sig").splitlines()[0] == USUAL


def exported(town: Town, *more: str) -> str:
    ran = run("export_month", "--area", "testford", "--month", "2026-10", "--format", "csv", *more)
    assert ran.status == 0, ran.err
    return ran.out.splitlines()[0]


def test_the_command_lines_files_are_marked(published, tmp_path):
    def pack() -> str:
        file = tmp_path / "csp.pdf"
        ran = run("build_pack", "--area", "testford", "--month", "2026-10", "--board", "csp", "--output", file)
        assert ran.status == 0, ran.err
        made = subprocess.run(["pdftotext", "-raw", file, "-"], capture_output=True, check=True)
        return made.stdout.decode()

    assert exported(published) == USUAL
    assert USUAL in pack()
    mark(published, Marking.OFFICIAL)
    assert exported(published) == "OFFICIAL"
    assert "OFFICIAL" in pack()
    assert USUAL not in pack()
    mark(published, Marking.NONE)
    assert exported(published).startswith("indicator,")
    assert "OFFICIAL" not in pack()


def test_the_publics_file_bears_the_publics_marking(published):
    assert exported(published, "--audience", "public").startswith("indicator,")
    mark(published, Marking.OFFICIAL, audience=Audience.PUBLIC)
    assert exported(published, "--audience", "public") == "OFFICIAL"
    assert exported(published) == USUAL


def test_a_returns_file_is_marked(published):
    scenarios.open_month(published, NOVEMBER)

    def file(kind: str) -> tuple[str, bytes]:
        answer = ask(published.lead, f"returns/2026-11/police/file/template.{kind}")
        return file_name(answer), answer.content

    name, content = file("csv")
    assert name == f"{USUAL} testford 2026-11 police.csv"
    assert content.decode("utf-8-sig").splitlines()[0] == USUAL
    mark(published, Marking.OFFICIAL, month=NOVEMBER)
    assert file("csv")[1].decode("utf-8-sig").splitlines()[0] == "OFFICIAL"
    assert file("xlsx")[0] == "OFFICIAL testford 2026-11 police.xlsx"
    mark(published, Marking.NONE, month=NOVEMBER)
    name, content = file("csv")
    assert name == "testford 2026-11 police.csv"
    assert content.decode("utf-8-sig").startswith("agency,")
    assert file("xlsx")[0] == "testford 2026-11 police.xlsx"


def test_an_email_about_a_month_is_marked(published):
    period = scenarios.open_month(published, NOVEMBER)

    def mail() -> tuple[str, str, str]:
        occasion = Reminder(period, published.police, published.lead, ReminderKind.DUE).occasion
        message = write([Mention(REMINDERS, occasion)])
        ((html, _),) = message.alternatives
        return str(message.subject), str(message.body), str(html)

    subject, text, html = mail()
    assert subject.startswith(f"{USUAL}: November 2026")
    assert text.startswith(f"{USUAL}\n\nHello")
    assert f"<strong>{USUAL}</strong>" in html
    mark(published, Marking.OFFICIAL, month=NOVEMBER)
    subject, text, html = mail()
    assert subject.startswith("OFFICIAL: November 2026")
    assert text.startswith("OFFICIAL\n\nHello")
    assert "<strong>OFFICIAL</strong>" in html
    mark(published, Marking.NONE, month=NOVEMBER)
    subject, text, html = mail()
    assert subject.startswith("November 2026")
    assert text.startswith("Hello")
    assert "OFFICIAL" not in html

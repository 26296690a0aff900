"""Who gets what from each address: one table, name of the URL × character × method → status.

On every change everybody asks who must be refused. Of the others, and of each kind of refusal for its words, one of
each class asks: at the next address, the next of them. Before a release everybody asks for everything.
"""

import inspect
import io
import re
import zipfile
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.template.backends.django import Template
from django.test import Client
from django.urls import resolve, reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from actions.models import NoteKind
from actions.workflow import NoticeKind
from boards.models import FactorReset, Membership, Strand
from boards.rules import RegionRole, Role
from boards.services.factors import ask_reset
from boards.services.requests import ask_role
from boards.services.retention import find_kind, place_hold, set_months
from core.calendar import Month
from core.files import objects
from core.files.tables import KINDS
from core.models import User
from indicators.disclosure import Audience
from indicators.figures import Entry
from indicators.models import Correction, Indicator, ReminderKind, RuleRequest
from indicators.services.corrections import ask_correction
from indicators.services.disclosure import set_rule
from indicators.services.setup import ask_recording_change
from reporting.models import MarketAssessment, PackBundle, PublicEdition
from reporting.packs.services.letters import make_occasion
from tests import assessing, challenging, engagement, growing, happening, highlights, measuring, meeting, scenarios
from tests.answers import Answer
from tests.architecture import places
from tests.documents import leave_draft
from tests.duty import act, authority
from tests.factories import (
    FIRST_DEFINITION,
    make_agency,
    make_area,
    make_board,
    make_dimension,
    make_indicator,
    make_member,
    make_pathway,
    make_user,
    make_validation_rule,
)
from tests.factories.regions import make_region, make_region_member
from tests.factories.workbooks import parts_of
from tests.factors import CODE, HOME, give_app, give_password, sign_in
from tests.integration.rows_of_comparisons import consent
from tests.integration.rows_of_imports import leave_imports
from tests.integration.rows_of_mappings import leave_mappings
from tests.integration.rows_of_region_editions import finish, publish_by_hand
from tests.keys import agency_key, give_region_key
from tests.letters import fail_to_remind, fail_to_warn, leave_failed
from tests.meeting import seat
from tests.planning import plan, step
from tests.region_packs import leave_pack

SEPTEMBER, OCTOBER = Month(2026, 9), Month(2026, 10)
MONTHS = {"-": SEPTEMBER, "published": SEPTEMBER, "draft": OCTOBER, "defined": Month.of(FIRST_DEFINITION)}
SECRET = 7654321  # October's figure, which nobody but its readers may see
SHOWN = re.compile(r"(?<![\d.])7,?654,?321(?!\d)")  # not among the digits of a measured time
CHARACTERS = {
    "anonymous": "no one signed in",
    "outsider": "a coordinator of another area",
    "operator": "a superuser",
    "lead": "a lead of the agency in the address",
    "lead-2": "a lead of another agency",
    "approver": "an approver of the agency",
    "contact": "a second contact of the agency",
    "member": "a member of the board in the address",
    "member-2": "a member of another board",
    "chair": "the chair of the board",
    "strategic": "a member of the strategic group",
    "coordinator": "",
    "analyst": "",
    "information": "an information officer",
    "director": "the director of the area’s region, with no role in the area",
}


@dataclass(frozen=True)
class Row:
    """A line of the table, for one method."""

    name: str
    month: str
    method: str
    statuses: dict[str, int]

    def __str__(self) -> str:
        return f"{self.method} {self.name} {self.month}"


def read_table() -> list[Row]:
    lines = [line.split() for line in Path(__file__).with_name("access_matrix.txt").read_text("utf-8").splitlines()]
    head, *rows = [words for words in lines if words and words[0] != "#"]
    assert head == ["address", "month", "method", *CHARACTERS]
    return [
        Row(name, month, method, dict(zip(CHARACTERS, map(int, statuses), strict=True)))
        for name, month, methods, *statuses in rows
        for method in methods.split("/")
    ]


ROWS = read_table()
# Without it, these tests by themselves would use the database of whoever runs them.
pytestmark = pytest.mark.django_db


@dataclass
class Stage:
    """An area with a published month (September) and an open one (October: the police's return is
    in), and a browser for each character."""

    town: scenarios.Town
    clients: dict[str, Client]
    known: dict[str, Any]

    def path(self, name: str, month: str, *, area: str = "testford") -> str:
        # The region is called as its area is.
        places_in_it = {"area": area, "town": area, "region": area, "county": area}
        return places.address(name, {**self.known, "month": MONTHS[month], **places_in_it})

    def ask(self, character: str, method: str, path: str) -> Answer:
        """One request; whatever it did is undone."""
        with transaction.atomic():
            answer = self.clients[character].generic(method, path)
            transaction.set_rollback(True)
        return answer


@pytest.fixture(scope="module")
def stage(django_db_setup, django_db_blocker) -> Iterator[Stage]:
    """Made once, and taken back at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_stage()
        transaction.set_rollback(True)


def make_stage(more: int = 0) -> Stage:
    """`more` says how many more it has of everything."""
    town = scenarios.make_town()
    area = town.area
    measuring.take_in(town, "arrests", 2, 2, 2, last=SEPTEMBER.previous)  # for a KPI to begin from
    figures = growing.add_to_set_up(town, more, last=SEPTEMBER.previous) if more else {}
    origin = make_dimension(area, places.CODES["dimension"], [places.CODES["category"]])
    arrests = Indicator.objects.get(area=area, code="arrests")
    # Nobody is asked for it in these months.
    since = OCTOBER.next.first_day
    make_indicator(town.police, "origins", dimension=origin, breaks_down=arrests, shown_on="ratios", defined_from=since)
    Strand.objects.create(area=area, code=places.CODES["strand"], name="Prevent")
    make_validation_rule(area, places.CODES["validationrule"])
    make_pathway(area, places.CODES["pathway"], town.police, uncounted=places.CODES["pathwaystep"])
    scenarios.accept(town, SEPTEMBER, {"arrests": 2, "charges": 1, **figures})
    scenarios.accept(town, OCTOBER, {"arrests": SECRET, "charges": SECRET, **figures})
    scenarios.sweep()
    scenarios.publish(town, SEPTEMBER)
    scenarios.publish_openly(town, SEPTEMBER)
    people = {
        "outsider": scenarios.make_outsider(),
        "operator": scenarios.make_operator(),
        "lead": town.lead,
        "lead-2": make_member(area, Role.AGENCY_LEAD, agency=make_agency(area, "nhs")),
        "approver": town.people[Role.AGENCY_APPROVER],
        "contact": town.people[Role.AGENCY_CONTACT],
        "member": town.people[Role.BOARD_MEMBER],
        "member-2": make_member(area, Role.BOARD_MEMBER, board=make_board(area, "sab")),
        "chair": town.people[Role.BOARD_CHAIR],
        "strategic": town.people[Role.STRATEGIC],
        "coordinator": town.coordinator,
        "analyst": town.people[Role.ANALYST],
        "information": town.people[Role.INFORMATION],
    }
    region = make_region(
        area, make_area("upford"), make_area("downford"), *growing.make_areas(more, SEPTEMBER), slug="testford"
    )
    people["director"] = make_region_member(region)
    for edition in PublicEdition.objects.select_related("period__area"):
        finish(publish_by_hand(region, edition, region.consents.get(area=area)))
    people["staff"] = make_user(is_staff=True)  # not one of the table's: nobody is to have this alone
    clients = {"anonymous": Client()}
    town.lead.set_password("anything at all")
    town.lead.save()
    for character, user in people.items():
        clients[character] = Client()
        clients[character].force_login(user)
    told = highlights.tell(town, is_public=True, picture=highlights.picture())
    action, session = plan(town), engagement.tell(town)
    meeting.meet(town)
    shared = number(town)
    growing.add_work(town, more, published=SEPTEMBER)
    pack = scenarios.issue(town, SEPTEMBER, audience=Audience.PUBLIC)  # so that its members and the public may read it
    leave_pack(region, reference=pack.reference)
    scenarios.tell_signs(town)
    meeting.make_group(town, places.CODES["sub"], members=())
    measuring.set_from(town, SEPTEMBER + -3, SEPTEMBER)
    known = {
        "agency": "police",
        "board": "csp",
        "dimension": "origin",
        "category": "london",
        "pathway": "found",
        "correction": ask(town).pk,
        "act": "close",
        "membership": Membership.objects.get(user=people["analyst"]).pk,
        "reminder": fail_to_remind(
            scenarios.open_month(town, OCTOBER), town.police, people["lead"], ReminderKind.DUE
        ).pk,
        "reference": pack.reference,
        "letter": leave_failed(make_occasion(pack, people["member"])).pk,
        "bundle": bundle(town).pk,
        "milestone": step(action, by=town.coordinator).pk,
        "seat_key": seat(town).pk,
        "note_key": meeting.note(town, NoteKind.CHALLENGE, action=action).pk,
        "authority_key": (prison := authority(town)).pk,
        "act_key": act(town, prison).pk,
        "year": leave_market(town).year,
        "figure": "deaths",
        **leave_draft(town, more),
        "person": fail_to_warn(action, NoticeKind.SOON, action.owner).person_id,
        "number": shared,
        "highlight": told.pk,
        "consent": consent(town).pk,
        "place": region.places.get(area=area).pk,
        "held": make_region_member(region, RegionRole.ANALYST).region_memberships.get().pk,
        "key": agency_key(town)[0].pk,
        "region_key": give_region_key(region, people["director"])[0].pk,
        "reset": lose_device(town).pk,
        "wanted": weaken(town).pk,
        **retain(town),
        "asked": ask_role(
            area, email="new@testford.example", name="New", role=Role.INFORMATION, is_attested=True, by=town.coordinator
        ).pk,
        "mapping": leave_mappings(town).pk,
        "brought": leave_imports(town).pk,
        "event": happening.tell(town).reference.lower(),
        "photo": pack.photos.earliest("pk").picture_id,
        "session": session.pk,
        "voice": engagement.hear(session, by=town.lead).pk,
        "change": ask_recording_change(
            Indicator.objects.get(area=town.area, code="arrests"),
            month=OCTOBER,
            why="A new system",
            by=town.coordinator,
        ).pk,
    }
    return Stage(town, clients, known)


def leave_market(town: scenarios.Town) -> MarketAssessment:
    """An agreed assessment of the drug market, and the draft of the next one, which is returned."""
    assessing.assess(town, assessing.begin(town, year=2025))
    return assessing.begin(town)


def ask(town: scenarios.Town) -> Correction:
    """The lead asks to correct September's arrests."""
    arrests, september = Indicator.objects.get(area=town.area, code="arrests"), scenarios.open_month(town, SEPTEMBER)
    return ask_correction(arrests, None, september, entry=Entry("3"), reason="One was missed", by=town.lead)


def lose_device(town: scenarios.Town) -> FactorReset:
    """The analyst has lost a phone, and keeps the app on another."""
    person = town.people[Role.ANALYST]
    give_app(person)
    return ask_reset(Membership.objects.get(user=person), why="A stolen phone", by=town.coordinator)


def weaken(town: scenarios.Town) -> RuleRequest:
    """The officer asks to show every figure."""
    asked = set_rule(town.area, kind="show", why="Asked for", by=town.people[Role.INFORMATION])
    assert isinstance(asked, RuleRequest)
    return asked


def retain(town: scenarios.Town) -> dict[str, object]:
    """Another officer holds the area; the officer asks for a shorter period, and an operator for what has no area."""
    officer = town.people[Role.INFORMATION]
    other = make_member(town.area, Role.INFORMATION)
    held = place_hold(town.area, kind="", why="A claim", ends_on=None, by=other)
    kind = find_kind(town.area, "reads")
    assert kind
    rule = set_months(town.area, kind, months=12, why="Our schedule", by=officer)
    own = find_kind(None, "reads")
    assert own
    asked = set_months(None, own, months=12, why="Our schedule", by=make_user(is_staff=True, is_superuser=True))
    return {"hold": held.pk, "rule": rule.pk, "own": asked.pk, "records": "reads"}


def bundle(town: scenarios.Town) -> PackBundle:
    """October's packs, with its figure in them."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("pack.txt", str(SECRET))
    now, period = timezone.now(), scenarios.open_month(town, OCTOBER)
    stored = objects.put(file.getvalue(), objects.ZIP)
    return PackBundle.objects.create(
        period=period, asked_at=now, asked_by=town.coordinator, finished_at=now, file=stored
    )


def number(town: scenarios.Town) -> int:
    """Of a challenge to the board, of an offer of support to it, and of its meeting."""
    challenge, support = challenging.ask(town), challenging.offer(town)
    assert challenge.number == support.number
    return challenge.number


ACCOUNT = {
    # name → statuses of GET: nobody signed in, somebody signed in
    "account_login": (200, 302),
    "account_logout": (302, 200),
    "account_inactive": (200, 200),
    "account_signup": (200, 302),
    "account_reauthenticate": (302, 200),
    "account_email": (302, 302),
    "account_email_verification_sent": (200, 200),
    "account_change_password": (302, 200),
    "account_set_password": (302, 302),
    "account_reset_password": (200, 200),
    "account_confirm_login_code": (302, 302),
    "account_confirm_email": (200, 200),
    "account_reset_password_from_key_done": (200, 200),
    "account_reset_password_from_key": (200, 200),
    "account_reset_password_done": (200, 200),
    "factor-later": (302, 405),
    "openid_connect_login": (404, 404),
    "openid_connect_callback": (404, 404),
    "mfa_index": (302, 200),
    "mfa_authenticate": (302, 302),
    "mfa_reauthenticate": (302, 302),
    "mfa_activate_totp": (302, 302),
    "mfa_deactivate_totp": (302, 404),
    "mfa_view_recovery_codes": (302, 404),
    "mfa_generate_recovery_codes": (302, 302),
    "mfa_download_recovery_codes": (302, 404),
    "mfa_list_webauthn": (302, 200),
    "mfa_add_webauthn": (302, 302),
    "mfa_edit_webauthn": (302, 302),
    "mfa_remove_webauthn": (302, 302),
    "mfa_reauthenticate_webauthn": (302, 302),
    "keys": (302, 200),
    "reminders": (302, 200),
    "sign-ins": (302, 200),
    "signed-link": (302, 302),
}
UNKNOWN = {"uidb36": "1", "key": "no-such-key", "token": "no-such-token", "pk": 1, "provider_id": "nobody"}
# What somebody opens whose role needs a second factor, before they have one: its set-up, and what a stranger may read.
SET_UP = {"mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "account_reauthenticate", "account_logout"}
# Where a stranger's form is taken: nothing else than to get in, or to get a link by e-mail.
TAKEN_FROM_STRANGERS = {"account_login", "account_reset_password", "account_reset_password_from_key", "account_signup"}


def test_every_address_has_its_row():
    # Those of the API have a table of their own: test_api_matrix.py.
    pages = {name for name in places.names() if not name.startswith("api:")} | {"api:docs", "api:openapi"}
    assert {row.name for row in ROWS} | set(ACCOUNT) == pages


def test_the_table_has_a_column_for_every_role():
    assert {role.value.removeprefix("agency-").removeprefix("board-") for role in Role} <= set(CHARACTERS)


REFUSED = (403, 404, 405)
REFUSALS = {"403.html", "404.html", "405.html", "not_held.html", "reporting/public_none.html"}
OPENED = {(row.name, row.month): row.statuses for row in ROWS if row.method == "GET"}


@contextmanager
def statuses_only() -> Iterator[None]:
    """Draw no page of a refusal."""
    draw = Template.render

    def draw_others(template: Template, *given: Any, **named: Any) -> str:
        return SafeString() if template.template.name in REFUSALS else draw(template, *given, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "render", draw_others)
        yield


def is_drawn_by_opening(row: Row, character: str) -> bool:
    """Whether the table's GET draws the refusal of the same address for the same character."""
    return row.method != "GET" and OPENED.get((row.name, row.month), {}).get(character) == row.statuses[character]


# Those with a role in the area are one class, and need not be named here.
CLASSES = {"anonymous": "no one", "operator": "operator", "outsider": "of elsewhere", "director": "of elsewhere"}


def share_out() -> Iterator[list[str]]:
    """Yield for each row one of each class for each status: who was asked for it least often before."""
    asked: Counter[tuple[str, int]] = Counter()
    for row in ROWS:
        alike: dict[tuple[str, int], list[str]] = {}
        for character, status in row.statuses.items():
            alike.setdefault((CLASSES.get(character, "of the area"), status), []).append(character)
        chosen = [
            min(characters, key=lambda character: asked[character, status]) for (_, status), characters in alike.items()
        ]
        asked.update((character, row.statuses[character]) for character in chosen)
        yield chosen


CHOSEN = dict(zip(map(str, ROWS), share_out(), strict=True))


def in_turn[Choice](choices: Sequence[Choice], number: int) -> Choice:
    return choices[number % len(choices)]


def check_row(stage: Stage, row: Row, chosen: Container[str]) -> None:
    """Look at what these people get, and at the status of everybody else's refusal."""
    path, answers = stage.path(row.name, row.month), {}
    for character, status in row.statuses.items():
        is_quick = character not in chosen or is_drawn_by_opening(row, character)
        if character in chosen or status in REFUSED:
            with statuses_only() if is_quick else nullcontext():
                answers[character] = stage.ask(character, row.method, path)

    assert {who: answer.status_code for who, answer in answers.items()} == {who: row.statuses[who] for who in answers}
    if row.method == "GET":
        assert who_sees_it(answers) <= who_may_see_it(row.name)
    if row.statuses["anonymous"] == 302:
        assert answers["anonymous"].url == f"{reverse('account_login')}?next={path}"


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_answers_as_the_table_says(stage, row):
    check_row(stage, row, CHOSEN[str(row)])


@pytest.mark.release  # test_answers_as_the_table_says, for everybody
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_answers_everybody_as_the_table_says(stage, row):
    check_row(stage, row, CHARACTERS)


def test_everybody_has_a_turn_at_each_of_their_usual_answers():
    had = {(who, row.statuses[who]) for row in ROWS for who in CHOSEN[str(row)]}
    of_all = Counter((who, status) for row in ROWS for who, status in row.statuses.items())
    assert {answer for answer, times in of_all.items() if times >= len(CHARACTERS)} <= had


def unlisted() -> list[tuple[str, str, str]]:
    listed = {(row.name, row.month, row.method) for row in ROWS}
    return sorted(
        {(row.name, row.month, method) for row in ROWS for method in ("GET", "POST", "PUT")}
        - listed
        - {(row.name, row.month, "PUT") for row in ROWS if takes_both(row)}
    )


def test_no_page_tells_put_from_any_other_method(stage):
    """… so that PUT stands for PATCH and DELETE too."""
    modules = {resolve(stage.path(row.name, row.month)).func.__module__ for row in ROWS}
    named = re.compile(r"\b(?:PUT|PATCH|DELETE|http_method_names)\b|def (?:put|patch|delete)\(")
    assert len(modules) > 35
    assert {name for name in modules if named.search(inspect.getsource(import_module(name)))} == set()


def takes_both(row: Row) -> bool:
    """A page with a form answers any method that isn't POST as it answers GET."""
    return {(row.name, row.month, method) for method in ("GET", "POST")} <= {(r.name, r.month, r.method) for r in ROWS}


UNLISTED = unlisted()
SIGNED_IN = [character for character in CHARACTERS if character != "anonymous"]


def check_refused(stage: Stage, asked: tuple[str, str, str], characters: Iterable[str]) -> None:
    name, month, method = asked
    path = stage.path(name, month)
    with statuses_only():  # the table's own addresses draw each refusal
        answers = {who: stage.ask(who, method, path).status_code for who in ("anonymous", *characters)}
    assert answers.pop("anonymous") in {302, 405}
    assert set(answers.values()) <= {403, 404, 405}, answers


@pytest.mark.parametrize("asked", UNLISTED, ids=" ".join)
def test_refuses_a_method_that_the_table_has_not(stage, asked):
    check_refused(stage, asked, ["coordinator", in_turn(SIGNED_IN, UNLISTED.index(asked))])


@pytest.mark.release  # test_refuses_a_method_that_the_table_has_not, for everybody
@pytest.mark.parametrize("asked", UNLISTED, ids=" ".join)
def test_refuses_everybody_a_method_that_the_table_has_not(stage, asked):
    check_refused(stage, asked, SIGNED_IN)


@pytest.mark.parametrize("row", [row for row in ROWS if row.statuses["outsider"] == 404], ids=str)
def test_an_unknown_area_answers_as_another_ones(stage, row):
    for character in ("anonymous", "outsider"):
        stage.clients[character].cookies.pop("messages", None)  # what an earlier answer had to say
        there, nowhere = (
            stage.ask(character, row.method, stage.path(row.name, row.month, area=area))
            for area in ("testford", "no-such-area")
        )
        assert nowhere.status_code == there.status_code
        assert plain(nowhere) == plain(there)


def plain(answer: Answer) -> tuple[str, dict[str, str]]:
    """An answer without its form tokens, and without the area that was asked for."""
    body = re.sub(r'value="[A-Za-z0-9]{64}"', "", answer.content.decode())
    headers = {name: value.replace("no-such-area", "testford") for name, value in answer.headers.items()}
    return body, headers


def text_of(content: bytes) -> str:
    """What a workbook holds is looked at too."""
    parts = parts_of(content).values() if content.startswith(b"PK") else (content,)
    return b"\n".join(parts).decode("utf-8", "replace")


# October's figure is on these pages of the agency, and on these of whoever reads drafts. No other shows it to any of
# these people.
AGENCYS, OTHERS = {"lead", "approver", "contact"}, {"lead-2", "member", "member-2", "chair"}
OF_THE_AGENCY = {"indicators:return-edit", "indicators:figure-view"}
OF_DRAFTS = {
    "actions:action-view",
    "reporting:board-pack",
    "reporting:bundle-zip",
    *(f"reporting:{name}" for name in ("month-view", "month-year", "month-present", "board-view")),
    *(f"reporting:{name}" for name in ("indicator-list", "indicator-view")),
    *(f"reporting:{what}-{kind}" for what in ("month", "indicator", "history") for kind in KINDS),
}


def who_sees_it(answers: dict[str, Answer]) -> set[str]:
    watched = AGENCYS | OTHERS | {"strategic"}
    return {who for who, answer in answers.items() if who in watched and SHOWN.search(text_of(answer.content))}


def who_may_see_it(name: str) -> set[str]:
    return (AGENCYS if name in OF_THE_AGENCY else set()) | ({"strategic"} if name in OF_DRAFTS else set())


def unlisted_months() -> list[tuple[str, str]]:
    """Each address that the table doesn't open, or not with this month."""
    listed = {(row.name, MONTHS[row.month]) for row in ROWS if row.method == "GET"}
    return sorted(
        (name, month)
        for name in {row.name for row in ROWS}
        for month in ("published", "draft", "defined")
        if (name, MONTHS[month]) not in listed and (month == "published" or "month>" in places.routes()[name])
    )


@pytest.mark.parametrize(("name", "month"), unlisted_months(), ids=str)
def test_an_unpublished_figure_is_at_no_other_month(stage, name, month):
    path = stage.path(name, month)
    answers = {who: stage.ask(who, "GET", path) for who in (*AGENCYS, *OTHERS, "strategic")}
    assert who_sees_it(answers) <= who_may_see_it(name)


@pytest.mark.parametrize("name", [*OF_THE_AGENCY, "reporting:month-view"])
def test_an_unpublished_figure_is_seen_by_its_readers(stage, name):
    path = stage.path(name, "draft")
    answers = {who: stage.ask(who, "GET", path) for who in who_may_see_it(name)}
    assert who_sees_it(answers) == who_may_see_it(name)


@pytest.mark.parametrize("name", ACCOUNT)
def test_account_pages(stage, name):
    path = places.address(name, UNKNOWN)
    anonymous, signed_in = ACCOUNT[name]

    assert stage.ask("anonymous", "GET", path).status_code == anonymous
    assert stage.ask("lead", "GET", path).status_code == signed_in
    if name not in TAKEN_FROM_STRANGERS:
        refused = stage.ask("anonymous", "POST", path)
        assert refused.status_code in (302, 404, 405)


def every_get(stage: Stage) -> dict[str, str]:
    """The path of each address, by its name."""
    of_areas = {row.name: stage.path(row.name, row.month) for row in ROWS}
    return of_areas | {name: places.address(name, UNKNOWN) for name in ACCOUNT}


def test_the_password_alone_is_nobody(stage):
    """The second factor is still asked for: each address answers as to a stranger, but the one that asks."""
    with transaction.atomic():
        analyst = User.objects.get(memberships__role=Role.ANALYST.value, memberships__area__slug="testford")
        give_password(analyst)
        half, answer = sign_in(analyst)
        assert answer.url == CODE
        assert half.get(CODE).status_code == 200
        wrong = {}
        for name, path in every_get(stage).items():
            for method in ("GET", "POST") if name not in ACCOUNT else ("GET",):
                seen, stranger = half.generic(method, path), stage.ask("anonymous", method, path)
                if (seen.status_code, seen.headers.get("Location")) != (
                    stranger.status_code,
                    stranger.headers.get("Location"),
                ):
                    wrong[f"{method} {name}"] = seen.status_code
        transaction.set_rollback(True)
    # The sign-in page leads to the page that asks.
    assert wrong.items() <= {"GET mfa_authenticate": 200, "GET account_login": 302}.items()


STRONG = ("coordinator", "information", "operator")


@pytest.mark.parametrize("turn", [0, *(pytest.param(turn, marks=pytest.mark.release) for turn in (1, 2))])
def test_without_a_second_factor_only_its_set_up_opens(stage, turn, settings):
    """In production, whatever address somebody types, and whatever form they send. Each turn, each address gets another
    of them, and so all three get each address."""
    settings.PRODUCTION = True
    opened = set()
    for number, (name, path) in enumerate(every_get(stage).items()):
        # Signing out would change the browser, whatever is undone.
        for method in ("GET",) if name == "account_logout" else ("GET", "POST"):
            answer = stage.ask(in_turn(STRONG, number + turn), method, path)
            if answer.headers.get("Location") != HOME:
                opened.add(name)
    strangers = {row.name for row in ROWS if row.statuses["anonymous"] != 302}
    strangers |= {name for name, (anonymous, _) in ACCOUNT.items() if anonymous == 200}
    # What leads elsewhere, to a stranger too: nothing is shown.
    led = {"account_confirm_login_code", "mfa_authenticate", "openid_connect_login", "openid_connect_callback"}
    assert opened - strangers - led == SET_UP


OPERATORS_PAGES = sorted(places.names(of_admin=True))


def check_admin(stage: Stage, name: str, method: str, characters: Iterable[str]) -> None:
    path = places.address(name, {"object_id": "1", "content_type_id": "1", "app_label": "core"})
    refused = stage.ask("anonymous", method, path)
    assert refused.status_code == 302
    assert refused.url.partition("?")[0] in (reverse("admin:login"), reverse("account_login"))
    for character in characters:
        assert stage.ask(character, method, path).status_code in (302, 403, 404, 405), character


@pytest.mark.parametrize("name", OPERATORS_PAGES)
def test_the_admin_is_for_superusers(stage, name):
    """Django's site keeps all of them by one check. A member of staff is who comes nearest."""
    check_admin(stage, name, in_turn(("GET", "POST"), OPERATORS_PAGES.index(name)), ["staff"])


@pytest.mark.release  # test_the_admin_is_for_superusers, with everybody and both methods
@pytest.mark.parametrize("name", OPERATORS_PAGES)
def test_the_admin_is_for_nobody_else(stage, name):
    for method in ("GET", "POST"):
        check_admin(stage, name, method, ["staff", "coordinator", "lead"])


def test_the_operator_opens_the_admin(stage):
    """… by the product's own sign-in page, which counts the tries."""
    assert stage.ask("anonymous", "GET", reverse("admin:login")).url.startswith(reverse("account_login"))
    assert stage.ask("operator", "GET", reverse("admin:index")).status_code == 200
    assert stage.ask("operator", "GET", reverse("admin:boards_agency_changelist")).status_code == 200

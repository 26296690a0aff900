"""What waits at the same moment is asked by one statement, and only what has an answer is read."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.db.models import Count, Exists, Max, OuterRef, QuerySet, Window
from django.test.utils import CaptureQueriesContext

from boards.models import Agency, Board, Membership, PartnershipArea, ReportingPeriod
from core.asking import Asking, ask, both, by_name, expect, find_out, together
from core.compiled import compiled
from core.models import User
from core.months import Month
from tests import scenarios
from tests.factories import make_agency, make_area
from tests.scenarios import Town

pytestmark = pytest.mark.django_db


@compiled
def agencies(area: PartnershipArea, chosen: frozenset[int]) -> QuerySet[Agency]:
    return Agency.objects.filter(area=area, pk__in=chosen).order_by("name")


@compiled
def boards(area: PartnershipArea, code: str) -> QuerySet[Board]:
    return Board.objects.filter(area=area, code=code).select_related("area")


@compiled
def months(area: PartnershipArea, since: date) -> QuerySet[ReportingPeriod, int]:
    return ReportingPeriod.objects.filter(area=area, starts_on__gte=since).values_list("pk", flat=True)


@compiled
def nothing(area: PartnershipArea) -> QuerySet[Agency]:
    return Agency.objects.filter(area=area).none()


# Every way in which our questions are composed.
WAYS: list[Callable[[Any], QuerySet[Any, Any]]] = [
    lambda area: Membership.objects.filter(area=area).select_related("user").order_by("-id"),
    lambda area: Membership.objects.filter(area=area).order_by().values("role").annotate(number=Count("pk")),
    lambda area: Membership.objects.filter(area=area).values_list("user").distinct(),
    lambda area: Membership.objects.filter(area=area).order_by("id")[:2],
    lambda area: Agency.objects.filter(area=area).annotate(last=Max("memberships__pk")),
    lambda area: Agency.objects.filter(area=area).annotate(last=Max("memberships__pk")).filter(last__gt=0),
    lambda area: Agency.objects.filter(area=area).annotate(number=Window(Count("pk")))[:3],
    lambda area: Agency.objects.filter(~Exists(Membership.objects.filter(agency=OuterRef("pk"))), area=area),
]


def test_only_what_has_an_answer_is_read(town: Town):
    asked = together(
        ask(agencies, town.area, frozenset({town.police.pk})),
        ask(agencies, town.area, frozenset({0})),
        ask(boards, town.area, "nowhere"),
        ask(months, town.area, date(2026, 1, 1)),
        ask(nothing, town.area),
    )
    with CaptureQueriesContext(connection) as queries:
        assert find_out(asked) == [[town.police], [], [], [], []]
    assert [each["sql"].count("EXISTS") for each in queries] == [4, 0]


def test_each_gets_the_answer_to_its_own_values(town: Town):
    """The same statements, in the same order, with the values of another area."""
    other = scenarios.make_town("elsewhere")
    scenarios.open_month(other, Month(2026, 10))
    for each, number in ((town, 0), (other, 1), (town, 0)):
        asked: list[Asking[Any]] = [
            ask(months, each.area, date(2026, 10, 1)),
            ask(months, each.area, date(2026, 11, 1)),
            ask(agencies, each.area, frozenset({each.police.pk, town.police.pk})),
            ask(boards, each.area, each.csp.code),
        ]
        first, later, own, csp = find_out(together(*asked))
        assert (len(first), later, own, csp) == (number, [], [each.police], [each.csp])


@pytest.mark.parametrize("compose", WAYS)
def test_whether_there_is_a_row_is_what_the_rows_say(town: Town, compose: Callable[[Any], QuerySet[Any, Any]]):
    make_agency(town.area, "nobodys")
    question = compiled(compose)
    for area, has_rows in ((town.area, True), (make_area("empty"), False)):
        others = [ask(months, area, date(2026, 1, day)) for day in (1, 2)]
        with CaptureQueriesContext(connection) as queries:
            found = find_out(together(ask(question, area), *others))[0]
        assert found == list(compose(area))
        assert (bool(found), len(queries)) == (has_rows, 1 + has_rows)


def test_the_same_question_is_asked_once(town: Town):
    with CaptureQueriesContext(connection) as queries:
        one, other, third = find_out(together(*(ask(boards, town.area, code) for code in ("csp", "csp", "csp"))))
    assert one == other == third
    assert len(queries) == 1


def test_what_follows_an_answer_waits_for_what_else_follows(town: Town):
    for place in range(3):
        Board.objects.create(area=town.area, code=f"board-{place}", name=f"Board {place}", short_name=str(place))

    def follow(place: int) -> Asking[list[str]]:
        found = yield from ask(boards, town.area, f"board-{place}")
        if not found:
            return []
        owned, opened = yield from both(
            ask(agencies, town.area, frozenset({town.police.pk, place})),
            ask(months, town.area, date(2026, 1, 1 + place)),
        )
        return [*map(str, [*found, *owned, *opened])]

    with CaptureQueriesContext(connection) as queries:
        found = find_out(by_name(**{f"at_{place}": follow(place) for place in range(5)}))
    assert found == {f"at_{place}": [f"Board {place}", "Police"] if place < 3 else [] for place in range(5)}
    asked = [each["sql"].count("EXISTS") for each in queries]
    assert asked == [5, 0, 0, 0, 6, 0, 0, 0]  # five boards and three of them, then what two ask about each of these


def test_what_needs_no_answer_asks_nothing(town: Town, django_assert_num_queries):
    def idle() -> Asking[str]:
        return "idle"
        yield []

    with django_assert_num_queries(0):
        assert find_out(idle()) == "idle"
        assert find_out(together(idle(), idle())) == ["idle", "idle"]
        assert find_out(together()) == []
        assert find_out(by_name()) == {}


def test_two_questions_are_read_at_once(town: Town, django_assert_num_queries):
    with django_assert_num_queries(2):
        found, none = find_out(both(ask(boards, town.area, "csp"), ask(months, town.area, date(2026, 1, 1))))
    assert ([board.code for board in found], none) == (["csp"], [])


@pytest.mark.parametrize("compose", WAYS)
def test_what_is_expected_comes_with_the_first_answer(town: Town, compose: Callable[[Any], QuerySet[Any, Any]]):
    make_agency(town.area, "nobodys")
    question = compiled(compose)
    for area in (town.area, make_area("empty"), town.area):
        asked: list[Asking[Any]] = [
            ask(months, area, date(2026, 1, 1)),
            expect(question, area),
            ask(agencies, area, frozenset({0})),
            expect(boards, area, "csp"),
            ask(boards, area, "nowhere"),
        ]
        with CaptureQueriesContext(connection) as queries:
            found = find_out(together(*asked))
        assert found == [[], list(compose(area)), [], list(boards(area, "csp")), []]
        # On SQLite nothing is a trip: whether there is anything, and two that are read.
        assert len(queries) == (1 if connection.vendor == "postgresql" else 3)


def test_values_that_come_together_are_those_of_django(town: Town):
    """A moment, a day, a list, yes or no, a number, a text, and nothing, in columns that others share."""
    period = scenarios.open_month(town, Month(2026, 10))
    town.police.domains = ["police.example"]
    town.police.save()
    kinds: list[QuerySet[Any, Any]] = [
        ReportingPeriod.objects.filter(pk=period.pk).select_related("area"),
        Agency.objects.filter(pk=town.police.pk),
        User.objects.filter(pk=town.lead.pk),
        Membership.objects.filter(area=town.area).order_by("-id"),
    ]
    by_area = [compiled(lambda area, kind=kind: kind) for kind in kinds]
    found = find_out(together(*(expect(each, town.area) for each in by_area)))
    for ours, theirs in zip(found, kinds, strict=True):
        assert [plain(each) for each in ours] == [plain(each) for each in theirs]


def plain(row: Any) -> dict[str, tuple[type, Any]]:
    return {name: (type(value), value) for name, value in vars(row).items() if name != "_state"}


def test_a_question_that_one_expects_and_another_asks_is_read_once(town: Town):
    asked: list[Asking[Any]] = [ask(boards, town.area, "csp"), expect(boards, town.area, "csp")]
    with CaptureQueriesContext(connection) as queries:
        one, other = find_out(together(*asked))
    assert one == other == [town.csp]
    assert len(queries) == 1

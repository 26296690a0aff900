"""PostgreSQL reads and plans a repeated statement once for each connection; its rows become the objects that Django
would make."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import DataError, connection, transaction
from django.db.models import FETCH_PEERS, Count, QuerySet
from django.db.models.signals import post_init

from boards.models import Agency, Membership, PartnershipArea
from core.models import User
from core.rows import Reader
from core.statements import Repeated
from tests.scenarios import Town
from vvdash.postgres import prepared as module
from vvdash.postgres.prepared import Prepared

pytestmark = pytest.mark.django_db
only_postgres = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite keeps statements by itself.")


@pytest.fixture
def _nothing_prepared() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    connection.connection.prepared = Prepared()


def ask(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def list_prepared() -> list[str]:
    return [text for (text,) in ask("SELECT statement FROM pg_prepared_statements")]


# --- Statements --------------------------------------------------------------------------------------


@only_postgres
@pytest.mark.usefixtures("_nothing_prepared")
def test_a_statement_is_prepared_when_it_is_asked_again():
    double = Repeated("SELECT %s * 2, '100 %%'")
    assert ask(double, 1) == [(2, "100 %")]
    assert list_prepared() == []
    assert [ask(double, number) for number in (2, 3, 4)] == [[(4, "100 %")], [(6, "100 %")], [(8, "100 %")]]
    (text,) = list_prepared()
    assert text.endswith("AS SELECT $1 * 2, '100 %'")


@only_postgres
@pytest.mark.usefixtures("_nothing_prepared")
def test_only_what_changes_is_a_value_and_the_same_place_is_one_value():
    text = "SELECT part + %s, %s FROM (VALUES (1), (1)) AS held (part) GROUP BY part + %s"
    grouped = Repeated(text, [0, None, 0])
    for number in (1, 2, 3):
        assert ask(grouped, number, "same", number) == [(number + 1, "same")]
    (prepared,) = list_prepared()
    assert "$1" in prepared
    assert "$2" not in prepared
    assert "'same'" in prepared


@only_postgres
@pytest.mark.usefixtures("_nothing_prepared")
def test_what_never_changes_in_a_statement_tells_it_from_another_with_its_text():
    """A month's marking for partners and the one for the public are asked by the same text."""
    told = Repeated("SELECT %s + 0, %s", [0, None])
    asked = ["partners", "public"] * 3
    assert [ask(told, number, audience) for number, audience in enumerate(asked)] == [
        [(number, audience)] for number, audience in enumerate(asked)
    ]
    assert len(list_prepared()) == 2


@only_postgres
@pytest.mark.usefixtures("_nothing_prepared")
def test_a_value_means_what_its_literal_means():
    same = Repeated("SELECT pg_typeof(%s)::text")
    values = {7: "integer", 2**40: "bigint", date(2026, 11, 1): "date", True: "boolean"}
    for value, kind in values.items():
        assert [ask(same, value) for _ in range(3)] == [[(kind,)]] * 3
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    assert [ask(same, moment) for _ in range(3)] == [[("timestamp with time zone",)]] * 3
    # A text is what is compared with it, and a list isn't prepared at all.
    since = Repeated("SELECT date '2026-11-01' >= %s")
    assert [ask(since, day) for day in ("2026-10-31", "2026-11-01", "2026-11-02")] == [[(True,)], [(True,)], [(False,)]]
    assert [ask(Repeated("SELECT 1 = ANY(%s)"), [1, 2]) for _ in range(3)] == [[(True,)]] * 3
    assert not any("ANY" in text for text in list_prepared())


@only_postgres
@pytest.mark.usefixtures("_nothing_prepared")
def test_an_error_and_a_rollback_leave_it_as_usable_as_before():
    divide = Repeated("SELECT 6 / %s")
    assert ask(divide, 1) == [(6,)]
    for _ in range(2):  # while it is prepared, and afterwards
        with pytest.raises(DataError), transaction.atomic():
            ask(divide, 0)
        assert ask(divide, 2) == [(3,)]
    assert len(list_prepared()) == 1


@only_postgres
@pytest.mark.usefixtures("_nothing_prepared")
def test_a_connection_holds_a_bounded_number(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "MOST", 3)
    for number in range(8):
        for _ in range(2):
            assert ask(Repeated(f"SELECT {number} + %s"), 1) == [(number + 1,)]
    assert len(list_prepared()) == len(connection.connection.prepared.names) == 3
    assert ask(Repeated("SELECT 0 + %s"), 1) == [(1,)]  # forgotten, and asked once more


@only_postgres
@pytest.mark.usefixtures("_nothing_prepared")
def test_nothing_is_prepared_behind_a_pooler(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    assert [ask(Repeated("SELECT %s"), 1) for _ in range(3)] == [[(1,)]] * 3
    assert list_prepared() == []


# --- Rows --------------------------------------------------------------------------------------------


def describe(row: Any) -> Any:
    """Return all that an object holds, and what hangs on it."""
    if not hasattr(row, "_state"):
        return row
    held = {name: value for name, value in vars(row).items() if name != "_state"}
    state = row._state
    cached = {name: describe(value) for name, value in state.fields_cache.items()}
    return type(row), held, state.adding, state.db, state.fetch_mode, len(state.peers), cached


QUERIES: Sequence[QuerySet[Any, Any]] = (
    Membership.objects.select_related("user", "area", "agency", "board").order_by("pk"),
    Membership.objects.select_related("agency__area").order_by("pk").only("role", "agency__name", "agency__area__slug"),
    PartnershipArea.objects.annotate(held=Count("memberships")).order_by("pk"),
    Membership.objects.order_by("pk").values_list("pk", "role", "user__email"),
    Agency.objects.order_by("code").values_list("code", flat=True),
    Agency.objects.order_by("code").values("code", "name"),
    User.objects.order_by("-email"),
    Membership.objects.all().fetch_mode(FETCH_PEERS).order_by("pk"),
    Membership.objects.all().fetch_mode(FETCH_PEERS).select_related("user").order_by("pk"),
)


@pytest.mark.parametrize("queryset", QUERIES, ids=range(len(QUERIES)))
def test_its_rows_become_what_django_makes_of_them(town: Town, queryset: QuerySet[Any, Any]):
    compiler = queryset.query.get_compiler(connection=connection)
    reader = Reader(queryset, compiler) if compiler.as_sql() else None
    assert reader is not None
    usual = list(queryset.all())
    with connection.cursor() as cursor:
        cursor.execute(*compiler.as_sql())
        rows = cursor.fetchall()
    assert len(rows) == len(usual) > 0
    assert list(map(describe, reader.read(rows))) == list(map(describe, usual))
    assert reader.read([]) == []


def test_whoever_listens_to_a_model_still_hears_of_each_object(town: Town):
    heard = []
    post_init.connect(listener := lambda instance, **_: heard.append(instance.code), sender=Agency, weak=False)
    try:
        queryset = Agency.objects.order_by("code")
        compiler = queryset.query.get_compiler(connection=connection)
        statement = compiler.as_sql()
        reader = Reader(queryset, compiler)
        found = reader.read(ask(*statement[:1], *statement[1]))
        assert heard == [agency.code for agency in found] != []
    finally:
        post_init.disconnect(listener, sender=Agency)


def test_peers_are_read_together(town: Town, django_assert_num_queries):
    queryset = Membership.objects.all().fetch_mode(FETCH_PEERS).order_by("pk")
    compiler = queryset.query.get_compiler(connection=connection)
    statement, values = compiler.as_sql()
    found = Reader(queryset, compiler).read(ask(statement, *values))
    with django_assert_num_queries(1):
        assert len({member.user.email for member in found}) > 1

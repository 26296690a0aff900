"""Lock and read rows, say what a fault of the database means, and keep what was made from rows.

If others use what somebody needs, it works a moment later. If the disk is full, people can still read.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Self

from django.conf import settings
from django.core.cache import caches
from django.db import InterfaceError, OperationalError
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import Migration
from django.db.migrations.state import ProjectState
from django.db.models import Model, Q, QuerySet

logger = logging.getLogger(__name__)

# PostgreSQL's: a lock that took too long, and a deadlock.
LOCKED = {"55P03", "40P01"}
# A statement that took too long.
TOO_LONG = {"57014"}
# Its host only reads: it was the primary until a moment ago. psycopg2 calls that an internal error.
READ_ONLY = "25006"


def is_locked(fault: BaseException | None) -> bool:
    """Return whether somebody else has what we wanted to change."""
    return _code(fault) in LOCKED or (isinstance(fault, OperationalError) and "database is locked" in str(fault))


def is_busy(fault: BaseException | None) -> bool:
    """Return whether something took too long, for whatever reason."""
    return is_locked(fault) or _code(fault) in TOO_LONG


def is_out_of_order(fault: BaseException | None) -> bool:
    """Return whether the database can't work, whatever the page asks of it."""
    is_read_only = getattr(getattr(fault, "__cause__", None), "pgcode", None) == READ_ONLY
    return is_read_only or isinstance(fault, OperationalError | InterfaceError)


@contextmanager
def by_the_way(what: str) -> Iterator[None]:
    """Save something within the block that the page can do without. If the database can't, log it and go on.

    Not in a transaction of the page: on PostgreSQL, a failed statement ends that too.
    """
    try:
        yield
    except OperationalError:
        logger.warning("We could not save %s.", what, exc_info=True)


def _code(fault: BaseException | None) -> str | None:
    if not isinstance(fault, OperationalError):
        return None
    # `pgcode` is psycopg2's. psycopg 3 calls it `sqlstate`: with it, every lock would be logged as a fault of ours.
    code: str | None = getattr(fault.__cause__, "pgcode", None)
    return code


type Areas = Collection[int] | None  # their keys; None for all


def within(areas: Areas, relation: str = "area") -> Q:
    """Return the condition for rows of these areas; `relation` leads from a row to its area."""
    return Q() if areas is None else Q((f"{relation}__in", areas))


def lock_row[Row: Model](rows: QuerySet[Row], key: object) -> Row:
    """Return the row with this key, locked until the end of the transaction. `rows` names the relations to load.

    Raises the model's DoesNotExist.
    """
    # Two queries. A single one joins what the row named before the wait for the lock. If somebody else changed that
    # meanwhile, PostgreSQL finds no row, or leaves the relation empty.
    rows.model._default_manager.select_for_update().only("pk").get(pk=key)
    return rows.get(pk=key)


class InitialMigration(Migration):
    """A migration that only creates, and so needs to build its models once.

    Django builds all related models anew after each CreateModel, which takes three quarters of the time that our
    hundred tables take. None of them is changed on the way, so the last state serves each of them.

    Version 0.2.0 folded 131 migrations into one of these for each app. They took half of a first start, and of the
    start of each test database. A later migration is an ordinary one, and is kept. A database of before is carried over
    (operations.releases).
    """

    initial = True

    def apply(
        self, project_state: ProjectState, schema_editor: BaseDatabaseSchemaEditor, collect_sql: bool = False
    ) -> ProjectState:
        project_state.__dict__.pop("apps", None)  # while they are there, each operation builds them anew
        for operation in self.operations:
            operation.state_forwards(self.app_label, project_state)
        for operation in self.operations:
            operation.database_forwards(self.app_label, schema_editor, project_state, project_state)
        return project_state


def is_in_use(relation: str = "") -> Q:
    """Return the condition for rows in use: for the row itself, or for a relation of it ("board")."""
    return Q((f"{relation}__retired" if relation else "retired", False))


def at_by(act: str) -> Q:
    """Return the condition that a row says when something was done and by whom, or neither: for "revoked", in
    `revoked_at` and `revoked_by`."""
    return Q((f"{act}_at__isnull", True), (f"{act}_by__isnull", True)) | _is_done(act)


def at_by_why(act: str) -> Q:
    """Return the same condition for an act with a reason, such as `archived_why`."""
    before = Q((f"{act}_at__isnull", True), (f"{act}_by__isnull", True), (f"{act}_why", ""))
    return before | _is_done(act) & ~Q((f"{act}_why", ""))


def _is_done(act: str) -> Q:
    return Q((f"{act}_at__isnull", False), (f"{act}_by__isnull", False))


class RetirableQuerySet[Row: Model](QuerySet[Row]):
    """The rows of a model with a column `retired`."""

    def in_use(self, *, or_held: Iterable[int | None] = ()) -> Self:
        """Return the rows that people can choose, plus those already chosen (by id), even if they are retired."""
        return self.filter(is_in_use() | Q(pk__in=list(or_held)))


def keep[Made](
    depends_on: tuple[object, ...], make: Callable[[], Made], *, unless: Callable[[], bool] | None = None
) -> Made:
    """Return what this process made from the same before, or make it and keep it. `depends_on` names everything that it
    is made from, as plain data, and what it is. So nothing needs to be invalidated, and only readers with the same
    rights share it. The release is added to the key. `unless` is asked once it is made: whether it is made from
    something newer.
    """
    # As text, so it must be plain data: an object's text would differ each time.
    key = sha256(repr((settings.RELEASE, depends_on)).encode()).hexdigest()
    cache = caches["pages"]
    kept: Made | None = cache.get(key)
    if kept is None:
        kept = make()
        if unless is None or not unless():
            cache.set(key, kept)
    return kept

"""Who is asking, and what are they in the area of the address?

Each page with a sign-in asks this first, and one statement answers it: docs/adr/0089.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model
from django.utils import timezone

from boards.models import Membership, PartnershipArea, RegionMembership, ReportingPeriod, read_factor_roles
from boards.months import DRAFT
from boards.roles import Role
from boards.workflow import MonthStatus
from core import sessions
from core.compiled import adapt
from core.models import Session, User
from core.rows import Reader, make_reader
from core.selectors import fetch_rows
from core.selectors.factors import FACTORS
from core.statements import statement
from core.trail import trail

type Held = tuple[str, int | None, int | None]  # role, agency, board


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody is in one area, and all its months as boards.months reads them. `person` is their key."""

    person: int | None
    area: PartnershipArea
    held: tuple[Held, ...]
    months: str


def list_columns(model: type[Model], alias: str) -> list[str]:
    return [f"{alias}.{field.column}" for field in model._meta.concrete_fields]


# By hand, because each page asks for this first: see core.selectors. Joined on the left: an address may have no area,
# and a person without a role in it has one row without a role. Whoever reads it must check that. The roles of all
# areas and regions are those that may need a second factor; nobody asks for them of a person who has one.
ASKING = statement(
    """
    SELECT held.role, held.agency_id, held.board_id,
        (
            SELECT {joined}(CAST(starts_on AS varchar(10)) || CASE WHEN status = %s THEN '' ELSE %s END, ',')
            FROM {period} WHERE area_id = area.id
        ),
        EXISTS (SELECT 1 FROM {in_region} wider WHERE wider.user_id = person.id),
        CASE WHEN EXISTS (SELECT 1 FROM {factor} own WHERE own.user_id = person.id AND own.type IN (%s, %s)) THEN NULL
        ELSE (
            SELECT COALESCE({joined}(every.role || ' ' || place.factor_roles, ','), '')
            FROM {membership} every JOIN {place} place ON place.id = every.area_id
            WHERE every.user_id = person.id
        ) END,
        {session_columns}, {person_columns}, {area_columns}
    FROM {session} session
    LEFT JOIN {person} person ON person.id = session.person_id
    LEFT JOIN {place} area ON area.slug = %s
    LEFT JOIN {membership} held ON held.area_id = area.id AND held.user_id = person.id
    WHERE session.session_key = %s AND session.expire_date > %s
""",
    # In no order. Two orders of the same months are two keys of the cache, and never a wrong page.
    joined="group_concat" if connections[DEFAULT_DB_ALIAS].vendor == "sqlite" else "string_agg",
    period=ReportingPeriod,
    in_region=RegionMembership,
    factor=Authenticator,
    membership=Membership,
    place=PartnershipArea,
    session=Session,
    person=User,
    session_columns=list_columns(Session, "session"),
    person_columns=list_columns(User, "person"),
    area_columns=list_columns(PartnershipArea, "area"),
)
OF_ROLE = 3  # columns: role, agency and board
MONTHS, IN_REGION, WITHOUT_FACTOR, FIRST = 3, 4, 5, 6  # places in a row; the session's own columns begin with FIRST
AREA = FIRST + len(Session._meta.concrete_fields) + len(User._meta.concrete_fields)


class SessionStore(sessions.SessionStore):
    """Sessions that also know what their person is in the area of the address."""

    standing: Standing | None = None
    lacks_factor = True  # whether the person needs a second factor and has none; until we know better, they do

    def find_row(self) -> Session | None:
        parameters = [MonthStatus.PUBLISHED.value, DRAFT, *FACTORS, name_area(), self.session_key or ""]
        rows = fetch_rows(ASKING, [*parameters, adapt(timezone.now(), connections[DEFAULT_DB_ALIAS].ops)])
        if not rows:
            return None
        first = rows[0]
        row: Session = session_reader().read([first[FIRST:AREA]])[0]
        person = row.person
        if person is not None:
            strong = first[WITHOUT_FACTOR]
            needs_one = person.is_superuser or bool(first[IN_REGION]) or is_any_strong(strong or "")
            self.lacks_factor = needs_one and strong is not None
        if first[AREA] is not None:
            held = tuple((role, agency, board) for role, agency, board, *_ in rows if role is not None)
            self.standing = Standing(row.person_id, area_reader().read([first[AREA:]])[0], held, first[MONTHS] or "")
        return row


def name_area() -> str:
    """Return the area that the address of this thread's request names; empty if it names none."""
    own = trail.get()
    match = own.request.resolver_match if own is not None and own.request is not None else None
    # Not its `kwargs`: there a middleware puts the area itself.
    captured: dict[str, Any] = getattr(match, "captured_kwargs", {})
    return str(captured.get("area", ""))


def is_any_strong(roles: str) -> bool:
    """Return whether one of these needs a second factor. Each is followed by those that its area added."""
    held = (each.partition(" ") for each in roles.split(",") if each)
    return any(Role(role) in read_factor_roles(added) for role, _, added in held)


@cache
def session_reader() -> Reader[Session]:
    return make_reader(Session.objects.select_related("person"))


@cache
def area_reader() -> Reader[PartnershipArea]:
    return make_reader(PartnershipArea.objects.all())

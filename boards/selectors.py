"""Read an area's boards, months, people, statements and uses of keys."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Min, OuterRef, Q, QuerySet
from django.utils import timezone

from boards.key_secrets import Scope
from boards.models import (
    ApiKey,
    Board,
    Consent,
    FactorReset,
    KeyUse,
    Membership,
    PartnershipArea,
    PublicStatements,
    RegionKey,
    RegionKeyUse,
    RegionMembership,
    ReportingPeriod,
    Responsibility,
    Strand,
)
from boards.reads import PAGE, ReadIn
from boards.rules import MonthStatus, Role
from core.calendar import Month
from core.database import Areas
from core.identity.factors import FACTORS
from core.models import ReadEvent, User
from core.pages import NotHeld

BITS = {scope: 1 << place for place, scope in enumerate(Scope)}


class TooOften(Exception):
    """Raised for a key that is used too often. `wait` is in seconds."""

    def __init__(self, wait: int) -> None:
        super().__init__(
            f"This key has made too many requests: the limit is {settings.KEY_A_MINUTE} a minute and "
            f"{settings.KEY_AN_HOUR:,} an hour. Wait {wait} seconds."
        )
        self.wait = wait


def start_of_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def start_of_day(day: date) -> datetime:
    # In the local zone: in summer a day starts at 23:00 UTC of the day before.
    return timezone.make_aware(datetime.combine(day, time.min))


def as_bits(scopes: Iterable[Scope]) -> int:
    return sum(BITS[scope] for scope in set(scopes))


def read_bits(bits: int) -> list[Scope]:
    return [scope for scope, bit in BITS.items() if bits & bit]


def count_use(
    key: int, now: datetime, scopes: Iterable[Scope] = (), *, uses: type[KeyUse] | type[RegionKeyUse] = KeyUse
) -> None:
    """Count a request for what these scopes open, also one that is refused. Raises TooOften."""
    hour = start_of_hour(now)
    # Without the lock, two requests at the same time would be one.
    with transaction.atomic():
        use, _ = uses.objects.select_for_update().get_or_create(key_id=key, hour=hour)
        # The count of the last minute begins anew with the first request of the next.
        earlier = use.in_minute if use.minute == now.minute else 0
        if use.requests >= settings.KEY_AN_HOUR or earlier >= settings.KEY_A_MINUTE:
            use.refused += 1
        use.requests += 1
        use.minute, use.in_minute = now.minute, earlier + 1
        use.asked |= as_bits(scopes)
        use.save()
    if use.requests > settings.KEY_AN_HOUR:
        raise TooOften(int((hour + timedelta(hours=1) - now).total_seconds()) + 1)
    if use.in_minute > settings.KEY_A_MINUTE:
        raise TooOften(60 - now.second)


def find_board(area: PartnershipArea, code: str) -> Board:
    """Return the board. Raises NotHeld."""
    boards = Board.objects.in_use().filter(area=area)
    board = boards.filter(code=code).first()
    if board is None:
        codes = ", ".join(boards.values_list("code", flat=True))
        raise NotHeld(f"{area.name} has no board “{code}”. Its boards are: {codes or 'none yet'}.")
    return board


def list_statements(user: User) -> list[PublicStatements]:
    """Return what this person's areas add to the privacy notice and the accessibility statement. One query."""
    statements = PublicStatements.objects.filter(area__memberships__user=user).select_related("area")
    return list(statements.distinct().order_by("area__name"))


def list_boards(area: PartnershipArea) -> list[Board]:
    """Return every board, including retired ones: their pages of past months stay. One query."""
    return list(Board.objects.filter(area=area).order_by("position", "name"))


def list_duties(board: Board) -> list[tuple[int, str]]:
    """Return a board's responsibilities, each by its key, with its text. One query."""
    return list(Responsibility.objects.filter(board=board).order_by("position", "id").values_list("pk", "text"))


def list_strands(area: PartnershipArea) -> list[Strand]:
    """Return the strands of its plan, in order. One query."""
    return list(Strand.objects.filter(area=area))


def list_months(area: PartnershipArea) -> list[ReportingPeriod]:
    """Return the months, newest first. One query."""
    periods = list(ReportingPeriod.objects.filter(area=area).order_by("-starts_on"))
    for period in periods:
        # Otherwise each month's address costs a query.
        period.area = area
    return periods


def open_months(periods: Iterable[ReportingPeriod]) -> list[Month]:
    """Return the months of an area that accept returns. No query."""
    return [period.month for period in periods if period.is_open]


def newest_published(area: PartnershipArea) -> ReportingPeriod | None:
    published = ReportingPeriod.objects.filter(area=area, status=MonthStatus.PUBLISHED.value)
    return published.order_by("-starts_on").first()


def get_due_day(area: PartnershipArea, month: Month) -> date:
    """Return the due date of a month's returns under the area's current rule. No query."""
    return month.next.first_day.replace(day=area.due_day)


def count_readers(area: PartnershipArea) -> int:
    """Return the people with a role in the area who can sign in. One query."""
    memberships = Membership.objects.filter(area=area, user__is_active=True)
    return memberships.values("user").distinct().count()


def list_people(area: PartnershipArea, *roles: Role) -> QuerySet[User]:
    """Return the people with one of these roles who can sign in, by name."""
    memberships = Membership.objects.filter(area=area, role__in=[role.value for role in roles])
    return User.objects.filter(is_active=True, pk__in=memberships.values("user")).order_by("name", "email")


def find_outside_areas(email: str) -> User | None:
    """Return the operator with this address, or the person who has roles in regions only: no area's officers can reset
    their second factor. One query."""
    in_area = Exists(Membership.objects.filter(user=OuterRef("pk")))
    in_region = Exists(RegionMembership.objects.filter(user=OuterRef("pk")))
    outside = Q(is_superuser=True) | (Q(in_region) & ~Q(in_area))
    return User.objects.filter(outside, email__iexact=email).first()


def list_operators() -> QuerySet[User]:
    """Return the operators who can sign in, by name."""
    return User.objects.filter(is_active=True, is_staff=True, is_superuser=True).order_by("name", "email")


def list_open_resets(area: PartnershipArea) -> QuerySet[FactorReset]:
    """Return the requests to reset a second factor that nobody has decided, newest first."""
    return FactorReset.objects.undecided().filter(area=area).select_related("person", "asked_by")


def list_people_with_factor(area: PartnershipArea) -> list[Membership]:
    """Return one membership for each person of the area who has a second factor, by name. One query."""
    factors = Authenticator.objects.filter(user=OuterRef("user"), type__in=FACTORS)
    memberships = (
        Membership.objects.filter(Exists(factors), area=area).select_related("user").order_by("user__name", "pk")
    )
    return list({membership.user_id: membership for membership in memberships}.values())


def count_recovery_codes(user: User, *, of: int) -> int:
    """Return how many recovery codes of the last set somebody hasn't used."""
    codes = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
    return of - int(codes.data["used_mask"]).bit_count() if codes else 0


def count_holders(area: PartnershipArea, role: Role, *, without: User) -> int:
    """Count the other people with a role for the whole area who can sign in. One query."""
    holders = Membership.objects.filter(area=area, role=role.value, user__is_active=True)
    return holders.exclude(user=without).count()


KEY_READ = "key.read"
HOUR_LABEL = "%Y-%m-%d %H:00"  # of an hour in the log of reading, in local time


@dataclass(frozen=True, slots=True)
class HourOfUse:
    """How often a key asked in an hour, how many of these were too many, and what it asked for."""

    day: date
    hour: int
    requests: int
    refused: int
    asked: frozenset[Scope]


def list_key_uses(key: ApiKey | RegionKey, since: datetime) -> Iterator[HourOfUse]:
    """Yield the hours in which a key was used: those in the log of reading, and those that nobody has noted yet. Two
    queries."""
    path = key.get_absolute_url()
    noted = ReadEvent.objects.filter(target_type=PAGE, target_id=path, verb=KEY_READ, happened_at__gte=since)
    scopes = {scope.value: scope for scope in Scope}
    for details in noted.values_list("details", flat=True):
        hour = datetime.strptime(details["hour"], HOUR_LABEL)  # noqa: DTZ007  # local time, and so is the page
        asked = frozenset(scopes[code] for code in details["asked"].split() if code in scopes)
        yield HourOfUse(hour.date(), hour.hour, details["requests"], details["refused"], asked)
    for use in key.uses.filter(hour__gte=since):
        hour = timezone.localtime(use.hour)
        yield HourOfUse(hour.date(), hour.hour, use.requests, use.refused, frozenset(read_bits(use.asked)))


def list_read_in(area: str) -> list[ReadIn]:
    """Return the regions that showed an area, each with the span of a consent. One query."""
    consents = Consent.objects.filter(area__slug=area, region__isnull=False, agreed_at__isnull=False)
    spans = []
    for slug, agreed_at, starts_on, withdrawn_at, ends_on in consents.values_list(
        "region__slug", "agreed_at", "starts_on", "withdrawn_at", "ends_on"
    ):
        first, end = start_of_day(starts_on), start_of_day(ends_on + timedelta(days=1))
        spans.append(ReadIn(slug, max(agreed_at or first, first), withdrawn_at or end))
    return spans


def list_areas_of(people: Collection[int]) -> Areas:
    """Return the areas in which any of these people has a role; None, for all, if one is an operator. Two queries."""
    if list_operators().filter(pk__in=people).exists():
        return None
    return set(Membership.objects.filter(user__in=people).values_list("area_id", flat=True))


def find_first_months(areas: frozenset[int]) -> dict[int, Month]:
    """Return the first month of each of these areas, by its key; none of an area without months. One query."""
    of_areas = ReportingPeriod.objects.filter(area__in=areas).order_by().values("area_id")
    rows = of_areas.annotate(first=Min("starts_on")).values_list("area_id", "first")
    return {area: Month.of(day) for area, day in rows}

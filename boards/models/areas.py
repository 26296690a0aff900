"""Who takes part: areas, agencies, boards and their responsibilities, strands, and people's roles."""

from collections.abc import Iterable
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import (
    EmailValidator,
    MaxValueValidator,
    MinValueValidator,
    RegexValidator,
    URLValidator,
)
from django.db import models
from django.db.models import F, Q

from boards.invitations import DomainRefused, read_domains
from boards.rules import FACTOR_ROLES, MonthStatus, Role
from core.calendar import Month
from core.database import RetirableQuerySet
from core.pages import link_to
from core.texts import LONGEST_REASON

# The first parts of the product's own addresses, and the parts that follow an area's slug. Nobody could reach an area
# whose slug equals one of them.
RESERVED_SLUGS = frozenset(
    {
        ".well-known",
        "accessibility",
        "csp-reports",
        "metrics",
        "privacy",
        "readyz",
        "robots.txt",
        "account",
        "areas",
        "admin",
        "api",
        "audit",
        "healthz",
        "help",
        "highlights",
        "indicators",
        "method",
        "months",
        "packs",
        "plan",
        "challenges",
        "changes",
        "consent",
        "corrections",
        "disclosure",
        "engagement",
        "events",
        "exports",
        "impact",
        "keys",
        "markings",
        "meetings",
        "mine",
        "names",
        "notices",
        "operator",
        "provisional",
        "public",
        "publishing",
        "regions",
        "returns",
        "roles",
        "setup",
        "static",
        "search",
        "sub-groups",
        "support",
    }
)
# Pages of a month. A board's page has its code in the same place.
RESERVED_CODES = frozenset({"commentary", "impact", "kpis", "lines", "present", "search", "year"})

CODE = RegexValidator(
    r"\A[a-z0-9]+(-[a-z0-9]+)*\Z",
    "Use lower-case letters, digits and single hyphens: drug-arrests.",
)


def validate_not_reserved(slug: str) -> None:
    if slug in RESERVED_SLUGS:
        raise ValidationError(f"“{slug}” is already the address of another page. Choose another.")


def validate_no_page(code: str) -> None:
    if code in RESERVED_CODES:
        raise ValidationError(f"“{code}” is already the address of a month’s page. Choose another.")


def validate_domains(domains: Any) -> None:
    try:
        is_read = isinstance(domains, list) and read_domains("\n".join(map(str, domains))) == domains
    except DomainRefused as refused:
        raise ValidationError(str(refused)) from refused
    if not is_read:
        raise ValidationError('Enter a list of domains in lower case, such as ["council.example"].')


def validate_contact(contact: str) -> None:
    """Accept an email address, or the address of a page. Either becomes a link on public pages."""
    validate = URLValidator(schemes=["https", "http"]) if "://" in contact else EmailValidator()
    try:
        validate(contact)
    except ValidationError:
        raise ValidationError(
            "Enter an email address (office@anytown.example) or a page’s address (https://anytown.example/contact)"
        ) from None


def code_field(length: int = 40, **options: Any) -> "models.CharField[str, str]":
    """A short name for addresses, files and the command line."""
    return models.CharField("code", max_length=length, validators=[CODE], **options)


def read_factor_roles(codes: str) -> frozenset[Role]:
    """Return the roles that need a second factor in an area, from its `factor_roles`."""
    added = set(codes.split())
    return FACTOR_ROLES | {role for role in Role if role.value in added}


OPEN_LICENCE = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"


class Licence(models.TextChoices):
    """The terms on which anyone may reuse an area's public figures."""

    OPEN = "ogl-3.0", "Open Government Licence v3.0"
    ASK = "ask", "No licence: ask us first"


class PartnershipArea(models.Model):
    """The tenant: a town or district whose boards work together. No row links two areas."""

    slug = models.CharField("name in addresses", max_length=40, unique=True, validators=[CODE, validate_not_reserved])
    name = models.CharField(max_length=80)
    ons_code = models.CharField("ONS code", max_length=9, blank=True, help_text="Such as E06000033.")
    due_day = models.PositiveSmallIntegerField(
        "returns are due on day",
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(28)],
        help_text="Day of the following month, 1 to 28.",
    )
    check_days = models.PositiveSmallIntegerField(
        "working days to check a return",
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(20)],
        help_text="How long the coordinator takes at most, from 1 to 20. We tell agencies when they submit.",
    )
    silent_meetings = models.PositiveSmallIntegerField(
        "meetings without a strand",
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(12)],
        help_text="A strand needs attention when a board didn’t discuss it at this many meetings in a row: 1 to 12.",
    )
    longitude = models.FloatField(null=True, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    factor_roles = models.CharField(
        "roles that need a second factor too",
        max_length=200,
        blank=True,
        help_text="Their codes, with spaces between. Coordinators and information officers always need one.",
    )
    has_public_pages = models.BooleanField(
        default=False, help_text="Whether anyone can read the months that are made public."
    )
    has_keys = models.BooleanField("keys for machines work", default=False)
    publisher = models.CharField(
        "who publishes its figures",
        max_length=120,
        blank=True,
        help_text="At the foot of each public page. Without it, the area’s name is there.",
    )
    contact = models.CharField(
        "whom to ask about them",
        max_length=200,
        blank=True,
        validators=[validate_contact],
        help_text="Anyone reads it.",
    )
    licence = models.CharField("licence of its figures", max_length=20, blank=True, choices=Licence)

    class Meta:
        ordering = ("name",)
        constraints = (
            # 28 at most, so that every month has that day.
            models.CheckConstraint(condition=Q(due_day__gte=1, due_day__lte=28), name="area_due_day_exists"),
            models.CheckConstraint(condition=Q(check_days__gte=1, check_days__lte=20), name="area_check_days"),
            models.CheckConstraint(
                condition=Q(silent_meetings__gte=1, silent_meetings__lte=12), name="area_silent_meetings"
            ),
            models.CheckConstraint(
                condition=Q(longitude__isnull=True, latitude__isnull=True)
                | Q(
                    # Compare with a name: a NULL in a comparison would let the row pass.
                    longitude__isnull=False,
                    latitude__isnull=False,
                    longitude__gte=-180,
                    longitude__lte=180,
                    latitude__gte=-90,
                    latitude__lte=90,
                ),
                name="area_place_is_whole",
                violation_error_message="Give both longitude and latitude, in degrees, or neither.",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return link_to("reporting:area-home", self.slug)

    @property
    def publisher_gap(self) -> str:
        """Return what the foot of the public pages lacks, as a sentence; empty if nothing."""
        said = {"publisher’s name": self.publisher, "address for questions": self.contact, "licence": self.licence}
        missing = [f"no {name}" for name, value in said.items() if not value]
        listed = " and ".join(filter(None, (", ".join(missing[:-1]), *missing[-1:])))
        return f"The public pages have {listed}." if missing else ""

    @property
    def roles_with_factor(self) -> frozenset[Role]:
        """Return the roles that need a second factor in this area."""
        return read_factor_roles(self.factor_roles)


class Agency(models.Model):
    """A body that supplies figures, such as the police."""

    class Kind(models.TextChoices):
        POLICE = "police", "Police"
        COUNCIL = "council", "Council"
        NHS = "nhs", "NHS or integrated care board"
        PROBATION = "probation", "Probation"
        YOUTH_JUSTICE = "youth-justice", "Youth justice"
        FIRE = "fire", "Fire and rescue"
        EDUCATION = "education", "Education"
        VOLUNTARY = "voluntary", "Voluntary sector"

    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="agencies")
    code = code_field()
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=20, choices=Kind)
    position = models.PositiveSmallIntegerField(default=0)
    needs_release = models.BooleanField(
        "releases its own returns",
        default=False,
        help_text="An approver of the agency releases each return before the coordinator gets it.",
    )
    domains = models.JSONField(
        "domains of its people",
        default=list,
        blank=True,
        validators=[validate_domains],
        help_text="No one with another address can get a role for the agency. Empty: any address.",
    )
    retired = models.BooleanField(default=False, help_text="A retired agency has no more returns to send.")

    objects = RetirableQuerySet["Agency"].as_manager()

    class Meta:
        ordering = ("position", "name")
        verbose_name_plural = "agencies"
        constraints = (
            models.UniqueConstraint(
                fields=("area", "code"),
                name="one_agency_per_code",
                violation_error_message="This area already has an agency with that code.",
            ),
        )

    def __str__(self) -> str:
        return self.name


class Board(models.Model):
    """One of the statutory boards, or the strategic group drawn from them."""

    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="boards")
    code = models.CharField("code", max_length=40, validators=[CODE, validate_no_page])
    name = models.CharField(max_length=120)
    short_name = models.CharField(max_length=40, help_text="For links: Community Safety.")
    formerly = models.CharField(max_length=120, blank=True, help_text="An older name that people still use.")
    basis = models.CharField("legal basis", max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    packs_are_public = models.BooleanField(
        "packs are public",
        default=False,
        help_text="Its packs show only what the public may see. Members get the rest in a partners’ appendix.",
    )
    retired = models.BooleanField(default=False)

    objects = RetirableQuerySet["Board"].as_manager()

    class Meta:
        ordering = ("position", "name")
        constraints = (
            models.UniqueConstraint(
                fields=("area", "code"),
                name="one_board_per_code",
                violation_error_message="This area already has a board with that code.",
            ),
        )

    def __str__(self) -> str:
        return self.name


class Responsibility(models.Model):
    """An activity in the plan that a board is responsible for."""

    board = models.ForeignKey(Board, models.CASCADE, related_name="responsibilities")
    text = models.CharField(max_length=300)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "id")
        verbose_name_plural = "responsibilities"

    def __str__(self) -> str:
        return self.text


class StrandQuerySet(models.QuerySet["Strand"]):
    def in_use(self, *, or_held: Iterable[int | None] = ()) -> Self:
        """Return every strand: none is ever retired."""
        return self.all()


class Strand(models.Model):
    """One of the six strands of the area's action plan."""

    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="strands")
    code = code_field()
    name = models.CharField(max_length=80)
    summary = models.CharField(max_length=300, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    objects = StrandQuerySet.as_manager()

    class Meta:
        ordering = ("position", "name")
        constraints = (
            models.UniqueConstraint(
                fields=("area", "code"),
                name="one_strand_per_code",
                violation_error_message="This area already has a strand with that code.",
            ),
        )

    def __str__(self) -> str:
        return self.name


class PublicAdvice(models.Model):
    """An area's public advice about the signs of county lines and how to report them.

    `revision` counts its changes. With it, two people who open the form together learn of each other.
    """

    area = models.OneToOneField(PartnershipArea, models.PROTECT, related_name="advice")
    signs = models.TextField(help_text="The warning signs, one on each line.")
    how_to_report = models.TextField(
        blank=True, help_text="The area’s own text, as well as 999, 101 and Crimestoppers."
    )
    is_public = models.BooleanField("the public can read it", default=False)
    revision = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "advice for the public"
        verbose_name_plural = "advice for the public"
        constraints = (models.CheckConstraint(condition=~Q(signs=""), name="advice_has_its_signs"),)

    def __str__(self) -> str:
        return f"{self.area}: see the signs"

    @property
    def listed(self) -> list[str]:
        return self.signs.splitlines()

    @property
    def paragraphs(self) -> list[str]:
        """Return how to report it, in the area's own text."""
        return [text for text in self.how_to_report.split("\n\n") if text]


class ReportingPeriod(models.Model):
    """A month that an area reports on.

    `stale_since` is the queue of the roll-up. A service that changes a figure sets it in the same transaction. The
    roll-up clears it when it includes the change. `closed_why` is the reason for closing the month early: before the
    due date, or with returns missing. A month is `for_history` if it was opened for past figures: no one owes a
    return for it.
    """

    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="periods")
    starts_on = models.DateField()
    opened_on = models.DateField("day on which the area opened it")
    due_on = models.DateField()
    for_history = models.BooleanField("opened for earlier figures", default=False)
    status = models.CharField(max_length=10, choices=MonthStatus.choices(), default=MonthStatus.OPEN.value)
    stale_since = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_why = models.CharField("reason to close it early", max_length=LONGEST_REASON, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("area", "-starts_on")
        verbose_name = "month"
        constraints = (
            models.UniqueConstraint(fields=("area", "starts_on"), name="one_period_per_month"),
            models.CheckConstraint(condition=Q(starts_on__day=1), name="period_starts_on_the_first"),
            models.CheckConstraint(condition=Q(due_on__gt=F("starts_on")), name="period_is_due_after_its_start"),
            models.CheckConstraint(
                name="period_closed_at_by",
                condition=Q(status=MonthStatus.OPEN.value, closed_at__isnull=True, closed_by__isnull=True)
                | (~Q(status=MonthStatus.OPEN.value) & Q(closed_at__isnull=False, closed_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="period_published_at_by",
                condition=Q(status=MonthStatus.PUBLISHED.value, published_at__isnull=False, published_by__isnull=False)
                | (~Q(status=MonthStatus.PUBLISHED.value) & Q(published_at__isnull=True, published_by__isnull=True)),
            ),
        )
        # Partial: the sweep asks every minute, and nearly every month is up to date.
        indexes = (models.Index(fields=("stale_since",), condition=Q(stale_since__isnull=False), name="stale_periods"),)

    def __str__(self) -> str:
        return f"{self.area.name}, {self.month.label}"

    @property
    def month(self) -> Month:
        return Month.of(self.starts_on)

    @property
    def is_open(self) -> bool:
        return self.status == MonthStatus.OPEN

    @property
    def is_published(self) -> bool:
        return self.status == MonthStatus.PUBLISHED

    def get_absolute_url(self) -> str:
        return link_to("reporting:month-view", self.area.slug, self.month)


class PublicStatements(models.Model):
    """An area's own part of the two statements, as plain text. The rest is the product's and the same everywhere.

    `revision` counts its changes. With it, two people who open the form together learn of each other.
    """

    area = models.OneToOneField(PartnershipArea, models.PROTECT, related_name="statements")
    privacy = models.TextField("the privacy notice’s part", blank=True)
    accessibility = models.TextField("the accessibility statement’s part", blank=True)
    revision = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "statements for the public"
        verbose_name_plural = "statements for the public"

    def __str__(self) -> str:
        return f"{self.area}: privacy and accessibility"


def split(text: str) -> list[str]:
    """Return the paragraphs of a text."""
    return [paragraph for paragraph in text.split("\n\n") if paragraph]

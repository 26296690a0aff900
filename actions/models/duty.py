"""The Serious Violence Duty: the authorities that it names in an area, and what each did under it."""

from django.db import models
from django.db.models import Q

from boards.models import Agency, PartnershipArea
from core.database import RetirableQuerySet
from core.labels import Labelled
from core.pages import link_to


class AuthorityKind(Labelled):
    """What an authority is, by the Police, Crime, Sentencing and Courts Act 2022, part 2, chapter 1."""

    POLICE = "police", "Police"
    PROBATION = "probation", "Probation"
    YOUTH_OFFENDING = "youth-offending", "Youth offending team"
    FIRE = "fire", "Fire and rescue"
    HEALTH = "health", "Health"
    COUNCIL = "council", "Local authority"
    EDUCATION = "education", "Education"
    PRISON = "prison", "Prison"
    YOUTH_CUSTODY = "youth-custody", "Youth custody"


# The specified authorities sign; the others are relevant authorities, who must be consulted and can be asked to
# collaborate.
RELEVANT = (AuthorityKind.EDUCATION, AuthorityKind.PRISON, AuthorityKind.YOUTH_CUSTODY)
SPECIFIED = tuple(kind for kind in AuthorityKind if kind not in RELEVANT)


class Paper(Labelled):
    """What an authority was consulted about, or signed."""

    STRATEGY = "strategy", "Strategy"
    NEEDS = "needs-assessment", "Strategic needs assessment"
    AGREEMENT = "agreement", "Agreement"


class ActKind(Labelled):
    CONSULTED = "consulted", "Consulted"
    ASKED = "asked", "Asked to collaborate"
    ANSWERED = "answered", "Answered"
    SIGNED = "signed", "Signed"


class Authority(models.Model):
    """An authority that the duty names in an area, such as its fire and rescue service.

    `agency` is the agency of the area that stands for it, if any does. A retired one leaves the page and keeps what it
    did. `revision` counts its changes. With it, two people who open the form together learn of each other.
    """

    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="authorities")
    kind = models.CharField(max_length=20, choices=AuthorityKind.choices())
    name = models.CharField("name in the area", max_length=120)
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="authorities")
    contact = models.CharField("role of the contact", max_length=120, blank=True)
    retired = models.BooleanField(default=False)
    revision = models.PositiveIntegerField(default=0)

    objects = RetirableQuerySet["Authority"].as_manager()

    class Meta:
        ordering = ("name", "id")
        verbose_name_plural = "authorities"
        constraints = (
            models.UniqueConstraint(fields=("area", "name"), name="one_authority_per_name"),
            models.CheckConstraint(condition=~Q(name=""), name="authority_has_a_name"),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return link_to("actions:duty", self.area.slug)


class DutyAct(models.Model):
    """A dated act under the duty: the authority was consulted about a paper, was asked to collaborate, answered, or
    signed it. `year` is the first of the paper's two calendar years: 2026 for 2026–27."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="acts")
    kind = models.CharField("what happened", max_length=10, choices=ActKind.choices())
    paper = models.CharField(max_length=20, choices=Paper.choices())
    year = models.PositiveSmallIntegerField("year of the paper")
    done_on = models.DateField("day")
    note = models.TextField(blank=True)

    class Meta:
        ordering = ("-done_on", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("authority", "kind", "paper", "year", "done_on"), name="one_act_of_a_kind_on_a_day"
            ),
            models.CheckConstraint(condition=Q(year__gte=2000, year__lte=2100), name="year_of_a_paper"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.paper_name}"

    @property
    def paper_name(self) -> str:
        """ "strategy 2026–27"."""
        return name_paper(Paper(self.paper), self.year)


def name_paper(paper: Paper, year: int) -> str:
    return f"{paper.label.lower()} {name_year(year)}"


def name_year(year: int) -> str:
    """ "2026–27"."""
    return f"{year}–{(year + 1) % 100:02}"

"""Challenges and offers of support of the strategic group, and who can read them.

This is the only place that decides who can read one. People who read drafts read all of them. Others read those that
go to their board or agency, or were escalated to their board. They also read those about their board's own
responsibilities, actions and indicators, and about pathways with its indicators. People on the strategic group's board
read everything in its area. A board's packs have exactly what its members read.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, Model, Q, QuerySet

from actions.models.plan import Action
from actions.workflow import CLOSED, ChallengeState, SupportState
from boards.models import Agency, Board, PartnershipArea, ReportingPeriod, Responsibility, Strand
from boards.permissions import Access
from boards.rules import STRATEGIC_GROUP
from core.labels import Labelled
from core.pages import link_to
from indicators.models import Indicator, IndicatorBoard, PathwayStep


@dataclass(frozen=True, slots=True)
class Way:
    """A rule by which a row belongs to one of several boards (or agencies), given by id."""

    condition: Callable[[Collection[int]], Q]
    is_of_challenges: bool = False  # and not for offers


def _places(boards: Collection[int]) -> QuerySet[IndicatorBoard, int]:
    return IndicatorBoard.objects.filter(board__in=boards).values_list("indicator", flat=True)


def _steps(boards: Collection[int]) -> QuerySet[PathwayStep, int]:
    return PathwayStep.objects.filter(indicator__in=_places(boards)).values_list("pathway", flat=True)


def _groups(boards: Collection[int]) -> QuerySet[Board]:
    return Board.objects.filter(pk__in=boards, code=STRATEGIC_GROUP)


TO_BOARD = Way(lambda boards: Q(board__in=boards))
TO_AGENCY = Way(lambda agencies: Q(agency__in=agencies))
ESCALATED = Way(lambda boards: Q(escalated_to__in=boards), is_of_challenges=True)
ABOUT_OWN = (
    Way(lambda boards: Q(responsibility__board__in=boards)),
    Way(lambda boards: Q(action__board__in=boards)),
    Way(lambda boards: Q(indicator__in=_places(boards))),
    Way(lambda boards: Q(step__pathway__in=_steps(boards))),
)
# The seat on the board, not the role STRATEGIC: people with the role read drafts, and so everything.
ON_GROUP = Way(lambda boards: Q(Exists(_groups(boards))))
type Ways = list[tuple[Way, Collection[int]]]


def find_ways(access: Access) -> Ways | None:
    """Return the rules for this person; None if they read everything in the area, an empty list if they have no role in
    it."""
    if access.is_outsider:
        return []
    if access.reads_every_board:
        return None
    # Leads, approvers and second contacts: all of them read what goes to their agency.
    agencies = access.agencies
    return [*([(TO_AGENCY, agencies)] if agencies else []), *ways_of_boards(access.seated)]


def ways_of_boards(boards: Collection[int]) -> Ways:
    return [(way, boards) for way in (TO_BOARD, ESCALATED, *ABOUT_OWN, ON_GROUP)] if boards else []


def about_own(boards: Collection[int]) -> Q:
    """Return what concerns these boards themselves."""
    return _either((way, boards) for way in ABOUT_OWN)


def belong_to(board: Board) -> Q:
    """Return the filter for the challenges that its members read."""
    return _either(ways_of_boards([board.pk]))


def _either(ways: Iterable[tuple[Way, Collection[int]]]) -> Q:
    condition = Q()
    for way, ids in ways:
        condition |= way.condition(ids)
    return condition


class ReadableQuerySet[Row: Model](QuerySet[Row]):
    """Challenges, or offers."""

    def readable_by(self, access: Access) -> Self:
        """Return those that this person may read."""
        return self.filter(area=access.area)._by(find_ways(access))

    def read_by_board(self, board: Board) -> Self:
        """Return those in a board's packs."""
        return self.filter(area=board.area_id)._by(ways_of_boards([board.pk]))

    def _by(self, ways: Ways | None) -> Self:
        if ways is None:
            return self
        # Offers are never escalated: they have no such column.
        has_chairs = any(field.name == "escalated_to" for field in self.model._meta.fields)
        ways = [(way, ids) for way, ids in ways if has_chairs or not way.is_of_challenges]
        # No way at all must be nobody: an empty Q would match every row.
        return self.filter(_either(ways)) if ways else self.none()


LONGEST_QUESTION = 2000  # characters
LONGEST_ANSWER = 10_000


class About(models.Model):
    """The subject and addressee of a challenge or an offer.

    The subject is an indicator in a month, an action, a strand, a responsibility, or a step of a pathway that no one
    counted. The addressee is a board or an agency.
    """

    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="%(class)ss")
    number = models.PositiveIntegerField()
    indicator = models.ForeignKey(Indicator, models.PROTECT, null=True, blank=True, related_name="%(class)ss")
    period = models.ForeignKey(ReportingPeriod, models.PROTECT, null=True, blank=True, related_name="%(class)ss")
    action = models.ForeignKey(Action, models.PROTECT, null=True, blank=True, related_name="%(class)ss")
    strand = models.ForeignKey(Strand, models.PROTECT, null=True, blank=True, related_name="%(class)ss")
    responsibility = models.ForeignKey(Responsibility, models.PROTECT, null=True, blank=True, related_name="%(class)ss")
    step = models.ForeignKey(PathwayStep, models.PROTECT, null=True, blank=True, related_name="%(class)ss")
    board = models.ForeignKey(Board, models.PROTECT, null=True, blank=True, related_name="%(class)ss")
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="%(class)ss")

    class Meta:
        abstract = True


def about_one(name: str) -> models.CheckConstraint:
    """Return the condition that a row is about exactly one thing. An indicator always has a month."""
    things = ("indicator", "action", "strand", "responsibility", "step")
    conditions = Q()
    for thing in things:
        # Each case names all of them, because a key that isn't named could be set too.
        only = Q(**{f"{other}__isnull": other != thing for other in things})
        conditions |= only & Q(period__isnull=thing != "indicator")
    return models.CheckConstraint(condition=conditions, name=name)


def to_one(name: str) -> models.CheckConstraint:
    """Return the condition that it goes to either a board or an agency."""
    return models.CheckConstraint(
        condition=Q(board__isnull=False, agency__isnull=True) | Q(board__isnull=True, agency__isnull=False), name=name
    )


class Challenge(About):
    """A question of the strategic group. A named person has to answer it by a day.

    `number` counts an area's challenges: the page says C7. `answerer` gives the next answer. Once it is escalated, the
    chair of the board `escalated_to` does. Its entries have the questions and answers.
    """

    question = models.TextField(max_length=LONGEST_QUESTION)
    answerer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="challenges_to_answer")
    due_on = models.DateField("answer due on")
    state = models.CharField(max_length=10, choices=ChallengeState.choices(), default=ChallengeState.RAISED.value)
    # It stays when the chair has answered: asking again then asks the chair.
    escalated_to = models.ForeignKey(Board, models.PROTECT, null=True, related_name="escalations")
    raised_at = models.DateTimeField()
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = ReadableQuerySet["Challenge"].as_manager()

    class Meta:
        ordering = ("-raised_at", "-id")
        constraints = (
            models.UniqueConstraint(fields=("area", "number"), name="one_challenge_per_number"),
            models.CheckConstraint(condition=Q(number__gte=1), name="challenges_count_from_one"),
            about_one("challenge_is_about_one_thing"),
            to_one("challenge_goes_to_board_or_agency"),
            models.CheckConstraint(condition=~Q(question=""), name="challenge_asks_something"),
            models.CheckConstraint(
                condition=~Q(state=ChallengeState.ESCALATED.value) | Q(escalated_to__isnull=False),
                name="escalated_to_a_board",
            ),
            models.CheckConstraint(
                name="challenge_closed_at_by",
                condition=Q(
                    state__in=sorted(state.value for state in CLOSED), closed_at__isnull=False, closed_by__isnull=False
                )
                | ~Q(state__in=sorted(state.value for state in CLOSED))
                & Q(closed_at__isnull=True, closed_by__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return f"{self.reference} {self.question[:60]}"

    @property
    def reference(self) -> str:
        """ "C7"."""
        return f"C{self.number}"

    def get_absolute_url(self) -> str:
        return link_to("actions:challenge-view", self.area.slug, self.number)


class ChallengeAct(Labelled):
    RAISED = "raised", "Raised"
    ANSWERED = "answered", "Answered"
    PRESSED = "pressed", "Asked again"
    ESCALATED = "escalated", "Escalated"
    ACCEPTED = "accepted", "Answer accepted"
    WITHDRAWN = "withdrawn", "Withdrawn"
    HANDED_OVER = "handed_over", "Handed over"


class ChallengeEntry(models.Model):
    """A question, an answer or an act in a challenge, in order, and the due date of the answer after it. Never changed
    once added. `board` is the one whose chair is asked from an escalation on; empty for old ones that we can't tell."""

    challenge = models.ForeignKey(Challenge, models.PROTECT, related_name="entries")
    act = models.CharField(max_length=20, choices=ChallengeAct.choices())
    text = models.TextField(max_length=LONGEST_ANSWER, blank=True)
    board = models.ForeignKey(Board, models.PROTECT, null=True, related_name="+")
    due_on = models.DateField("answer due")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        # The number of an entry in this order is a turn, and what a page has seen.
        ordering = ("made_at", "id")
        verbose_name_plural = "challenge entries"
        constraints = (
            models.CheckConstraint(
                condition=~Q(text="") | Q(act=ChallengeAct.ACCEPTED.value), name="challenge_entry_says_something"
            ),
            models.CheckConstraint(
                condition=Q(board__isnull=True) | Q(act=ChallengeAct.ESCALATED.value),
                name="entry_names_board_if_escalated",
            ),
        )

    def __str__(self) -> str:
        return f"{self.challenge}: {self.get_act_display()}"


class Support(About):
    """An offer of help: what, from whom, and whether the addressee took it up. `number` counts an area's: the page says
    S3."""

    offer = models.TextField(max_length=LONGEST_QUESTION)
    state = models.CharField(max_length=10, choices=SupportState.choices(), default=SupportState.OFFERED.value)
    offered_at = models.DateTimeField()
    offered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_why = models.CharField(max_length=300, blank=True)

    objects = ReadableQuerySet["Support"].as_manager()

    class Meta:
        ordering = ("-offered_at", "-id")
        verbose_name = "offer of support"
        verbose_name_plural = "offers of support"
        constraints = (
            models.UniqueConstraint(fields=("area", "number"), name="one_offer_per_number"),
            models.CheckConstraint(condition=Q(number__gte=1), name="offers_count_from_one"),
            about_one("offer_is_about_one_thing"),
            to_one("offer_goes_to_board_or_agency"),
            models.CheckConstraint(condition=~Q(offer=""), name="offer_says_something"),
            models.CheckConstraint(
                name="offer_decided_at_by_why",
                condition=Q(
                    state=SupportState.OFFERED.value,
                    decided_at__isnull=True,
                    decided_by__isnull=True,
                    decided_why="",
                )
                | Q(state=SupportState.TAKEN_UP.value, decided_at__isnull=False, decided_by__isnull=False)
                | Q(
                    state__in=(SupportState.DECLINED.value, SupportState.WITHDRAWN.value),
                    decided_at__isnull=False,
                    decided_by__isnull=False,
                )
                & ~Q(decided_why=""),
            ),
        )

    def __str__(self) -> str:
        return f"{self.reference} {self.offer[:60]}"

    @property
    def reference(self) -> str:
        """ "S3"."""
        return f"S{self.number}"

    def get_absolute_url(self) -> str:
        return link_to("actions:support-view", self.area.slug, self.number)

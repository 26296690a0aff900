"""How a month of a place becomes public: whose turn it is, and what an edition of it would show.

reporting.public.services takes an area's month and a region's the same way, step by step. Here is what it asks of
either, and what an area answers. A region's answers are in reporting.public.region_publishing.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar, Protocol

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone

from boards.models import ReportingPeriod
from boards.permissions import access_to, check_can_coordinate, check_second_officer, list_holders
from boards.rules import Role
from boards.ties import read_ties
from core.calendar import Month
from core.labels import TransitionRefused
from core.models import User
from core.pages import NotHeld
from core.permissions import name_asker
from indicators.disclosure import Audience, Marking
from indicators.permissions import can_protect
from indicators.selectors.disclosure import get_marking
from reporting.models import MonthWithdrawal, PublicEdition, PublicLine, Snapshot, SnapshotState
from reporting.models.editions import Edition
from reporting.months.selectors import latest_snapshot
from reporting.months.services import why_wait
from reporting.public.editions import describe_given_away, prepare_edition
from reporting.public.lines import GivenAway, Issued, says_the_same
from reporting.public.lines import Prepared as PreparedLines
from reporting.public.selectors import list_public_lines
from reporting.workflow import UNDER_WAY, EditionState

WITH_CORRECTION = (
    "{month} has figures that changed since it was published. Its new public edition goes out with the next version: "
    "publish that version."
)
PEOPLE = ("asked_by", "agreed_by", "published_by")  # who decided about an edition
NOT_TOGETHER = (
    "You and {other} can’t decide this together: one of you invited the other, or had the other’s second factor reset."
)


class Prepared(Protocol):
    """An edition that isn't saved yet."""

    @property
    def fingerprint(self) -> str: ...


class Publishing[E: Edition, P: Prepared](ABC):
    """A month of a place, whose next edition two of its people decide about. Each check raises PermissionDenied for
    somebody who may not take that step."""

    noun: ClassVar[str]  # of its editions in the record
    out_of_date: ClassVar[str]
    month: Month

    @property
    @abstractmethod
    def editions(self) -> QuerySet[E]:
        """Return all editions of the month, in any state."""

    def find_newest(self) -> E | None:
        """Return the newest published edition, whether or not it is down."""
        return self.editions.filter(number__isnull=False).order_by("-number").first()

    def find_under_way(self) -> E | None:
        """Return the edition that waits for approval or to be made public."""
        return self.editions.filter(state__in=UNDER_WAY).first()

    def is_said(self, prepared: P) -> bool:
        """Return whether what is public says what was prepared."""
        newest = self.find_newest()
        return newest is not None and newest.fingerprint == prepared.fingerprint and not hasattr(newest, "withdrawal")

    @abstractmethod
    def check_can_ask(self, *, by: User) -> None: ...

    @abstractmethod
    def check_can_approve(self, edition: E, *, by: User) -> None:
        """Let only the second person to an edition approve it."""

    @abstractmethod
    def check_can_decline(self, edition: E, *, by: User) -> None: ...

    @abstractmethod
    def check_can_publish(self, *, by: User) -> None: ...

    @abstractmethod
    def check_can_open(self, edition: E, *, by: User) -> None:
        """Let only a second person make a prepared edition public: nobody asked for it."""

    @abstractmethod
    def check_is_current(self, edition: E) -> None:
        """Raise TransitionRefused if an approved edition can't be made public any more."""

    @abstractmethod
    def prepare(self) -> P:
        """Return the edition that the month would make now. Raises TransitionRefused if it would make none."""

    @abstractmethod
    def create(self, prepared: P, *, asked_by: User | None) -> E:
        """Save an edition, to wait for approval. Raises TransitionRefused."""

    @abstractmethod
    def describe(self, edition: E) -> dict[str, Any]:
        """Return what the record says of an edition and its place."""


class AreaPublishing(Publishing[PublicEdition, PreparedLines]):
    """A month of an area: a coordinator asks and makes it public, and an information officer approves."""

    noun = "public_edition"
    out_of_date = "This edition is out of date: a rule or another edition has changed. Ask for approval again."

    def __init__(
        self, period: ReportingPeriod, withdrawal: MonthWithdrawal | None = None, *, goes_with: str = ""
    ) -> None:
        """`withdrawal` is what an edition is prepared after, if nobody asks for it. `goes_with` are the corrections
        that it is asked for with."""
        self.period, self.withdrawal, self.goes_with = period, withdrawal, goes_with
        self.area, self.month = period.area, period.month

    @property
    def editions(self) -> QuerySet[PublicEdition]:
        of_month = PublicEdition.objects.filter(period=self.period)
        return of_month.select_related("period__area", "snapshot", "withdrawal__cause__period", *PEOPLE)

    def check_can_ask(self, *, by: User) -> None:
        check_can_coordinate(self.area, by=by)

    def check_can_approve(self, edition: PublicEdition, *, by: User) -> None:
        """Let an information officer who decides alone approve it. Nobody asked for one that was prepared, so any such
        officer can."""
        # The database refuses this too.
        if edition.asked_by_id == by.pk:
            raise PermissionDenied("You can’t approve your own request. Another information officer has to approve it.")
        otherwise = f"Only an information officer of {self.area.name} can approve this."
        check_second_officer(edition.asked_by, self.area, by=by, otherwise=otherwise)

    def check_can_decline(self, edition: PublicEdition, *, by: User) -> None:
        if not can_protect(access_to(self.area, by=by)):
            self.check_can_approve(edition, by=by)

    def check_can_publish(self, *, by: User) -> None:
        check_can_coordinate(self.area, by=by)

    def check_can_open(self, edition: PublicEdition, *, by: User) -> None:
        """Whoever makes a prepared edition public stands where somebody asks for other editions: the officer who
        approved it mustn't be tied to them."""
        approver = edition.agreed_by
        if edition.prepared_for_id is None or approver is None:
            return
        # The database refuses this too.
        if approver.pk == by.pk:
            raise PermissionDenied("You approved this edition. Another person has to make it public.")
        if read_ties(list_holders(self.area, Role.INFORMATION), by, approver).describe(by, approver.pk):
            raise PermissionDenied(f"{NOT_TOGETHER.format(other=approver)} Another coordinator has to make it public.")

    def check_is_current(self, edition: PublicEdition) -> None:
        if not self.area.has_public_pages:
            raise TransitionRefused(f"The public pages of {self.area.name} are turned off.")
        if self.snapshot.state == SnapshotState.DRAFT:
            raise TransitionRefused(WITH_CORRECTION.format(month=self.month.label))
        if self.snapshot.pk != edition.snapshot_id:
            raise TransitionRefused(f"{self.month.label} has a newer version now. Ask for approval of that version.")

    @cached_property
    def snapshot(self) -> Snapshot:
        """Return the version to make an edition from: the newest, or the corrected one that it goes out with. Raises
        TransitionRefused."""
        if not self.period.is_published:
            raise TransitionRefused(f"Publish {self.month.label} for the boards first.")
        if not self.area.has_public_pages:
            raise TransitionRefused(f"First turn on the public pages of {self.area.name}.")
        if get_marking(self.period, audience=Audience.PUBLIC) is Marking.SENSITIVE:
            raise TransitionRefused(f"{self.month.label} is marked {Marking.SENSITIVE.label} for the public too.")
        corrected = self.period.snapshots.filter(state=SnapshotState.DRAFT.value).first()
        # An edition that is prepared only leaves out what was withdrawn: nobody has decided about the correction.
        if corrected is not None and self.withdrawal is None:
            corrected.period = self.period
            return corrected
        try:
            snapshot = latest_snapshot(self.period, include_drafts=False)
        except NotHeld as missing:
            raise TransitionRefused(str(missing)) from missing
        snapshot.period = self.period
        if wait := why_wait(snapshot, what="Its public editions"):
            raise TransitionRefused(wait)
        return snapshot

    def prepare(self, ahead: Sequence[Issued] = ()) -> PreparedLines:
        prepared = prepare_edition(self.snapshot, ahead)
        refuse_given_away(prepared.given_away)
        return prepared

    def is_said(self, prepared: PreparedLines) -> bool:
        newest = self.find_newest()
        if newest is None or hasattr(newest, "withdrawal"):
            return False
        return says_the_same(newest, list_public_lines(newest), prepared)

    def find_public(self) -> PublicEdition | None:
        """Return the edition that anybody reads now."""
        newest = self.find_newest() if self.area.has_public_pages else None
        return None if newest is None or hasattr(newest, "withdrawal") else newest

    def find_wanted(self, ahead: Sequence[Issued] = ()) -> PreparedLines | None:
        """Return the next edition of a month that is public; None if it would say the same, or can't be made."""
        if self.find_public() is None:
            return None
        try:
            prepared = self.prepare(ahead)
        except TransitionRefused:
            return None
        return None if self.is_said(prepared) else prepared

    def create(self, prepared: PreparedLines, *, asked_by: User | None) -> PublicEdition:
        if self.snapshot.state == SnapshotState.DRAFT and not self.goes_with:
            raise TransitionRefused(WITH_CORRECTION.format(month=self.month.label))
        edition = PublicEdition.objects.create(
            period=self.period,
            snapshot=self.snapshot,
            fingerprint=prepared.fingerprint,
            kpis=prepared.kpis,
            left_out=prepared.left_out,
            years=prepared.years,
            asked_at=timezone.now(),
            asked_by=asked_by,
            prepared_for=self.withdrawal,
            goes_with=self.goes_with,
        )
        for line in prepared.lines:
            line.edition = edition
        PublicLine.objects.bulk_create(prepared.lines)
        return edition

    def describe(self, edition: PublicEdition) -> dict[str, Any]:
        area = {"area": self.area.slug}
        match EditionState(edition.state):
            case EditionState.PUBLISHED:
                return {**area, "number": edition.number, "version": edition.snapshot.version}
            case EditionState.ASKED:
                return {**area, "version": edition.snapshot.version}
        # Nobody asked for an edition that was prepared.
        return area | (name_asker(edition.asked_by, edition.asked_at) if edition.asked_by is not None else {})


def refuse_given_away(given_away: list[GivenAway]) -> None:
    """Raise TransitionRefused, with a sentence, if an edition would give a figure away."""
    if given_away:
        raise TransitionRefused(describe_given_away(given_away))

"""Finds the challenges and offers of support that somebody may read, and the people who can be asked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, F, Prefetch, Q, QuerySet, When

from actions.models import Challenge, ChallengeEntry, Support
from actions.models.challenges import belong_to
from actions.selectors.as_at import ABOUT, NAMED
from actions.workflow import CLOSED, UNANSWERED, ChallengeState, SupportState
from boards.models import Agency, Board, Membership, PartnershipArea
from boards.permissions import Access
from boards.rules import BOARD_ROLES, CHAIR_ROLES, STRATEGIC_GROUP, Role
from core.database import is_in_use
from core.models import User

OF_BOARDS = [role.value for role in BOARD_ROLES]
# The relations that every row needs.
THINGS = ("indicator", "period", "action", "strand", "responsibility__board", "step__pathway", "board", "agency")


# --- Reading ---------------------------------------------------------------------------------------


def with_entries(challenges: QuerySet[Challenge]) -> QuerySet[Challenge]:
    """Load everything that a page shows of each. Two queries, however many there are."""
    entries = ChallengeEntry.objects.select_related("made_by")
    return challenges.select_related(
        *THINGS, "area", "answerer", "escalated_to", "raised_by", "closed_by"
    ).prefetch_related(Prefetch("entries", entries))


def without_texts(challenges: QuerySet[Challenge]) -> QuerySet[Challenge]:
    """Load the same without the entries' texts: for a list, and for the time to answer."""
    # An answer may have 10,000 characters, and a list may have hundreds.
    entries = ChallengeEntry.objects.only("challenge_id", "act", "made_at", "made_by_id")
    return challenges.select_related(*THINGS, "area", "answerer", "escalated_to").prefetch_related(
        Prefetch("entries", entries)
    )


def for_times(challenges: QuerySet[Challenge]) -> QuerySet[Challenge]:
    """Load only what the time to answer needs. Two queries."""
    entries = ChallengeEntry.objects.select_related("board").only("challenge_id", "act", "made_at", "board__name")
    places = ("board", "agency", "escalated_to")
    names = ("state", *(f"{place}__name" for place in places))
    return challenges.select_related(*places).only(*names).prefetch_related(Prefetch("entries", entries))


def answered_for(access: Access) -> Q:
    """Return the filter for those to the boards and agencies for which this person answers:
    actions.permissions.answers_for."""
    places = is_in_use("board") & Q(board__in=access.seated) | is_in_use("agency") & Q(agency__in=access.led)
    if access.is_any(Role.STRATEGIC):
        places |= is_in_use("board") & Q(board__code=STRATEGIC_GROUP)
    return places


def find_challenge(access: Access, number: int) -> Challenge | None:
    """Return the challenge with that number, if this person may read it."""
    return with_entries(Challenge.objects.readable_by(access).filter(number=number)).first()


def open_challenges(access: Access) -> QuerySet[Challenge]:
    """Return the open challenges that this person may read. Those that need an answer are in order of their due
    date."""
    is_open = Challenge.objects.readable_by(access).exclude(state__in=sorted(state.value for state in CLOSED))
    answered = Case(When(state=ChallengeState.ANSWERED.value, then=1), default=0)
    return is_open.select_related(*THINGS, "area", "answerer", "escalated_to").order_by(answered, "due_on", "number")


def challenges_for(board: Board) -> QuerySet[Challenge]:
    """Return the challenges in a board's packs, newest first; for the strategic group all that it raised."""
    return with_entries(Challenge.objects.read_by_board(board))


def readable_offers(access: Access) -> QuerySet[Support]:
    """Return the offers of support that this person may read, newest first."""
    return Support.objects.readable_by(access).select_related(*THINGS, "area", "offered_by", "decided_by")


def list_offered(access: Access) -> QuerySet[Support]:
    """Return the offers that wait for this person's boards and agencies."""
    offered = Support.objects.filter(answered_for(access), area=access.area, state=SupportState.OFFERED.value)
    names = ("offered_by__name", "offered_by__email", *NAMED)
    named = offered.select_related(*ABOUT, "offered_by").only("number", "offer", "offered_at", *names)
    return named.order_by("number")


def find_offer(access: Access, number: int) -> Support | None:
    return readable_offers(access).filter(number=number).first()


def list_open_for(access: Access) -> list[Challenge]:
    """Return the open challenges as far as a home names them. One query."""
    people = ("answerer__name", "answerer__email")
    names = ("area__slug", "board__name", "agency__name", "escalated_to__name", *people, *NAMED)
    return list(open_challenges(access).only("number", "state", "due_on", "raised_at", *names))


# --- About the subject of a page --------------------------------------------------------------------


def asked_of(board: Board, *, closed_since: datetime | None) -> Q:
    """Return the filter for the challenges on a board's page: everything about its responsibilities; and what its next
    pack will have, which is what is open or was closed since its last. None: what is closed was never told."""
    is_told = ~Q(state__in=[state.value for state in CLOSED])
    # It is always closed after it was raised.
    is_told |= Q(closed_at__gt=F("raised_at") if closed_since is None else closed_since)
    return belong_to(board) & is_told | Q(responsibility__board=board)


def offered_to(board: Board) -> Q:
    """Return the filter for offers to a board, or about its responsibilities."""
    return Q(board=board) | Q(responsibility__board=board)


def list_asked(access: Access, about: Q) -> list[Challenge]:
    """Return the challenges about something that this person may read, each with its entries. Two queries; one if there
    are none."""
    return list(with_entries(Challenge.objects.readable_by(access).filter(about)))


def list_offers(access: Access, about: Q) -> list[Support]:
    """Return the offers about something that this person may read. One query."""
    return list(readable_offers(access).filter(about))


# --- Who can be asked ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answerer:
    """Somebody whom people can ask, and the board or agency for which they answer."""

    user: User
    board: Board | None = None
    agency: Agency | None = None
    is_chair: bool = False

    @property
    def place(self) -> str:
        return str(self.board or self.agency)

    @property
    def key(self) -> str:
        """Return the value in a form: "board-3-17"."""
        kind, place = ("board", self.board) if self.board else ("agency", self.agency)
        return f"{kind}-{place.pk if place else 0}-{self.user.pk}"

    @property
    def words(self) -> str:
        """Return "Anytown sab chair (demo), Safeguarding Adults Board (chair)"."""
        return f"{self.user}, {self.place}{' (chair)' if self.is_chair else ''}"


def answerers_in(area: PartnershipArea) -> list[Answerer]:
    """Return everybody in the area whom people can ask, by board and then by agency. A board's chair is first. Two
    queries."""
    return list_answerers(list_held(area), find_group(area))


def list_answerers(memberships: Iterable[Membership], group: Board | None) -> list[Answerer]:
    """Return those of an area who can be asked, in the same order; `group` is its strategic group in use. No query."""
    answerers: dict[tuple[int | None, int | None, int], Answerer] = {}
    for membership in memberships:
        answerer = _answerer(membership, group)
        if answerer is not None:
            key = (key_or_none(answerer.board), key_or_none(answerer.agency), answerer.user.pk)
            # Somebody may be a member and the chair of one board: the chair counts.
            if key not in answerers or answerer.is_chair:
                answerers[key] = answerer
    return sorted(answerers.values(), key=_order)


def list_held(area: PartnershipArea) -> list[Membership]:
    """Return the roles in an area of people who can sign in, each with its person, board and agency. One query."""
    memberships = Membership.objects.filter(area=area, user__is_active=True)
    return list(memberships.select_related("user", "board", "agency"))


def find_group(area: PartnershipArea) -> Board | None:
    return Board.objects.in_use().filter(area=area, code=STRATEGIC_GROUP).first()


def key_or_none(place: Board | Agency | None) -> int | None:
    return place.pk if place else None


def _answerer(membership: Membership, group: Board | None) -> Answerer | None:
    if membership.role == Role.STRATEGIC:
        # Members of the strategic group have no board in their role: they answer for the group's own.
        return Answerer(membership.user, board=group) if group else None
    places = {Role.AGENCY_LEAD.value: membership.agency, **dict.fromkeys(OF_BOARDS, membership.board)}
    place = places.get(membership.role)
    if place is None or place.retired:
        return None
    return Answerer(
        membership.user, board=membership.board, agency=membership.agency, is_chair=membership.role in CHAIR_ROLES
    )


def _order(answerer: Answerer) -> tuple[object, ...]:
    place = answerer.board or answerer.agency
    position = place.position if place else 0
    return (answerer.board is None, position, answerer.place, not answerer.is_chair, str(answerer.user).casefold())


def describe_addressee(about: Challenge | Support) -> str:
    """Return its addressee for a sentence: "the Safeguarding Adults Board", "Police"."""
    return f"the {about.board}" if about.board else str(about.agency)


def chaired(answerers: list[Answerer]) -> dict[int, list[User]]:
    """Return the ids of the boards with a chair."""
    chairs: dict[int, list[User]] = {}
    for answerer in answerers:
        if answerer.is_chair and answerer.board:
            chairs.setdefault(answerer.board.pk, []).append(answerer.user)
    return chairs


def boards_above(challenge: Challenge, answerers: list[Answerer]) -> list[Board]:
    """Return the boards to whose chair it can be escalated: not the one that it already waits for."""
    escalated_to = challenge.escalated_to_id if challenge.state == ChallengeState.ESCALATED else None
    boards = {answerer.board.pk: answerer.board for answerer in answerers if answerer.board and answerer.is_chair}
    return [board for key, board in boards.items() if key != escalated_to]


def can_be_asked(answerers: list[Answerer], *, board: int | None, agency: int | None, user: int) -> bool:
    return any(
        (key_or_none(answerer.board), key_or_none(answerer.agency), answerer.user.pk) == (board, agency, user)
        for answerer in answerers
    )


def left_behind(area: PartnershipArea) -> list[Challenge]:
    """Return the challenges that nobody can answer, the newest first. Three queries."""
    memberships, challenges = list_held(area), Challenge.objects.filter(area=area)
    named = challenges.select_related("area", "board", "agency", "answerer", "escalated_to")
    return list_unanswerable(named, memberships, list_answerers(memberships, find_group(area)))


def list_unanswerable(
    challenges: Iterable[Challenge], memberships: Iterable[Membership], answerers: list[Answerer]
) -> list[Challenge]:
    """Return those of an area's open challenges that nobody can answer, the newest first. Their answerer no longer
    answers for that board or agency, or the board that they were escalated to has no chair. No query.

    Answered ones wait for the strategic group. Those of people who left the area are in actions.selectors.plan.
    """
    members, chairs = {membership.user_id for membership in memberships}, chaired(answerers)

    def is_left(challenge: Challenge) -> bool:
        if challenge.state == ChallengeState.ESCALATED:
            return challenge.escalated_to_id not in chairs
        person, board, agency = challenge.answerer_id, challenge.board_id, challenge.agency_id
        return person in members and not can_be_asked(answerers, board=board, agency=agency, user=person)

    left = [
        challenge for challenge in challenges if ChallengeState(challenge.state) in UNANSWERED and is_left(challenge)
    ]
    return sorted(left, key=lambda challenge: (challenge.raised_at, challenge.pk), reverse=True)

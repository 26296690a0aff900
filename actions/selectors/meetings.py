"""Finds the meetings that somebody may read, what was discussed at them, and what needs attention."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from actions.models import Action, AgendaItem, Challenge, Meeting, SubGroup
from actions.selectors.as_at import (
    AsAt,
    ChallengeThen,
    actions_then,
    as_at,
    asked_then,
    challenges_then,
    red_actions_then,
    to_board_then,
)
from actions.selectors.group import Absence, find_absences
from actions.workflow import UNANSWERED, ChallengeState, MeetingState
from boards.models import Board, Membership, PartnershipArea, Strand
from boards.permissions import Access
from boards.rules import STRATEGIC_GROUP, Role
from core.database import is_in_use
from indicators.models import Collection as CollectionKind
from indicators.models import Indicator

PEOPLE = ("planned_by", "changed_by", "recorded_by", "amended_by", "called_off_by")
PARTS = ("area", "board", "sub_group__board", "period", *PEOPLE)
# The paths from an agenda item to a strand.
STRANDS = ("strand", "action__strand", "challenge__strand", "challenge__action__strand")


type Thing = Indicator | Action | Challenge | Strand
type Key = tuple[str, int]  # what an item is about: ("action", 12)
KINDS = ("indicator", "action", "challenge", "strand")


def make_key(thing: Thing) -> Key:
    return thing._meta.model_name or "", thing.pk


def key_of_item(item: AgendaItem) -> Key:
    """Return the key of an item. Don't load the thing itself: that would take another query."""
    return next((kind, getattr(item, f"{kind}_id")) for kind in KINDS if getattr(item, f"{kind}_id") is not None)


def get_subject(item: AgendaItem) -> Thing:
    thing = item.indicator or item.action or item.challenge or item.strand
    if thing is None:
        raise ValueError("An agenda item must be about one thing.")
    return thing


# --- Reading ---------------------------------------------------------------------------------------


def readable_meetings(access: Access) -> QuerySet[Meeting]:
    """Return those that this person may read, newest first: actions.permissions.can_read_meeting as a filter."""
    meetings = Meeting.objects.filter(area=access.area)
    if access.is_outsider:
        return meetings.none()
    if access.can_see_drafts:
        return meetings
    # A subquery: joining the members would give a meeting once for each way that leads to it.
    own_groups = SubGroup.objects.filter(Q(members=access.user) | Q(board__in=access.seated), area=access.area)
    return meetings.filter(Q(board__in=access.seated) | Q(sub_group__in=own_groups.values("pk")))


def with_bodies(meetings: QuerySet[Meeting]) -> QuerySet[Meeting]:
    """Load everything that a row shows of each."""
    return meetings.select_related("area", "board", "sub_group", "period")


def next_two_meetings(access: Access, today: date) -> QuerySet[Meeting]:
    """Return this person's next two meetings."""
    coming = readable_meetings(access).filter(state=MeetingState.PLANNED.value, held_on__gte=today)
    names = ("area__slug", "board__code", "board__name", "sub_group__name", "period__starts_on")
    named = with_bodies(coming).only("number", "held_on", "state", "version", *names)
    return named.order_by("held_on", "number")[:2]


def find_meeting(area: PartnershipArea, number: int) -> Meeting | None:
    """Return the meeting. One query."""
    return Meeting.objects.select_related(*PARTS).filter(area=area, number=number).first()


def list_items(meeting: Meeting) -> list[AgendaItem]:
    """Return the agenda's items in order, with their subjects. One query."""
    return list(meeting.items.select_related(*KINDS).order_by("position", "id"))


def get_subjects(area: PartnershipArea, keys: Sequence[Key]) -> dict[Key, Thing]:
    """Return the subjects of these keys that belong to the area. At most four queries."""
    kinds: dict[str, type[Thing]] = {"indicator": Indicator, "action": Action, "challenge": Challenge, "strand": Strand}
    subjects: dict[Key, Thing] = {}
    for kind, model in kinds.items():
        wanted = [pk for name, pk in keys if name == kind]
        if wanted:
            subjects |= {(kind, thing.pk): thing for thing in model._default_manager.filter(area=area, pk__in=wanted)}
    return subjects


@dataclass(frozen=True, slots=True)
class LastAct:
    """Who last recorded, amended or changed a meeting, and when."""

    who: str
    when: datetime
    did: str


def last_act_on(meeting: Meeting) -> LastAct | None:
    """Return the last act on a meeting that find_meeting loaded: no query."""
    acts = (
        (meeting.amended_by, meeting.amended_at, "recorded"),
        (meeting.changed_by, meeting.changed_at, "changed"),
        (meeting.recorded_by, meeting.recorded_at, "recorded"),
    )
    done = (LastAct(str(person), moment, did) for person, moment, did in acts if moment is not None)
    return max(done, key=lambda act: act.when, default=None)


def find_last_meeting(board: Board) -> Meeting | None:
    """Return a board's newest meeting that was held. One query."""
    return Meeting.objects.filter(board=board, state=MeetingState.HELD.value).order_by("-held_on", "-number").first()


def list_decisions(meeting: Meeting) -> QuerySet[Action]:
    """Return its decisions, including those that have left the plan since then."""
    return Action.objects.filter(decided_in=meeting).order_by("number")


# --- Sub-groups ------------------------------------------------------------------------------------


def find_sub_group(area: PartnershipArea, code: str) -> SubGroup | None:
    """Return the sub-group. One query."""
    return SubGroup.objects.select_related("area", "board", "chair").filter(area=area, code=code).first()


def decided_by(group: SubGroup) -> QuerySet[Action]:
    """Return the actions that its meetings decided, including archived ones."""
    return Action.objects.filter(decided_in__sub_group=group)


# --- What was discussed ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Silent:
    """A strand that a body hasn't discussed for some meetings. `since` is the number of meetings since it last did; if
    it never did, of all meetings."""

    strand: Strand
    since: int
    is_never: bool

    @property
    def words(self) -> str:
        """ "not discussed in the last 3 meetings"."""
        if self.is_never:
            return f"never discussed in {self.since} {'meeting' if self.since == 1 else 'meetings'}"
        return f"not discussed in the last {'meeting' if self.since == 1 else f'{self.since} meetings'}"


@dataclass(frozen=True, slots=True)
class Silence:
    """The strands that a body hasn't discussed for as many meetings as the area says (`needed`), longest first. Empty
    until it has held that many."""

    meetings: int
    needed: int
    strands: Sequence[Silent]

    @property
    def words(self) -> str:
        """Return why no strand is named yet; empty if it has held enough meetings."""
        if self.meetings >= self.needed:
            return ""
        recorded = {0: "No meeting is", 1: "1 meeting is"}.get(self.meetings, f"{self.meetings} meetings are")
        return f"{recorded} recorded. A strand needs attention after {self.needed} meetings that didn’t discuss it."


def strands_discussed(meetings: QuerySet[Meeting]) -> list[dict[Strand, bool]]:
    """Return for each of these meetings that was held, newest first, whether it discussed each strand of its area.

    It did if the strand was ticked, or an action of it, or a challenge about either. One query.
    """
    # By EXISTS, not by joins: joins would repeat a meeting for each item, and lose those without any.
    about_it = Q()
    for path in STRANDS:
        about_it |= Q(**{path: OuterRef("area__strands")})
    ticked = AgendaItem.objects.filter(about_it, meeting=OuterRef("pk"), is_discussed=True)
    newest_first = ("-held_on", "-number", "area__strands__position", "area__strands__name")
    held = meetings.filter(state=MeetingState.HELD.value).annotate(was=Exists(ticked)).order_by(*newest_first)
    rows = held.values_list("pk", "area__strands__pk", "area__strands__code", "area__strands__name", "was")
    by_meeting: dict[int, dict[Strand, bool]] = {}
    strands_by_key: dict[int, Strand] = {}
    for meeting, pk, code, name, is_discussed in rows:
        strands = by_meeting.setdefault(meeting, {})
        if pk is not None:
            strand = strands_by_key.get(pk) or strands_by_key.setdefault(pk, Strand(pk=pk, code=code, name=name))
            strands[strand] = is_discussed
    return list(by_meeting.values())


def silent_among(discussed: Sequence[Mapping[Strand, bool]]) -> list[Silent]:
    """Return the strands that the newest meeting didn't discuss: first those that were never discussed, then longest
    first. `discussed` has the newest meeting first."""
    silent_strands = []
    for strand in discussed[0] if discussed else ():
        since = next((number for number, strands in enumerate(discussed) if strands[strand]), None)
        if since != 0:
            silent_strands.append(Silent(strand, len(discussed) if since is None else since, is_never=since is None))
    return sorted(silent_strands, key=lambda silent: (not silent.is_never, -silent.since))


def find_silence(area: PartnershipArea, meetings: QuerySet[Meeting]) -> Silence:
    """Return the strands that a body hasn't discussed for as long as the area says. One query."""
    discussed, needed = strands_discussed(meetings.filter(area=area)), area.silent_meetings
    return Silence(len(discussed), needed, [silent for silent in silent_among(discussed) if silent.since >= needed])


def left_out_before(meeting: Meeting) -> list[Silent]:
    """Return the strands that the same body's previous meeting didn't discuss, longest first.

    For a sub-group, only strands that it discussed before, or has decided an action in. One query; two for a sub-group.
    """
    earlier = meetings_before(meeting)
    silent_strands = silent_among(strands_discussed(earlier))
    if meeting.sub_group_id is None:
        return silent_strands
    decided = set(Action.objects.filter(decided_in__in=earlier).values_list("strand", flat=True))
    return [silent for silent in silent_strands if not silent.is_never or silent.strand.pk in decided]


def meetings_before(meeting: Meeting) -> QuerySet[Meeting]:
    """Return the same body's meetings before this one."""
    earlier = Q(held_on__lt=meeting.held_on) | Q(held_on=meeting.held_on, number__lt=meeting.number)
    return Meeting.objects.filter(earlier, area=meeting.area_id, board=meeting.board_id, sub_group=meeting.sub_group_id)


# --- What was not looked at ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NotLookedAt:
    """What the strategic group hasn't looked at. `silence` is about strands; the others name each thing."""

    silence: Silence
    unmeasured: Sequence[Action]  # open actions without an indicator
    unsupplied: Sequence[Indicator]  # their agency is retired, or has no lead who can sign in
    unanswered: Sequence[Challenge]  # past their due date
    absences: Sequence[Absence]  # boards that sent nobody to its last meetings


def not_looked_at(
    area: PartnershipArea, actions: Iterable[Action], challenges: Iterable[Challenge], *, today: date
) -> NotLookedAt:
    """Find all of it: these are the area's open actions and challenges. Three queries."""
    return NotLookedAt(
        find_silence(area, Meeting.objects.filter(board__code=STRATEGIC_GROUP)),
        sorted((action for action in actions if action.measure_id is None), key=lambda action: action.number),
        list(unsupplied_indicators(area)),
        [
            challenge
            for challenge in challenges
            if ChallengeState(challenge.state) in UNANSWERED and challenge.due_on < today
        ],
        find_absences(area),
    )


def unsupplied_indicators(area: PartnershipArea) -> QuerySet[Indicator]:
    """Return the indicators that belong in a return but that nobody enters."""
    lead = Membership.objects.filter(agency=OuterRef("owner"), role=Role.AGENCY_LEAD.value, user__is_active=True)
    wanted = Indicator.objects.in_use().filter(area=area, collection=CollectionKind.RETURN.value)
    # Both: a retired agency may still have a lead.
    nobody = ~is_in_use("owner") | Q(has_lead=False)
    unsupplied = wanted.annotate(has_lead=Exists(lead)).filter(nobody).select_related("owner")
    return unsupplied.only("code", "title", "owner__name", "owner__retired").order_by("title")


MOST_STRANDS = 3  # in a proposed agenda


@dataclass(frozen=True, slots=True)
class Material:
    """What an agenda is made from, besides the month's lines."""

    actions: list[tuple[Action, str]]  # red ones, each with its reason
    challenges: list[ChallengeThen]
    strands: list[Silent]


def material_for(meeting: Meeting) -> Material:
    """Return the material as on the meeting's day, or as of today for a future meeting. A constant number of
    queries."""
    at = as_at(meeting)
    return Material(
        actions=[(action, vars(action)["why_then"]) for action in red_actions(meeting, at)],
        challenges=asked_then(open_challenges(meeting, at)),
        strands=left_out_before(meeting)[:MOST_STRANDS],
    )


def sees_all(meeting: Meeting) -> bool:
    """Return whether it belongs to the strategic group, which looks at everything, or to one of its sub-groups."""
    return find_board(meeting).code == STRATEGIC_GROUP


def find_board(meeting: Meeting) -> Board:
    """Return the board that meets, or that the sub-group reports to."""
    body = meeting.body
    return body.board if isinstance(body, SubGroup) else body


def indicators_with(area: PartnershipArea, codes: Collection[str]) -> dict[str, Indicator]:
    """Return the indicators by code. One query, or none without codes."""
    # Django asks the database nothing where there are no codes.
    return {indicator.code: indicator for indicator in Indicator.objects.filter(area=area, code__in=codes)}


def red_actions(meeting: Meeting, at: AsAt) -> QuerySet[Action]:
    """Return a board's red actions, or those that a sub-group's meetings decided."""
    actions = red_actions_then(meeting.area, at)
    if meeting.sub_group_id is not None:
        actions = actions.filter(decided_in__sub_group=meeting.sub_group_id)
    elif not sees_all(meeting):
        actions = actions.filter(board=meeting.board_id)
    return actions.order_by("due_on", "number")


def open_challenges(meeting: Meeting, at: AsAt) -> QuerySet[Challenge]:
    """Return the challenges that a board reads, or those about actions that a sub-group's meetings decided."""
    challenges = challenges_then(meeting.area, at)
    if meeting.sub_group_id is not None:
        challenges = challenges.filter(action__decided_in__sub_group=meeting.sub_group_id)
    elif meeting.board_id is not None and not sees_all(meeting):
        challenges = challenges.filter(to_board_then(meeting.board_id, at))
    return challenges.order_by("due_on", "number")


def addable_things(meeting: Meeting) -> dict[str, list[Thing]]:
    """Return what people may have discussed at a meeting, by kind: everything that existed at the time. Four
    queries."""
    area, at = meeting.area, as_at(meeting)
    indicators = Indicator.objects.in_use_on(at.day).filter(area=area)
    return {
        "strand": list(Strand.objects.filter(area=area)),
        "action": list(actions_then(area, at).order_by("number")),
        "challenge": list(challenges_then(area, at).order_by("number")),
        "indicator": list(indicators.order_by("title")),
    }

"""What a page shows of a meeting, of its agenda, and of what needs attention."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from actions.models import Action, AgendaItem, Challenge, Meeting
from actions.month_figures import month_figures
from actions.presenters.challenges import describe_due, describe_subject
from actions.presenters.threads import make_query
from actions.selectors.as_at import ChallengeThen
from actions.selectors.meetings import (
    Key,
    NotLookedAt,
    Thing,
    addable_things,
    get_subject,
    indicators_with,
    make_key,
    material_for,
)
from actions.workflow import CLOSED, UNANSWERED, ChallengeState, MeetingState, Rag, WhyProposed
from boards.models import PartnershipArea, Strand
from core.calendar import Month, date_label
from core.pages import link_to
from core.texts import count_of_noun, one_line
from indicators.figures import shorten
from indicators.models.catalogue import Indicator

# The class of a state's tag.
TAGS = {MeetingState.PLANNED: "open", MeetingState.HELD: "accepted", MeetingState.CALLED_OFF: "closed"}
LONGEST_WORDS: int = AgendaItem._meta.get_field("words").max_length or 0


@dataclass(frozen=True, slots=True)
class Point:
    """A point of an agenda: why it is there, its subject, and the agenda's text."""

    why: WhyProposed
    thing: Thing
    words: str
    is_discussed: bool = False

    @property
    def key(self) -> str:
        """Return the value in a form: "action-12"."""
        kind, pk = make_key(self.thing)
        return f"{kind}-{pk}"  # key_in reads this

    @property
    def url(self) -> str:
        """Return the page of its subject. The subject knows its area."""
        slug = self.thing.area.slug
        if isinstance(self.thing, Action | Challenge):
            return self.thing.get_absolute_url()
        if isinstance(self.thing, Strand):
            return link_to("actions:strand-plan", slug, self.thing.code)
        return link_to("reporting:indicator-view", slug, self.thing.code)

    def ask(self, month: Month | None) -> str:
        """Return how an address names it as a subject, for an indicator in that month; empty for a challenge, which is
        already a question."""
        thing, of_month = self.thing, str(month) if month else ""
        if isinstance(thing, Indicator):
            return make_query(indicator=thing.code, month=of_month)
        if isinstance(thing, Challenge):
            return ""
        return make_query(action=thing.number) if isinstance(thing, Action) else make_query(strand=thing.code)


def key_in(sent: str) -> Key:
    """Return the subject of a form's value: see Point.key."""
    kind, _, pk = sent.partition("-")
    # Only for keys that we signed: anything else could fail here.
    return kind, int(pk)


def point_about(why: WhyProposed, thing: Thing, words: str, area: PartnershipArea) -> Point:
    thing.area = area  # its address needs it
    return Point(why, thing, shortened(words))


def shortened(words: str) -> str:
    """Return a text as an item stores it, on one line."""
    return shorten(one_line(words), LONGEST_WORDS)


def make_points(items: Iterable[AgendaItem], area: PartnershipArea) -> list[Point]:
    """Return the points of a recorded agenda."""
    points = []
    for item in items:
        thing = get_subject(item)
        thing.area = area
        points.append(Point(WhyProposed(item.why), thing, item.words, item.is_discussed))
    return points


def describe_thing(thing: Thing) -> str:
    """Describe something that wasn't proposed: "A3 Count knife wounds", "C2, about Strand: Prevent", "Strand:
    Prepare"."""
    if isinstance(thing, Challenge):
        return f"{thing.reference}, about {describe_subject(thing)}"
    return f"Strand: {thing}" if isinstance(thing, Strand) else str(thing)


def describe_action(action: Action, rag: Rag, why: str) -> str:
    """Describe an action: "A3 Count knife wounds (red): nobody has the figures"."""
    return f"{action} ({rag.value}): {why}" if why else f"{action} ({rag.value})"


def describe_challenge(challenge: ChallengeThen) -> str:
    """Describe a challenge: "C2, about Strand: Prevent: answer due 12 November 2026"."""
    waits = (
        f"answer due {date_label(challenge.due_on)}" if challenge.state in UNANSWERED else "answered, needs a decision"
    )
    if challenge.state is ChallengeState.ESCALATED:
        waits = f"escalated, {waits}"
    elif challenge.state in CLOSED:  # after the meeting, or at it
        waits = f"{challenge.state.label.lower()} that day"
    return f"{describe_thing(challenge.challenge)}: {waits}"


# --- In groups -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Group:
    """The points of an agenda with the same reason. `is_partial`: there are more, which this reader can't read."""

    why: WhyProposed
    points: Sequence[Point]
    is_partial: bool = False
    is_of_sub_group: bool = False

    @property
    def heading(self) -> str:
        return HEADINGS[self.why]

    @property
    def nothing(self) -> str:
        """Return the text if there are none."""
        if self.is_partial:
            return ""
        return (NOTHING_DECIDED if self.is_of_sub_group else NOTHING).get(self.why, "")


HEADINGS = {
    WhyProposed.SIGNAL: "What stands out in the month",
    WhyProposed.RED: "Red actions",
    WhyProposed.CHALLENGE: "Open challenges",
    WhyProposed.STRAND: "Strands not discussed for longest",
    WhyProposed.ADDED: "Added at the meeting",
}
NOTHING = {
    WhyProposed.SIGNAL: "Nothing stands out.",
    WhyProposed.RED: "There are no red actions.",
    WhyProposed.CHALLENGE: "There are no open challenges.",
    WhyProposed.STRAND: "None. A strand appears here when a recorded meeting didn’t discuss it.",
}
# A sub-group looks only at what its own meetings decided.
NOTHING_DECIDED = NOTHING | {
    WhyProposed.RED: "None of this sub-group’s open actions is red.",
    WhyProposed.CHALLENGE: "There are no open challenges about this sub-group’s actions.",
    WhyProposed.STRAND: "None. A strand with actions from this sub-group appears here when a recorded meeting didn’t "
    "discuss the strand.",
}


def group_points(points: Iterable[Point], *, hidden: Collection[str] = ()) -> list[Group]:
    """Group points in the order of an agenda, without the points in `hidden`, which this reader can't read."""
    return [group for group in all_groups(list(points), hidden=hidden) if group.points or group.is_partial]


def proposed_groups(points: Sequence[Point], meeting: Meeting, *, hidden: Collection[str] = ()) -> list[Group]:
    """Return all groups of a proposal, including empty ones."""
    groups = all_groups(points, hidden=hidden, is_of_sub_group=meeting.sub_group_id is not None)
    return [group for group in groups if group.why is not WhyProposed.ADDED]


def all_groups(points: Sequence[Point], *, hidden: Collection[str], is_of_sub_group: bool = False) -> list[Group]:
    groups = []
    for why in WhyProposed:
        members = [point for point in points if point.why is why]
        shown = [point for point in members if point.key not in hidden]
        groups.append(Group(why, shown, len(shown) < len(members), is_of_sub_group))
    return groups


# --- A meeting -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MeetingView:
    """A meeting as pages show it. `looks_at` is empty if it looks at no month."""

    meeting: Meeting
    reference: str
    url: str
    body: str
    day: str
    state: MeetingState
    tag: str
    looks_at: str
    month_url: str

    @property
    def title(self) -> str:
        """ "M4 of the Strategic Group"."""
        return f"{self.reference}, {self.body}"

    @property
    def is_planned(self) -> bool:
        return self.state is MeetingState.PLANNED

    @property
    def is_held(self) -> bool:
        return self.state is MeetingState.HELD


def meeting_view(meeting: Meeting) -> MeetingView:
    """Make the view. Load its area, board, sub-group and period first."""
    state, period = MeetingState(meeting.state), meeting.period
    if period is not None:
        period.area = meeting.area
    return MeetingView(
        meeting=meeting,
        reference=meeting.reference,
        url=meeting.get_absolute_url(),
        body=str(meeting.body),
        day=date_label(meeting.held_on),
        state=state,
        tag=TAGS[state],
        looks_at=f"{period.month.label}, version {meeting.version}" if period else "",
        month_url=f"{period.get_absolute_url()}?version={meeting.version}" if period else "",
    )


def describe_meeting(meeting: Meeting) -> str:
    """ "meeting M4 of the Strategic Group, 12 November 2026"."""
    return f"meeting {meeting.reference} of the {meeting.body}, {date_label(meeting.held_on)}"


# --- What was not looked at ------------------------------------------------------------------------

MOST_NAMED = 3  # of a kind with a page for all of them


@dataclass(frozen=True, slots=True)
class NotSeen:
    """A kind of thing that needs attention: how many there are, and the first ones with their addresses. If no page
    shows all of them, this has all."""

    heading: str
    first: Sequence[tuple[str, str]]
    more: int
    all_url: str = ""


@dataclass(frozen=True, slots=True)
class NotLookedAtView:
    """`too_early` says why no strand is named yet."""

    kinds: Sequence[NotSeen]
    too_early: str


def not_looked_at_view(left_out: NotLookedAt, area: PartnershipArea, *, today: date) -> NotLookedAtView:
    strands = [(f"{silent.strand}: {silent.words}", silent.strand) for silent in left_out.silence.strands]
    actions = [(str(action), action) for action in left_out.unmeasured]
    indicators = [
        (f"{indicator}: {indicator.owner} {'is retired' if indicator.owner.retired else 'has no lead'}", indicator)
        for indicator in left_out.unsupplied
    ]
    challenges = [
        (f"{describe_thing(challenge)}: {lower_first(describe_due(challenge.due_on, today=today))}", challenge)
        for challenge in left_out.unanswered
    ]
    plan = f"{link_to('actions:plan', area.slug)}?measure=none"
    late = f"{link_to('actions:challenge-list', area.slug)}?overdue=yes"
    its = "its due date" if len(challenges) == 1 else "their due date"
    kinds = [
        _not_seen("strand", "not discussed by the strategic group", strands, area, most=len(strands)),
        _not_seen("open action", "not linked to an indicator", actions, area, url=plan),
        _not_seen("indicator", "that no one supplies", indicators, area, most=len(indicators)),
        _not_seen("challenge", f"past {its}", challenges, area, url=late),
        NotSeen(
            f"{count_of_noun(len(left_out.absences), 'board')} not at the strategic group’s meetings",
            [(absence.words, link_to("actions:group", area.slug)) for absence in left_out.absences],
            more=0,
        ),
    ]
    return NotLookedAtView([kind for kind in kinds if kind.first], left_out.silence.words)


def lower_first(words: str) -> str:
    return words[:1].lower() + words[1:]


def _not_seen(
    noun: str,
    what: str,
    things: Sequence[tuple[str, Thing]],
    area: PartnershipArea,
    *,
    url: str = "",
    most: int = MOST_NAMED,
) -> NotSeen:
    first = []
    for words, thing in things[:most]:
        thing.area = area
        first.append((words, Point(WhyProposed.ADDED, thing, words).url))
    return NotSeen(f"{count_of_noun(len(things), noun)} {what}", first, len(things) - len(first), url)


def proposed_agenda(meeting: Meeting) -> list[Point]:
    """Return what stands out in the month, red actions, open challenges, and strands that this body hasn't discussed
    for longest.

    All of it is as on the meeting's day. A constant number of queries.
    """
    area, material = meeting.area, material_for(meeting)
    return [
        *find_signals(meeting),
        *(
            point_about(WhyProposed.RED, action, describe_action(action, Rag.RED, why), area)
            for action, why in material.actions
        ),
        *(
            point_about(WhyProposed.CHALLENGE, challenge.challenge, describe_challenge(challenge), area)
            for challenge in material.challenges
        ),
        *(
            point_about(WhyProposed.STRAND, silent.strand, f"{silent.strand}: {silent.words}", area)
            for silent in material.strands
        ),
    ]


ADDABLE = {"strand": "Strands", "action": "Actions", "challenge": "Challenges", "indicator": "Indicators"}


def addable_to(meeting: Meeting, keys: set[str]) -> dict[str, list[Point]]:
    """Return what else they may have discussed, by kind: everything that existed on the day and isn't on the agenda."""
    addable = {}
    for kind, things in addable_things(meeting).items():
        points = (point_about(WhyProposed.ADDED, thing, describe_thing(thing), meeting.area) for thing in things)
        addable[ADDABLE[kind]] = [point for point in points if point.key not in keys]
    return addable


def find_signals(meeting: Meeting) -> Iterator[Point]:
    """Return the indicators that stand out on the month's page, in its order, with their categories."""
    said = month_figures().standing_out(meeting)
    indicators = indicators_with(meeting.area, said)
    for code, words in said.items():
        if code in indicators:
            yield point_about(WhyProposed.SIGNAL, indicators[code], "; ".join(words), meeting.area)

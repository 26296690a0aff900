"""Which challenges and offers are about the subject of a page?

Every page of an indicator and of a board runs this, so both statements are written by hand: see core.selectors. The
rows have only what a thread shows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from actions.models import Action, Challenge, ChallengeEntry, Support
from actions.models.readable import Ways, find_ways, ways_of_boards
from actions.workflow import CLOSED
from boards.models import Agency, Board, PartnershipArea, ReportingPeriod, Responsibility, Strand
from boards.permissions import Access
from core.models import User
from core.selectors import Rows, as_day, as_moment, fetch_rows
from core.statements import statement
from indicators.models import Indicator

CLOSED_STATES = ", ".join(f"'{state.value}'" for state in sorted(CLOSED))
THINGS = statement("""
    asked.indicator_id, indicator.code, indicator.title, period.starts_on, asked.action_id, action.number, action.title,
    asked.strand_id, strand.name, asked.responsibility_id, duty.text, bearer.name, asked.board_id, board.name,
    asked.agency_id, agency.name
""")
JOINS = statement(
    """
    LEFT JOIN {indicator} indicator ON indicator.id = asked.indicator_id
    LEFT JOIN {period} period ON period.id = asked.period_id
    LEFT JOIN {action} action ON action.id = asked.action_id
    LEFT JOIN {strand} strand ON strand.id = asked.strand_id
    LEFT JOIN {duty} duty ON duty.id = asked.responsibility_id
    LEFT JOIN {bearer} bearer ON bearer.id = duty.board_id
    LEFT JOIN {board} board ON board.id = asked.board_id
    LEFT JOIN {agency} agency ON agency.id = asked.agency_id
""",
    indicator=Indicator,
    period=ReportingPeriod,
    action=Action,
    strand=Strand,
    duty=Responsibility,
    bearer=Board,
    board=Board,
    agency=Agency,
)
CHALLENGES = statement(
    """
    SELECT entry.id, entry.act, entry.text, entry.made_at, maker.name, maker.email,
        asked.id, asked.number, asked.state, asked.question, asked.due_on, asked.raised_at,
        asked.escalated_to_id, higher.name, answerer.name, answerer.email, {things}
    FROM {entry} entry
    JOIN {asked} asked ON asked.id = entry.challenge_id
    JOIN {maker} maker ON maker.id = entry.made_by_id
    JOIN {answerer} answerer ON answerer.id = asked.answerer_id
    LEFT JOIN {higher} higher ON higher.id = asked.escalated_to_id
    {joins}
    WHERE asked.area_id = %s AND ({{about}}) AND ({{readable}})
    ORDER BY entry.made_at, entry.id
""",
    things=THINGS,
    joins=JOINS,
    entry=ChallengeEntry,
    asked=Challenge,
    maker=User,
    answerer=User,
    higher=Board,
)
OFFERS = statement(
    """
    SELECT asked.id, asked.number, asked.state, asked.offer, asked.offered_at, maker.name, maker.email,
        asked.decided_at, decider.name, decider.email, asked.decided_why, {things}
    FROM {asked} asked
    JOIN {maker} maker ON maker.id = asked.offered_by_id
    LEFT JOIN {decider} decider ON decider.id = asked.decided_by_id
    {joins}
    WHERE asked.area_id = %s AND ({{about}}) AND ({{readable}})
    ORDER BY asked.id
""",
    things=THINGS,
    joins=JOINS,
    asked=Support,
    maker=User,
    decider=User,
)


# Most things have neither. To ask so costs a twentieth of planning the two statements above.
ANYTHING = statement(
    """
    SELECT EXISTS (SELECT 1 FROM {challenge} asked WHERE asked.area_id = %s AND {{about}}),
        EXISTS (SELECT 1 FROM {offer} asked WHERE asked.area_id = %s AND {{about}})
""",
    challenge=Challenge,
    offer=Support,
)


@dataclass(frozen=True, slots=True)
class About:
    """Which rows: a condition on `asked` (challenges or offers), and its parameters."""

    condition: str
    numbers: tuple[int, ...]


def about_thing(name: str, pk: int) -> About:
    """Return the condition for one subject: name is "indicator", "action", "strand" or "responsibility"."""
    # It becomes part of the SQL: let nothing else through.
    if name not in ("indicator", "action", "strand", "responsibility"):
        raise ValueError(f"Nothing is asked about a {name}.")
    return About(f"asked.{name}_id = %s", (pk,))


def filter_for_pack(board: Board, closed_since: str, numbers: tuple[int, ...]) -> About:
    """Return the condition for a board's pack: actions.selectors.challenges.challenges_for, and everything about its
    responsibilities.

    Of the others it includes open ones and those closed after `closed_since`, an SQL term with these parameters.
    """
    its = _either(ways_of_boards([board.pk]), is_challenge=True)
    is_told = f"asked.state NOT IN ({CLOSED_STATES}) OR asked.closed_at > {closed_since}"
    return About(f"({its.condition}) AND ({is_told}) OR duty.board_id = %s", (*its.numbers, *numbers, board.pk))


def offered_to(board: Board) -> About:
    """Return the condition for offers to a board, or about its responsibilities."""
    return About("asked.board_id = %s OR duty.board_id = %s", (board.pk, board.pk))


# --- For whom --------------------------------------------------------------------------------------


def readable(access: Access, *, is_challenge: bool) -> About:
    """Return the condition for what this person may read, as actions.models.readable has it."""
    ways = find_ways(access)
    # None reads everything; an empty list reads nothing, which _either says as 1 = 0.
    return About("1 = 1", ()) if ways is None else _either(ways, is_challenge=is_challenge)


def _either(ways: Ways, *, is_challenge: bool) -> About:
    ways = [(way, ids) for way, ids in ways if is_challenge or not way.is_of_challenges]
    conditions = [way.statement.format(ids=", ".join(["%s"] * len(ids))) for way, ids in ways]
    return About(" OR ".join(conditions) or "1 = 0", tuple(number for _, ids in ways for number in ids))


# --- Reading ---------------------------------------------------------------------------------------


def is_anything_about(access: Access, about: About) -> tuple[bool, bool]:
    """Return whether there are challenges about one subject, and offers, whoever may read them. One query."""
    numbers = [access.area.pk, *about.numbers]
    return _is_anything(fetch_rows(ANYTHING.format(about=about.condition), [*numbers, *numbers]))


def _is_anything(rows: Rows) -> tuple[bool, bool]:
    ((is_asked, is_offered),) = rows
    return bool(is_asked), bool(is_offered)


# What a page keeps needs a hash.
type Said = tuple[tuple[Any, ...], ...]


def list_asked(access: Access, about: About) -> Said:
    """Return the entries of the challenges that this person may read, in order, for `make_challenges`. One query."""
    return _rows(CHALLENGES, access, about, is_challenge=True)


def list_offered(access: Access, about: About) -> Said:
    """Return the offers that this person may read, for `make_offers`. One query."""
    return _rows(OFFERS, access, about, is_challenge=False)


def _rows(statement: str, access: Access, about: About, *, is_challenge: bool) -> Said:
    may_read = readable(access, is_challenge=is_challenge)
    text = statement.format(about=about.condition, readable=may_read.condition)
    return tuple(fetch_rows(text, [access.area.pk, *about.numbers, *may_read.numbers]))


def make_challenges(area: PartnershipArea, rows: Said) -> list[tuple[Challenge, list[ChallengeEntry]]]:
    """Return the challenges, each with its entries in order: it has at least one, the question."""
    found: dict[int, tuple[Challenge, list[ChallengeEntry]]] = {}
    for row in rows:
        pk, act, text, made_at, maker, maker_email, key, *_ = row
        if key not in found:
            found[key] = (_challenge(area, row[6:]), [])
        maker = User(name=maker, email=maker_email)
        found[key][1].append(ChallengeEntry(id=pk, act=act, text=text, made_at=as_moment(made_at), made_by=maker))
    return list(found.values())


def make_offers(area: PartnershipArea, rows: Said) -> list[Support]:
    return [_support(area, row) for row in rows]


def _challenge(area: PartnershipArea, row: Sequence[Any]) -> Challenge:
    pk, number, state, question, due_on, raised_at, higher, higher_name, answerer, answerer_email, *things = row
    # Never save it: it has only what a thread shows. Everything else has the model's default.
    return Challenge(
        id=pk,
        area=area,
        number=number,
        state=state,
        question=question,
        due_on=as_day(due_on),
        raised_at=as_moment(raised_at),
        escalated_to=Board(id=higher, name=higher_name) if higher else None,
        answerer=User(name=answerer, email=answerer_email),
        **_things(things),
    )


def _support(area: PartnershipArea, row: Sequence[Any]) -> Support:
    pk, number, state, offer, offered_at, maker, maker_email, decided_at, decider, decider_email, why, *things = row
    return Support(
        id=pk,
        area=area,
        number=number,
        state=state,
        offer=offer,
        offered_at=as_moment(offered_at),
        offered_by=User(name=maker, email=maker_email),
        decided_at=as_moment(decided_at) if decided_at else None,
        decided_by=User(name=decider, email=decider_email) if decider_email else None,
        decided_why=why,
        **_things(things),
    )


def _things(row: Sequence[Any]) -> dict[str, Any]:
    """Return its subject and its addressee."""
    indicator, code, title, starts_on, action, number, action_title, strand, strand_name, duty, text, bearer, *to = row
    board, board_name, agency, agency_name = to
    found: dict[str, Any] = {}
    if indicator:
        found["indicator"] = Indicator(id=indicator, code=code, title=title)
        found["period"] = ReportingPeriod(starts_on=as_day(starts_on))
    if action:
        found["action"] = Action(id=action, number=number, title=action_title)
    if strand:
        found["strand"] = Strand(id=strand, name=strand_name)
    if duty:
        found["responsibility"] = Responsibility(id=duty, text=text, board=Board(name=bearer))
    if board:
        found["board"] = Board(id=board, name=board_name)
    if agency:
        found["agency"] = Agency(id=agency, name=agency_name)
    return found

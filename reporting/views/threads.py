"""What was asked and offered about the thing that a page is about: for actions/_thread.html on that page."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from actions.models import Action
from actions.permissions import can_challenge
from actions.presenters.challenges import ChallengeView, SupportView, challenge_view, support_view
from actions.selectors.threads import About, about_thing, asked_about, offered_to, offers_about, on_page_of
from actions.workflow import ActionState
from boards.models import Board, ReportingPeriod, Responsibility, Strand
from boards.permissions import Access
from boards.workflow import MonthStatus
from core.months import Month
from indicators.disclosure import Audience
from indicators.models.catalogue import Indicator
from reporting.models.packs import IssuedPack, PackKind
from reporting.models.snapshots import Snapshot

# As reporting.presenters.pack.sources has it: when the board got its last pack for partners; where it never had one,
# when the month before the newest was published.
LAST_TOLD = f"""
    COALESCE(
        (SELECT MAX(pack.issued_at) FROM {IssuedPack._meta.db_table} pack WHERE pack.board_id = %s
            AND pack.kind = '{PackKind.MONTH.value}' AND pack.audience = '{Audience.PARTNERS.value}'),
        (SELECT MIN(snapshot.published_at) FROM {Snapshot._meta.db_table} snapshot WHERE snapshot.period_id = (
            SELECT period.id FROM {ReportingPeriod._meta.db_table} period
            WHERE period.area_id = %s AND period.status = '{MonthStatus.PUBLISHED.value}'
            ORDER BY period.starts_on DESC LIMIT 1 OFFSET 1)),
        asked.raised_at)
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Thread:
    """The challenges and offers of a page, the open ones first; and where this reader raises or makes another, empty
    where they may not."""

    challenges: Sequence[ChallengeView]
    offers: Sequence[SupportView]
    raise_url: str = ""
    offer_url: str = ""
    asks_about: str = ""  # what another one would be about, where the page is about more

    @property
    def is_shown(self) -> bool:
        return bool(self.challenges or self.offers or self.raise_url)


def thread_of(
    access: Access,
    *,
    indicator: Indicator | None = None,
    period: ReportingPeriod | None = None,
    action: Action | None = None,
    strand: Strand | None = None,
    responsibility: Responsibility | None = None,
) -> Thread:
    """Of an indicator every month's; `period` is the published month that another one would be about. Two queries."""
    things = {"indicator": indicator, "action": action, "strand": strand, "responsibility": responsibility}
    ((name, thing),) = ((name, thing) for name, thing in things.items() if thing is not None)
    about = about_thing(name, thing.pk)
    address = address_of(
        indicator=indicator.code if indicator else "",
        month=period.month if period else None,
        action=action.number if action else None,
        strand=strand.code if strand else "",
        responsibility=responsibility.pk if responsibility else None,
    )
    can_ask = can_challenge(access) and is_askable(indicator, period, action)
    return Thread(
        challenges=threads(access, about),
        offers=offers(access, about),
        raise_url=raise_url(access, address) if can_ask else "",
        offer_url=offer_url(access, address) if can_ask else "",
        asks_about=period.month.label if period else "",
    )


def is_askable(indicator: Indicator | None, period: ReportingPeriod | None, action: Action | None) -> bool:
    """Whether somebody may ask about it at all: of an indicator about a published month, and not about what is out of
    the plan."""
    if indicator is not None:
        return period is not None and period.is_published
    return action is None or action.state != ActionState.ARCHIVED


# --- Where another one is raised -------------------------------------------------------------------


def address_of(**parts: str | int | Month | None) -> str:
    """ "indicator=cuckooed&month=2026-10": what an address says that it is about."""
    return urlencode({name: str(part) for name, part in parts.items() if part})


def raise_url(access: Access, address: str) -> str:
    return f"{reverse('reporting:challenge-raise', args=[access.area.slug])}?{address}"


def offer_url(access: Access, address: str) -> str:
    return f"{reverse('reporting:support-offer', args=[access.area.slug])}?{address}"


# --- Threads ---------------------------------------------------------------------------------------


def threads(access: Access, about: About) -> list[ChallengeView]:
    """The challenges that are so and that this person may read, with all that was said. One query."""
    today = timezone.localdate()
    views = [
        challenge_view(challenge, today=today, entries=entries) for challenge, entries in asked_about(access, about)
    ]
    return sorted(views, key=lambda view: (view.is_closed, -view.challenge.number))


def offers(access: Access, about: About) -> list[SupportView]:
    """One query."""
    views = [support_view(support) for support in offers_about(access, about)]
    return sorted(views, key=lambda view: (not view.is_open, -view.support.number))


# --- A board's page --------------------------------------------------------------------------------


def board_thread(access: Access, board: Board) -> Thread:
    """What its next pack will have of challenges, and all about what it answers for; and what it is offered. Two
    queries."""
    about = on_page_of(board, LAST_TOLD, (board.pk, access.area.pk))
    return Thread(challenges=threads(access, about), offers=offers(access, offered_to(board)))


def asks(access: Access, responsibilities: Sequence[tuple[int, str]]) -> list[tuple[str, str]]:
    """Each of what a board answers for, with where this reader asks about it; empty where they may not."""
    may = can_challenge(access)
    return [(text, raise_url(access, address_of(responsibility=pk)) if may else "") for pk, text in responsibilities]

"""Which challenges and offers are about the subject of a page? Draws them for that page."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from actions.models import Action, Challenge, Support
from actions.permissions import can_challenge
from actions.presenters.challenges import challenge_view, support_view
from actions.selectors.threads import list_asked, list_offered
from actions.workflow import ActionState
from boards.models import ReportingPeriod, Responsibility, Strand
from boards.permissions import Access
from core.links import link_to
from core.months import Month
from indicators.models.catalogue import Indicator


@dataclass(frozen=True, slots=True)
class Thread:
    """The challenges and offers on a page that this reader may read, and where the reader can add another; empty if
    they can't."""

    asked: Sequence[Challenge] = ()
    offered: Sequence[Support] = ()
    raise_url: str = ""
    offer_url: str = ""
    asks_about: str = ""  # the subject of a new one, if the page has more than one

    @property
    def html(self) -> SafeString:
        return self._draw(is_folded=False)

    @property
    def folded(self) -> SafeString:
        """Return it for a page that is about more: what was said of open ones opens too."""
        return self._draw(is_folded=True)

    def _draw(self, *, is_folded: bool) -> SafeString:
        """Draw it, open challenges and offers first. No query."""
        today = timezone.localdate()
        challenges = [challenge_view(challenge, today=today) for challenge in self.asked]
        offers = [support_view(support) for support in self.offered]
        context = {
            "thread": self,
            "is_folded": is_folded,
            "challenges": sorted(challenges, key=lambda view: (view.is_closed, -view.challenge.number)),
            "offers": sorted(offers, key=lambda view: (not view.is_open, -view.support.number)),
        }
        return render_to_string("actions/_thread.html", context)


def make_thread(
    access: Access,
    *,
    indicator: Indicator | None = None,
    period: ReportingPeriod | None = None,
    action: Action | None = None,
    strand: Strand | None = None,
    responsibility: Responsibility | None = None,
) -> Thread:
    """Make the thread. For an indicator, it has those about every month; `period` is the published month for a new one.
    Three queries; two if nothing was asked."""
    things = {"indicator": indicator, "action": action, "strand": strand, "responsibility": responsibility}
    # Exactly one: anything else is a mistake of the caller, and fails here.
    ((name, thing),) = ((name, thing) for name, thing in things.items() if thing is not None)
    about = Q(**{name: thing})
    address = make_query(
        indicator=indicator.code if indicator else "",
        month=period.month if period else None,
        action=action.number if action else None,
        strand=strand.code if strand else "",
        responsibility=responsibility.pk if responsibility else None,
    )
    # This only hides links. raise_challenge and offer_support check it again.
    can_ask = can_challenge(access) and is_askable(indicator, period, action)
    return Thread(
        asked=list_asked(access, about),
        offered=list_offered(access, about),
        raise_url=raise_url(access, address) if can_ask else "",
        offer_url=offer_url(access, address) if can_ask else "",
        asks_about=period.month.label if period else "",
    )


def is_askable(indicator: Indicator | None, period: ReportingPeriod | None, action: Action | None) -> bool:
    """Return whether anybody may ask about it: an indicator needs a published month, and an archived action can't be
    asked about."""
    if indicator is not None:
        return period is not None and period.is_published
    return action is None or action.state != ActionState.ARCHIVED


def make_query(**parts: str | int | Month | None) -> str:
    """Return "indicator=cuckooed&month=2026-10", how an address names the subject."""
    return urlencode({name: str(part) for name, part in parts.items() if part})


def raise_url(access: Access, address: str) -> str:
    return f"{link_to('actions:challenge-raise', access.area.slug)}?{address}"


def offer_url(access: Access, address: str) -> str:
    return f"{link_to('actions:support-offer', access.area.slug)}?{address}"


def asks(access: Access, responsibilities: Sequence[tuple[int, str]]) -> list[tuple[str, str]]:
    """Return each responsibility of a board, with the address for a question about it; empty if this reader can't
    ask."""
    may = can_challenge(access)
    return [(text, raise_url(access, make_query(responsibility=pk)) if may else "") for pk, text in responsibilities]

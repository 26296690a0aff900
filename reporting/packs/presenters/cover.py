"""What is on a pack’s cover?"""

from django.utils import timezone

from core.chain import Head
from core.months import date_label
from indicators.disclosure import Audience
from reporting.models import PackCharts, PackScope, SnapshotState
from reporting.packs.presenters.asks import list_asks
from reporting.packs.presenters.names import make_reference, make_title
from reporting.packs.presenters.shapes import (
    Cover,
)
from reporting.packs.presenters.sources import Order, Sources

FOR = {
    Audience.PARTNERS: "Partners under the information-sharing agreement",
    Audience.PUBLIC: "The public: small numbers are not shown",
}
STATE_WORDS = {
    SnapshotState.DRAFT: "Draft: not published, and the figures may still change",
    SnapshotState.PUBLISHED: "Published",
}
OF_THE_ISSUE = ("Meeting", "Pack number", "Record")  # facts that are entered when a pack is issued


def cover(sources: Sources, reference: str, record: Head) -> Cover:
    order, own, month = sources.order, sources.own, sources.own.month
    facts = [
        ("Meeting", describe_meeting(order)),
        ("Pack number", reference or f"{make_reference(order)}, not issued"),
        ("Marking", month.marking),
        ("For", FOR[order.audience]),
        ("Figures", month.position),
        ("Completeness", month.completeness.sentence),
        ("Timeliness", month.timeliness),
        ("Version", describe_version(sources)),
        ("Approved", describe_approval(sources)),
        ("Charts", order.charts.label if order.charts is PackCharts.NHS else ""),
        ("Full pages for", "Every indicator" if order.scope is PackScope.ALL else ""),
        ("Record", describe_record(record)),
    ]
    return Cover(
        area=month.area,
        board=own.name,
        formerly=f"Formerly the {own.formerly}" if own.formerly else "",
        basis=own.basis,
        title=make_title(order),
        state=describe_state(sources),
        asks=tuple(list_asks(sources)),
        facts=tuple((label, text) for label, text in facts if text),
    )


def describe_record(head: Head) -> str:
    """Return "Record of this area up to event 1,234: 3f5a…". On paper, nobody can write it anew."""
    return f"Record of this area up to event {head.number:,}: {head.link}" if head.number else ""


def describe_state(sources: Sources) -> str:
    month = sources.own.month
    if month.superseded:
        return f"{month.superseded[:1].upper()}{month.superseded[1:]}"
    if sources.is_public and not month.is_public:
        return "Draft: not public, and the figures may still change"
    return STATE_WORDS[SnapshotState(month.state)]


def describe_version(sources: Sources) -> str:
    month = sources.own.month
    if sources.edition is not None:
        return f"Edition {sources.edition.number} for the public, of version {month.version}"
    return f"{month.version}, {month.superseded or SnapshotState(month.state).label.lower()}"


def describe_meeting(order: Order) -> str:
    """ "Strategic meeting, 27 November 2026"."""
    day = date_label(order.meeting_on) if order.meeting_on else ""
    return ", ".join(filter(None, (order.meeting.strip(), day))) or "Not given yet"


def describe_approval(sources: Sources) -> str:
    """Say who approved showing these figures, and when. The public learns only when."""
    edition, snapshot = sources.edition, sources.snapshot
    if edition is not None and edition.published_at is not None:
        return f"For the public, on {date_label(timezone.localdate(edition.published_at))}"
    if sources.is_public or snapshot.published_at is None:
        return "Not yet"
    return f"By {snapshot.published_by}, on {date_label(timezone.localdate(snapshot.published_at))}"

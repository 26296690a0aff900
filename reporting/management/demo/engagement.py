"""Anytown's voluntary sector: its sessions with the community, and the indicators of November that count them."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from actions.models import EngagementSession, SessionCount, Voice
from actions.services.counts import carry_counts, count_indicator
from actions.services.engagement import SessionDraft, add_session, add_voice, close_voice
from boards.models import Agency, PartnershipArea, ReportingPeriod
from core.models import User
from core.months import Month
from indicators.models import Indicator
from reporting.management.demo.blueprint import add_indicators, read, read_with_kpis
from reporting.management.demo.returns import moment

AGENCY = "voluntary-sector"


def count_sessions(area: PartnershipArea, *, month: Month, coordinator: User) -> None:
    """Set up what a month counts of the sessions, from this one on: after all other indicators, in a separate
    section.
    """
    counts = {row["code"]: SessionCount(row["counts"]) for row in read("engagement")["indicator"]}
    add_indicators(read_with_kpis(area.slug), list(counts), month=month, by=coordinator)
    for indicator in Indicator.objects.filter(area=area, code__in=counts):
        count_indicator(indicator, counts[indicator.code], by=coordinator)


def load_sessions(area: PartnershipArea, *, month: Month, lead: User) -> None:
    """Record the sessions held up to today, with what people said there. The draft of the return has the month's
    counts, without the last session, which was recorded afterwards.
    """
    agency = Agency.objects.select_related("area").get(area=area, code=AGENCY)
    period = ReportingPeriod.objects.get(area=area, starts_on=month.first_day)
    *earlier, last = (row for row in read("engagement")["session"] if row["held_on"] <= timezone.localdate())
    for row in earlier:
        load_session(agency, row, lead=lead)
    carry_counts(agency, period, revision=0, by=lead)
    load_session(agency, last, lead=lead)


def load_session(agency: Agency, row: dict[str, Any], *, lead: User) -> None:
    today = timezone.localdate()
    draft = SessionDraft(**{name: row[name] for name in SessionDraft.__dataclass_fields__})
    session = add_session(agency, draft, by=lead)
    # The service says now, and this moves it back. No trigger keeps these rows.
    EngagementSession.objects.filter(pk=session.pk).update(added_at=moment(row["held_on"]))
    for heard in row.get("voice", []):
        due_on = max(today + timedelta(days=heard["days"]), session.held_on)
        voice = add_voice(session, said=heard["said"], due_on=due_on, by=lead)
        Voice.objects.filter(pk=voice.pk).update(added_at=moment(row["held_on"]))
        if "did" in heard:
            close_voice(voice, did=heard["did"], revision=0, by=lead)
            Voice.objects.filter(pk=voice.pk).update(closed_at=moment(due_on))

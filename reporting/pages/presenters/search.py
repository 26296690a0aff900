"""Search results by kind: a link and a sentence for each, without figures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import starmap
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.urls import reverse

from actions.models import Action, Authority, Challenge, Event, EventKind, Highlight, Kpi, Meeting, Seat
from actions.models.duty import AuthorityKind
from actions.presenters.engagement import describe_days
from actions.presenters.plan import describe_due
from actions.presenters.todo import shortened
from actions.workflow import ChallengeState, Rag
from boards.guides import Guide, Section, find_sections
from boards.permissions import Access
from boards.presenters.nav import month_url
from boards.rules import ReadableMonths
from core.calendar import Month, date_label
from core.pages import link_to
from indicators.models import Pathway, Submission
from reporting.models import IndicatorLine, IssuedPack, Snapshot
from reporting.pages.selectors import (
    Sought,
    find_actions,
    find_authorities,
    find_challenges,
    find_events,
    find_highlights,
    find_indicators,
    find_kpis,
    find_meetings,
    find_packs,
    find_pathways,
    find_returns,
    find_seats,
)

MOST = 20  # results of a kind


class Found(NamedTuple):
    title: str
    url: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Kind:
    """The results of one kind, the first MOST of them."""

    heading: str
    rows: Sequence[Found]
    has_more: bool = False

    @property
    def key(self) -> str:
        return self.heading.lower().replace(" ", "-")


def search(
    access: Access, sought: Sought, *, months: ReadableMonths, snapshot: Snapshot | None, today: date
) -> list[Kind]:
    """Return the results of each kind, without kinds that have none. A query or two for each."""
    kinds = [Kind("Months", [describe_month(access, sought.month)])] if sought.month in months and sought.month else []
    if snapshot is not None:
        indicators = find_indicators(snapshot, sought)
        kinds.append(make_kind("Indicators", indicators, lambda line: describe_indicator(access, line)))
    kinds += [
        make_kind("Actions", find_actions(access, sought), lambda action: describe_action(action, today)),
        make_kind("KPIs", find_kpis(access, sought), describe_kpi),
        make_kind("Events", find_events(access, sought), lambda event: describe_event(access, event)),
        make_kind("Challenges", find_challenges(access, sought), describe_challenge),
        make_kind("Meetings", find_meetings(access, sought), describe_meeting),
        make_kind(
            "Highlights", find_highlights(access, sought), lambda highlight: describe_highlight(access, highlight)
        ),
        make_kind("Pathways", find_pathways(access, sought), describe_pathway),
        make_kind("Strategic group", find_seats(access, sought), lambda seat: describe_seat(access, seat)),
        make_kind("Serious Violence Duty", find_authorities(access, sought), describe_authority),
        make_kind("Packs", find_packs(access, sought), describe_pack),
        make_kind("Your returns", find_returns(access, sought), describe_return),
    ]
    sections = find_sections(sought.besides, frozenset(map(str, access.roles)))
    kinds.append(Kind("Help", list(starmap(describe_section, sections[:MOST])), has_more=len(sections) > MOST))
    return [kind for kind in kinds if kind.rows]


def make_kind(heading: str, rows: QuerySet[Any], describe: Callable[[Any], Found]) -> Kind:
    # One more than is shown, to know whether there are others.
    first_rows = list(rows[: MOST + 1])
    return Kind(heading, list(map(describe, first_rows[:MOST])), has_more=len(first_rows) > MOST)


def describe_section(guide: Guide, section: Section) -> Found:
    url = reverse("help-guide", args=[guide.slug])
    return Found(section.title, f"{url}#{section.anchor}", f"{guide.title}.")


def describe_month(access: Access, month: Month) -> Found:
    return Found(month.label, month_url(access, month), f"All of {access.area.name}’s figures for {month.label}.")


def describe_indicator(access: Access, line: IndicatorLine) -> Found:
    url = reverse("reporting:indicator-view", args=[access.area.slug, line.indicator_code])
    return Found(line.short_title or line.title, url, line.question)


def describe_action(action: Action, today: date) -> Found:
    sentence = f"{action.strand}. {Rag(action.rag).label}. {describe_due(action, today)}."
    return Found(f"{action.reference} {action.title}", action.get_absolute_url(), sentence)


def describe_kpi(kpi: Kpi) -> Found:
    return Found(str(kpi), kpi.get_absolute_url(), f"{kpi.board}. For {kpi.indicator.title}.")


def describe_event(access: Access, event: Event) -> Found:
    url = reverse("actions:event-list", args=[access.area.slug])
    sentence = f"{EventKind(event.kind).label}, {describe_days(event.starts_on, event.ends_on)}."
    return Found(f"{event}", f"{url}#{event.reference.lower()}", f"{sentence} Reported by {event.said_by}.")


def describe_challenge(challenge: Challenge) -> Found:
    state = ChallengeState(challenge.state).label
    return Found(f"{challenge.reference} {shortened(challenge.question)}", challenge.get_absolute_url(), f"{state}.")


def describe_meeting(meeting: Meeting) -> Found:
    title = f"{meeting.reference} {meeting.body}, {date_label(meeting.held_on)}"
    sentences = [f"{meeting.get_state_display()}.", shortened(meeting.notes)]
    return Found(title, meeting.get_absolute_url(), " ".join(filter(None, sentences)))


def describe_highlight(access: Access, highlight: Highlight) -> Found:
    url = reverse("actions:highlight-view", args=[access.area.slug, highlight.pk])
    return Found(highlight.title, url, f"{date_label(highlight.starts_on)}. {shortened(highlight.story)}")


def describe_pathway(pathway: Pathway) -> Found:
    return Found(pathway.title, pathway.get_absolute_url(), pathway.question)


def describe_seat(access: Access, seat: Seat) -> Found:
    return Found(seat.title, link_to("actions:group", access.area.slug), f"Member for the {seat.board}.")


def describe_authority(authority: Authority) -> Found:
    return Found(authority.name, authority.get_absolute_url(), f"{AuthorityKind(authority.kind).label}.")


def describe_pack(pack: IssuedPack) -> Found:
    what, day = f"{pack.get_kind_display()}, {pack.period.month.label}", date_label(pack.meeting_on)
    sentence = f"{what}, for the {pack.board}: {pack.meeting}, {day}."
    return Found(pack.reference, pack.get_absolute_url(), sentence)


def describe_return(submission: Submission) -> Found:
    title = f"{submission.period.month.label} figures from {submission.agency}"
    return Found(title, submission.get_absolute_url(), f"{submission.get_state_display()}.")

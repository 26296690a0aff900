"""What do partners do about it? The plan's actions, support and challenge, meetings, KPIs, and sessions with the
community."""

from actions.models.challenges import Challenge, ChallengeAct, ChallengeEntry, Support
from actions.models.engagement import CountedIndicator, EngagementSession, SessionCount, Voice
from actions.models.events import Event, EventAim, EventKind, Expectation, Way
from actions.models.highlights import Highlight, HighlightKind
from actions.models.kpis import Kpi, KpiKind, KpiReview, KpiTarget
from actions.models.meetings import AgendaItem, Meeting, SubGroup
from actions.models.notices import Notice
from actions.models.plan import Action, ActionChange, ActionMove, ActionUpdate, ChangedField, Milestone

__all__ = [
    "Action",
    "ActionChange",
    "ActionMove",
    "ActionUpdate",
    "AgendaItem",
    "Challenge",
    "ChallengeAct",
    "ChallengeEntry",
    "ChangedField",
    "CountedIndicator",
    "EngagementSession",
    "Event",
    "EventAim",
    "EventKind",
    "Expectation",
    "Highlight",
    "HighlightKind",
    "Kpi",
    "KpiKind",
    "KpiReview",
    "KpiTarget",
    "Meeting",
    "Milestone",
    "Notice",
    "SessionCount",
    "SubGroup",
    "Support",
    "Voice",
    "Way",
]

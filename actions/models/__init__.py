"""What partners do: the plan's actions, support and challenge, meetings, KPIs, and sessions with the community."""

from actions.models.challenges import Challenge, ChallengeAct, ChallengeEntry, Support
from actions.models.duty import Authority, DutyAct
from actions.models.engagement import (
    CountedIndicator,
    EngagementSession,
    Event,
    EventAim,
    EventKind,
    Expectation,
    SessionCount,
    Voice,
    Way,
)
from actions.models.group import Attendance, Seat
from actions.models.highlights import Highlight, HighlightKind
from actions.models.kpis import Kpi, KpiKind, KpiReview, KpiTarget
from actions.models.meetings import AgendaItem, Meeting, MeetingNote, NoteKind, SubGroup
from actions.models.plan import Action, ActionChange, ActionMove, ActionUpdate, ChangedField, Milestone

"""What is done about it: the plan's actions, and the support and challenge that the strategic group gives."""

from actions.models.challenges import Challenge, ChallengeAct, ChallengeEntry, Support
from actions.models.highlights import Highlight, HighlightKind
from actions.models.plan import Action, ActionChange, ActionUpdate, ChangedField, Milestone

__all__ = [
    "Action",
    "ActionChange",
    "ActionUpdate",
    "Challenge",
    "ChallengeAct",
    "ChallengeEntry",
    "ChangedField",
    "Highlight",
    "HighlightKind",
    "Milestone",
    "Support",
]

"""Anytown's perpetrator sub-group, and what its boards met about: out of meetings.toml."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from actions.models import Action, Meeting, SubGroup
from actions.presenters.agenda import find_signals
from actions.presenters.meetings import describe_action
from actions.services.meetings import ItemDraft, MeetingDraft, plan_meeting, record_meeting
from actions.services.sub_groups import SubGroupDraft, add_sub_group
from actions.workflow import Rag, WhyProposed
from boards.models import Board, PartnershipArea, ReportingPeriod, Strand
from core.models import User
from core.workdays import this_or_next_working_day
from reporting.management.demo.blueprint import read
from reporting.management.demo.returns import moment


def load_meetings(area: PartnershipArea, *, people: dict[str, User]) -> None:
    """Plan the meetings, and hold those whose day has come. Each looked at the first version of its month."""
    told, coordinator = read("meetings"), people["coordinator"]
    load_sub_group(area, told["sub_group"], people)
    for row in told["meeting"]:
        meeting = plan_meeting(area, make_draft(area, row), by=coordinator)
        Meeting.objects.filter(pk=meeting.pk).update(planned_at=moment(row["held_on"] - timedelta(days=21)))
        if row["held_on"] <= timezone.localdate():
            record_meeting(meeting, make_items(meeting, row), notes=row["notes"], revision=0, by=coordinator)
            Meeting.objects.filter(pk=meeting.pk).update(recorded_at=moment(row["held_on"]))
    for row in told["planned"]:
        held_on = this_or_next_working_day(timezone.localdate() + timedelta(days=row["days"]))
        plan_meeting(area, make_draft(area, row | {"held_on": held_on}), by=coordinator)


def load_sub_group(area: PartnershipArea, row: dict[str, Any], people: dict[str, User]) -> None:
    draft = SubGroupDraft(
        name=row["name"],
        remit=row["remit"],
        board=Board.objects.get(area=area, code=row["board"]),
        members=tuple(people[name] for name in row["members"]),
        chair=people[row["chair"]],
    )
    add_sub_group(area, row["code"], draft, by=people["coordinator"])


def make_draft(area: PartnershipArea, row: dict[str, Any]) -> MeetingDraft:
    period = ReportingPeriod.objects.get(area=area, starts_on=row["month"]) if "month" in row else None
    return MeetingDraft(
        board=Board.objects.get(area=area, code=row["board"]) if "board" in row else None,
        sub_group=SubGroup.objects.get(area=area, code=row["sub_group"]) if "sub_group" in row else None,
        held_on=row["held_on"],
        period=period,
        version=1 if period else None,
    )


def make_items(meeting: Meeting, row: dict[str, Any]) -> list[ItemDraft]:
    """Return what stood out in the month, and the row's own items."""
    strands = Strand.objects.filter(area=meeting.area, code__in=row["discussed"])
    actions = Action.objects.filter(area=meeting.area, title__in=row.get("actions", []))
    return [
        *(ItemDraft(point.why, point.thing, point.words, is_discussed=True) for point in find_signals(meeting)),
        *(
            ItemDraft(WhyProposed.RED, each, describe_action(each, Rag(each.rag), each.rag_why), is_discussed=True)
            for each in actions
        ),
        *(ItemDraft(WhyProposed.ADDED, strand, strand.name, is_discussed=True) for strand in strands),
    ]

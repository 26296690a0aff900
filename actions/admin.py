"""The plan, challenges, meetings, highlights and sessions for the operator to read: only services change them."""

from django.contrib import admin

from actions.models import (
    Action,
    ActionChange,
    ActionMove,
    ActionUpdate,
    AgendaItem,
    Challenge,
    ChallengeEntry,
    CountedIndicator,
    EngagementSession,
    Event,
    EventAim,
    Expectation,
    Highlight,
    Kpi,
    KpiReview,
    KpiTarget,
    Meeting,
    Milestone,
    Notice,
    SubGroup,
    Support,
    Voice,
)
from core.admin import ReadOnlyAdmin


@admin.register(Action)
class ActionAdmin(ReadOnlyAdmin):
    list_display = ("reference", "title", "area", "strand", "board", "owner", "due_on", "state", "rag")
    list_filter = ("area", "state", "rag")
    list_select_related = ("area", "strand", "board", "owner")
    search_fields = ("title", "owner__email")


@admin.register(Milestone)
class MilestoneAdmin(ReadOnlyAdmin):
    list_display = ("title", "action", "due_on", "done_at", "done_by", "removed_at", "removed_by", "removed_why")
    list_filter = ("action__area",)
    list_select_related = ("action", "done_by", "removed_by")
    search_fields = ("title", "action__title")


@admin.register(ActionUpdate)
class ActionUpdateAdmin(ReadOnlyAdmin):
    list_display = ("made_at", "action", "rag", "text", "made_by")
    list_filter = ("action__area", "rag")
    list_select_related = ("action", "made_by")
    search_fields = ("text", "action__title")


@admin.register(ActionChange)
class ActionChangeAdmin(ReadOnlyAdmin):
    list_display = ("made_at", "action", "field", "before", "after", "why", "made_by")
    list_filter = ("action__area", "field")
    list_select_related = ("action", "made_by")
    search_fields = ("why", "action__title")


@admin.register(ActionMove)
class ActionMoveAdmin(ReadOnlyAdmin):
    list_display = ("made_at", "action", "before", "after", "why", "made_by")
    list_filter = ("action__area", "after")
    list_select_related = ("action", "made_by")
    search_fields = ("why", "action__title")


@admin.register(Challenge)
class ChallengeAdmin(ReadOnlyAdmin):
    list_display = ("reference", "area", "board", "agency", "state", "answerer", "due_on", "raised_at")
    list_filter = ("area", "state")
    list_select_related = ("area", "board", "agency", "answerer")
    search_fields = ("question", "answerer__email")


@admin.register(ChallengeEntry)
class ChallengeEntryAdmin(ReadOnlyAdmin):
    list_display = ("made_at", "challenge", "act", "made_by")
    list_filter = ("challenge__area", "act")
    list_select_related = ("challenge", "made_by")
    search_fields = ("text",)


@admin.register(Support)
class SupportAdmin(ReadOnlyAdmin):
    list_display = ("reference", "area", "board", "agency", "state", "offered_at", "offered_by")
    list_filter = ("area", "state")
    list_select_related = ("area", "board", "agency", "offered_by")
    search_fields = ("offer",)


@admin.register(Highlight)
class HighlightAdmin(ReadOnlyAdmin):
    list_display = ("title", "area", "strand", "kind", "starts_on", "is_public", "added_by", "archived_at")
    list_filter = ("area", "kind", "is_public")
    list_select_related = ("area", "strand", "added_by")
    search_fields = ("title", "story")


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ("claimed_at", "area", "person", "kind", "due_on", "sent_at", "fault")
    list_filter = ("area", "kind")
    list_select_related = ("area", "person")
    search_fields = ("person__email",)


@admin.register(EngagementSession)
class EngagementSessionAdmin(ReadOnlyAdmin):
    list_display = ("title", "area", "agency", "held_on", "groups", "people", "added_by", "archived_at")
    list_filter = ("area", "agency")
    list_select_related = ("area", "agency", "added_by")
    search_fields = ("title", "groups_named")


@admin.register(Voice)
class VoiceAdmin(ReadOnlyAdmin):
    list_display = ("said", "session", "due_on", "closed_at", "closed_by")
    list_filter = ("session__area",)
    list_select_related = ("session", "closed_by")
    search_fields = ("said", "did")


@admin.register(CountedIndicator)
class CountedIndicatorAdmin(ReadOnlyAdmin):
    list_display = ("indicator", "counts", "set_at", "set_by")
    list_filter = ("indicator__area", "counts")
    list_select_related = ("indicator", "set_by")
    search_fields = ("indicator__title",)


@admin.register(SubGroup)
class SubGroupAdmin(ReadOnlyAdmin):
    list_display = ("name", "area", "code", "board", "chair", "retired")
    list_filter = ("area", "retired")
    list_select_related = ("area", "board", "chair")
    search_fields = ("name",)


@admin.register(Meeting)
class MeetingAdmin(ReadOnlyAdmin):
    list_display = ("reference", "area", "board", "sub_group", "held_on", "period", "version", "state")
    list_filter = ("area", "state")
    list_select_related = ("area", "board", "sub_group", "period__area")
    search_fields = ("notes",)


@admin.register(AgendaItem)
class AgendaItemAdmin(ReadOnlyAdmin):
    list_display = ("meeting", "why", "words", "is_discussed")
    list_filter = ("meeting__area", "why", "is_discussed")
    list_select_related = ("meeting__board", "meeting__sub_group")
    search_fields = ("words",)


@admin.register(Kpi)
class KpiAdmin(ReadOnlyAdmin):
    list_display = ("reference", "title", "area", "kind", "indicator", "board", "owner", "review_every", "retired_at")
    list_filter = ("area", "kind")
    list_select_related = ("area", "indicator", "board", "owner")
    search_fields = ("title", "owner__email")


@admin.register(KpiTarget)
class KpiTargetAdmin(ReadOnlyAdmin):
    list_display = ("set_at", "kpi", "version", "baseline", "target", "due", "reason", "is_enough", "set_by")
    list_filter = ("kpi__area",)
    list_select_related = ("kpi", "set_by")
    search_fields = ("reason", "kpi__title")


@admin.register(KpiReview)
class KpiReviewAdmin(ReadOnlyAdmin):
    list_display = ("reviewed_on", "kpi", "meeting", "state", "note", "made_by")
    list_filter = ("kpi__area", "state")
    list_select_related = ("kpi", "meeting", "made_by")
    search_fields = ("note", "kpi__title")


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("reference", "title", "area", "board", "kind", "starts_on", "said_by", "added_by", "removed_at")
    list_filter = ("area", "kind")
    list_select_related = ("area", "board", "added_by")
    search_fields = ("title", "said_by")


@admin.register(Expectation)
class ExpectationAdmin(ReadOnlyAdmin):
    list_display = ("made_at", "indicator", "action", "event", "way", "percent", "by_month", "made_by")
    list_filter = ("indicator__area", "way")
    list_select_related = ("indicator", "action", "event", "made_by")
    search_fields = ("indicator__title",)


@admin.register(EventAim)
class EventAimAdmin(ReadOnlyAdmin):
    list_display = ("event", "indicator", "way")
    list_filter = ("event__area", "way")
    list_select_related = ("event", "indicator")
    search_fields = ("event__title", "indicator__title")

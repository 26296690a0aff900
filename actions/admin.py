"""The plan, challenges, support and highlights, for the operator to look at: services alone change them."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from actions.models import (
    Action,
    ActionChange,
    ActionUpdate,
    Challenge,
    ChallengeEntry,
    Highlight,
    Milestone,
    Support,
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
    list_display = ("title", "action", "due_on", "done_at", "done_by")
    list_filter = ("action__area",)
    list_select_related = ("action", "done_by")
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

    def get_queryset(self, request: HttpRequest) -> QuerySet[Highlight]:
        return super().get_queryset(request).defer("picture", "picture_small")

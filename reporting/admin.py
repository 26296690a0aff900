from django.contrib import admin

from core.admin import ReadOnlyAdmin
from reporting.models import EditionWithdrawal, IndicatorLine, PublicEdition, PublicLine, Snapshot


@admin.register(Snapshot)
class SnapshotAdmin(ReadOnlyAdmin):
    list_display = ("period", "version", "state", "taken_at", "published_at", "rules_version")
    list_filter = ("period__area", "state")
    list_select_related = ("period__area",)


@admin.register(IndicatorLine)
class IndicatorLineAdmin(ReadOnlyAdmin):
    list_display = ("snapshot", "section_title", "title", "category_name", "state", "value", "movement", "change")
    list_filter = ("snapshot__period__area", "state", "movement")
    list_select_related = ("snapshot__period__area",)
    search_fields = ("title", "indicator_code", "category_name")


@admin.register(PublicEdition)
class PublicEditionAdmin(ReadOnlyAdmin):
    list_display = ("period", "number", "state", "asked_by", "agreed_by", "published_at")
    list_filter = ("period__area", "state")
    list_select_related = ("period__area", "asked_by", "agreed_by")


@admin.register(PublicLine)
class PublicLineAdmin(ReadOnlyAdmin):
    list_display = ("edition", "title", "category_name", "state", "value", "protected_by")
    list_filter = ("edition__period__area", "state")
    list_select_related = ("edition__period__area",)
    search_fields = ("title", "indicator_code", "category_name")


@admin.register(EditionWithdrawal)
class EditionWithdrawalAdmin(ReadOnlyAdmin):
    list_display = ("edition", "withdrawn_at", "withdrawn_by", "why")
    list_select_related = ("edition__period__area", "withdrawn_by")

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from core.admin import ReadOnlyAdmin
from reporting.models import (
    Commentary,
    EditionWithdrawal,
    IndicatorLine,
    IssuedPack,
    IssuedRegionPack,
    KpiLine,
    MonthWithdrawal,
    PackBundle,
    PackLetter,
    PackPhoto,
    PublicEdition,
    PublicLine,
    RegionalRest,
    RegionEdition,
    RegionEditionSource,
    RegionMonth,
    RegionPackSource,
    RegionTotal,
    Replacement,
    Snapshot,
    StepSetAside,
    VersionWithdrawal,
    WithdrawalExplanation,
)


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


@admin.register(KpiLine)
class KpiLineAdmin(ReadOnlyAdmin):
    list_display = ("snapshot", "reference", "title", "state", "value", "lower", "upper", "target", "target_month")
    list_filter = ("snapshot__period__area", "state")
    list_select_related = ("snapshot__period__area",)
    search_fields = ("title", "indicator_code")


@admin.register(Commentary)
class CommentaryAdmin(ReadOnlyAdmin):
    list_display = ("period", "version", "board", "written_at", "written_by", "signed_as")
    list_filter = ("period__area",)
    list_select_related = ("period__area", "board", "written_by")


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


@admin.register(RegionEdition)
class RegionEditionAdmin(ReadOnlyAdmin):
    list_display = ("region", "starts_on", "number", "state", "asked_by", "agreed_by", "published_at")
    list_filter = ("region", "state")
    list_select_related = ("region", "asked_by", "agreed_by")


@admin.register(RegionEditionSource)
class RegionEditionSourceAdmin(ReadOnlyAdmin):
    list_display = ("edition", "public_edition", "consent")
    list_filter = ("edition__region",)
    list_select_related = ("edition__region", "public_edition__period__area", "consent__area")


@admin.register(RegionTotal)
class RegionTotalAdmin(ReadOnlyAdmin):
    list_display = ("edition", "indicator_code", "outcome", "value")
    list_filter = ("edition__region", "outcome")
    list_select_related = ("edition__region",)


@admin.register(RegionalRest)
class RegionalRestAdmin(ReadOnlyAdmin):
    list_display = ("period", "indicator_code", "total", "below", "parts")
    list_filter = ("period__area",)
    list_select_related = ("period__area", "total__edition__region")


@admin.register(VersionWithdrawal)
class VersionWithdrawalAdmin(ReadOnlyAdmin):
    list_display = ("snapshot", "withdrawn_at", "withdrawn_by", "why")
    list_select_related = ("snapshot__period__area", "withdrawn_by")


@admin.register(EditionWithdrawal)
class EditionWithdrawalAdmin(ReadOnlyAdmin):
    list_display = ("edition", "withdrawn_at", "withdrawn_by", "cause")
    list_select_related = ("edition__period__area", "withdrawn_by", "cause__period__area")


@admin.register(MonthWithdrawal)
class MonthWithdrawalAdmin(ReadOnlyAdmin):
    list_display = ("period", "withdrawn_at", "withdrawn_by", "is_urgent", "why")
    list_filter = ("period__area",)
    list_select_related = ("period__area", "withdrawn_by")


@admin.register(WithdrawalExplanation)
class WithdrawalExplanationAdmin(ReadOnlyAdmin):
    list_display = ("withdrawal", "given_at", "given_by", "why")
    list_select_related = ("withdrawal__period__area", "given_by")


@admin.register(Replacement)
class ReplacementAdmin(ReadOnlyAdmin):
    list_display = ("period", "withdrawal", "is_tried", "refused")
    list_filter = ("period__area",)
    list_select_related = ("period__area", "withdrawal__period__area")


@admin.register(IssuedPack)
class IssuedPackAdmin(ReadOnlyAdmin):
    list_display = ("reference", "board", "kind", "audience", "meeting", "meeting_on", "issued_at", "issued_by")
    list_filter = ("period__area", "board__code", "kind", "audience")
    list_select_related = ("period__area", "board", "issued_by")
    search_fields = ("reference", "meeting")
    exclude = ("content", "pdf")

    # A pack's content is large, and no page of the admin shows it.
    def get_queryset(self, request: HttpRequest) -> QuerySet[IssuedPack]:
        return super().get_queryset(request).defer("content")


@admin.register(IssuedRegionPack)
class IssuedRegionPackAdmin(ReadOnlyAdmin):
    list_display = ("reference", "region", "meeting", "meeting_on", "issued_at", "issued_by")
    list_filter = ("region",)
    list_select_related = ("region", "issued_by")
    search_fields = ("reference", "meeting")
    exclude = ("content", "pdf")

    def get_queryset(self, request: HttpRequest) -> QuerySet[IssuedRegionPack]:
        return super().get_queryset(request).defer("content")


@admin.register(RegionPackSource)
class RegionPackSourceAdmin(ReadOnlyAdmin):
    list_display = ("pack", "consent", "snapshot", "public_edition")
    list_filter = ("pack__region",)
    list_select_related = (
        "pack",
        "consent__area",
        "consent__region",
        "snapshot__period__area",
        "public_edition__period__area",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[RegionPackSource]:
        return super().get_queryset(request).defer("pack__content")


@admin.register(PackPhoto)
class PackPhotoAdmin(ReadOnlyAdmin):
    list_display = ("pack", "picture_id")
    list_filter = ("pack__period__area",)
    list_select_related = ("pack",)
    exclude = ("picture",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[PackPhoto]:
        return super().get_queryset(request).defer("pack__content")


@admin.register(PackLetter)
class PackLetterAdmin(ReadOnlyAdmin):
    list_display = ("pack", "person", "claimed_at", "sent_at", "fault")
    list_filter = ("pack__period__area",)
    list_select_related = ("pack", "person")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PackLetter]:
        return super().get_queryset(request).defer("pack__content")


@admin.register(PackBundle)
class PackBundleAdmin(ReadOnlyAdmin):
    list_display = ("period", "asked_by", "asked_at", "made", "total", "finished_at", "fault")
    list_filter = ("period__area",)
    list_select_related = ("period__area", "asked_by")
    exclude = ("file",)


@admin.register(StepSetAside)
class StepSetAsideAdmin(ReadOnlyAdmin):
    list_display = ("area", "step", "set_aside_at", "set_aside_by")
    list_filter = ("area",)
    list_select_related = ("area", "set_aside_by")


@admin.register(RegionMonth)
class RegionMonthAdmin(ReadOnlyAdmin):
    list_display = ("region", "starts_on", "key")
    list_filter = ("region",)
    list_select_related = ("region",)

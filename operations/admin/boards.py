from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet
from django.utils import timezone

from boards.models import (
    Agency,
    ApiKey,
    Board,
    Consent,
    FactorReset,
    KeyUse,
    Membership,
    PartnershipArea,
    PublicAdvice,
    PublicStatements,
    Region,
    RegionKey,
    RegionKeyUse,
    RegionMembership,
    RegionPlace,
    ReportingPeriod,
    Responsibility,
    RoleRequest,
    RoleReview,
    Strand,
    Tie,
    TieKind,
)
from boards.rules import CONFIRMED_ROLES, Role
from boards.selectors import list_people
from boards.services.factors import note_tie
from boards.services.months import ensure_month, mark_unpublished_stale
from boards.services.people import end_with_last_role
from core.calendar import Month
from operations.admin.site import AuditedAdmin, ReadOnly, show


class PartAdmin(AuditedAdmin):
    """A part of an area's set-up. A change rolls up the unpublished months again. `fixed` names the fields that
    addresses and files use: they can't change."""

    fixed: ClassVar[tuple[str, ...]] = ("area", "code")

    def save_model(self, request: Any, obj: models.Model, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        mark_unpublished_stale(self.get_area(obj))

    def delete_model(self, request: Any, obj: models.Model) -> None:
        area = self.get_area(obj)
        super().delete_model(request, obj)
        mark_unpublished_stale(area)

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        names = {field.name for field in self.model._meta.fields}
        return tuple(names.intersection(self.fixed)) if obj else ()


@admin.register(PartnershipArea)
class PartnershipAreaAdmin(AuditedAdmin):
    list_display = ("name", "slug", "ons_code", "due_day")
    search_fields = ("name", "slug", "ons_code")
    actions = ("open_current_month",)

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        return ("slug",) if obj else ()

    def get_area(self, obj: Any) -> Any:
        return obj

    @admin.action(description="Open the current month")
    def open_current_month(self, request: Any, queryset: QuerySet[PartnershipArea]) -> None:
        """Open the first month of an area. Later months open on their own."""
        month = Month.of(timezone.localdate())
        for area in queryset:
            ensure_month(area, month, by=request.user)
            self.message_user(request, f"{month.label} is open in {area}.", messages.SUCCESS)


@admin.register(Agency)
class AgencyAdmin(PartAdmin):
    list_display = ("name", "area", "code", "kind", "position", "retired")
    list_filter = ("area", "kind", "retired")
    search_fields = ("name", "code")


class ResponsibilityInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """A board's responsibilities. Only its form in Set-up changes them: it asks whether new words mean the same."""

    model = Responsibility
    extra = 0


@admin.register(Board)
class BoardAdmin(PartAdmin):
    list_display = ("name", "area", "code", "short_name", "position", "retired")
    list_filter = ("area", "retired")
    search_fields = ("name", "short_name", "code")
    inlines = (ResponsibilityInline,)


@admin.register(Strand)
class StrandAdmin(PartAdmin):
    list_display = ("name", "area", "code", "position")
    list_filter = ("area",)
    search_fields = ("name", "code")


class MembershipForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean_role(self) -> str:
        role = str(self.cleaned_data["role"])
        area = self.cleaned_data.get("area") or getattr(self.instance, "area", None)
        if role == Role.INFORMATION:
            raise ValidationError(
                "A coordinator has to ask for an information officer. You confirm it under “Requests about roles”."
            )
        if role == Role.COORDINATOR and (area is None or list_people(area, Role.COORDINATOR).exists()):
            raise ValidationError(
                "This area’s coordinator has to ask for another. You confirm it under “Requests about roles”."
            )
        return role


@admin.register(Membership)
class MembershipAdmin(AuditedAdmin):
    """The memberships of an area. Two people decide about coordinators and information officers, so nobody changes
    those here. An area without any coordinator gets one from here."""

    list_display = ("user", "area", "role", "agency", "board")
    list_filter = ("area", "role")
    search_fields = ("user__email", "user__name")
    list_select_related = ("user", "area", "agency", "board")
    autocomplete_fields = ("user",)
    form = MembershipForm

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        """Make the person and the area read-only: they were attested together. Whoever loses their last role is signed
        out, and another person's isn't given in passing."""
        return ("user", "area") if obj else ()

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        is_confirmed = obj is not None and obj.role in CONFIRMED_ROLES
        return not is_confirmed and bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        is_confirmed = obj is not None and obj.role in CONFIRMED_ROLES
        return not is_confirmed and bool(request.user.is_superuser)

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        note_tie(obj.user, TieKind.ROLE, by=request.user)

    def delete_model(self, request: Any, obj: Any) -> None:
        super().delete_model(request, obj)
        end_with_last_role(obj.area, obj.user, by=request.user)


show(
    RoleReview,
    ReportingPeriod,
    PublicAdvice,
    PublicStatements,
    Consent,
    Region,
    RegionPlace,
    RegionMembership,
    FactorReset,
    Tie,
    RoleRequest,
    KeyUse,
    RegionKeyUse,
)
show(ApiKey, hidden=["digest"])
show(RegionKey, hidden=["digest"])

"""The operator's admin: all areas, for superusers only.

It corrects reference data and shows everything else. Only services change what has a life cycle (months, returns,
figures, snapshots), so the admin only shows it.
"""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from allauth.mfa import admin as mfa_admin  # noqa: F401  # registers Authenticator, taken out below
from allauth.mfa.models import Authenticator
from allauth.socialaccount import admin as socialaccount_admin  # noqa: F401  # registers what is taken out below
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import admin as auth_admin  # noqa: F401  # registers Group, taken out below
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import Group
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from core import audit, permissions
from core.audit_log.reads import note_read
from core.identity import sign_in as sign_ins
from core.identity import single_sign_on
from core.letter_kinds import AccountLetterKind
from core.mail.account import write_letter
from core.models import (
    AccountLetter,
    Alarm,
    AuditChain,
    AuditCheckpoint,
    AuditEvent,
    DayLetter,
    KnownDevice,
    LastCode,
    LegalHold,
    ReadEvent,
    RetentionNotice,
    RetentionRule,
    StoredObject,
    User,
)


def is_operator(request: HttpRequest) -> bool:
    return permissions.is_operator(request.user)


@login_not_required
def sign_in(request: HttpRequest, extra_context: Any = None) -> HttpResponse:
    """Redirect to the product's own sign-in page. It is the only way in, with its rate limits and other checks."""
    if is_operator(request):
        return redirect("admin:index")
    if request.user.is_authenticated:
        raise PermissionDenied("Only the operator can open the admin.")
    return redirect_to_login(request.GET.get("next") or reverse("admin:index"))


# Django's own rule is `is_staff` alone. Here it has to be a superuser too.
admin.site.has_permission = is_operator  # type: ignore[method-assign]
admin.site.site_header = admin.site.site_title = "V+V Dashboard operator"
admin.site.index_title = "Every area"
admin.site.login = sign_in  # type: ignore[method-assign]
admin.site.unregister(Group)  # roles are memberships
admin.site.unregister(Authenticator)  # it would let one person alone remove another's second factor
for model in (SocialAccount, SocialApp, SocialToken):
    # Providers are in the environment, and we keep no token. A link made here would let somebody into an account.
    admin.site.unregister(model)


class ReadOnly:
    """For an admin of a model, or of the rows within another's."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # an inline passes its row
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class NotedAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """An admin that notes who reads its rows: they are every area's, with drafts and the logs themselves."""

    def changelist_view(self, request: Any, extra_context: Any = None) -> Any:
        return self._noted(request, super().changelist_view(request, extra_context))

    def changeform_view(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return self._noted(request, super().changeform_view(request, *args, **kwargs))

    def _noted(self, request: Any, response: Any) -> Any:
        if request.method == "GET" and response.status_code == HTTPStatus.OK:
            note_read("admin.read", request.get_full_path(), by=request.user)
        return response


class ReadOnlyAdmin(ReadOnly, NotedAdmin):
    """An admin that shows rows and can't change them."""

    view_on_site = False  # an operator has no role in an area


def list_changes(before: models.Model | None, after: models.Model, names: Iterable[str]) -> dict[str, list[str]]:
    """Return the old and the new value of these fields, as text for the record. A new row has no old values."""
    return {
        name: ["" if row is None or getattr(row, name) is None else str(getattr(row, name)) for row in (before, after)]
        for name in names
    }


class AuditedAdmin(NotedAdmin):
    """Reference data that the operator may correct. The audit log records each change.

    Nothing is deleted here unless a class says so: operators retire it or switch it off.
    """

    view_on_site = False

    def get_area(self, obj: Any) -> Any:
        """Return the area that an object belongs to, or None."""
        return getattr(obj, "area", None)

    def save_model(self, request: Any, obj: models.Model, form: Any, change: bool) -> None:
        before = type(obj)._default_manager.filter(pk=obj.pk).first() if change else None
        super().save_model(request, obj, form, change)
        changes = list_changes(before, obj, form.changed_data)
        self.note(request, obj, "changed" if change else "added", changes=changes)

    def delete_model(self, request: Any, obj: models.Model) -> None:
        # Before the deletion: afterwards the row has no key.
        self.note(request, obj, "deleted")
        super().delete_model(request, obj)

    def delete_queryset(self, request: Any, queryset: Any) -> None:
        # One by one: a deletion of the whole queryset would leave nothing in the audit log.
        for obj in queryset:
            self.delete_model(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def note(self, request: Any, obj: models.Model, act: str, **details: Any) -> None:
        area = self.get_area(obj)
        slug = area.slug if area else ""
        audit.record(f"{obj._meta.model_name}.{act}", obj, by=request.user, area=slug, operator=True, **details)


@admin.register(User)
class UserAdmin(AuditedAdmin):
    """The admin of users. Nobody sets a password for somebody else: an action sends a new person a link."""

    list_display = ("email", "name", "is_active", "is_superuser", "last_login")
    list_filter = ("is_active", "is_superuser")
    search_fields = ("email", "name")
    ordering = ("email",)
    fields = ("email", "name", "is_active", "is_staff", "is_superuser", "last_login", "joined_on")
    readonly_fields = ("last_login", "joined_on")
    actions = ("send_link",)

    @admin.action(description="Send a link to set the first password")
    def send_link(self, request: Any, queryset: Any) -> None:
        """Send it to people who have no password. Others ask for a link on the sign-in page."""
        people = [person for person in queryset.filter(is_active=True) if not person.has_usable_password()]
        for person in people:
            write_letter(person, AccountLetterKind.RESET)
            audit.record("user.link_sent", person, by=request.user, operator=True)
        messages.info(request, f"We send a link to {len(people)} {'person' if len(people) == 1 else 'people'}.")

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.set_unusable_password()
        before = User.objects.filter(pk=obj.pk).first()
        super().save_model(request, obj, form, change)
        if obj.is_superuser and not (before and before.is_superuser):
            sign_ins.note_operator(obj)
        if before and before.email != obj.email:
            sign_ins.note_address(obj, before=before.email, by=request.user)
        if before and not obj.is_active:
            sign_ins.end_everything(obj, by=request.user)


@admin.register(KnownDevice)
class KnownDeviceAdmin(ReadOnlyAdmin):
    list_display = ("person", "device", "first_at", "seen_at")
    list_select_related = ("person",)
    search_fields = ("person__email",)
    exclude = ("key",)


@admin.register(AccountLetter)
class AccountLetterAdmin(ReadOnlyAdmin):
    list_display = ("happened_at", "person", "kind", "address", "sent_at", "tries", "fault")
    list_select_related = ("person",)
    search_fields = ("person__email", "address")
    date_hierarchy = "happened_at"


@admin.register(Authenticator)
class AuthenticatorAdmin(ReadOnlyAdmin):
    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    list_select_related = ("user",)
    search_fields = ("user__email",)
    fields = list_display  # never its secret, sealed or not


@admin.register(SocialAccount)
class SocialAccountAdmin(ReadOnlyAdmin):
    """Which accounts are linked to a provider. To delete a link unlinks the person, whose subject there has changed."""

    list_display = ("user", "provider", "date_joined", "last_login")
    list_filter = ("provider",)
    list_select_related = ("user",)
    search_fields = ("user__email",)
    fields = ("user", "provider", "date_joined", "last_login")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_operator(request)

    def delete_model(self, request: Any, obj: Any) -> None:
        provider = settings.OIDC_PROVIDERS.get(obj.provider)
        single_sign_on.unlink(obj, name=provider.name if provider else obj.provider, by=request.user)

    def delete_queryset(self, request: Any, queryset: Any) -> None:
        for obj in queryset.select_related("user"):
            self.delete_model(request, obj)


@admin.register(LastCode)
class LastCodeAdmin(ReadOnlyAdmin):
    list_display = ("user", "step")
    list_select_related = ("user",)
    search_fields = ("user__email",)


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ("happened_at", "actor", "area", "number", "verb", "target")
    list_filter = ("area", "verb")
    search_fields = ("actor", "target", "verb")
    date_hierarchy = "happened_at"


@admin.register(ReadEvent)
class ReadEventAdmin(ReadOnlyAdmin):
    list_display = ("happened_at", "actor", "area", "verb", "target")
    list_filter = ("area", "verb")
    search_fields = ("actor", "target", "verb")
    date_hierarchy = "happened_at"


@admin.register(AuditChain)
class AuditChainAdmin(ReadOnlyAdmin):
    list_display = ("area", "number", "link", "checked_at", "checked_number", "fault")


@admin.register(AuditCheckpoint)
class AuditCheckpointAdmin(ReadOnlyAdmin):
    list_display = ("area", "number", "link", "removed", "older_than", "removed_at")
    list_filter = ("area",)


@admin.register(RetentionNotice)
class RetentionNoticeAdmin(ReadOnlyAdmin):
    list_display = ("announced_on", "area", "kind", "count", "deletes_on", "outcome", "ended_on", "deleted")
    list_filter = ("area", "kind", "outcome")


@admin.register(LegalHold)
class LegalHoldAdmin(ReadOnlyAdmin):
    list_display = ("placed_at", "area", "kind", "why", "placed_by", "ends_on", "state", "released_by")
    list_filter = ("area", "state")
    list_select_related = ("placed_by", "released_by")


@admin.register(RetentionRule)
class RetentionRuleAdmin(ReadOnlyAdmin):
    list_display = ("asked_at", "area", "kind", "months", "state", "asked_by", "decided_by")
    list_filter = ("area", "kind", "state")
    list_select_related = ("asked_by", "decided_by")


@admin.register(Alarm)
class AlarmAdmin(ReadOnlyAdmin):
    list_display = ("name", "since", "over_at", "is_end", "sentence", "sent_at", "tries", "fault")
    list_filter = ("name",)
    date_hierarchy = "since"


@admin.register(StoredObject)
class StoredObjectAdmin(ReadOnlyAdmin):
    list_display = ("sha256", "media_type", "size", "unused_since")
    list_filter = ("media_type",)
    search_fields = ("sha256",)
    exclude = ("content",)

    # An object may have megabytes.
    def get_queryset(self, request: HttpRequest) -> models.QuerySet[StoredObject]:
        return super().get_queryset(request).defer("content")


@admin.register(DayLetter)
class DayLetterAdmin(ReadOnlyAdmin):
    list_display = ("day", "person", "claimed_at", "sent_at", "tries", "fault")
    list_select_related = ("person",)
    search_fields = ("person__email",)
    date_hierarchy = "day"

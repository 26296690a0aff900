"""The operator's admin: all areas, for superusers only.

It corrects reference data and shows everything else. Only services change what has a life cycle (months, returns,
figures, snapshots), so the admin only shows it.
"""

from collections.abc import Collection, Iterable
from http import HTTPStatus
from typing import Any, cast

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

from boards.reads import note_read
from core import audit, permissions
from core.identity import provider_links
from core.identity import sign_in as sign_ins
from core.letter_kinds import AccountLetterKind
from core.mail.account import write_letter
from core.models import (
    Alarm,
    AuditChain,
    AuditCheckpoint,
    AuditEvent,
    KnownDevice,
    LastCode,
    LegalHold,
    OutboxEntry,
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
    """An admin that shows rows and can't change them. Its list has the model's own columns, without what is long."""

    view_on_site = False  # an operator has no role in an area

    def get_list_display(self, request: HttpRequest) -> Any:
        return [field.name for field in list_fields(self.model, self.exclude or ()) if not is_long(field)][
            :MOST_COLUMNS
        ]

    def get_list_select_related(self, request: HttpRequest) -> Any:
        return list_relations(self.model)

    def get_list_filter(self, request: HttpRequest) -> Any:
        own = [
            field.name for field in list_fields(self.model) if field.choices or isinstance(field, models.BooleanField)
        ]
        return [*find_places(self.model), *own]

    def get_search_fields(self, request: HttpRequest) -> Any:
        fields = list_fields(self.model, self.exclude or ())
        people = [f"{field.name}__email" for field in fields if field.related_model is User]
        return people + [field.name for field in fields if isinstance(field, models.CharField) and not field.choices]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Leave what is long in the database: a pack, which a row may refer to, has megabytes."""
        long = [field.name for field in list_fields(self.model) if is_long(field)]
        for path in list_relations(self.model):
            related = reach(self.model, path)
            long += [f"{path}__{field.name}" for field in list_fields(related) if is_long(field)]
        return super().get_queryset(request).defer(*long)


MOST_COLUMNS = 10


def show(*shown: type[models.Model], hidden: Collection[str] = ()) -> None:
    """Register models whose rows the operator may read, and nobody can change. No page shows the hidden fields."""
    for model in shown:
        admin.site.register(model, ReadOnlyAdmin, exclude=tuple(hidden))


def list_fields(model: type[models.Model], hidden: Collection[str] = ()) -> list[Any]:
    return [field for field in model._meta.concrete_fields if not field.primary_key and field.name not in hidden]


def is_long(field: Any) -> bool:
    return isinstance(field, models.TextField | models.JSONField | models.BinaryField)


def list_relations(model: type[models.Model]) -> list[str]:
    """Return what the text of a row may name: what it refers to, and what that refers to."""
    paths = []
    for field in list_fields(model):
        if field.related_model:
            paths += [field.name]
            paths += [
                f"{field.name}__{further.name}" for further in list_fields(field.related_model) if further.related_model
            ]
    return paths


def reach(model: type[models.Model], path: str) -> type[models.Model]:
    for name in path.split("__"):
        model = cast("type[models.Model]", model._meta.get_field(name).related_model)
    return model


def find_places(model: type[models.Model]) -> list[str]:
    """Return the way to the area or region of a row, to filter by it."""
    paths = [""]
    for _ in range(4):
        for path in paths:
            fields = {field.name for field in list_fields(reach(model, path) if path else model)}
            if place := next((name for name in ("area", "region") if name in fields), None):
                return [f"{path}__{place}" if path else place]
        paths = [
            f"{path}__{field.name}" if path else field.name
            for path in paths
            for field in list_fields(reach(model, path) if path else model)
            if field.related_model and field.related_model is not User
        ]
    return []


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


show(
    AuditEvent,
    ReadEvent,
    AuditChain,
    AuditCheckpoint,
    RetentionNotice,
    LegalHold,
    RetentionRule,
    Alarm,
    OutboxEntry,
    LastCode,
)
show(KnownDevice, hidden=["key"])
show(StoredObject, hidden=["content"])


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
        provider_links.unlink(obj, name=provider.name if provider else obj.provider, by=request.user)

    def delete_queryset(self, request: Any, queryset: Any) -> None:
        for obj in queryset.select_related("user"):
            self.delete_model(request, obj)

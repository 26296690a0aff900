"""Who may see the line names, how many there are, and who looked. Never the names themselves."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from boards.models import Membership, PartnershipArea
from boards.permissions import Access
from boards.rules import Role
from core.database import is_in_use
from core.models import User
from indicators.models import Category, NameReveal, NameViewer

MOST_REVEALS = 100


def is_named(access: Access) -> bool:
    """Return whether an information officer has named this person to see names, and they still have a role in the
    area."""
    # Someone without a role in the area sees no names, even if nobody ended their permission.
    current = NameViewer.objects.filter(area=access.area, ended_at__isnull=True, user__is_active=True)
    return bool(access.roles) and current.filter(user=access.user).exists()


def list_viewers(area: PartnershipArea) -> list[NameViewer]:
    """List who may see names, and who could before, newest first."""
    return list(NameViewer.objects.filter(area=area).select_related("user", "granted_by", "ended_by").order_by("-id"))


def people_to_name(area: PartnershipArea, *, by: User) -> list[User]:
    """List the area's people who may not see names yet. Officers can't name themselves."""
    named = NameViewer.objects.filter(area=area, ended_at__isnull=True).values("user")
    members = User.objects.filter(is_active=True, memberships__area=area).exclude(pk=by.pk).exclude(pk__in=named)
    return list(members.distinct().order_by("name", "email"))


def list_officers(area: PartnershipArea) -> list[str]:
    """List the information officers to ask."""
    memberships = Membership.objects.filter(area=area, role=Role.INFORMATION.value, user__is_active=True)
    return [str(membership.user) for membership in memberships.select_related("user").order_by("user__name")]


def list_origins(area: PartnershipArea) -> QuerySet[Category]:
    """List the places that lines come from. `held` counts the names in use for each, and `retired_names` the retired
    ones. A retired origin is included while it has names."""
    return (
        Category.objects.filter(
            dimension__in=Category.objects.filter(dimension__area=area, longitude__isnull=False).values("dimension")
        )
        # Both counts use one join, so neither multiplies the other.
        .annotate(
            held=Count("line_names", filter=Q(line_names__retired_at__isnull=True)),
            retired_names=Count("line_names", filter=Q(line_names__retired_at__isnull=False)),
        )
        .filter(is_in_use() | Q(held__gt=0) | Q(retired_names__gt=0))
        .select_related("dimension")
        .order_by("dimension__name", "position", "name")
    )


@dataclass(frozen=True, slots=True)
class Reveals:
    """The newest looks, and the number of all looks."""

    newest: list[NameReveal]
    count: int


def reveals_in(area: PartnershipArea) -> Reveals:
    reveals = NameReveal.objects.filter(category__dimension__area=area).select_related("category", "made_by")
    return Reveals(list(reveals[:MOST_REVEALS]), reveals.count())

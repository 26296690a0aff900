"""What is missing from an area's set-up?"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Prefetch

from boards.models import Agency, Board, Membership, PartnershipArea
from boards.roles import Role
from indicators.models import Category, Collection, Indicator, Section


@dataclass(frozen=True, slots=True)
class Gap:
    """Something missing from an area's set-up: what is missing, what to do, and on which page (its route, with the
    arguments after the area)."""

    sentence: str
    act: str
    route: str
    keys: tuple[str, ...] = ()


def list_gaps(area: PartnershipArea) -> list[Gap]:
    """List what stops figures from arriving or being seen. Six queries."""
    in_use = Prefetch("dimension__categories", Category.objects.in_use())
    indicators = list(
        Indicator.objects.in_use()
        .filter(area=area)
        .select_related("owner", "section", "dimension")
        .prefetch_related("definitions", "boards", in_use)
    )
    if not indicators:
        return [Gap("Nothing is measured yet.", "Add an indicator", "indicators:indicator-add")]
    return [*_gaps_of_agencies(area, indicators), *_gaps_of_indicators(indicators), *_gaps_of_pages(area, indicators)]


def _gaps_of_agencies(area: PartnershipArea, indicators: list[Indicator]) -> Iterator[Gap]:
    roles = (Role.AGENCY_LEAD, Role.AGENCY_APPROVER)
    held = Membership.objects.filter(area=area, role__in=[role.value for role in roles], user__is_active=True)
    people: dict[tuple[str, int | None], set[int]] = defaultdict(set)
    for role, agency_id, user_id in held.values_list("role", "agency", "user"):
        people[role, agency_id].add(user_id)
    owed: dict[Agency, list[str]] = {}
    for indicator in indicators:
        if indicator.collection == Collection.RETURN and not indicator.owner.retired:
            owed.setdefault(indicator.owner, []).append(indicator.title)
    for agency, titles in owed.items():
        leads, approvers = (people[role, agency.pk] for role in roles)
        if not leads:
            yield Gap(
                f"{agency} has no lead, so nobody can enter its figures: {listed(titles)}.",
                "Add its lead",
                "boards:person-add",
            )
        if agency.needs_release and not approvers:
            yield Gap(
                f"{agency} releases its own returns but has no approver, so nobody can release them.",
                "Add its approver",
                "boards:person-add",
            )
        elif agency.needs_release and leads == approvers and len(leads) == 1:
            yield Gap(
                f"{agency} releases its own returns, but its only approver is its only lead. Nobody can release "
                "a return that they submitted.",
                "Add another approver",
                "boards:person-add",
            )


def _gaps_of_indicators(indicators: list[Indicator]) -> Iterator[Gap]:
    for indicator in indicators:
        faults = {
            "has no definition, so nobody is asked for it": not indicator.definitions.all(),
            f"is supplied by {indicator.owner}, which is retired": indicator.owner.retired,
            f"is in the section {indicator.section}, which is retired": indicator.section.retired,
            f"is split by {indicator.dimension}, which has no categories": (
                indicator.dimension is not None and not indicator.dimension.categories.all()
            ),
            "isn’t for any board": not indicator.boards.all(),
        }
        for fault, is_so in faults.items():
            if is_so:
                yield Gap(f"{indicator} {fault}.", "Change it", "indicators:indicator-edit", (indicator.code,))


def _gaps_of_pages(area: PartnershipArea, indicators: list[Indicator]) -> Iterator[Gap]:
    filled = {indicator.section_id for indicator in indicators}
    for section in Section.objects.in_use().filter(area=area).exclude(pk__in=filled):
        yield Gap(f"The section {section} has no indicators.", "Add an indicator", "indicators:indicator-add")
    seen = {board.pk for indicator in indicators for board in indicator.boards.all()}
    for board in Board.objects.in_use().filter(area=area).exclude(pk__in=seen):
        sentence = f"{board} has no indicators, so its page is empty."
        yield Gap(sentence, "See the indicators", "indicators:indicator-list")


def listed(words: list[str], *, most: int = 3) -> str:
    """Return "A, B, C and 2 more"."""
    return ", ".join(words[:most]) + (f" and {len(words) - most} more" if len(words) > most else "")

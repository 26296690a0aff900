"""E-mail coordinators and information officers that a hook stopped, because its receiver didn't answer."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from django.urls import reverse
from django.utils import timezone

from boards.models import Membership
from boards.roles import PUBLISHERS
from boards.services.telling import Occasion, make_source
from core.letter_kinds import LetterKind
from core.services.letters import Letter, Part
from core.within import Areas, within
from reporting.models import Hook

TOLD_FOR = timedelta(days=14)


def find_stopped(today: date, areas: Areas = None) -> Iterator[Occasion]:
    """Return the hooks that stopped by themselves lately, for each coordinator and information officer. Two queries."""
    stopped = list(
        Hook.objects.filter(within(areas), gave_up=True, stopped_at__gte=timezone.now() - TOLD_FOR)
        .select_related("area")
        .order_by("area", "pk")
    )
    roles = [role.value for role in PUBLISHERS]
    held = Membership.objects.filter(role__in=roles, area__in={hook.area_id for hook in stopped})
    people = {(each.area_id, each.user_id): each.user for each in (held.select_related("user") if stopped else [])}
    for hook in stopped:
        for (area, _), person in people.items():
            if area == hook.area_id:
                yield Occasion(hook.area, person, f"hook:{hook.pk}:{hook.stopped_at:%Y%m%d%H%M}", hook)


def write_stopped(found: Sequence[Occasion], today: date) -> Iterator[Part]:
    for each in found:
        hook: Hook = each.thing
        letter = Letter(
            marking="",
            subject=f"A webhook of {each.area.name} has stopped",
            opening=f"“{hook.name}” hasn’t answered for two days, so we stopped calling it.",
            sentences=["Its receiver may still show figures that have since been corrected or withdrawn."],
            link_words="See what went wrong",
            reason=f"You get this because you are a coordinator or an information officer of {each.area.name}.",
        )
        yield Part(letter, reverse("reporting:hook-view", args=[each.area.slug, hook.pk]))


HOOKS = make_source(LetterKind.HOOKS, find_stopped, write_stopped)

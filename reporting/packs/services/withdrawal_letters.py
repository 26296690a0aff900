"""E-mail coordinators and information officers that a month was withdrawn. E-mails have no figures and no reasons."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

from actions.schedule import LATEST, is_told_at_once
from boards.models import Membership
from boards.roles import Role
from boards.services.telling import Occasion, make_source
from core.letter_kinds import LetterKind
from core.services.letters import Part
from core.within import Areas, within
from core.workdays import add_working_days
from indicators.selectors.markings import get_marking
from reporting.models import MonthWithdrawal, Replacement
from reporting.packs.presenters.letters import write_withdrawn


def find_withdrawals(today: date, areas: Areas = None) -> Iterator[Occasion]:
    """Return recent withdrawals, for coordinators and information officers. Each waits until its new editions were
    tried, so that one e-mail says which of them need approval. Two queries.
    """
    longest_ago = add_working_days(today, -LATEST - 1)
    untried = Replacement.objects.filter(withdrawal=OuterRef("pk"), is_tried=False)
    recent = MonthWithdrawal.objects.filter(
        within(areas, "period__area"),
        ~Exists(untried),
        withdrawn_at__gte=timezone.now() - timedelta(days=(today - longest_ago).days + 1),
    )
    found = [
        each
        for each in recent.select_related("period__area", "withdrawn_by").order_by("pk")
        if is_told_at_once(today, timezone.localdate(each.withdrawn_at))
    ]
    roles = (Role.COORDINATOR.value, Role.INFORMATION.value)
    held = Membership.objects.filter(role__in=roles, area__in={each.period.area_id for each in found})
    # By area and person, because somebody may have two roles.
    people = {(one.area_id, one.user_id): one.user for one in (held.select_related("user") if found else [])}
    for each in found:
        for (area_id, key), person in people.items():
            if area_id == each.period.area_id and key != each.withdrawn_by_id:
                yield Occasion(each.period.area, person, f"withdrawal:{each.pk}", each)


def write_withdrawals(found: Sequence[Occasion], today: date) -> Iterator[Part]:
    for each in found:
        withdrawal: MonthWithdrawal = each.thing
        again = {one.period.month: one.refused for one in withdrawal.replacements.select_related("period")}
        letter = write_withdrawn(withdrawal, again, marking=str(get_marking(withdrawal.period)))
        yield Part(letter, reverse("reporting:publishing", args=[each.area.slug]))


WITHDRAWALS = make_source(LetterKind.CONSENTS, find_withdrawals, write_withdrawals)

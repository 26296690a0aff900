"""E-mail the head of an area's record to its information officers, once a week.

Somebody who owns the database could write the whole record anew. They can't change an e-mail that was sent before:
`manage.py verify_audit --head` compares it.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from django.urls import reverse
from django.utils import timezone

from boards.models import Membership, PartnershipArea
from boards.roles import Role
from boards.services.telling import Occasion, make_source
from core.letter_kinds import LetterKind
from core.models import AuditChain
from core.selectors.record import list_chains
from core.services.letters import Letter, Part
from core.within import Areas


def find_heads(today: date, areas: Areas = None) -> Iterator[Occasion]:
    """Return each area's head once the chain was checked this week, for each of its information officers, with the head
    of what belongs to no area. Two queries, or three."""
    monday = today - timedelta(days=today.weekday())
    chains = {
        chain.area: chain
        for chain in list_chains(_list_slugs(areas))
        if chain.number and _was_checked(chain, since=monday)
    }
    officers = Membership.objects.filter(role=Role.INFORMATION.value, area__slug__in=chains)
    year, week, _ = today.isocalendar()
    for held in officers.select_related("area", "user").order_by("area", "user"):
        key = f"{held.area.slug}:{year}-W{week:02}"
        yield Occasion(held.area, held.user, key, (chains[held.area.slug], chains.get("")))


def _list_slugs(areas: Areas) -> list[str] | None:
    """Return the names of these areas' chains, and of the one of no area; None for all."""
    if areas is None:
        return None
    return ["", *PartnershipArea.objects.filter(pk__in=areas).values_list("slug", flat=True)]


def _was_checked(chain: AuditChain, *, since: date) -> bool:
    # A job does it each night. If it didn't run for a week, the operator's page says that it is late.
    return chain.checked_at is not None and timezone.localdate(chain.checked_at) >= since


def write_heads(found: Sequence[Occasion], today: date) -> Iterator[Part]:
    for each in found:
        chain, of_no_area = each.thing
        sentences = [f"Its newest event's code is {chain.number}:{chain.link}"]
        # Sign-ins, second factors and operators: no area has this chain, so nobody else would get its head.
        if of_no_area:
            sentences.append(
                f"The newest event of accounts and sign-ins has the code {of_no_area.number}:{of_no_area.link}"
            )
        if chain.fault or (of_no_area and of_no_area.fault):
            sentences.append("The last check found the record broken. Tell the operator today.")
        letter = Letter(
            marking="",
            subject=f"The record of {each.area.name} this week",
            opening="Keep this e-mail. It proves later that nobody changed the record up to now.",
            sentences=[*sentences, "To compare it, ask the operator to run verify_audit with this code."],
            link_words="Open the record",
            reason=f"You get this because you are an information officer of {each.area.name}.",
        )
        yield Part(letter, reverse("boards:audit", args=[each.area.slug]))


HEADS = make_source(LetterKind.RECORD, find_heads, write_heads)

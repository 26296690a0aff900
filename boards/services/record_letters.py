"""E-mail the head of an area's record to its information officers, once a week.

Somebody who owns the database could write the whole record anew. They can't change an e-mail that was sent before:
`manage.py verify_audit --head` compares it.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from django.urls import reverse

from boards.models import Membership
from boards.roles import Role
from boards.services.telling import Occasion, make_source
from core.letter_kinds import LetterKind
from core.selectors.record import list_chains
from core.services.letters import Letter, Part


def find_heads(today: date) -> Iterator[Occasion]:
    """Return each area's head, for each of its information officers. Two queries."""
    chains = {chain.area: chain for chain in list_chains(None) if chain.number}
    officers = Membership.objects.filter(role=Role.INFORMATION.value, area__slug__in=chains)
    year, week, _ = today.isocalendar()
    for held in officers.select_related("area", "user").order_by("area", "user"):
        key = f"{held.area.slug}:{year}-W{week:02}"
        yield Occasion(held.area, held.user, key, chains[held.area.slug])


def write_heads(found: Sequence[Occasion], today: date) -> Iterator[Part]:
    for each in found:
        chain = each.thing
        sentences = [f"Its newest event is {chain.number}:{chain.link}"]
        if chain.fault:
            sentences.append("The last check found the record broken. Tell the operator today.")
        letter = Letter(
            marking="",
            subject=f"The record of {each.area.name} this week",
            opening="Keep this e-mail. It proves later that nobody changed the record up to now.",
            sentences=[*sentences, "To compare it, ask the operator to run verify_audit with this head."],
            link_words="Open the record",
            reason=f"You get this because you are an information officer of {each.area.name}.",
        )
        yield Part(letter, reverse("boards:audit", args=[each.area.slug]))


HEADS = make_source(LetterKind.RECORD, find_heads, write_heads)

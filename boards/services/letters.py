"""Send the heads of the record; and send again, as the coordinator, what could not be sent."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import partial

from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from boards.models import Membership, PartnershipArea
from boards.permissions import check_can_coordinate
from boards.reads import list_chains
from boards.rules import Role
from core import audit
from core.database import Areas
from core.labels import TransitionRefused
from core.letter_kinds import LetterKind
from core.mail import letters
from core.mail.daily import Mention, Occasion, Source, claim, write
from core.mail.letters import Letter, Part
from core.models import AuditChain, OutboxEntry, User


def send_again(
    area: PartnershipArea,
    entries: models.QuerySet[OutboxEntry],
    find_failed: Callable[[], Iterable[Mention]],
    *,
    refusal: str,
    verb: str,
    by: User,
) -> OutboxEntry:
    """Send those of somebody's entries again that failed or aren't confirmed, as one e-mail with its own name. Return
    one of them, with its fault. Only the coordinator can do this.

    `find_failed` finds what failed and is still due. Raises PermissionDenied, or TransitionRefused if these aren't
    among it any more: somebody else has just sent them again, say.
    """
    check_can_coordinate(area, by=by)
    # Commit the claim before the e-mail is sent. If this process dies in between, the entry shows it as unconfirmed.
    with transaction.atomic():
        # A job, or anybody who presses the button at the same time, waits here, and then finds them claimed.
        locked = {entry.pk for entry in entries.select_for_update().order_by("pk")}
        failed = [mention for mention in find_failed() if mention.entry and mention.entry.pk in locked]
        if not failed:
            raise TransitionRefused(refusal)
        claimed = [mention.entry for mention in failed if mention.entry]
        letters.start_again(claimed)
        names = list(dict.fromkeys(str(mention.occasion.thing) for mention in failed))
        audit.record(verb, failed[0].occasion.person, by=by, area=area.slug, of=names)
    letters.deliver(claimed, partial(write, failed))
    return claimed[0]


def claim_at_once(occasion: Occasion) -> OutboxEntry | None:
    """Claim an occasion for an e-mail of its own, beside that of the day; None if it was claimed before."""
    name, now = letters.make_message_id(), timezone.now()
    kind, area = occasion.kind.value, occasion.area.slug
    claim(
        [
            OutboxEntry(
                person=occasion.person, kind=kind, occasion=occasion.key, area=area, message_id=name, claimed_at=now
            )
        ]
    )
    return OutboxEntry.objects.filter(message_id=name).first()


def find_heads(today: date, areas: Areas = None) -> Iterator[Occasion]:
    """Yield each area's head once the chain was checked this week, for each of its information officers, with the head
    of what belongs to no area. Two queries, or three.

    Somebody who owns the database could write the whole record anew. They can't change an e-mail that was sent before:
    `manage.py verify_audit --head` compares it.
    """
    monday = today - timedelta(days=today.weekday())
    chains = {
        chain.area: chain
        for chain in list_chains(_list_slugs(areas))
        if chain.number and _was_checked(chain, since=monday)
    }
    officers = Membership.objects.filter(role=Role.INFORMATION.value, area__slug__in=chains)
    year, week, _ = today.isocalendar()
    for membership in officers.select_related("area", "user").order_by("area", "user"):
        key = f"{membership.area.slug}:{year}-W{week:02}"
        yield Occasion(
            LetterKind.RECORD, membership.area, membership.user, key, (chains[membership.area.slug], chains.get(""))
        )


def _list_slugs(areas: Areas) -> list[str] | None:
    """Return the names of these areas' chains, and of the one of no area; None for all."""
    if areas is None:
        return None
    return ["", *PartnershipArea.objects.filter(pk__in=areas).values_list("slug", flat=True)]


def _was_checked(chain: AuditChain, *, since: date) -> bool:
    # A job does it each night. If it didn't run for a week, the operator's page says that it is late.
    return chain.checked_at is not None and timezone.localdate(chain.checked_at) >= since


def write_heads(occasions: Sequence[Occasion], today: date) -> Iterator[Part]:
    for occasion in occasions:
        chain, of_no_area = occasion.thing
        sentences = [f"The audit log’s newest event has the code {chain.number}:{chain.link}"]
        # Sign-ins, second factors and operators: no area has this chain, so nobody else would get its head.
        if of_no_area:
            sentences.append(
                f"The newest event of accounts and sign-ins has the code {of_no_area.number}:{of_no_area.link}"
            )
        if chain.fault or (of_no_area and of_no_area.fault):
            sentences.append("The last check found the audit log broken. Tell the operator today.")
        letter = Letter(
            marking="",
            subject=f"The audit log of {occasion.area.name} this week",
            opening="Keep this email. With this code, you can prove later that no one has changed the audit log up to "
            "now.",
            sentences=[*sentences, "To compare it, ask the operator to run verify_audit with this code."],
            link_words="Open the audit log",
            reason=f"You get this because you are an information officer of {occasion.area.name}.",
        )
        yield Part(letter, reverse("boards:audit", args=[occasion.area.slug]))


HEADS = Source(find_heads, write_heads)

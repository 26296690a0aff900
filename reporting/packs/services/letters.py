"""E-mail people about packs, months and what waits for their decision, in the letter of the day."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import groupby
from typing import NamedTuple

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

from actions.workflow import LATEST, is_told_at_once
from boards.models import Consent, Membership, PartnershipArea
from boards.rules import BOARD_ROLES, CONFIRMED_ROLES, Role
from boards.selectors import list_operators
from boards.services import letters
from boards.ties import Ties, read_ties
from core.calendar import add_working_days
from core.database import Areas, within
from core.letter_kinds import LetterKind
from core.mail.daily import Mention, Occasion, Source
from core.mail.letters import Part
from core.models import OutboxEntry, User
from indicators.disclosure import Audience
from indicators.models import FigureImport, RuleRequest
from indicators.permissions import list_answering, list_confirming
from indicators.selectors.disclosure import get_marking
from indicators.workflow import OPENED_WITHIN
from reporting.models import IssuedPack, MonthWithdrawal, PublicEdition, Replacement, Snapshot, SnapshotState
from reporting.months.presenters.history import import_url
from reporting.months.presenters.month import month_view
from reporting.months.presenters.words import describe_found
from reporting.months.selectors import list_lines
from reporting.packs.presenters.letters import (
    write_corrected,
    write_declined,
    write_edition,
    write_figure_import,
    write_letter,
    write_own_consent,
    write_published,
    write_rule_request,
    write_withdrawn,
)
from reporting.packs.selectors import (
    get_letters,
    list_packs,
    list_packs_to_announce,
    list_recipients,
    people_to_tell,
)
from reporting.workflow import EditionState


def find_packs(today: date, areas: Areas = None) -> Iterator[Occasion]:
    """Return the recently issued packs that people should hear of."""
    for pack in list_packs_to_announce().filter(within(areas, "period__area")):
        yield from (make_occasion(pack, person) for person in people_to_tell(pack))


def find_packs_again(unsent: Sequence[OutboxEntry], today: date) -> Iterator[Occasion]:
    """Return those that are still for members of the pack's board."""
    people = defaultdict[int, set[int | None]](set)
    for entry in unsent:
        if entry.kind == LetterKind.PACKS:
            people[int(entry.occasion)].add(entry.person_id)
    for pack in list_packs().filter(pk__in=people):
        yield from (make_occasion(pack, one) for one in list_recipients(pack.board) if one.pk in people[pack.pk])


def make_occasion(pack: IssuedPack, person: User) -> Occasion:
    return Occasion(LetterKind.PACKS, pack.period.area, person, str(pack.pk), pack)


def write_packs(occasions: Sequence[Occasion], today: date) -> list[Part]:
    return [Part(write_letter(occasion.thing), occasion.thing.get_absolute_url()) for occasion in occasions]


PACKS = Source(find_packs, write_packs, find_packs_again, every_day=True)


def send_again(entry: OutboxEntry, *, by: User) -> OutboxEntry:
    """Send a letter again that failed or may have failed; only the coordinator can. Raises PermissionDenied, or
    TransitionRefused if it is no longer such a letter: somebody else has just sent it, or the person has left the board
    or switched e-mails off.
    """
    pack = list_packs().get(pk=int(entry.occasion))

    def find_failed() -> Iterator[Mention]:
        for failed in get_letters(pack).failed:
            if failed.person is not None:
                yield Mention(PACKS, make_occasion(pack, failed.person), failed)

    return letters.send_again(
        pack.period.area,
        OutboxEntry.objects.filter(pk=entry.pk),
        find_failed,
        refusal=f"This email to {entry.person} can’t be sent again: it has already been sent, or the person has left "
        "the board or gets no emails.",
        verb="pack_letter.sent_again",
        by=by,
    )


class News(NamedTuple):
    """What happened in an area, and the key of the person who did it, who needs no letter."""

    area: PartnershipArea
    done_by: int | None
    key: str
    thing: object


def tell(kind: LetterKind, news: Sequence[News], *, roles: Iterable[Role]) -> Iterator[Occasion]:
    """Yield the news for everybody else who has one of these roles in its area. One query, or none."""
    if not news:
        return
    members = Membership.objects.filter(role__in=[role.value for role in roles], area__in={one.area.pk for one in news})
    # By area and person, because somebody may have several of the roles.
    people = {(member.area_id, member.user_id): member.user for member in members.select_related("user")}
    for one in news:
        for (area_id, person_id), person in people.items():
            if area_id == one.area.pk and person_id != one.done_by:
                yield Occasion(kind, one.area, person, one.key, one.thing)


# --- A published month -----------------------------------------------------------------------------


@dataclass
class Published:
    """A version that boards see. `is_corrected`: its month was published before."""

    snapshot: Snapshot
    is_corrected: bool

    @cached_property
    def finding(self) -> str:
        """Return how many series stand out in it."""
        period = self.snapshot.period
        lines, audience = list_lines(self.snapshot), Audience.PARTNERS
        return describe_found(
            month_view(self.snapshot, lines, area=period.area, period=period, audience=audience, marking="")
        )


def find_months(today: date, areas: Areas = None) -> Iterator[Occasion]:
    """Return recently settled versions, for members of boards. Leaves out versions that were taken back or replaced,
    and past months opened for earlier figures. At most three queries.
    """
    now, longest_ago = timezone.now(), add_working_days(today, -LATEST - 1)
    standing = Snapshot.objects.standing()
    settled = standing.filter(
        within(areas, "period__area"),
        fresh_until__lte=now,
        fresh_until__gte=now - timedelta(days=(today - longest_ago).days + 1),
    )
    lately = [
        snapshot
        for snapshot in settled.select_related("period__area").order_by("period__starts_on", "version")
        if snapshot.fresh_until and is_told_at_once(today, timezone.localdate(snapshot.fresh_until))
    ]
    versions: defaultdict[int, list[int]] = defaultdict(list)
    for period, version in standing.filter(period__in={snapshot.period_id for snapshot in lately}).values_list(
        "period", "version"
    ):
        versions[period].append(version)
    news = [
        Published(snapshot, is_corrected=snapshot.version > min(versions[snapshot.period_id]))
        for snapshot in lately
        if snapshot.version == max(versions[snapshot.period_id])
    ]
    yield from tell(
        LetterKind.MONTHS,
        [
            News(one.snapshot.period.area, one.snapshot.published_by_id, str(one.snapshot.pk), one)
            for one in news
            if one.is_corrected or one.snapshot.period.opened_on - one.snapshot.period.starts_on <= OPENED_WITHIN
        ],
        roles=(*BOARD_ROLES, Role.STRATEGIC),
    )


def write_months(occasions: Sequence[Occasion], today: date) -> Iterator[Part]:
    """Return a part for each month, and one for all corrected months of an area."""
    for occasion in occasions:
        if not occasion.thing.is_corrected:
            yield write_month(occasion.thing)
    # groupby joins neighbours only, so sort by the same key first.
    corrected = sorted(
        (correction for correction in occasions if correction.thing.is_corrected),
        key=lambda correction: correction.area.pk,
    )
    for area, of_area in groupby(corrected, key=lambda correction: correction.area):
        versions: list[Published] = [correction.thing for correction in of_area]
        period = versions[-1].snapshot.period
        letter = write_corrected(
            area,
            [
                (published.snapshot.period.month.label, published.snapshot.version, published.finding)
                for published in versions
            ],
            marking=str(get_marking(period)),
        )
        yield Part(letter, reverse("reporting:month-view", args=[area.slug, period.month]))


def write_month(version: Published) -> Part:
    period = version.snapshot.period
    letter = write_published(period, version.finding, marking=str(get_marking(period)))
    return Part(letter, reverse("reporting:month-view", args=[period.area.slug, period.month]))


MONTHS = Source(find_months, write_months)

# --- What waits for an information officer -----------------------------------------------------------


def find_consents(today: date, areas: Areas = None) -> Iterator[Occasion]:
    """Return what waits for an information officer: approval of a public edition, permission to use the
    area's figures, a rule that protects less, and past figures that somebody brought in. Where nobody of the area can,
    it waits for the operator. Eleven queries at most.
    """
    editions = PublicEdition.objects.filter(within(areas, "period__area"), state=EditionState.ASKED.value)
    consents = Consent.objects.filter(within(areas), agreed_at=None, withdrawn_at=None, ends_on__gte=today)
    rules = (
        RuleRequest.objects.waiting(today)
        .filter(within(areas))
        .select_related("area", "agency", "indicator", "asked_by")
    )
    waiting: list[tuple[PartnershipArea, str, User | None, object]] = [
        *(
            (edition.period.area, f"edition:{edition.pk}", edition.asked_by, edition)
            for edition in editions.select_related("period__area", "asked_by").order_by("period__starts_on", "pk")
        ),
        *(
            (consent.area, f"consent:{consent.pk}", consent.given_by, consent)
            for consent in consents.select_related("area", "given_by").order_by("pk")
        ),
        *((rule.area, f"rule:{rule.pk}", rule.asked_by, rule) for rule in rules.order_by("pk")),
    ]
    people = Membership.objects.filter(role__in=CONFIRMED_ROLES, area__in={area.pk for area, *_ in waiting})
    members = list(people.filter(user__is_active=True).select_related("user")) if waiting else []
    ties = read_ties(members, *(asker for *_, asker, _ in waiting)) if waiting else Ties()
    operators = list(list_operators()) if waiting else []
    for area, key, asker, thing in waiting:
        deciding = [member for member in members if member.area_id == area.pk and member.role == Role.INFORMATION]
        if isinstance(thing, RuleRequest):
            deciding = list_answering(thing, members, ties, today=today)
        # Two people are needed, so neither the person who asked is told nor anybody who is tied to them.
        for person in ties.list_seconds(asker, deciding) or (operators if deciding else []):
            yield Occasion(LetterKind.CONSENTS, area, person, key, thing)
    yield from find_imports(today, areas)
    yield from find_declined(areas)


def find_declined(areas: Areas = None) -> Iterator[Occasion]:
    """Yield the public editions that hold up a correction because they were declined, for the coordinator who asked.
    One query."""
    declined = PublicEdition.objects.filter(
        within(areas, "period__area"), state=EditionState.DECLINED.value, snapshot__state=SnapshotState.DRAFT.value
    ).exclude(goes_with="")
    for edition in declined.select_related("period__area", "asked_by").order_by("pk"):
        if edition.asked_by is not None:
            area = edition.period.area
            yield Occasion(LetterKind.CONSENTS, area, edition.asked_by, f"declined:{edition.pk}", edition)


def find_imports(today: date, areas: Areas = None) -> Iterator[Occasion]:
    """Yield past figures for whoever can confirm them; for the operator where nobody in the area can. Four queries at
    most."""
    waiting = FigureImport.objects.waiting(today).filter(within(areas)).defer("content")
    imports = list(waiting.select_related("area", "asked_by").order_by("pk"))
    if not imports:
        return
    members = Membership.objects.filter(
        area__in={figures_import.area_id for figures_import in imports}, role__in=CONFIRMED_ROLES
    )
    people = list(members.select_related("user").order_by("pk"))
    ties = read_ties(people, *(figures_import.asked_by for figures_import in imports))
    confirmers = {
        figures_import.pk: ties.list_seconds(
            figures_import.asked_by, list_confirming(figures_import, people, today=today)
        )
        for figures_import in imports
    }
    operators = [] if all(confirmers.values()) else list(list_operators())
    for figures_import in imports:
        for person in confirmers[figures_import.pk] or operators:
            key = f"import:{figures_import.pk}"
            yield Occasion(LetterKind.CONSENTS, figures_import.area, person, key, figures_import)


def write_consents(occasions: Sequence[Occasion], today: date) -> Iterator[Part]:
    for occasion in occasions:
        is_operator = occasion.person.is_superuser
        if isinstance(occasion.thing, Consent):
            path = reverse("boards:consent-decide", args=[occasion.area.slug, occasion.thing.pk])
            yield Part(write_own_consent(occasion.area, is_operator=is_operator), path)
            continue
        if isinstance(occasion.thing, RuleRequest):
            path = reverse("reporting:disclosure-request", args=[occasion.area.slug, occasion.thing.pk])
            yield Part(write_rule_request(occasion.thing, is_operator=is_operator), path)
            continue
        if isinstance(occasion.thing, FigureImport):
            letter = write_figure_import(occasion.thing, is_operator=is_operator)
            yield Part(letter, import_url(occasion.thing, is_operator=is_operator))
            continue
        period = occasion.thing.period
        if occasion.thing.state == EditionState.DECLINED:
            letter = write_declined(period, marking=str(get_marking(period)))
            yield Part(letter, reverse("reporting:corrections-publish", args=[occasion.area.slug]))
            continue
        letter = write_edition(period, marking=str(get_marking(period)), is_operator=is_operator)
        yield Part(letter, reverse("reporting:publishing-month", args=[occasion.area.slug, period.month]))


CONSENTS = Source(find_consents, write_consents)


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
    withdrawals = [
        withdrawal
        for withdrawal in recent.select_related("period__area", "withdrawn_by").order_by("pk")
        if is_told_at_once(today, timezone.localdate(withdrawal.withdrawn_at))
    ]
    yield from tell(
        LetterKind.CONSENTS,
        [
            News(withdrawal.period.area, withdrawal.withdrawn_by_id, f"withdrawal:{withdrawal.pk}", withdrawal)
            for withdrawal in withdrawals
        ],
        roles=(Role.COORDINATOR, Role.INFORMATION),
    )


def write_withdrawals(occasions: Sequence[Occasion], today: date) -> Iterator[Part]:
    for occasion in occasions:
        withdrawal: MonthWithdrawal = occasion.thing
        again = {one.period.month: one.refused for one in withdrawal.replacements.select_related("period")}
        letter = write_withdrawn(withdrawal, again, marking=str(get_marking(withdrawal.period)))
        yield Part(letter, reverse("reporting:publishing", args=[occasion.area.slug]))


WITHDRAWALS = Source(find_withdrawals, write_withdrawals)

"""E-mail a board's members about a pack, in the letter of the day."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import groupby

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

from actions.workflow import LATEST, is_told_at_once
from boards.models import Consent, Membership, PartnershipArea
from boards.permissions import check_can_coordinate
from boards.rules import BOARD_ROLES, CONFIRMED_ROLES, Role
from boards.selectors import list_operators
from boards.services.letters import Occasion, make_source
from boards.ties import Ties, read_ties
from core import audit
from core.calendar import add_working_days
from core.database import Areas, within
from core.labels import TransitionRefused
from core.letter_kinds import LetterKind
from core.mail import letters
from core.mail.daily import Source
from core.mail.letters import Part
from core.models import User
from indicators.disclosure import Audience
from indicators.models import FigureImport, RuleRequest
from indicators.permissions import list_answering, list_confirming
from indicators.selectors.disclosure import get_marking
from indicators.workflow import OPENED_WITHIN, EditionState
from reporting.models import MonthWithdrawal, PackLetter, PublicEdition, Replacement, Snapshot
from reporting.months.presenters.history import import_url
from reporting.months.presenters.month import describe_found, month_view
from reporting.months.selectors import list_lines
from reporting.packs.presenters.letters import (
    write_corrected,
    write_edition,
    write_figure_import,
    write_letter,
    write_own_consent,
    write_published,
    write_rule_request,
    write_withdrawn,
)
from reporting.packs.selectors import get_letters, is_wanted, list_packs_to_announce, list_untold, people_to_tell


def find_letters(today: date, areas: Areas = None) -> Iterator[PackLetter]:
    """Return letters for recently issued packs that no worker has claimed."""
    for pack in list_packs_to_announce().filter(within(areas, "period__area")):
        yield from (PackLetter(pack=pack, person=person) for person in people_to_tell(pack))


def claim_letters(wanted: Sequence[PackLetter], message_id: str, today: date) -> list[PackLetter]:
    claimed = (letters.claim(PackLetter, message_id=message_id, pack=each.pack, person=each.person) for each in wanted)
    return [letter for letter in claimed if letter is not None]


def find_letters_again(names: Collection[str], today: date) -> Iterator[PackLetter]:
    """Return the letters that people still want."""
    return (letter for letter in list_untold().filter(message_id__in=names) if is_wanted(letter))


def write_letters(found: Sequence[PackLetter], today: date) -> list[Part]:
    return [Part(write_letter(letter.pack), letter.pack.get_absolute_url()) for letter in found]


PACKS = Source(find_letters, claim_letters, find_letters_again, write_letters, lambda letter: LetterKind.PACKS)


def send_letter(letter: PackLetter, *, absolute: Callable[[str], str]) -> PackLetter:
    """Send a claimed letter, and note when; or why it failed. `absolute` turns a path into an address. Mail errors
    aren't raised: one failure must not stop the others.
    """
    pack, person = letter.pack, letter.person
    letters.deliver(
        [letter],
        lambda: letters.compose(write_letter(pack), to=person, path=pack.get_absolute_url(), absolute=absolute),
    )
    return letter


def send_again(letter: PackLetter, *, absolute: Callable[[str], str], by: User) -> PackLetter:
    """Send a letter again that failed or may have failed; only the coordinator can. Raises PermissionDenied, or
    TransitionRefused if it is no longer such a letter: somebody else has just sent it, or the person has left the board
    or switched e-mails off.
    """
    area = letter.pack.period.area
    check_can_coordinate(area, by=by)
    # Commit the claim before the e-mail is sent. If this process dies in between, the row shows it as unconfirmed.
    with transaction.atomic():
        claimed = PackLetter.objects.select_for_update(of=("self",)).select_related("person").get(pk=letter.pk)
        claimed.pack = letter.pack
        if claimed not in get_letters(claimed.pack).failed:
            raise TransitionRefused(
                f"This letter to {claimed.person} can’t be sent again. It was sent, they have left the board, or they "
                "get no e-mails."
            )
        claimed.claimed_at, claimed.fault, claimed.tries = timezone.now(), "", 1
        claimed.save(update_fields=["claimed_at", "fault", "tries"])
        audit.record("pack_letter.sent_again", claimed, by=by, area=area.slug)
    return send_letter(claimed, absolute=absolute)


# --- A published month -----------------------------------------------------------------------------


@dataclass
class Published:
    """A version that boards see. `is_corrected`: its month was published before."""

    snapshot: Snapshot
    is_corrected: bool

    @cached_property
    def found(self) -> str:
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
        each
        for each in settled.select_related("period__area").order_by("period__starts_on", "version")
        if each.fresh_until and is_told_at_once(today, timezone.localdate(each.fresh_until))
    ]
    versions: defaultdict[int, list[int]] = defaultdict(list)
    for period, version in standing.filter(period__in={each.period_id for each in lately}).values_list(
        "period", "version"
    ):
        versions[period].append(version)
    news = [
        Published(each, is_corrected=each.version > min(versions[each.period_id]))
        for each in lately
        if each.version == max(versions[each.period_id])
    ]
    news = [
        each
        for each in news
        if each.is_corrected or each.snapshot.period.opened_on - each.snapshot.period.starts_on <= OPENED_WITHIN
    ]
    roles = [role.value for role in (*BOARD_ROLES, Role.STRATEGIC)]
    members = Membership.objects.filter(role__in=roles, area__in={each.snapshot.period.area_id for each in news})
    # By area and person, because somebody may be on several boards.
    people = {(held.area_id, held.user_id): held.user for held in (members.select_related("user") if news else [])}
    for each in news:
        area = each.snapshot.period.area
        for (area_id, key), person in people.items():
            if area_id == area.pk and key != each.snapshot.published_by_id:
                yield Occasion(area, person, str(each.snapshot.pk), each)


def write_months(found: Sequence[Occasion], today: date) -> Iterator[Part]:
    """Return a part for each month, and one for all corrected months of an area."""
    for each in found:
        if not each.thing.is_corrected:
            yield write_month(each.thing)
    # groupby joins neighbours only, so sort by the same key first.
    corrected = sorted((each for each in found if each.thing.is_corrected), key=lambda each: each.area.pk)
    for area, of_area in groupby(corrected, key=lambda each: each.area):
        versions: list[Published] = [each.thing for each in of_area]
        period = versions[-1].snapshot.period
        letter = write_corrected(
            area,
            [(each.snapshot.period.month.label, each.snapshot.version, each.found) for each in versions],
            marking=str(get_marking(period)),
        )
        yield Part(letter, reverse("reporting:month-view", args=[area.slug, period.month]))


def write_month(version: Published) -> Part:
    period = version.snapshot.period
    letter = write_published(period, version.found, marking=str(get_marking(period)))
    return Part(letter, reverse("reporting:month-view", args=[period.area.slug, period.month]))


MONTHS = make_source(LetterKind.MONTHS, find_months, write_months)

# --- What waits for an information officer -----------------------------------------------------------


def find_consents(today: date, areas: Areas = None) -> Iterator[Occasion]:
    """Return what waits for an information officer: approval of a public edition, permission to use the
    area's figures, a rule that protects less, and past figures that somebody brought in. Where nobody of the area can,
    it waits for the operator. Ten queries at most.
    """
    asked = PublicEdition.objects.filter(within(areas, "period__area"), state=EditionState.ASKED.value)
    given = Consent.objects.filter(within(areas), agreed_at=None, withdrawn_at=None, ends_on__gte=today)
    rules = (
        RuleRequest.objects.waiting(today)
        .filter(within(areas))
        .select_related("area", "agency", "indicator", "asked_by")
    )
    waiting: list[tuple[PartnershipArea, str, User | None, object]] = [
        *(
            (each.period.area, f"edition:{each.pk}", each.asked_by, each)
            for each in asked.select_related("period__area", "asked_by").order_by("period__starts_on", "pk")
        ),
        *(
            (each.area, f"consent:{each.pk}", each.given_by, each)
            for each in given.select_related("area", "given_by").order_by("pk")
        ),
        *((each.area, f"rule:{each.pk}", each.asked_by, each) for each in rules.order_by("pk")),
    ]
    people = Membership.objects.filter(role__in=CONFIRMED_ROLES, area__in={area.pk for area, *_ in waiting})
    held = list(people.filter(user__is_active=True).select_related("user")) if waiting else []
    ties = read_ties(held, *(asker for *_, asker, _ in waiting)) if waiting else Ties()
    operators = list(list_operators()) if waiting else []
    for area, key, asker, thing in waiting:
        deciding = [each for each in held if each.area_id == area.pk and each.role == Role.INFORMATION]
        if isinstance(thing, RuleRequest):
            deciding = list_answering(thing, held, ties, today=today)
        # Two people are needed, so neither the person who asked is told nor anybody who is tied to them.
        for person in ties.list_seconds(asker, deciding) or (operators if deciding else []):
            yield Occasion(area, person, key, thing)
    yield from find_imports(today, areas)


def find_imports(today: date, areas: Areas = None) -> Iterator[Occasion]:
    """Yield past figures for whoever can confirm them; for the operator where nobody in the area can. Four queries at
    most."""
    waiting = FigureImport.objects.waiting(today).filter(within(areas)).defer("content")
    imports = list(waiting.select_related("area", "asked_by").order_by("pk"))
    if not imports:
        return
    held = Membership.objects.filter(area__in={each.area_id for each in imports}, role__in=CONFIRMED_ROLES)
    people = list(held.select_related("user").order_by("pk"))
    ties = read_ties(people, *(each.asked_by for each in imports))
    confirmers = {
        each.pk: ties.list_seconds(each.asked_by, list_confirming(each, people, today=today)) for each in imports
    }
    operators = [] if all(confirmers.values()) else list(list_operators())
    for each in imports:
        for person in confirmers[each.pk] or operators:
            yield Occasion(each.area, person, f"import:{each.pk}", each)


def write_consents(found: Sequence[Occasion], today: date) -> Iterator[Part]:
    for each in found:
        is_operator = each.person.is_superuser
        if isinstance(each.thing, Consent):
            path = reverse("boards:consent-decide", args=[each.area.slug, each.thing.pk])
            yield Part(write_own_consent(each.area, is_operator=is_operator), path)
            continue
        if isinstance(each.thing, RuleRequest):
            path = reverse("reporting:disclosure-request", args=[each.area.slug, each.thing.pk])
            yield Part(write_rule_request(each.thing, is_operator=is_operator), path)
            continue
        if isinstance(each.thing, FigureImport):
            letter = write_figure_import(each.thing, is_operator=is_operator)
            yield Part(letter, import_url(each.thing, is_operator=is_operator))
            continue
        period = each.thing.period
        letter = write_edition(period, marking=str(get_marking(period)), is_operator=is_operator)
        yield Part(letter, reverse("reporting:publishing-month", args=[each.area.slug, period.month]))


CONSENTS = make_source(LetterKind.CONSENTS, find_consents, write_consents)


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

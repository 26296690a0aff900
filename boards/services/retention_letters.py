"""E-mail an area's information officers, once, that records of a kind will be deleted."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

from django.urls import reverse

from boards.models import Membership, PartnershipArea
from boards.presenters.retention import count_records
from boards.roles import Role
from boards.services.telling import Occasion, make_source
from core.letter_kinds import LetterKind
from core.months import date_label
from core.retained import RetentionNotice
from core.retention import list_kinds
from core.services.letters import Letter, Part
from core.services.retention import is_first_in_a_row
from core.within import Areas, within


def find_first_notices(today: date, areas: Areas = None) -> Iterator[Occasion]:
    """Return the open announcements of an area that follow no other, for each of its information officers.

    Two queries, and one for each announcement. The page has the later ones too: an e-mail each month would go unread.
    """
    slugs = PartnershipArea.objects.filter(within(areas, "pk")).values("slug")  # an announcement has no key of its area
    opened = RetentionNotice.objects.filter(outcome="", area__in=slugs)
    notices: dict[str, list[RetentionNotice]] = defaultdict(list)
    for notice in opened.order_by("pk"):
        if is_first_in_a_row(notice):
            notices[notice.area].append(notice)
    officers = Membership.objects.filter(role=Role.INFORMATION.value, area__slug__in=notices)
    for held in officers.select_related("area", "user").order_by("area", "user"):
        for notice in notices[held.area.slug]:
            yield Occasion(held.area, held.user, f"retention:{notice.pk}", notice)


def write_notices(found: Sequence[Occasion], today: date) -> Iterator[Part]:
    by_area: dict[str, list[Occasion]] = defaultdict(list)
    for each in found:
        by_area[each.area.slug].append(each)
    for slug, several in by_area.items():
        name, labels = several[0].area.name, {kind.code: kind.label for kind in list_kinds(slug)}
        sentences = [
            f"{labels.get(each.thing.kind, each.thing.kind)}: {count_records(each.thing)}, on "
            f"{date_label(each.thing.deletes_on)}"
            for each in several
        ]
        letter = Letter(
            marking="",
            subject=f"Old records of {name} will be deleted",
            opening="We delete these under the retention rules, unless you place a hold first.",
            sentences=sentences,
            link_words="See how long records are kept",
            reason=f"You get this because you are an information officer of {name}.",
        )
        yield Part(letter, reverse("boards:retention", args=[slug]))


NOTICES = make_source(LetterKind.RECORD, find_first_notices, write_notices)

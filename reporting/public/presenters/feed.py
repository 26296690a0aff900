"""What does a feed tell of an area's public months? That they are there, and never a figure."""

from collections.abc import Callable, Collection, Sequence

from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed

from boards.models import PartnershipArea
from core.months import Month
from reporting.models.hooks import HookKind
from reporting.public.selectors.editions import Told

MOST_ENTRIES = 60


def make_feed(area: PartnershipArea, told: Sequence[Told], *, absolute: Callable[[str], str]) -> str:
    """Return an Atom feed with an entry for each edition, what changed last first. `absolute` turns a path into an
    address."""
    feed = Atom1Feed(
        title=f"{area.name}: months that anybody can read",
        link=absolute(reverse("reporting:public-list", args=[area.slug])),
        description="",
        subtitle="When a month was made public, corrected or withdrawn. The figures are on the pages.",
        feed_url=absolute(reverse("reporting:public-feed", args=[area.slug])),
        author_name=area.name,
        language="en-GB",
    )
    gone = {(each.month, each.number) for each in told if each.gone}
    for each in told[:MOST_ENTRIES]:
        page = absolute(reverse("reporting:public-month", args=[area.slug, each.month]))
        feed.add_item(
            title=f"{each.month.label}, {describe(each)}",
            link=page if each.gone else f"{page}?edition={each.number}",
            description=each.gone or f"The figures for {each.month.label} are public, in edition {each.number}.",
            # The same entry when it is withdrawn: a reader that has it learns that it changed.
            unique_id=f"{page}?edition={each.number}",
            unique_id_is_permalink=False,
            pubdate=each.published_at,
            updateddate=each.changed_at,
            categories=(find_kind(each, gone).value,),
        )
    return feed.writeString("utf-8")


def find_kind(each: Told, gone: Collection[tuple[Month, int]]) -> HookKind:
    """Return the kind that a webhook names. A month that comes back after a withdrawal is public anew."""
    if each.gone:
        return HookKind.PUBLIC_WITHDRAWN
    is_new = each.number == 1 or (each.month, each.number - 1) in gone
    return HookKind.PUBLIC_PUBLISHED if is_new else HookKind.PUBLIC_CORRECTED


def describe(each: Told) -> str:
    return f"edition {each.number}" + (": withdrawn" if each.gone else "")

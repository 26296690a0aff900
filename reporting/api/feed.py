"""The feed that partners read with a key: what happened to each month, for them and for the public. It has no figure,
and leads to no draft."""

from collections.abc import Iterator

from django.http import HttpResponse
from django.urls import reverse
from ninja import Router

from boards.models import PartnershipArea
from core.mail.letters import site_address
from core.pages import NotHeld
from reporting.api.answers import Town, answer, file_of
from reporting.api.partners import KeyRequest, key_for, months
from reporting.months.selectors import list_settled
from reporting.public.presenters.feed import ATOM, CONTENT_TYPE, Entry, EntryKind, list_public_entries, make_feed
from reporting.public.selectors import list_feed_editions

router = Router(tags=["Partners"])


@router.get(
    "/areas/{town}/events.atom",
    auth=months,
    url_name="events",
    summary="What happened to each month, as an Atom feed",
    **file_of(ATOM, "The newest entries. An entry that changes keeps its id."),
)
def events(request: KeyRequest, town: Town) -> HttpResponse:
    area = key_for(request, town).area
    entries = [*list_version_entries(area), *list_edition_entries(area)]

    def make() -> bytes:
        return make_feed(
            area,
            entries,
            title="months for partners and for the public",
            words="When a month was published, corrected or withdrawn. The figures are on the pages.",
            page=reverse("reporting:area-home", args=[town]),
            feed_path=request.path,
            absolute=site_address,
        ).encode()

    return answer(request, (area.name, entries), make, file_type=CONTENT_TYPE)


def list_version_entries(area: PartnershipArea) -> Iterator[Entry]:
    """Yield an entry for each published version, once it can't be taken back any more."""
    for version in list_settled(area):
        month, number = version.month.label, version.number
        address = f"{reverse('reporting:month-view', args=[area.slug, version.month])}?version={number}"
        yield Entry(
            id=address,
            kind=EntryKind.MONTH_PUBLISHED if version.is_first else EntryKind.MONTH_CORRECTED,
            title=f"{month}, version {number}" + ("" if version.is_first else ": corrected"),
            words=f"{month} is {'published' if version.is_first else 'corrected'}, in version {number}.",
            link=address,
            published_at=version.settled_at,
            changed_at=version.settled_at,
        )


def list_edition_entries(area: PartnershipArea) -> Iterator[Entry]:
    """Yield the entries of the public feed, with the same ids. None while the public pages are off."""
    try:
        _, editions = list_feed_editions(area.slug)
    except NotHeld:
        return
    yield from list_public_entries(area, editions)

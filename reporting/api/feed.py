"""The feed that partners read with a key: what happened to each month, for them and for the public. It has no figure,
and leads to no draft."""

from collections.abc import Iterator
from datetime import UTC, datetime

from django.http import HttpResponse
from django.urls import reverse
from ninja import Router

from boards.models import PartnershipArea
from core.not_held import NotHeld
from core.services.links import site_address
from reporting.api.answers import answer
from reporting.api.documents import file_of
from reporting.api.partners import KeyRequest, Town, key_for, months
from reporting.hooks.selectors import list_versions
from reporting.models.hooks import HookKind
from reporting.public.presenters.feed import ATOM, CONTENT_TYPE, Entry, list_public_entries, make_feed
from reporting.public.selectors.editions import list_told

router = Router(tags=["Partners"])
EVER = datetime(2000, 1, 1, tzinfo=UTC)


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
            own=request.path,
            absolute=site_address,
        ).encode()

    return answer(request, (area.name, entries), make, file_type=CONTENT_TYPE)


def list_version_entries(area: PartnershipArea) -> Iterator[Entry]:
    """Yield an entry for each published version, once it can't be taken back any more."""
    for each in list_versions(area, EVER):
        name = f"{each.month.label}, version {each.number}"
        is_first = each.kind is HookKind.MONTH_PUBLISHED
        yield Entry(
            id=f"{each.path}?version={each.number}",
            kind=each.kind,
            title=name if is_first else f"{name}: corrected",
            words=f"{each.month.label} is {'published' if is_first else 'corrected'}, in version {each.number}.",
            link=f"{each.path}?version={each.number}",
            published_at=each.happened_at,
            changed_at=each.happened_at,
        )


def list_edition_entries(area: PartnershipArea) -> Iterator[Entry]:
    """Yield the entries of the public feed, with the same ids. None while the public pages are off."""
    try:
        _, told = list_told(area.slug)
    except NotHeld:
        return
    yield from list_public_entries(area, told)

"""The boards' packs that anybody may read: those issued for the public, as they were issued."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import content_disposition_header

from core.calendar import date_label
from core.files import objects
from core.pages import NotHeld
from reporting.models.packs import IssuedPack
from reporting.open_editions import Withdrawn
from reporting.packs.presenters.cover import issued_file_name
from reporting.packs.presenters.later import republished
from reporting.packs.presenters.shapes import photos_told
from reporting.packs.selectors import PublicPack, find_public_pack, gone_from, packs_for_the_public, public_photo
from reporting.public.answers import Page, anybody, list_area_facts
from reporting.public.selectors import public_months


@anybody
def public_pack_list(request: HttpRequest, town: str) -> Page:
    """List the board papers, the newest first. Raises NotHeld if nothing in the area is public."""
    packs = packs_for_the_public(town)
    area = packs[0].period.area if packs else public_months(town)[0].area
    # Plain data, because the page's tag is made of it.
    listed = [
        (
            pack.reference,
            pack.board.name,
            pack.period.month,
            pack.get_kind_display(),
            describe_meeting(pack),
            pack.size,
        )
        for pack in packs
    ]

    def make() -> str:
        context = {"area": area, "home_url": reverse("reporting:public-list", args=[town]), "packs": listed}
        return render_to_string("reporting/public_packs.html", context)

    return Page((*list_area_facts(area), listed), make)


@anybody
def public_pack(request: HttpRequest, town: str, reference: str) -> Page:
    """Show a pack as a page. Raises Withdrawn, or another NotHeld."""
    pack = find(town, reference)
    # A later edition changes this page, though the pack stays the same. So it is in the tag.
    later = [republication.words for republication in republished([pack])[pack.pk]]

    def make() -> str:
        context = {
            "area": pack.period.area,
            "home_url": reverse("reporting:public-list", args=[town]),
            "issued": pack,
            "pack": pack.content,
            "photos": {
                sha256: reverse("reporting:public-pack-photo", args=[town, pack.reference, sha256])
                for sha256 in photos_told(pack.content)
            },
            "marking": pack.marking,
            "later": later,
            "meeting": describe_meeting(pack),
            "month": pack.period.month,
        }
        return render_to_string("reporting/public_pack.html", context)

    return Page((*list_dependencies(pack), *list_area_facts(pack.period.area), later), make)


@anybody
def public_pack_pdf(request: HttpRequest, town: str, reference: str) -> Page:
    """Return the exact file that was issued."""
    pack = find(town, reference)
    name = content_disposition_header(True, issued_file_name(pack)) or ""
    headers = {"Content-Disposition": name}
    # Not cached: a PDF is large, and it is stored already.
    return Page(list_dependencies(pack), lambda: objects.read(pack.pdf), objects.PDF, headers, is_kept=False)


@anybody
def public_pack_photo(request: HttpRequest, town: str, reference: str, photo: str) -> Page:
    """Return a picture in a pack, while anybody may read the pack."""
    pack = find(town, reference)
    # The tag alone may answer with 304, before the picture is looked for.
    if photo not in photos_told(pack.content):
        raise NotHeld("There is no such picture, or it is not public.")
    return Page((photo,), lambda: public_photo(pack, photo), "image/jpeg", is_kept=False)


def find(town: str, reference: str) -> PublicPack:
    pack = find_public_pack(town, reference)
    if hasattr(pack.edition, "withdrawal"):
        raise Withdrawn("This pack was public, but its figures have been withdrawn.")
    if pack.removed_on is not None:
        raise Withdrawn(
            f"This pack was public. We removed it on {date_label(pack.removed_on)}, as we do with old packs."
        )
    # The list leaves these out. Somebody with an old link still gets the reason.
    if gone_from([pack]):
        raise Withdrawn("This pack was public, but it shows something that is no longer public.")
    return pack


def list_dependencies(pack: IssuedPack) -> tuple[object, ...]:
    return pack.period.area.slug, pack.reference, pack.sha256


def describe_meeting(pack: IssuedPack) -> str:
    """ "Board meeting, 27 November 2026"."""
    return f"{pack.meeting}, {date_label(pack.meeting_on)}"

"""The menu of a region, the same on each of its pages."""

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from boards.region_permissions import RegionAccess
from core.months import Month


def region_nav_html(access: RegionAccess, month: Month | None, *, here: str) -> SafeString:
    """Return the menu, with the links of this month; empty for an operator, who reads no figure of a region."""
    links = list_links(access, month, here=here) if access.roles else []
    return render_to_string("components/region_nav.html", {"links": links}) if links else SafeString("")


def list_links(access: RegionAccess, month: Month | None, *, here: str) -> list[tuple[str, str, bool]]:
    """Return each link's label and address, and whether it is this page. Without a month, of the newest."""
    slug = access.region.slug
    links = [
        ("This month", name_url("reporting:region-month", "reporting:region-home", slug, month)),
        ("Lines", name_url("reporting:region-lines", "reporting:region-lines-newest", slug, month)),
        ("Packs", reverse("reporting:region-pack-list", args=[slug])),
        ("Public pages", reverse("region-public:edition-list", args=[slug])),
    ]
    if access.can_set_up:
        links.append(("Set-up", reverse("region-setup:setup", args=[slug])))
    return [(label, url, url == here) for label, url in links]


def name_url(of_month: str, newest: str, slug: str, month: Month | None) -> str:
    return reverse(of_month, args=[slug, month]) if month else reverse(newest, args=[slug])

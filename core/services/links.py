"""Lead from an e-mail to a page: addresses in full, and links that are signed for one person.

A signed link opens nothing by itself. It says where to go, and for whom: who follows it still has to sign in, as the
person that it was sent to.
"""

from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from core.models import User

SALT = "core.links"
DAY = 24 * 60 * 60  # seconds
DAYS = 60  # for which a link is good


@dataclass(frozen=True, slots=True)
class SignedLink:
    path: str
    user_id: int


def site_address(path: str) -> str:
    """A path as an address in full, for what is written outside a request: no `Host` says how people reach us."""
    return f"{settings.SITE_URL}{path}"


def sign(path: str, user: User) -> str:
    """The path of a link that leads this person to another path of ours."""
    return reverse("signed-link", args=[signing.dumps({"path": path, "user": user.pk}, salt=SALT)])


def read(token: str) -> SignedLink:
    """Where a link leads, and for whom.

    Raises django.core.signing.BadSignature for one that isn't ours, is too old or leads away from the site.
    """
    held = signing.loads(token, salt=SALT, max_age=DAYS * DAY)
    link = SignedLink(held["path"], held["user"])
    if not link.path.startswith("/") or not url_has_allowed_host_and_scheme(link.path, allowed_hosts=None):
        raise signing.BadSignature("The link leads to another site.")
    return link

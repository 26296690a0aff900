"""How does an e-mail lead to a page? Makes full addresses, and links that are signed for one person.

A signed link doesn't give access. It says which page, and for whom. People still have to sign in, as the person we sent
it to.
"""

from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from core.models import User

SALT = "core.links"
DAY = 24 * 60 * 60  # seconds
DAYS = 60  # days for which a link works


@dataclass(frozen=True, slots=True)
class SignedLink:
    path: str
    user_id: int


def site_address(path: str) -> str:
    """Return a path as a full address, for text outside a request: there is no `Host` to use."""
    return f"{settings.SITE_URL}{path}"


def sign(path: str, user: User) -> str:
    """Return the path of a link that leads this person to another path of ours."""
    return reverse("signed-link", args=[signing.dumps({"path": path, "user": user.pk}, salt=SALT)])


def read(token: str) -> SignedLink:
    """Return where a link leads, and for whom.

    Raises django.core.signing.BadSignature for one that isn't ours, is too old or leads to another site.
    """
    held = signing.loads(token, salt=SALT, max_age=DAYS * DAY)
    link = SignedLink(held["path"], held["user"])
    # We signed it, but check it all the same: “//other.example” is a path that leads to another site.
    if not link.path.startswith("/") or not url_has_allowed_host_and_scheme(link.path, allowed_hosts=None):
        raise signing.BadSignature("The link leads to another site.")
    return link

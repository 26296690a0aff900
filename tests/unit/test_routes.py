"""A process remembers which view answers an address, and nothing of a request or a token."""

import pytest
from django.http import Http404
from django.urls import get_resolver, path, resolve, reverse
from django.urls.resolvers import RegexPattern, URLResolver

from boards.models import RESERVED_SLUGS
from vvdash.routes import KeptResolver

MONTH = "/anytown/2026-10/"
TOKEN = "/account/link/a-secret-token/"


@pytest.fixture(scope="module")
def kept() -> KeptResolver:
    (first, *_) = get_resolver().url_patterns
    assert isinstance(first, KeptResolver)
    return first


@pytest.mark.parametrize("address", [MONTH, "/regions/essex/2026-10/", "/anytown/indicators/arrests/", "/", TOKEN])
def test_an_address_means_the_same_whenever_it_is_asked(kept: KeptResolver, address: str):
    plain = URLResolver(RegexPattern(r"^/"), kept.urlconf_name).resolve(address)
    for found in (resolve(address), resolve(address)):
        for name in ("func", "args", "kwargs", "captured_kwargs", "view_name", "app_names", "namespaces", "route"):
            assert getattr(found, name) == getattr(plain, name), name


def test_what_a_request_puts_into_its_match_stays_there():
    resolve(MONTH).kwargs["area"] = "another area"
    assert resolve(MONTH).kwargs["area"] == "anytown"


def test_no_address_with_a_token_is_kept(kept: KeptResolver):
    before = kept._find.cache_info().currsize
    for address in (TOKEN, reverse("account_reset_password_from_key", args=["1a", "a-secret-key"]), "/help/start/"):
        resolve(address)
    assert kept._find.cache_info().currsize == before


def test_an_address_that_is_not_there_is_looked_for_each_time(kept: KeptResolver):
    before = kept._find.cache_info().currsize
    for _ in range(2):
        with pytest.raises(Http404):
            resolve("/anytown/nothing/of/the/kind/")
    assert kept._find.cache_info().currsize == before


def test_no_more_are_kept_than_a_process_has_room_for():
    few = KeptResolver([path("<slug:area>/", lambda request: None)], apart=RESERVED_SLUGS)
    for number in range(600):
        few.resolve(f"town-{number}/")
    assert few._find.cache_info().currsize == 500

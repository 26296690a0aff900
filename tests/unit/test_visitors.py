"""Whatever a request's headers say, only what our own proxies wrote counts as the visitor's address."""

import logging
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from allauth.account.adapter import get_adapter
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from core import visitors
from core.visitors import Visitor, clean, find_visitor
from operations.health.views import is_inside

NGINX = "127.0.0.1"
ADDRESSES = st.ip_addresses().map(str)
FORGED = st.one_of(
    ADDRESSES, st.sampled_from(["", "unknown", "_hidden", "'; --", "127.0.0.1:80", "[::1]:9", "é"]), st.text(max_size=9)
)


@pytest.fixture(autouse=True)
def _warns_again(monkeypatch):
    monkeypatch.setattr(visitors, "_warned", set())


def ask(passed: str | None, *, sender: str = NGINX):
    named: dict[str, Any] = {} if passed is None else {"HTTP_X_FORWARDED_FOR": passed}
    return RequestFactory().get("/", REMOTE_ADDR=sender, **named)


def test_without_proxies_nobody_can_write_their_own_address(settings):
    settings.PROXIES = 0
    assert find_visitor(ask("192.0.2.1", sender="198.51.100.7")) == Visitor("198.51.100.7", is_sure=True)


@given(forged=st.lists(FORGED, max_size=4), real=ADDRESSES, between=ADDRESSES)
def test_what_a_visitor_writes_themselves_changes_nothing(forged, real, between):
    """Each proxy adds the address of whoever asked it, behind what was there."""
    header = ",".join(each.replace(",", "") for each in forged)
    with pytest.MonkeyPatch.context() as patch:
        for proxies, passed in ((1, [real]), (2, [real, between])):
            patch.setattr("django.conf.settings.PROXIES", proxies)
            found = find_visitor(ask(", ".join([*([header] if header else []), *passed])))
            assert found == Visitor(clean(real), is_sure=True)


@given(header=st.one_of(st.none(), st.text(max_size=60)), proxies=st.integers(0, 5))
def test_no_header_is_a_fault(header, proxies):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.PROXIES", proxies)
        ip_address(find_visitor(ask(header)).address)


@pytest.mark.parametrize("passed", [None, "", "198.51.100.7", "unknown, 198.51.100.7"])
def test_somebody_who_got_past_a_proxy_counts_as_its_sender_and_is_never_inside(settings, caplog, passed):
    settings.PROXIES = 2
    settings.INSIDE = [ip_network("127.0.0.0/8")]
    request = ask(passed)

    assert find_visitor(request) == Visitor(NGINX, is_sure=False)
    assert not is_inside(request)  # or anybody on the internet would be, by the address of the inner proxy
    assert get_adapter(request).get_client_ip(request) == NGINX  # allauth's own raised here: a page that failed
    assert [record.levelno for record in caplog.records] == [logging.WARNING]  # once


def test_a_request_through_a_socket_file_has_no_address_and_is_outside(settings):
    settings.PROXIES = 0
    assert find_visitor(ask(None, sender="")) == Visitor("", is_sure=True)
    assert not is_inside(ask(None, sender=""))


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" 192.0.2.1 ", "192.0.2.1"),
        ("192.0.2.1:4711", "192.0.2.1"),
        ("[2001:DB8::1]:4711", "2001:db8::1"),
        ("2001:0db8:0:0::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("192.0.2.999", ""),
        ("0x7f.1", ""),
        ("localhost", ""),
    ],
)
def test_one_visitor_has_one_address(text, address):
    assert clean(text) == address

"""Calls that somebody can name reach only the public internet. The attacks: every way to write an address of a machine
inside, a DNS that changes its answer, a redirect, a proxy, and a receiver that drips."""

import socket
import threading
import time
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import outside
from core.outside import NoAnswer, Refused, is_outside, post, read_address
from tests.tls import PUBLIC, Internet, make_certificate, receiving

NAME = "hooks.receiver.org"
S = "https://"  # apart from the hosts, which the repository may not name as addresses
URL = f"https://{NAME}/in?town=testford"

# --- Which addresses -----------------------------------------------------------------------------------------------

INSIDE = [
    *(
        "127.0.0.1",
        "127.255.255.254",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "100.100.100.200",
        "0.0.0.0",
        "0.1.2.3",
        "192.0.0.192",
        "192.0.2.1",
        "198.18.0.1",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "192.88.99.1",
        "168.63.129.16",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "2001:db8::1",
        "fec0::1",
        "100::1",
        "5f00::1",
        "3fff::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:a00:1",
        "::127.0.0.1",
        "::ffff:0:127.0.0.1",
        "64:ff9b::127.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::7f00:1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "2001:0:7f00:1::",
        "127.1",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "2130706433",
        "::ffff:127.1",
        "localhost",
    ),
]


@pytest.mark.parametrize("address", INSIDE)
def test_no_address_inside_passes(address: str):
    assert not is_outside(address)


@pytest.mark.parametrize(
    "address", [PUBLIC, "8.8.8.8", "2606:4700::1111", "2001:4860:4860::8888", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8"]
)
def test_an_address_outside_passes(address: str):
    assert is_outside(address)


NEVER = [
    ip_network(net)
    for net in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.168.0.0/16", "224.0.0.0/3"),
    )
]


@given(st.sampled_from(NEVER), st.integers(0), st.sampled_from(["{}", "::ffff:{}", "64:ff9b::{}", "::{}"]))
def test_nothing_in_those_networks_passes_in_whatever_form(net, place: int, form: str):
    inside = net[place % net.num_addresses]
    assert not is_outside(form.format(inside))


@given(st.ip_addresses(v=4))
def test_what_passes_is_global(address: IPv4Address):
    assert not is_outside(str(address)) or (address.is_global and not address.is_multicast)


@given(st.ip_addresses(v=6))
def test_what_passes_of_ipv6_is_global_unicast(address: IPv6Address):
    if is_outside(str(address)):
        inner = address.ipv4_mapped or (IPv4Address(int(address) & 0xFFFFFFFF) if address in outside.NAT64 else None)
        assert (inner or address).is_global
        assert inner or address in ip_network("2000::/3")


# --- Which texts ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        *("", "hooks.example.org", "http://hooks.example.org/", "ftp://hooks.example.org/", "//hooks.example.org/"),
        *("file:///etc/passwd", "gopher://hooks.example.org/", "https://", f"{S}/path", f"{S}[/", f"{S}]/"),
        f"{S}user@hooks.example.org/",
        f"{S}user:word@hooks.example.org/",
        f"{S}hooks.example.org@127.0.0.1/",
        f"{S}hooks.example.org:443@127.0.0.1/",
        f"{S}hooks.example.org#@127.0.0.1/",
        f"{S}127.0.0.1\\@hooks.example.org/",
        f"{S}hooks.example.org\\.internal/",
        f"{S}hooks.example.org/\r\nHost: inside",
        f"{S}hooks.example.org/ HTTP/1.1",
        f"{S}hooks.example.org/\x00",
        f"{S}hooks.example.org /",
        " https://hooks.example.org/",
        f"{S}hooks.example.org/\n",
        f"{S}hooks.exämple.org/",
        f"{S}hooks。example.org/",
        f"{S}ⓗooks.example.org/",
        f"{S}hooks.example.org/ä",
        f"{S}hooks.example.org/{'a' * 500}",
        *(f"{S}hooks.example.org:22/", f"{S}hooks.example.org:0/", f"{S}hooks.example.org:99999/"),
        *(f"{S}127.0.0.1/", f"{S}8.8.8.8/", f"{S}[::1]/", f"{S}[::ffff:127.0.0.1]/"),
        *(f"{S}127.1/", f"{S}2130706433/", f"{S}0x7f000001/", f"{S}0177.0.0.1/", f"{S}0x7f.0.0x1/"),
        *(f"{S}localhost/", f"{S}LOCALHOST/", f"{S}localhost./", f"{S}a.localhost/", f"{S}db/"),
        *(f"{S}redis/", f"{S}metadata.google.internal/", f"{S}printer.local/", f"{S}x.home.arpa/"),
        *(f"{S}a..b.org/", f"{S}-a.org/", f"{S}a-.org/", f"{S}.org/", f"{S}a.b.org./"),
    ],
)
def test_no_such_text_is_an_address(text: str):
    with pytest.raises(Refused):
        read_address(text)


def test_a_usual_address_is_read_in_parts():
    found = read_address("https://Hooks.Example.ORG/a/b?c=d&e=%20")
    assert (found.host, found.port, found.path) == ("hooks.example.org", 443, "/a/b?c=d&e=%20")
    assert read_address("https://xn--bcher-kva.example").path == "/"
    assert read_address("https://hooks.example.org:443/").site == "hooks.example.org"


def test_if_hosts_are_named_only_those_are_called():
    hosts = ["hooks.example.org", "10.0.0.5:8443", "Relay:8443", "[::1]"]
    for text in (f"{S}hooks.example.org/", f"{S}10.0.0.5:8443/", f"{S}relay:8443/x", f"{S}[::1]/"):
        assert read_address(text, hosts=hosts).is_named
    for text in (f"{S}other.example.org/", f"{S}10.0.0.5/", f"{S}hooks.example.org:8443/"):
        with pytest.raises(Refused, match="some hosts only"):
            read_address(text, hosts=hosts)


# --- The call itself -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("tls"), NAME)


@pytest.fixture
def internet(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Internet]:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with receiving(certificate) as receiver:
        yield Internet(receiver, monkeypatch)


def test_a_call_arrives_and_is_answered(internet: Internet):
    internet.receiver.status = 204
    answer = post(URL, b"{}", {"Content-Type": "application/json", "Host": "inside", "X-One": "1"})
    assert (answer.status, answer.is_good) == (204, True)
    [(path, headers, body)] = internet.receiver.got
    assert (path, body) == ("/in?town=testford", b"{}")
    assert headers["host"] == NAME
    assert headers["x-one"] == "1"
    assert internet.connected == [(PUBLIC, 443)]


@pytest.mark.parametrize("inside", ["127.0.0.1", "169.254.169.254", "10.1.2.3", "::1", "::ffff:10.0.0.1"])
def test_a_name_of_a_machine_inside_is_refused_before_any_connection(internet: Internet, inside: str):
    internet.answers = [[inside]]
    with pytest.raises(Refused, match="internal network"):
        post(URL, b"{}", {})
    # One of several is enough: the next lookup could choose it.
    internet.answers = [[PUBLIC, inside]]
    with pytest.raises(Refused):
        post(URL, b"{}", {})
    assert internet.connected == []


def test_a_dns_that_changes_its_answer_is_asked_once(internet: Internet):
    internet.answers = [[PUBLIC], ["127.0.0.1"]]
    assert post(URL, b"{}", {}).is_good
    assert internet.asked == 1
    assert internet.connected == [(PUBLIC, 443)]
    with pytest.raises(Refused):
        post(URL, b"{}", {})
    assert len(internet.connected) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(internet: Internet, status: int):
    internet.receiver.status = status
    internet.receiver.headers = {"Location": f"{S}127.0.0.1/secret"}
    answer = post(URL, b"{}", {})
    assert (answer.status, answer.is_good) == (status, False)
    assert internet.receiver.connections == 1
    assert internet.connected == [(PUBLIC, 443)]


def test_no_proxy_of_the_environment_is_used(internet: Internet, monkeypatch: pytest.MonkeyPatch):
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"{S}10.0.0.1:3128")
    assert post(URL, b"{}", {}).is_good
    assert internet.connected == [(PUBLIC, 443)]


def test_a_certificate_for_another_name_is_refused(internet: Internet):
    """So that somebody who can answer at that address, but isn't that host, gets nothing."""
    with pytest.raises(NoAnswer, match="certificate"):
        post("https://other.receiver.org/", b"{}", {})
    assert internet.receiver.got == []


def test_a_certificate_that_nobody_vouches_for_is_refused(
    internet: Internet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SSL_CERT_FILE", str(make_certificate(tmp_path, NAME)))
    with pytest.raises(NoAnswer, match="certificate"):
        post(URL, b"{}", {})
    assert internet.receiver.got == []


def test_an_answer_that_drips_ends_in_time_and_leaves_no_thread(internet: Internet):
    internet.receiver.drips = True
    before, started = set(threading.enumerate()), time.monotonic()
    with pytest.raises(NoAnswer, match="no answer"):
        post(URL, b"{}", {}, seconds=0.4)
    assert time.monotonic() - started < 2
    ours = [one for one in threading.enumerate() if one not in before and one.name.endswith("(run)")]
    for one in ours:
        one.join(2)
    assert not [one for one in ours if one.is_alive()]


def test_a_lookup_without_end_is_not_waited_for(internet: Internet, monkeypatch: pytest.MonkeyPatch):
    waits = threading.Event()

    def never(host: str, port: int) -> list[str]:
        waits.wait(5)
        return [PUBLIC]

    monkeypatch.setattr(outside, "resolve", never)
    with pytest.raises(NoAnswer):
        post(URL, b"{}", {}, seconds=0.2)
    waits.set()
    time.sleep(0.2)
    assert internet.connected == []  # too late, so it isn't sent behind our back


def test_a_large_answer_is_read_up_to_a_size(internet: Internet):
    internet.receiver.answer = b"a" * 50_000_000
    started = time.monotonic()
    assert post(URL, b"{}", {}).is_good
    assert time.monotonic() - started < 2


def test_what_the_other_side_says_is_in_no_fault(internet: Internet):
    internet.answers = [[]]
    with pytest.raises(NoAnswer, match=r"^There was no answer \(OSError\)\.$"):
        post(URL, b"{}", {})


def test_the_next_address_is_tried_if_one_does_not_answer(internet: Internet, monkeypatch: pytest.MonkeyPatch):
    internet.answers = [["2606:4700::1111", PUBLIC]]

    def connect(where: tuple[str, int], timeout: float) -> socket.socket:
        if ":" in where[0]:
            raise ConnectionRefusedError
        return internet.connect(where, timeout)

    monkeypatch.setattr(socket, "create_connection", connect)
    assert post(URL, b"{}", {}).is_good


def test_a_host_that_the_operator_names_may_be_inside(internet: Internet):
    internet.answers = [["127.0.0.1"]]
    named = f"{NAME}:{internet.receiver.port}"
    assert post(f"https://{named}/in", b"{}", {}, hosts=[named]).is_good
    [(_, headers, _)] = internet.receiver.got
    assert headers["host"] == named


def test_a_real_lookup_finds_this_machine_and_refuses_it():
    assert set(outside.resolve("localhost", 443)) <= {"127.0.0.1", "::1"}
    with pytest.raises(Refused):
        outside.check(read_address(URL), outside.resolve("localhost", 443))

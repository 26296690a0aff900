"""How do we call an address that somebody typed? Only outside, and only an address that we checked. Pure.

Whoever types an address must not reach our own network through us: docs/adr/0069. We look a host up once, check every
address that we find, and connect to one of those. So a second, different answer of the DNS changes nothing.
"""

import re
import socket
import ssl
import time
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from threading import Thread

SECONDS = 5.0  # for one call: the lookup, the connection, and the answer
MOST_BYTES = 64 * 1024  # of an answer
LONGEST_ADDRESS = 500
HTTPS = 443

# Only visible ASCII, without the characters that parsers of addresses disagree about.
ADDRESS = re.compile(
    r"https://(?P<host>[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?(?P<path>/[!$-;=?-\[\]_a-z~]*)?", re.I
)
# The last part starts with a letter. So no number is a name: 127.1, 0x7f.1 and 2130706433 are addresses of machines.
NAME = re.compile(r"(?=.{4,253}$)(?:(?!-)[a-z0-9-]{1,63}(?<!-)\.)+(?!-)[a-z][a-z0-9-]{0,62}(?<!-)")
INSIDE = (
    *("localhost", "localdomain", "local", "internal", "intranet", "lan", "private", "corp", "home", "onion"),
    *("home.arpa", "test", "invalid"),
)

# Addresses that count as global, but that no receiver has: a way through another network, or a cloud's own service.
NOT_A_RECEIVER_4 = tuple(map(IPv4Network, ("192.88.99.0/24", "168.63.129.16/32")))
NOT_A_RECEIVER_6 = tuple(map(IPv6Network, ("2001::/23", "2002::/16", "3ffe::/16")))
GLOBAL_6 = IPv6Network("2000::/3")
NAT64 = IPv6Network("64:ff9b::/96")  # the last 32 bits are an address of IPv4


class Refused(Exception):
    """We don't call this address. The text is a sentence for the person who typed it."""


class NoAnswer(Exception):
    """The call failed. The text says how, for the log of calls: it has no word from the other side."""


@dataclass(frozen=True, slots=True)
class Address:
    """An address that we may call, if its host is outside. `is_named`: the operator named the host, so it may be
    inside."""

    host: str
    port: int
    path: str
    is_named: bool

    @property
    def site(self) -> str:
        """Return the host, with the port if it isn't the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == HTTPS else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side answered: only its status, and how long it took."""

    status: int
    milliseconds: int

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300


# --- May we? -------------------------------------------------------------------------------------------------------


def read_address(text: str, *, hosts: Collection[str] = ()) -> Address:
    """Return the parts of an address. Raises Refused.

    `hosts` are those that the operator allows, such as "hooks.example" or "10.0.0.5:8443". If there are any, no other
    host is called. Without them, every host outside is.
    """
    found = ADDRESS.fullmatch(text) if len(text) <= LONGEST_ADDRESS else None
    if found is None:
        raise Refused(
            f"Enter an address that starts with https://, without a name, password, space or #, in at most "
            f"{LONGEST_ADDRESS} characters."
        )
    host, port = found["host"].lower().strip("[]"), int(found["port"] or HTTPS)
    address = Address(host, port, found["path"] or "/", is_named=bool(hosts))
    if hosts:
        if address.site not in {name.lower() for name in hosts}:
            raise Refused("The operator allows calls to some hosts only, and this isn’t one of them.")
        return address
    if port != HTTPS:
        raise Refused("Enter an address without a port. We call only the usual port of https.")
    if NAME.fullmatch(host) is None:
        raise Refused("Enter the full name of a host, such as hooks.example.org. We don’t call numbers.")
    if any(host == name or host.endswith(f".{name}") for name in INSIDE):
        raise Refused("That is the name of a host in an internal network. We call only hosts on the public internet.")
    return address


def is_outside(text: str) -> bool:
    """Return whether an address of a machine is on the public internet, also when it is hidden in another one."""
    try:
        found = ip_address(text)  # refuses the short and the octal ways to write one
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        if found.scope_id is not None:
            return False
        inner = found.ipv4_mapped or (IPv4Address(int(found) & 0xFFFFFFFF) if found in NAT64 else None)
        if inner is None:
            return found in GLOBAL_6 and found.is_global and not any(found in net for net in NOT_A_RECEIVER_6)
        found = inner
    return found.is_global and not found.is_multicast and not any(found in net for net in NOT_A_RECEIVER_4)


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(where[0]) for *_, where in found))


def check(address: Address, found: Sequence[str]) -> Sequence[str]:
    """Return the addresses of a host, if all are outside. Raises Refused if only one isn't: the next lookup could
    choose it."""
    if not address.is_named and not all(map(is_outside, found)):
        raise Refused("That host is in an internal network. We call only hosts on the public internet.")
    return found


# --- The call ------------------------------------------------------------------------------------------------------


class _Call:
    """One call, in a thread: no time limit of a socket covers a slow lookup, or an answer that drips."""

    def __init__(self, address: Address, body: bytes, headers: Mapping[str, str], seconds: float) -> None:
        self.address, self.body, self.headers = address, body, headers
        self.ends = time.monotonic() + seconds
        self.answer: Future[int] = Future()
        self.socket: socket.socket | None = None

    def run(self) -> None:
        try:
            self.answer.set_result(self.post())
        except (Refused, NoAnswer) as fault:
            self.answer.set_exception(fault)
        except ssl.SSLError:
            self.answer.set_exception(NoAnswer("The certificate isn’t valid for this host, or there is none."))
        except (OSError, HTTPException, ValueError) as fault:
            # Only its kind: its text may have words from the other side.
            self.answer.set_exception(NoAnswer(f"There was no answer ({type(fault).__name__})."))
        except BaseException as fault:  # noqa: BLE001  # a bug of ours belongs to the caller, not to this thread
            self.answer.set_exception(fault)
        finally:
            self.stop()

    def post(self) -> int:
        """Send it and return the status."""
        try:
            found = check(self.address, resolve(self.address.host, self.address.port))
        except (socket.gaierror, UnicodeError):
            raise NoAnswer("The host’s name wasn’t found.") from None
        tls = ssl.create_default_context().wrap_socket(self.connect(found), server_hostname=self.address.host)
        self.socket = tls
        connection = HTTPConnection(self.address.host, self.address.port, timeout=self.left())
        connection.sock = tls
        connection.auto_open = 0  # never a connection of its own, which would look the host up again
        headers = {"Host": self.address.site, "Accept-Encoding": "identity", "Connection": "close"}
        connection.request("POST", self.address.path, self.body, {**self.headers, **headers})
        # A redirect is an answer like any other: we don't follow it.
        got = connection.getresponse()
        read = 0
        while read <= MOST_BYTES and (part := got.read1(MOST_BYTES)):
            read += len(part)
            self.left()
        return got.status

    def connect(self, found: Sequence[str]) -> socket.socket:
        """Return a connection to the first of the addresses that accepts one."""
        fault: OSError = OSError()
        for one in found:
            try:
                self.socket = socket.create_connection((one, self.address.port), timeout=self.left())
            except OSError as broken:
                fault = broken
            else:
                return self.socket
        raise fault

    def left(self) -> float:
        left = self.ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def stop(self) -> None:
        """End the connection, so that a thread that waits for it ends too."""
        if self.socket is not None:
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_RDWR)
            self.socket.close()


def post(
    text: str, body: bytes, headers: Mapping[str, str], *, hosts: Collection[str] = (), seconds: float | None = None
) -> Answer:
    """Send a body to an address that somebody typed. Raises Refused, and NoAnswer if there was none in time."""
    started = time.monotonic()
    limit = SECONDS if seconds is None else seconds
    call = _Call(read_address(text, hosts=hosts), body, headers, limit)
    Thread(target=call.run, daemon=True).start()
    try:
        status = call.answer.result(timeout=limit)
    except TimeoutError:
        call.stop()
        raise NoAnswer(f"There was no answer within {limit:g} seconds.") from None
    return Answer(status, round((time.monotonic() - started) * 1000))

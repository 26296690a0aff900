"""A receiver of calls on this machine: HTTPS, with a certificate for a name that we choose. It notes what it was
sent."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from core import outside

PUBLIC = "93.184.216.34"  # of nobody's that these tests call
REAL = socket.create_connection


def make_certificate(folder: Path, name: str) -> Path:
    """Write a certificate for a host's name, with its key, that vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, SHA256())
    )
    file = folder / f"{name}.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(secret + made.public_bytes(Encoding.PEM))
    return file


@dataclass
class Receiver:
    """What a test's receiver does, and what it was sent: path, headers and body of each call.

    `drips`: it sends its answer letter by letter, without an end. `connections` counts those that were accepted.
    """

    port: int = 0
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    answer: bytes = b""
    drips: bool = False
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    connections: int = 0


class Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def do_POST(self) -> None:
        receiver = self.receiver
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        receiver.got.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        with suppress(OSError):
            if receiver.drips:
                self.drip()
                return
            self.send_response(receiver.status)
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(receiver.answer)

    def drip(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        for _ in range(600):
            self.wfile.write(b"a")
            time.sleep(0.05)

    def log_message(self, *_: object) -> None:
        return


class Server(ThreadingHTTPServer):
    daemon_threads = True
    receiver: Receiver

    def get_request(self):
        found = super().get_request()
        self.receiver.connections += 1
        return found

    def handle_error(self, *_: object) -> None:
        return


@contextmanager
def receiving(certificate: Path) -> Iterator[Receiver]:
    receiver = Receiver()
    server = Server(("127.0.0.1", 0), type("Bound", (Handler,), {"receiver": receiver}))
    server.receiver = receiver
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    # Each connection shakes hands in its own thread: one that is refused doesn't end the server.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    receiver.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()


class Internet:
    """What the test's DNS answers, one answer after the other, and which addresses were connected to. Every address
    leads to the receiver."""

    def __init__(self, receiver: Receiver, patch: pytest.MonkeyPatch) -> None:
        self.receiver, self.answers, self.asked, self.connected = receiver, [[PUBLIC]], 0, []
        patch.setattr(outside, "resolve", self.resolve)
        patch.setattr(socket, "create_connection", self.connect)

    def resolve(self, host: str, port: int) -> list[str]:
        answer = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        return answer

    def connect(self, where: tuple[str, int], timeout: float) -> socket.socket:
        self.connected.append(where)
        return REAL(("127.0.0.1", self.receiver.port), timeout=timeout)

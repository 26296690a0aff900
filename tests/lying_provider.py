"""A provider of single sign-on on this machine that can lie. Its signatures are real, and it checks what a real one
checks: the secret, the address to come back to, the proof of the code, and that a code is used once."""

import base64
import hashlib
import json
import secrets
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote_plus, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

CLIENT, SECRET = "dashboard", "the-secret-of-the-dashboard, which is long enough to sign with"
CALLBACK = "http://localhost:8000/account/oidc/council/login/callback/"


@cache
def make_key(name: str) -> Any:
    """Made once in a run: an RSA key takes a while."""
    if name.startswith("curve"):
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=1024 if name == "short" else 2048)


def publish(name: str, algorithm: str = "RS256", **more: Any) -> dict[str, Any]:
    """As the provider's set of keys has it."""
    algorithms = jwt.algorithms.get_default_algorithms()
    row = algorithms[algorithm].to_jwk(make_key(name).public_key(), as_dict=True)
    return row | {"kid": name, "use": "sig", "alg": algorithm} | more


@dataclass
class LyingProvider:
    """What it says. Tests change it."""

    url: str
    person: dict[str, Any]
    claims: dict[str, Any] = field(default_factory=dict)  # of the token; None takes one away
    key: str = "first"
    algorithm: str = "RS256"
    header: dict[str, Any] = field(default_factory=dict)
    keys: list[Any] = field(default_factory=lambda: [publish("first")])
    configuration: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)  # by path: a body, a status or seconds to wait
    error: str = ""
    back: dict[str, str] = field(default_factory=dict)  # added to the address to come back to
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    asked_with: dict[str, str] = field(default_factory=dict)  # the last one's parameters

    def configure(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        } | self.configuration

    def authorize(self, asked: dict[str, str]) -> str:
        """Return where the browser goes next: the person is signed in here already, and says yes."""
        self.asked_with = asked
        back = {"state": asked.get("state", "")} | self.back
        if self.error:
            return f"{asked['redirect_uri']}?{urlencode(back | {'error': self.error})}"
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode(back | {'code': code})}"

    def exchange(self, sent: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        held = base64.b64encode(f"{quote_plus(CLIENT)}:{quote_plus(SECRET)}".encode()).decode()  # RFC 6749, 2.3.1
        asked = self.codes.pop(sent.get("code", ""), None)
        if asked is None or authorization != f"Basic {held}" or sent["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        proof = base64.urlsafe_b64encode(hashlib.sha256(sent["code_verifier"].encode()).digest()).decode().rstrip("=")
        if proof != asked["code_challenge"] or asked["code_challenge_method"] != "S256":
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "of no use", "token_type": "Bearer", "id_token": self.make_token(asked["nonce"])}

    def make_token(self, nonce: str) -> str:
        now = int(time.time())
        own = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce}
        claims = {name: value for name, value in (own | self.person | self.claims).items() if value is not None}
        key: Any = None if self.algorithm == "none" else make_key(self.key)
        if self.algorithm.startswith("HS"):
            key = SECRET
        header = {name: value for name, value in ({"kid": self.key} | self.header).items() if value is not None}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a key that is too short: it is meant to be
            return jwt.encode(claims, key, algorithm=self.algorithm, headers=header)


@contextmanager
def lying_provider(**person: Any) -> Iterator[LyingProvider]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        url = f"http://127.0.0.1:{server.server_address[1]}"
        server.provider = LyingProvider(url, person)  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server.provider  # type: ignore[attr-defined]
        finally:
            server.shutdown()
            thread.join()


class Handler(BaseHTTPRequestHandler):
    @property
    def provider(self) -> LyingProvider:
        return self.server.provider  # type: ignore[attr-defined]

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if self._lies(url.path):
            return
        if url.path == "/authorize":
            asked = {name: values[0] for name, values in parse_qs(url.query).items()}
            self.send_response(302)
            self.send_header("Location", self.provider.authorize(asked))
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif url.path == "/jwks":
            self._send(200, {"keys": self.provider.keys})
        else:
            self._send(200, self.provider.configure())

    def do_POST(self) -> None:
        words = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self._lies(self.path):
            return
        sent = {name: values[0] for name, values in parse_qs(words).items()}
        self._send(*self.provider.exchange(sent, self.headers.get("Authorization", "")))

    def _lies(self, path: str) -> bool:
        self.provider.asked.append(path)
        answer = self.provider.answers.get(path)
        match answer:
            case None:
                return False
            case float():  # it hangs, and then drips
                self.send_response(200)
                self.end_headers()
                ends = time.monotonic() + answer
                while time.monotonic() < ends:
                    try:
                        self.wfile.write(b" ")
                        self.wfile.flush()
                    except OSError:
                        break
                    time.sleep(0.05)
            case int():
                self.send_response(answer)
                self.send_header("Location", f"{self.provider.url}/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()
            case _:
                self._write(200, answer)
        return True

    def _send(self, status: int, found: Any) -> None:
        self._write(status, json.dumps(found).encode())

    def _write(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing to the console."""

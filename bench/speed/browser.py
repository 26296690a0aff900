"""A browser without a network: its requests go straight through the WSGI handler."""

from collections.abc import Callable
from dataclasses import dataclass


class Browser:
    """A signed-in person, or a stranger, whose requests go straight through the WSGI handler."""

    def __init__(self, email: str = "") -> None:
        from django.test import Client, RequestFactory

        from core.models import User
        from vvdash.wsgi import application

        self.cookies: dict[str, str] = {}
        if email:
            client = Client()
            client.force_login(User.objects.get(email=email))
            # The two cookies that a signed-in person's browser sends.
            self.cookies = {"sessionid": client.cookies["sessionid"].value, "csrftoken": "x" * 32}
        self.factory = RequestFactory(SERVER_NAME="localhost")
        self.handler = application

    def ask(self, request: object) -> tuple[int, bytes, dict[str, str]]:
        answer: dict[str, object] = {}
        environ = request.environ  # type: ignore[attr-defined]
        if self.cookies:
            environ["HTTP_COOKIE"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        environ["HTTP_ACCEPT_ENCODING"] = "gzip"

        def start(status: str, headers: list[tuple[str, str]], *_: object) -> Callable[[bytes], object]:
            answer["status"], answer["headers"] = int(status[:3]), dict(headers)
            return len

        response = self.handler(environ, start)
        body = b"".join(response)
        response.close()
        return answer["status"], body, answer["headers"]  # type: ignore[return-value]

    def get(self, url: str) -> bytes:
        status, body, _ = self.ask(self.factory.get(url))
        if status != 200:
            raise SystemExit(f"{url} answered {status}.")
        return body

    def get_again(self, url: str, tag: str) -> None:
        """Ask whether a page has changed, which it hasn't."""
        status, _, _ = self.ask(self.factory.get(url, HTTP_IF_NONE_MATCH=tag))
        if status != 304:
            raise SystemExit(f"{url} answered {status}.")

    def post(self, url: str, **data: str) -> int:
        token = self.cookies["csrftoken"]
        status, _, _ = self.ask(self.factory.post(url, {**data, "csrfmiddlewaretoken": token}))
        return status


@dataclass(frozen=True, slots=True)
class Visit:
    """A page that somebody's browser asks for. Called, it asks this process; `request` is for a server."""

    by: Browser
    url: str
    tag: str = ""  # of the page, if the browser has it already

    def __call__(self) -> None:
        if self.tag:
            self.by.get_again(self.url, self.tag)
        else:
            self.by.get(self.url)

    @property
    def status(self) -> int:
        return 304 if self.tag else 200

    @property
    def request(self) -> bytes:
        headers = {"Host": "localhost", "Accept-Encoding": "gzip", "If-None-Match": self.tag}
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.by.cookies.items())
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if value)
        return f"GET {self.url} HTTP/1.1\r\n{lines}\r\n".encode()

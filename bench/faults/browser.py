"""How does somebody fill in a page and send it? As a browser does: with the token and the hidden boxes of the form."""

import http.client
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urljoin, urlsplit

import lxml.html

PATIENCE = 40.0  # seconds until somebody gives up
FORM = "application/x-www-form-urlencoded"


class NoAnswer(Exception):
    """Raised if the line broke, or nothing came in time: nobody knows whether the request was done."""


@dataclass(frozen=True)
class Answer:
    status: int
    location: str
    words: str

    @property
    def is_sign_in(self) -> bool:
        return self.status == 302 and "/account/login/" in self.location

    @property
    def messages(self) -> list[str]:
        """What the page says has just happened, or what is wrong."""
        if not self.words:
            return []
        page = lxml.html.fromstring(self.words)
        found = page.find_class("vv-message") + page.find_class("govuk-error-summary")
        return [" ".join(each.text_content().split()) for each in found]


@dataclass(frozen=True)
class Filled:
    """A form, ready to be sent, and to be sent again."""

    path: str
    body: str


@dataclass(frozen=True)
class Browser:
    """Somebody's browser, at this port, with their session."""

    port: int
    session: str

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def send(self, form: Filled) -> Answer:
        return self.ask("POST", form.path, form.body.encode(), {"Content-Type": FORM})

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        cookies = {"Cookie": self.cookies} if self.session else {}
        server = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            server.request(method, path, body, cookies | dict(headers or {}))
            answer = server.getresponse()
            return Answer(answer.status, answer.headers.get("Location", ""), answer.read().decode())
        except (OSError, http.client.HTTPException) as broken:
            raise NoAnswer(type(broken).__name__) from broken
        finally:
            server.close()

    @property
    def cookies(self) -> str:
        # The token's cookie may be any: a form's token only has to come from the same secret.
        return f"sessionid={self.session}; csrftoken={SECRET}"


def fill_form(
    words: str, path: str, name: str, typed: Mapping[str, str], *, at: str = "", chooses: bool = False
) -> Filled | None:
    """Fill in the form of a page that has a box or a button of this name, and that goes to `at`. None if there is none.

    With `chooses`, each list without a choice gets its first.
    """
    for form in lxml.html.fromstring(words).forms:
        buttons = [(each.get("name"), each.get("value", "")) for each in form.iterfind(".//button[@name]")]
        goes_to = urljoin(path, form.action or "")
        if form.method == "POST" and (name in form.fields or name in dict(buttons)) and at in ("", goes_to):
            typed = {**(_first_choices(form) if chooses else {}), **typed}
            return Filled(goes_to, urlencode(_overlay(form.form_values(), buttons, typed)))
    return None


SECRET = "f" * 32  # of the forms' tokens


def _first_choices(form: lxml.html.FormElement) -> dict[str, str]:
    lists = ((each.name, each.value_options) for each in form.iterfind(".//select") if not each.value)
    return {name: options[1] for name, options in lists if len(options) > 1}


def _overlay(
    values: Sequence[tuple[str, str]], buttons: Sequence[tuple[str, str]], typed: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Return what the form has, with what somebody types in place of it, and its first button."""
    pressed = [] if any(name in typed for name, _ in buttons) else buttons[:1]
    return [*((name, value) for name, value in values if name not in typed), *typed.items(), *pressed]


def path_of(location: str) -> str:
    return urlsplit(location).path

"""Somebody who knows no address: they follow links by their words, fill in what they see, and press buttons."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

from django.test import Client

VOID = {"input", "br", "img", "meta", "link", "hr", "path"}


@dataclass
class Sent:
    """A form as it stands on a page: what its controls hold, and its buttons by their words."""

    action: str
    method: str
    held: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, tuple[str, str]] = field(default_factory=dict)


class Seen(HTMLParser):
    """A page's links by their words, its forms, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: dict[str, str] = {}
        self.forms: list[Sent] = []
        self.text = ""
        self.link = self.words = self.select = self.area = ""
        self.button: tuple[str, str] | None = None
        self.is_form_open = False
        self.feed(html)
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.link, self.words = given["href"], ""
        elif tag == "form":
            self.forms.append(Sent(given.get("action", ""), given.get("method", "get")))
            self.is_form_open = True
        if not self.is_form_open:
            return
        held = self.forms[-1].held
        match tag, given.get("type"):
            case ("input", "checkbox" | "radio") if "checked" not in given:
                pass
            case ("input", _):
                held[given.get("name", "")] = given.get("value", "on" if given.get("type") == "checkbox" else "")
            case ("textarea", _):
                self.area = given.get("name", "")
                held[self.area] = ""
            case ("select", _):
                self.select = given.get("name", "")
            case ("option", _) if self.select not in held or "selected" in given:
                held[self.select] = given.get("value", "")
            case ("button", _):
                self.button, self.words = (given.get("name", ""), given.get("value", "")), ""

    def handle_data(self, data: str) -> None:
        self.text += f" {data}"
        self.words += data
        if self.area:
            self.forms[-1].held[self.area] += data

    def handle_endtag(self, tag: str) -> None:
        words = " ".join(self.words.split())
        if tag == "a" and self.link:
            self.links.setdefault(words, self.link)
            self.link = ""
        elif tag == "button" and self.button is not None:
            self.forms[-1].buttons.setdefault(words, self.button)
            self.button = None
        elif tag == "textarea":
            self.area = ""
        elif tag == "form":
            self.is_form_open = False


class Stranger:
    """`forms` are those that they have sent, by their buttons."""

    def __init__(self) -> None:
        self.client = Client()
        self.forms: list[str] = []
        self.path = "/"
        self.page = Seen("")

    def open(self, path: str) -> "Stranger":
        return self._see(self.client.get(path, follow=True), path)

    def follow(self, words: str) -> "Stranger":
        """A link that begins so."""
        found = next((url for name, url in self.page.links.items() if name.startswith(words)), None)
        assert found is not None, f"No link “{words}” among {list(self.page.links)}"
        return self.open(urljoin(self.path, found.partition("#")[0]))

    def press(self, words: str, **typed: str) -> "Stranger":
        """A button that begins so, once what is typed stands in its form."""
        for form in self.page.forms:
            for name, (control, value) in form.buttons.items():
                if name.startswith(words):
                    self.forms.append(words)
                    data: dict[str, Any] = {**form.held, **({control: value} if control else {}), **typed}
                    path = urljoin(self.path, form.action or self.path)
                    return self._see(self.client.post(path, data, follow=True), path)
        raise AssertionError(f"No button “{words}” among {[list(form.buttons) for form in self.page.forms]}")

    def _see(self, answer: Any, path: str) -> "Stranger":
        chain = getattr(answer, "redirect_chain", [])
        self.path = urljoin(path, chain[-1][0]) if chain else path
        assert answer.status_code == 200, (answer.status_code, self.path)
        self.page = Seen(answer.content.decode())
        return self

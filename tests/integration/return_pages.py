"""The pages of a return, as tests look at them."""

from collections.abc import Mapping
from html.parser import HTMLParser

from django.urls import reverse

from core.calendar import Month
from core.forms import kept
from tests.answers import Answer

OCTOBER = Month(2024, 10)


class Page(HTMLParser):
    """What a test looks at: the title, each control by its id, the summary of errors, all the text. Where a name
    without an id is there twice, in two forms, it has the first."""

    def __init__(self, response: Answer) -> None:
        super().__init__()
        self.title, self.text = "", ""
        self.controls: dict[str, dict[str, str]] = {}
        self.ids: list[str] = []
        self.links: dict[str, str] = {}  # of the summary: the id that each leads to → its words
        self.path: list[str] = []
        self.link = ""
        self.feed(response.content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.append(given["id"])
        if tag in ("input", "select", "textarea"):
            self.controls.setdefault(given.get("id") or given.get("name", ""), given)
        if tag == "option" and "selected" in given:
            self.controls[list(self.controls)[-1]]["value"] = given["value"]
        self.path.append(tag)
        self.link = given.get("href", "").removeprefix("#") if tag == "a" and given.get("href", "")[:1] == "#" else ""

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.path and self.path[-1] == "title":
            self.title += data
        if self.link and "ul" in self.path:
            self.links[self.link] = self.links.get(self.link, "") + data

    def handle_endtag(self, tag: str) -> None:
        self.link = ""
        while self.path and self.path.pop() != tag:
            pass

    def value(self, name: str) -> str:
        return self.controls[name].get("value", "")


def url(name: str, month: Month = OCTOBER, agency: str = "police") -> str:
    return reverse(name, args=["testford", month, agency])


EDIT, CHECK, SUBMIT = url("indicators:return-edit"), url("indicators:return-check"), url("indicators:return-submit")
RECEIPT = url("indicators:return-receipt")


def fields(typed: Mapping[str, object], **more: str) -> dict[str, str]:
    """{"arrests": 12} as the form sends it; None is "not available", with a note."""
    sent = {"revision": "0", "then": "check"}
    for name, value in typed.items():
        sent |= (
            {f"{name}:reason": "not_available", f"{name}:note": "The system was down"}
            if value is None
            else {f"{name}:value": str(value)}
        )
    return sent | more


def said(response: Answer) -> list[str]:
    """What the next page would say: the messages, and why something was refused."""
    request = response.wsgi_request
    left = request.session.get(kept.LEFT, {}).get("refusal")
    return [*map(str, request._messages), *([left] if left else [])]

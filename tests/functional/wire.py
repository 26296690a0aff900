"""What travels between a browser and a server. It doesn't see what a page loads in a frame of another site or in a
worker."""

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page


@dataclass
class Wire:
    """What went over the wire for a page: each request, and the bytes of its answers with their headers."""

    asked: dict[str, str] = field(default_factory=dict)  # address by the request's id
    kept: set[str] = field(default_factory=set)  # answered by the browser itself
    bytes_of: dict[str, int] = field(default_factory=dict)  # by the request's id
    first: float = 0.0
    last: float = 0.0  # seconds of the browser's clock

    def watch(self, page: Page) -> None:
        devtools = page.context.new_cdp_session(page)
        devtools.on("Network.requestWillBeSent", self._ask)
        devtools.on("Network.requestServedFromCache", lambda event: self.kept.add(event["requestId"]))
        devtools.on("Network.responseReceived", self._answer)
        devtools.on("Network.loadingFinished", self._finish)
        devtools.send("Network.enable")

    def _ask(self, event: dict[str, Any]) -> None:
        key, address = event["requestId"], event["request"]["url"]
        if not address.startswith(("http://", "https://")):
            return
        self.first = self.first or event["timestamp"]
        if "redirectResponse" in event:  # it goes on under the same id
            self.bytes_of[f"{key} from {self.asked[key]}"] = int(event["redirectResponse"]["encodedDataLength"])
            self.asked[f"{key} from {self.asked[key]}"] = self.asked[key]
        self.asked[key] = address

    def _answer(self, event: dict[str, Any]) -> None:
        if event["response"].get("fromDiskCache"):
            self.kept.add(event["requestId"])

    def _finish(self, event: dict[str, Any]) -> None:
        if event["requestId"] in self.asked:
            self.bytes_of[event["requestId"]] = int(event["encodedDataLength"])
            self.last = event["timestamp"]

    @property
    def sent(self) -> list[tuple[str, int]]:
        """Return the address and the bytes of each request that reached the server."""
        return [(address, self.bytes_of.get(key, 0)) for key, address in self.asked.items() if key not in self.kept]

    @property
    def total(self) -> int:
        return sum(size for _, size in self.sent)

"""What the public reads of a month that somebody marks against it, and what a correction changes.

An app above this one has the public pages. It `provide`s them when Django starts (docs/adr/0002).
"""

from collections.abc import Sequence
from typing import Protocol

from boards.models import ReportingPeriod
from core.models import User


class PublicPages(Protocol):
    """The app with the public pages."""

    def list_reach(self, period: ReportingPeriod) -> Sequence[str]:
        """Return what shows a month's figures: each edition with its files and packs, in words. Three queries."""

    def describe_correction(self, period: ReportingPeriod, indicator: str) -> Sequence[str]:
        """Say what a corrected figure of a published month changes, and who agrees to it; nothing for another month.
        Six queries."""

    def take_down(self, period: ReportingPeriod, *, why: str, by: User) -> None:
        """Take down everything public that shows a month's figures, in the caller's transaction."""


_provided: list[PublicPages] = []


def provide(pages: PublicPages) -> None:
    # One provider: a second call replaces the first.
    _provided[:] = [pages]


def public_pages() -> PublicPages:
    """Return the provider. Raises LookupError if there is none: a month mustn't be marked without its effect."""
    if not _provided:
        raise LookupError("The public pages have no provider: see indicators.public_pages.")
    return _provided[0]

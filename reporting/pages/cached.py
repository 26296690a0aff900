"""The parts of a page that the next reader can reuse: everything but the frame, which names the reader.

They are kept by core.database, under the rows of the month and the boards as they are now, and what the reader's roles
let them see."""

from dataclasses import dataclass

from django.utils.safestring import SafeString


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a rendered page that are cached."""

    content: SafeString
    title: str
    more: str = ""  # below the part that each reader has separately

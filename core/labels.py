"""What is a word of the domain called in code, and what on the page? Pure."""

from enum import Enum
from typing import Self


class Labelled(str, Enum):  # noqa: UP042  # StrEnum takes no second value
    """An enumeration whose members are their code and carry the words shown for it:
    `DRAFT = "draft", "Draft"`."""

    label: str

    def __new__(cls, code: str, label: str = "") -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label
        return member

    __str__ = str.__str__

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """For a Django field."""
        return [(member.value, member.label) for member in cls]

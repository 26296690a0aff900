"""What is the code of a term, and its text on the page? Pure."""

from enum import Enum
from typing import Self


class Labelled(str, Enum):  # noqa: UP042  # StrEnum takes no second value
    """An enumeration whose members are their code and have a label: `DRAFT = "draft", "Draft"`."""

    label: str

    def __new__(cls, code: str, label: str = "") -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label
        return member

    # Enum's own __str__ gives “Role.ANALYST”, which f-strings would put into SQL, addresses and files.
    __str__ = str.__str__

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Return the choices for a Django field."""
        return [(member.value, member.label) for member in cls]


def with_article(noun: str) -> str:
    """Return "an information officer" or "a coordinator", by the noun's first letter."""
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"

"""Terms with a code and a text, and life cycles as tables. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
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


# The product's life cycles are tables of allowed state changes, and their diagrams come from the tables.


class Refused(Exception):
    """Something that can't be done, whatever somebody types. Its text is a sentence for the user."""


class TransitionRefused(Refused):
    """A change of state that isn't in the table."""


@dataclass(frozen=True, slots=True)
class Lifecycle[State: Labelled]:
    """A life cycle: its name, its first state, which state may follow which, and whose turn it is in each state.

    The page uses the owner as the name of who acts next; empty if nobody needs to.
    """

    name: str
    start: State
    transitions: Mapping[State, Mapping[State, str]]  # from → to → name of the act
    owners: Mapping[State, str]

    def check(self, *, before: State, after: State, thing: str) -> None:
        """Raise TransitionRefused, with a sentence about `thing`, if the table has no such step."""
        if after not in self.transitions[before]:
            raise TransitionRefused(f"{thing} is {before.label.lower()}, so it can't become {after.label.lower()}.")

    def diagram(self) -> str:
        """Return the life cycle as a Mermaid state diagram."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.start}"]
        for state in self.owners:
            lines.append(f"    {state}: {state.label}" + (f" ({self.owners[state]})" if self.owners[state] else ""))
        for before, steps in self.transitions.items():
            lines += [f"    {before} --> {after}: {act}" for after, act in steps.items()]
        return "\n".join(lines)

"""What does a table of allowed state changes look like? Pure. The product's life cycles are such tables, and their
diagrams come from the tables."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.labels import Labelled


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

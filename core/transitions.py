"""What does a table of allowed state changes look like? Pure: the two life cycles of the product
(a month's and a return's) are tables of these, and their diagrams are drawn from the tables."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.labels import Labelled


class Refused(Exception):
    """What can't be done, whatever is typed. Its text is a sentence for the user."""


class TransitionRefused(Refused):
    """A change of state that the table doesn't have."""


@dataclass(frozen=True, slots=True)
class Lifecycle[State: Labelled]:
    """A life cycle: its name, its first state, which state may follow which, and whose turn it is
    in each state ("owner": the word the page uses for who acts next; empty where nobody need)."""

    name: str
    start: State
    transitions: Mapping[State, Mapping[State, str]]  # from → to → what the act is called
    owners: Mapping[State, str]

    def check(self, *, before: State, after: State, thing: str) -> None:
        """Raises TransitionRefused, with a sentence about `thing`, where the table has no such step."""
        if after not in self.transitions[before]:
            raise TransitionRefused(f"{thing} is {before.label.lower()}, so it can't become {after.label.lower()}.")

    def diagram(self) -> str:
        """The life cycle as a Mermaid state diagram."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.start}"]
        for state in self.owners:
            lines.append(f"    {state}: {state.label}" + (f" ({self.owners[state]})" if self.owners[state] else ""))
        for before, steps in self.transitions.items():
            lines += [f"    {before} --> {after}: {act}" for after, act in steps.items()]
        return "\n".join(lines)

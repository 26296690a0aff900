"""What is known about a count of a month, from this edition and from earlier ones? Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from indicators.protection.meanings import ANYTHING, Bounds, hidden_meaning, meaning, meet, wanted
from indicators.protection.rules import Rule, is_small

type Key = tuple[str, str]  # an indicator's code and a category's, which is empty for the whole
type Known = Mapping[Key, Bounds]


@dataclass(frozen=True, slots=True)
class Earlier:
    """What an already public edition says about a count: whether it is withheld there, and by what rule. `value` is the
    count at that time, which the public may not know."""

    value: int
    rule: Rule
    is_withheld: bool


@dataclass(frozen=True)
class Count:
    """A true count. `is_asked`: the edition shows it, if it may."""

    value: int
    rule: Rule
    is_asked: bool = True
    earlier: tuple[Earlier, ...] = ()

    @property
    def is_primary(self) -> bool:
        """Return whether its own rule withholds it."""
        return is_small(self.rule, self.value)

    @property
    def wanted(self) -> int:
        """Return how wide the interval of possible values has to be; 0 where anybody may know it. A milder rule must
        not reveal what an earlier one withheld."""
        before = (one.rule for one in self.earlier if one.value == self.value and is_small(one.rule, one.value))
        return max(wanted(rule, self.value) for rule in (self.rule, *before))

    @property
    def is_old(self) -> bool:
        """Return whether an earlier edition used this same count."""
        return any(one.value == self.value for one in self.earlier)

    @property
    def is_changed(self) -> bool:
        """Return whether an earlier edition used another count."""
        return any(one.value != self.value for one in self.earlier)

    @property
    def was_withheld(self) -> bool:
        return any(one.is_withheld for one in self.earlier)

    @property
    def is_said_before(self) -> bool:
        """Return whether showing it says no more than before: the count has never changed."""
        meant = meaning(self.rule, self.value)
        said = [meaning(one.rule, one.value) for one in self.earlier if not one.is_withheld]
        return not self.is_changed and any(meant[0] <= least and most <= meant[1] for least, most in said)

    @cached_property
    def known(self) -> Bounds:
        """Return what somebody knows from earlier editions, if this count hasn't changed since."""
        found = [
            hidden_meaning(one.rule, one.value) if one.is_withheld else meaning(one.rule, one.value)
            for one in self.earlier
            if one.value == self.value
        ]
        # ANYTHING is there because `meet` needs at least one.
        return meet([ANYTHING, *found])

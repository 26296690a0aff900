"""Find who can be the second person to what somebody did: nobody who is tied to them (docs/adr/0057).

One person may have two accounts: they invite the second one themselves, or have its second factor reset and sign in as
its owner. What made it so may be over since: the tie stays.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from boards.models import Membership, RegionMembership, Tie, TieKind
from boards.rules import CONFIRMED_ROLES
from core.models import User

type Holder = Membership | RegionMembership


@dataclass(frozen=True, slots=True)
class Ties:
    """What ties some people: who made each tie, with whom, and its kind. `confirmed` are those of them whose role two
    people gave. `operators` are those who made one."""

    pairs: frozenset[tuple[int, int, str]] = frozenset()
    confirmed: frozenset[int] = frozenset()
    operators: frozenset[int] = frozenset()

    def describe(self, first: User, second: int) -> str:
        """Say what ties the person with the key `second` to `first`, who acted first; empty where nothing does."""
        if (second, first.pk, TieKind.ROLE) in self.pairs:
            return f"You invited {first} or gave them a role"
        if (second, first.pk, TieKind.FACTOR) in self.pairs:
            return f"You had {first}’s second factor reset"
        if (first.pk, second, TieKind.FACTOR) in self.pairs:
            return f"{first} had your second factor reset"
        # A coordinator asks for every officer, and somebody else confirms them. So their being asked for is no tie.
        if second in self.confirmed:
            return ""
        if (first.pk, second, TieKind.ROLE) in self.pairs:
            return f"{first} invited you or gave you a role"
        if first.pk not in self.confirmed and self._list_inviters(first.pk) & self._list_inviters(second):
            return f"The same person invited {first} and you"
        return ""

    def _list_inviters(self, person: int) -> set[int]:
        """Return who invited somebody, without operators: a region has most of its people from them."""
        return {by for by, to, kind in self.pairs if to == person and kind == TieKind.ROLE} - self.operators

    def list_seconds(self, first: User | None, holders: Iterable[Holder]) -> list[User]:
        """Return the people who can be the second, of those whose role lets them decide, once each. `first` is None
        where no person acted."""
        seconds = {holder.user_id: holder.user for holder in holders if first is None or holder.user_id != first.pk}
        return [person for key, person in seconds.items() if first is None or not self.describe(first, key)]

    def name_seconds(self, first: User | None, holders: Iterable[Holder]) -> str:
        """Say who they are: "Olive Osei or Sam Hill". Where nobody in the area can, it is the operator."""
        names = [str(person) for person in self.list_seconds(first, holders)]
        return " or ".join(filter(None, (", ".join(names[:-1]), *names[-1:]))) or "the operator"


def read_ties(holders: Sequence[Holder], *others: User | None) -> Ties:
    """Return the ties of the people with these roles, and of some others. One query."""
    people = {holder.user_id for holder in holders} | {person.pk for person in others if person is not None}
    rows = Tie.objects.filter(person__in=people).order_by()
    ties = list(rows.values_list("made_by", "person", "kind", "made_by__is_superuser"))
    return Ties(
        pairs=frozenset((by, person, kind) for by, person, kind, _ in ties),
        confirmed=frozenset(holder.user_id for holder in holders if holder.role in CONFIRMED_ROLES),
        operators=frozenset(by for by, _, _, is_operator in ties if is_operator),
    )


def list_open_to[Asked](
    acts: Sequence[Asked], person: User, holders: Sequence[Holder], *, asker: Callable[[Asked], User | None]
) -> list[Asked]:
    """Return what this person can be the second person to. `holders` have the roles that let somebody decide it, and
    `asker` says who acted first. One query."""
    ties = read_ties(holders, *(asker(act) for act in acts), person)
    return [act for act in acts if (first := asker(act)) is None or not ties.describe(first, person.pk)]

"""What does a reader of a region's month want to see? Read from the address; what it doesn't know counts as nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class Choices:
    """The filters of a region's month: an area's slug, a section's code; empty for all. There is no order by size: it
    would rank the areas."""

    area: str = ""
    section: str = ""
    only_signals: bool = False
    is_by_name: bool = False
    as_rates: bool = False

    @property
    def are_any(self) -> bool:
        return bool(self.area or self.section or self.only_signals)

    @property
    def with_rates(self) -> str:
        """Return the query that asks for the same, with rates. It has nothing else of the address."""
        named = {
            "area": self.area,
            "section": self.section,
            "signal": "yes" if self.only_signals else "",
            "sort": "name" if self.is_by_name else "",
            "as": "rates",
        }
        return f"?{urlencode({name: value for name, value in named.items() if value})}"


def read_choices(asked: Mapping[str, str]) -> Choices:
    def read(name: str) -> str:
        # PostgreSQL refuses a NUL.
        return str(asked.get(name, "")).replace("\x00", "")[:80]

    return Choices(
        area=read("area"),
        section=read("section"),
        only_signals=read("signal") == "yes",
        is_by_name=read("sort") == "name",
        as_rates=read("as") == "rates",
    )

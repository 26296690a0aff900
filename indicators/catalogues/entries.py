"""What does a catalogue hold? Each field has the name of the model's field that it becomes. Pure.

Reading, writing and comparing catalogues all follow from these declarations.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardEntry:
    """A board. `order` lists its page's indicators, where the order differs from the catalogue's own."""

    code: str
    name: str
    short_name: str
    formerly: str = ""
    basis: str = ""
    packs_are_public: bool = False
    responsibilities: tuple[str, ...] = ()
    order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StrandEntry:
    code: str
    name: str
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyEntry:
    code: str
    name: str
    kind: str
    needs_release: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionEntry:
    code: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryEntry:
    code: str
    name: str
    longitude: float | None = None
    latitude: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionEntry:
    code: str
    name: str
    category: tuple[CategoryEntry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorEntry:
    """An indicator, with the definition that applies. An `optional` one is added only where somebody asks for it."""

    code: str
    optional: bool = False
    section: str
    title: str
    short_title: str = ""
    question: str
    unit_one: str
    unit_many: str
    owner: str
    dimension: str = ""
    part_of: str = ""
    boards: tuple[str, ...] = ()
    shown_on: str = "month"
    collection: str = "return"
    asked: str = "monthly"
    ratio: str = ""
    numerator: str = ""
    denominator: str = ""
    ages: str = ""
    per: int = 1
    polarity: str = "neutral"
    polarity_reason: str
    counts_as: str = "flow"
    counts_residents: bool | None = None
    residents_why: str = ""
    why_it_matters: str = ""
    source: str = ""
    definition: str

    @property
    def needs(self) -> list[str]:
        """Return the indicators that it can't exist without: its whole, and the counts that it is worked out from."""
        return [code for code in (self.part_of, self.numerator, self.denominator) if code]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    due_day: int = 10
    check_days: int = 5
    silent_meetings: int = 3


type Entry = BoardEntry | StrandEntry | AgencyEntry | SectionEntry | DimensionEntry | CategoryEntry | IndicatorEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """A whole catalogue. Its fields have the file's own names, and entries keep the file's order."""

    name: str
    settings: Settings = field(default_factory=Settings)
    board: tuple[BoardEntry, ...] = ()
    strand: tuple[StrandEntry, ...] = ()
    agency: tuple[AgencyEntry, ...] = ()
    section: tuple[SectionEntry, ...] = ()
    dimension: tuple[DimensionEntry, ...] = ()
    indicator: tuple[IndicatorEntry, ...] = ()

    def in_making_order(self) -> Iterator[tuple[int, IndicatorEntry]]:
        """Return the indicators with their places, each after those that it needs."""
        waiting, made = list(enumerate(self.indicator)), set[str]()
        while waiting:
            ready = [(place, entry) for place, entry in waiting if made.issuperset(entry.needs)]
            if not ready:
                # `find_circles` refuses such a file before this.
                raise ValueError("Some of these need each other.")
            yield from ready
            made |= {entry.code for _, entry in ready}
            waiting = [(place, entry) for place, entry in waiting if entry.code not in made]


def list_texts(part: object) -> Iterator[str]:
    """Yield every text of a catalogue, or of a part of one."""
    if isinstance(part, str):
        yield part
    elif is_dataclass(part):
        for own in fields(part):
            yield from list_texts(getattr(part, own.name))
    elif isinstance(part, tuple):
        for entry in part:
            yield from list_texts(entry)


# The file's name for each kind of entry, and its singular and plural in a sentence.
ENTRIES: dict[str, tuple[type[Entry], str]] = {
    "board": (BoardEntry, "boards"),
    "strand": (StrandEntry, "strands"),
    "agency": (AgencyEntry, "agencies"),
    "section": (SectionEntry, "sections"),
    "dimension": (DimensionEntry, "dimensions"),
    "category": (CategoryEntry, "categories"),
    "indicator": (IndicatorEntry, "indicators"),
}
# Fields of an indicator that name another entry by its code.
REFERENCES = {
    "section": "section",
    "owner": "agency",
    "dimension": "dimension",
    "part_of": "indicator",
    "numerator": "indicator",
    "denominator": "indicator",
}
# Each other field is one value, except the list of boards, the definition, and whether it is optional.
OWN_FIELDS = [
    field.name
    for field in fields(IndicatorEntry)
    if field.name not in {*REFERENCES, "boards", "definition", "optional"}
]

"""The entries of a catalogue, and how two catalogues differ. Pure.

Each field has the name of the model's field that it becomes. Reading, writing and comparing catalogues all follow from
these declarations.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from hashlib import sha256
from typing import Any

from core.labels import Labelled
from indicators.openness import NOBODY_DECIDED, Openness, describe


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
    """An agency. An `optional` one is added only with an indicator that it supplies."""

    code: str
    optional: bool = False
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
    is_unknown: bool = False
    population: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionEntry:
    code: str
    name: str
    population_source: str = ""
    population_year: int | None = None
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
    flow_word: str = ""
    owner: str
    dimension: str = ""
    part_of: str = ""
    breaks_down: str = ""
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
    openness: str = Openness.PARTNERS.value
    openness_delay: int = 0
    openness_why: str = NOBODY_DECIDED
    definition: str

    @property
    def openness_words(self) -> str:
        return describe(self.openness, self.openness_delay)

    @property
    def needs(self) -> list[str]:
        """Return the indicators that it can't exist without: its whole, and the counts that it is worked out from."""
        return [code for code in (self.part_of, self.breaks_down, self.numerator, self.denominator) if code]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleEntry:
    """A rule across figures. Its sides are terms: see indicators.validation."""

    code: str
    name: str
    left: tuple[str, ...]
    relation: str = "at-most"
    right: tuple[str, ...]
    each_category: bool = False
    strength: str = "strict"
    why: str

    @property
    def needs(self) -> list[str]:
        """Return the indicators that it compares."""
        return [code_of(term) for term in (*self.left, *self.right)]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepEntry:
    """A step of a pathway: counted by an indicator, or a category of it, or by nobody."""

    code: str
    name: str
    agency: str
    indicator: str = ""
    category: str = ""
    followed: int = 0
    nobody_counts: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PathwayEntry:
    """A pathway. An `optional` one is added only where somebody asks for it."""

    code: str
    optional: bool = False
    title: str
    question: str
    step: tuple[StepEntry, ...] = ()

    @property
    def needs(self) -> list[str]:
        """Return the indicators that count its steps."""
        return [entry.indicator for entry in self.step if entry.indicator]


def code_of(term: str) -> str:
    """Return the indicator's code in a term, also in one that can't be read."""
    return term.partition("@")[0].partition(".")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    due_day: int = 10
    check_days: int = 5
    silent_meetings: int = 3


type Entry = (
    BoardEntry
    | StrandEntry
    | AgencyEntry
    | SectionEntry
    | DimensionEntry
    | CategoryEntry
    | IndicatorEntry
    | RuleEntry
    | PathwayEntry
    | StepEntry
)


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
    rule: tuple[RuleEntry, ...] = ()
    pathway: tuple[PathwayEntry, ...] = ()

    def in_making_order(self) -> Iterator[tuple[int, IndicatorEntry]]:
        """Return the indicators with their places, each after those that it needs."""
        waiting, codes = list(enumerate(self.indicator)), set[str]()
        while waiting:
            ready = [(place, entry) for place, entry in waiting if codes.issuperset(entry.needs)]
            if not ready:
                # `find_circles` refuses such a file before this.
                raise ValueError("Some of these need each other.")
            yield from ready
            codes |= {entry.code for _, entry in ready}
            waiting = [(place, entry) for place, entry in waiting if entry.code not in codes]


def list_texts(part: object) -> Iterator[str]:
    """Yield every text of a catalogue, or of a part of one."""
    if isinstance(part, str):
        yield part
    elif is_dataclass(part):
        for inner in fields(part):
            yield from list_texts(getattr(part, inner.name))
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
    "rule": (RuleEntry, "rules"),
    "pathway": (PathwayEntry, "pathways"),
    "step": (StepEntry, "steps"),
}
# Kinds whose entries are inside those of another kind.
INSIDE = {"category": "dimension", "step": "pathway"}
# Fields of an indicator that name another entry by its code.
REFERENCES = {
    "section": "section",
    "owner": "agency",
    "dimension": "dimension",
    "part_of": "indicator",
    "breaks_down": "indicator",
    "numerator": "indicator",
    "denominator": "indicator",
}
# Each other field is one value, except the list of boards, the definition, and whether it is optional.
OWN_FIELDS = [
    field.name
    for field in fields(IndicatorEntry)
    if field.name not in {*REFERENCES, "boards", "definition", "optional"}
]


class NotThere(Exception):
    """Raised for codes that the catalogue doesn't have. Its text is a sentence."""


def is_offered(entry: IndicatorEntry, catalogue: Catalogue) -> bool:
    """Return whether somebody would choose it by itself. What only a ratio or a pathway needs is added with it."""
    is_needed = any(entry.code in (other.numerator, other.denominator) for other in catalogue.indicator)
    is_needed |= any(entry.code in pathway.needs for pathway in catalogue.pathway)
    return not (is_needed and entry.shown_on == "ratios")


def choose(catalogue: Catalogue, indicators: Collection[str], *, boards: Collection[str] | None = None) -> Catalogue:
    """Return the catalogue with these indicators, those that they need, and these boards (None: all boards). Sections,
    dimensions and optional agencies that are then unused are left out, and so are rules and pathways of other
    indicators and pathways that are optional. Raises NotThere for an unknown code."""
    check_there(indicators, catalogue.indicator, noun="indicator")
    needed = {entry.code: entry.needs for entry in catalogue.indicator}
    wanted, waiting = set[str](), list(indicators)
    while waiting:
        code = waiting.pop()
        if code not in wanted:
            wanted.add(code)
            waiting += needed[code]
    left = [entry for entry in catalogue.indicator if entry.code in wanted]
    gone = [entry for entry in catalogue.indicator if entry.code not in wanted]
    kept_boards = catalogue.board
    if boards is not None:
        check_there(boards, catalogue.board, noun="board")
        kept_boards = tuple(entry for entry in catalogue.board if entry.code in boards)
        there = {board.code for board in kept_boards}
        left = [replace(entry, boards=tuple(code for code in entry.boards if code in there)) for entry in left]

    def lost(field: str) -> set[str]:
        return {getattr(entry, field) for entry in gone} - {getattr(entry, field) for entry in left}

    pathways = tuple(entry for entry in catalogue.pathway if not entry.optional and wanted.issuperset(entry.needs))
    used = {entry.owner for entry in left} | {step.agency for entry in pathways for step in entry.step}
    return replace(
        catalogue,
        board=tuple(
            replace(entry, order=tuple(code for code in entry.order if code in wanted)) for entry in kept_boards
        ),
        agency=tuple(
            replace(entry, optional=False) for entry in catalogue.agency if not entry.optional or entry.code in used
        ),
        section=tuple(entry for entry in catalogue.section if entry.code not in lost("section")),
        dimension=tuple(entry for entry in catalogue.dimension if entry.code not in lost("dimension")),
        indicator=tuple(replace(entry, optional=False) for entry in left),
        rule=tuple(entry for entry in catalogue.rule if wanted.issuperset(entry.needs)),
        pathway=pathways,
    )


def choose_usual(catalogue: Catalogue, *, also: Iterable[str] = (), without: Iterable[str] = ()) -> Catalogue:
    """Return everything that isn't optional, with the `also` codes and `without` others. Raises NotThere for an unknown
    code."""
    also, without = list(also), list(without)
    check_there([*also, *without], catalogue.indicator, noun="indicator")
    usual = [entry.code for entry in catalogue.indicator if not entry.optional]
    return choose(catalogue, [code for code in dict.fromkeys([*usual, *also]) if code not in without])


def check_there(codes: Iterable[str], entries: Iterable[object], *, noun: str) -> None:
    there = [getattr(entry, "code", "") for entry in entries]
    for code in codes:
        if code not in there:
            raise NotThere(f"The catalogue has no {noun} “{code}”. It has: {', '.join(there)}.")


# Who may see an indicator. An area's information officer decides, so a catalogue says it to new indicators only.
OF_OPENNESS = {"openness", "openness_delay", "openness_why"}
# Fields that aren't compared: choices, orders, and entries that are compared one by one.
LEFT = {"optional", "order", *OF_OPENNESS}
# Facts of an area. A catalogue that doesn't say them leaves the area's own.
OF_AREA = {"population", "population_source", "population_year"}
# Only new entries of these kinds count: each area uses its own names for its agencies.
OWN = {"agency"}


class Act(Labelled):
    ADDED = "added", "New"
    CHANGED = "changed", "Changed"
    GONE = "gone", "Not in the catalogue: stays as it is"
    RETIRED = "retired", "Retired here: stays retired"


@dataclass(frozen=True, slots=True)
class FieldChange:
    field: str
    before: Any
    after: Any

    @property
    def words(self) -> tuple[str, str, str]:
        """Return the field, its old value and its new one; for a list, what is removed and what is added."""
        before, after = self.before, self.after
        if isinstance(before, tuple):
            before = tuple(text for text in self.before if text not in self.after)
            after = tuple(text for text in self.after if text not in self.before)
        return self.field.replace("_", " "), describe_value(before), describe_value(after)


@dataclass(frozen=True, slots=True)
class Difference:
    """What would happen to one entry. One inside another is named with that: origin.london."""

    act: Act
    kind: str
    code: str
    title: str
    changes: tuple[FieldChange, ...] = ()

    @property
    def is_taken(self) -> bool:
        """Return whether taking the catalogue would change this entry."""
        return self.act in (Act.ADDED, Act.CHANGED)

    @property
    def is_redefined(self) -> bool:
        return self.kind == "indicator" and any(change.field == "definition" for change in self.changes)

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.code


def fingerprint(differences: Iterable[Difference]) -> str:
    """Return a digest of the differences. It shows whether they have changed since somebody looked at them."""
    # Entries are strings, numbers and tuples, so the text is the same in each process.
    return sha256(repr(list(differences)).encode()).hexdigest()


def compare(current: Catalogue, newer: Catalogue, *, retired: Collection[tuple[str, str]] = ()) -> list[Difference]:
    """List the differences between an area and a newer catalogue: what is new, what changes, and what only the area
    has. `retired` holds the kind and code of each entry that the area has retired. Settings and orders aren't compared:
    each area has its own."""
    differences = []
    before, after = dict(list_entries(current)), dict(list_entries(newer))
    for key, entry in after.items():
        if key in retired:
            differences.append(Difference(Act.RETIRED, *key, get_title(entry)))
        elif key not in before:
            differences.append(Difference(Act.ADDED, *key, get_title(entry)))
        elif key[0] not in OWN and (changes := list_changes(before[key], entry)):
            differences.append(Difference(Act.CHANGED, *key, get_title(entry), changes))
    differences += [Difference(Act.GONE, *key, get_title(entry)) for key, entry in before.items() if key not in after]
    return differences


def list_entries(catalogue: Catalogue) -> Iterator[tuple[tuple[str, str], Entry]]:
    """Yield each entry with its kind and its code."""
    for kind in ENTRIES:
        for entry in getattr(catalogue, kind, ()):
            yield (kind, entry.code), entry
            for inner, part in list_inside(kind, entry):
                yield (inner, f"{entry.code}.{part.code}"), part


def list_inside(kind: str, entry: Any) -> Iterator[tuple[str, Any]]:
    """Yield the entries inside one, each with its kind."""
    for inner, holder in INSIDE.items():
        if holder == kind:
            yield from ((inner, part) for part in getattr(entry, inner))


def get_title(entry: Any) -> str:
    return str(getattr(entry, "title", "") or entry.name)


def list_changes(before: Any, after: Any) -> tuple[FieldChange, ...]:
    pairs = [
        FieldChange(field.name, getattr(before, field.name), getattr(after, field.name))
        for field in fields(before)
        if field.name not in LEFT and not is_inside(before, field.name) and says(after, field.name)
    ]
    return tuple(pair for pair in pairs if in_any_order(pair.before) != in_any_order(pair.after))


def says(entry: Any, name: str) -> bool:
    """Return whether an entry says something for a field: only facts of an area may be left open."""
    return name not in OF_AREA or bool(getattr(entry, name))


def is_inside(entry: Any, name: str) -> bool:
    """Return whether a field holds entries, which are compared one by one. A step's category is only a code."""
    return name in INSIDE and isinstance(getattr(entry, name), tuple)


def in_any_order(value: Any) -> Any:
    """Boards are compared as a set, and so are a board's responsibilities."""
    return frozenset(value) if isinstance(value, tuple) else value


def describe_value(value: Any) -> str:
    if isinstance(value, tuple):
        return "; ".join(value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value in (None, "") else str(value)


type Key = tuple[str, str]


def complete(wanted: Collection[Key], differences: list[Difference], newer: Catalogue) -> set[Key]:
    """Return what is wanted, with every new entry that it needs, such as an indicator's section or the counts behind a
    ratio; and with the new rules across what there then is."""
    added = {difference.key for difference in differences if difference.act is Act.ADDED}
    entries = dict(list_entries(newer))
    needs = {key: set(list_needs(key, entries)) & added for key in added | set(wanted)}
    taken, waiting = set[Key](), list(wanted)
    while waiting:
        key = waiting.pop()
        if key not in taken:
            taken.add(key)
            waiting += needs[key]
    left_out = {code for kind, code in added - taken if kind == "indicator"}
    return taken | {
        ("rule", rule.code)
        for rule in newer.rule
        if ("rule", rule.code) in added
        and any(("indicator", code) in taken for code in rule.needs)
        and left_out.isdisjoint(rule.needs)
    }


def list_needs(key: Key, entries: Mapping[Key, Any]) -> Iterator[Key]:
    kind, code = key
    if kind in INSIDE:
        yield INSIDE[kind], code.partition(".")[0]
    if kind in INSIDE.values():
        yield from (other for other in entries if INSIDE.get(other[0]) == kind and other[1].startswith(f"{code}."))
    if kind == "indicator" and key in entries:
        named = ((other, getattr(entries[key], field)) for field, other in REFERENCES.items())
        yield from ((other, name) for other, name in named if name)
    if kind == "rule" and key in entries:
        yield from (("indicator", code) for code in entries[key].needs)
    if kind == "step" and key in entries:
        yield "agency", entries[key].agency
        if entries[key].indicator:
            yield "indicator", entries[key].indicator


def list_offered(differences: list[Difference], newer: Catalogue) -> list[Difference]:
    """List what somebody chooses by itself. A new entry that only another needs is taken with that other."""
    added = {difference.key for difference in differences if difference.act is Act.ADDED}
    counts = {entry.code for entry in newer.indicator if not is_offered(entry, newer)}
    # It comes with the last of its indicators.
    rules = {rule.code for rule in newer.rule if any(("indicator", code) in added for code in rule.needs)}

    def comes_along(difference: Difference) -> bool:
        if difference.act is not Act.ADDED:
            return False
        of_new = (INSIDE.get(difference.kind, ""), difference.code.partition(".")[0]) in added
        return (
            difference.kind in ("agency", "section", "dimension")
            or of_new
            or (difference.kind == "indicator" and difference.code in counts)
            or (difference.kind == "rule" and difference.code in rules)
        )

    return [difference for difference in differences if difference.is_taken and not comes_along(difference)]

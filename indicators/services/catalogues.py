"""Makes an area from a catalogue, or brings it up to a newer one.

New entries are added, changed ones are changed, and nothing is removed. Each change goes through the service behind the
coordinator's own form, so the same rules apply.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from math import isfinite
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from boards.models import Agency, Board, PartnershipArea, Responsibility, Strand
from boards.permissions import check_can_coordinate, check_can_make_areas
from boards.rules import LONGEST_AGO
from boards.services.area import Rewording, lock_area, save_board, save_part
from boards.services.months import ensure_month
from boards.services.people import make_first_coordinator
from core import audit
from core.calendar import Month, months_between
from core.models import User
from indicators.catalogues.entries import (
    INSIDE,
    OF_OPENNESS,
    OWN_FIELDS,
    REFERENCES,
    BoardEntry,
    Catalogue,
    Difference,
    DimensionEntry,
    IndicatorEntry,
    PathwayEntry,
    RuleEntry,
    Settings,
    StepEntry,
    compare,
    complete,
    fingerprint,
    list_entries,
    says,
)
from indicators.imports.open_data import ONS_CODE
from indicators.models import (
    Category,
    Dimension,
    Indicator,
    IndicatorBoard,
    IndicatorDefinition,
    Pathway,
    PathwayStep,
    Section,
    ValidationRule,
)
from indicators.selectors.catalogues import get_catalogue, list_retired
from indicators.services.setup import define, reword_definition, save_category, save_indicator

# The order in which kinds are taken: each after those that it names.
KINDS = ("board", "strand", "agency", "section", "dimension", "category", "indicator", "rule", "pathway", "step")
MODELS: dict[str, type[models.Model]] = {
    "strand": Strand,
    "agency": Agency,
    "section": Section,
    "dimension": Dimension,
    "indicator": Indicator,
    "rule": ValidationRule,
    "pathway": Pathway,
}


CHANGED = "The set-up has changed since you opened this page. Check the differences again."
WORDING = "Say whether the changed definitions mean the same in different words"


def find_differences(area: PartnershipArea, newer: Catalogue) -> list[Difference]:
    """Return what taking the catalogue would do."""
    retired = list_retired(area)
    return compare(get_catalogue(area), without_boards(newer, retired), retired=retired)


def without_boards(newer: Catalogue, retired: Collection[tuple[str, str]]) -> Catalogue:
    """Return its indicators without boards that the area has retired."""
    indicators = [
        replace(entry, boards=tuple(code for code in entry.boards if ("board", code) not in retired))
        for entry in newer.indicator
    ]
    return replace(newer, indicator=tuple(indicators))


@transaction.atomic
def take_catalogue(
    area: PartnershipArea,
    newer: Catalogue,
    *,
    month: Month,
    by: User,
    only: Collection[tuple[str, str]] | None = None,
    is_same: bool | None = None,
    seen: str = "",
) -> list[Difference]:
    """Add what is new and change what differs: everything, or `only` the entries with these keys and those that they
    need.

    New indicators are counted from `month`. For definitions that differ, `is_same` says whether they mean the same in
    other words. Otherwise new ones apply from that month. `seen` is the fingerprint of the differences that somebody
    looked at. Returns what was done. Raises PermissionDenied, or ValidationError with a sentence; then nothing is
    changed.
    """
    check_can_coordinate(area, by=by)
    lock_area(area)
    # Compare under the lock: what is done below is then what somebody saw.
    differences = find_differences(area, newer)
    if seen and seen != fingerprint(differences):
        raise ValidationError(CHANGED)
    wanted = None if only is None else complete(only, differences, newer)
    taken = [
        difference for difference in differences if difference.is_taken and (wanted is None or difference.key in wanted)
    ]
    if is_same is None and any(difference.is_redefined for difference in taken):
        raise ValidationError({"meaning": WORDING})
    taker = Taker(area, newer, month=month, is_same=bool(is_same), by=by)
    for difference in in_order(taken, newer):
        with about(difference):
            taker.take(difference)
    return taken


def in_order(differences: Any, newer: Catalogue) -> list[Difference]:
    """Sort the differences, each after those that it needs."""
    places = {("indicator", entry.code): place for place, (_, entry) in enumerate(newer.in_making_order())}
    return sorted(differences, key=lambda difference: (KINDS.index(difference.kind), places.get(difference.key, 0)))


@contextmanager
def about(difference: Difference) -> Iterator[None]:
    """Add to a refusal the entry that it is about."""
    try:
        yield
    except ValidationError as fault:
        what = f"The {difference.kind} “{difference.code}”"
        raise ValidationError([f"{what}: {sentence}" for sentence in fault.messages]) from None


class Taker:
    def __init__(self, area: PartnershipArea, newer: Catalogue, *, month: Month, is_same: bool, by: User) -> None:
        self.area, self.month, self.is_same, self.by = area, month, is_same, by
        self.entries: dict[tuple[str, str], Any] = dict(list_entries(newer))

    def take(self, difference: Difference) -> None:
        kinds: dict[str, Callable[[Difference], None]] = {
            "board": self.take_board,
            "category": self.take_category,
            "indicator": self.take_indicator,
            "step": self.take_step,
        }
        kinds.get(difference.kind, self.take_part)(difference)

    def take_part(self, difference: Difference) -> None:
        model: Any = MODELS[difference.kind]
        entry = self.entries[difference.key]
        values = {
            name: value
            for name, value in plain(entry).items()
            if name not in ("optional", *INSIDE) and says(entry, name)
        }
        rows = model.objects.filter(area=self.area)
        part = self.row(rows, difference.code) or self.new(model, rows, area=self.area)
        save_part(with_values(part, values), area=self.area, by=self.by)

    def take_board(self, difference: Difference) -> None:
        values = plain(self.entries[difference.key])
        texts = list(values.pop("responsibilities"))
        del values["order"]  # each area has its own
        rows = Board.objects.filter(area=self.area)
        board = self.row(rows, difference.code) or self.new(Board, rows, area=self.area)
        # Nobody has said that a changed responsibility means the same, so each is a new one.
        same: list[Rewording] = []
        save_board(with_values(board, values), responsibilities=texts, same=same, area=self.area, by=self.by)

    def take_category(self, difference: Difference) -> None:
        dimension, _, code = difference.code.partition(".")
        rows = Category.objects.filter(dimension__area=self.area, dimension__code=dimension)
        existing = self.row(rows, code)
        parent = Dimension.objects.filter(area=self.area, code=dimension).first()
        if parent is None:
            raise ValidationError(f"It needs the dimension “{dimension}”: tick that too.")
        category = existing or self.new(Category, rows, dimension=parent)
        entry = self.entries[difference.key]
        values = {name: value for name, value in plain(entry).items() if says(entry, name)}
        save_category(with_values(category, values), area=self.area, by=self.by)

    def take_step(self, difference: Difference) -> None:
        code, _, step = difference.code.partition(".")
        pathway = self.row(Pathway.objects.filter(area=self.area), code)
        if pathway is None:
            raise ValidationError(f"It needs the pathway “{code}”: tick that too.")
        rows = PathwayStep.objects.filter(pathway=pathway)
        row = self.row(rows, step) or self.new(PathwayStep, rows, pathway=pathway)
        entry: StepEntry = self.entries[difference.key]
        linked = {
            "agency": self.row(Agency.objects.filter(area=self.area), entry.agency),
            "indicator": self.row(Indicator.objects.filter(area=self.area), entry.indicator),
        }
        save_part(with_values(row, describe_step(entry, linked)), area=self.area, by=self.by)

    def take_indicator(self, difference: Difference) -> None:
        entry: IndicatorEntry = self.entries[difference.key]
        rows = Indicator.objects.filter(area=self.area)
        existing = self.row(rows, entry.code)
        indicator = existing or self.new(Indicator, rows, area=self.area)
        linked = {name: self.named(entry, name) for name in REFERENCES}
        decided = OF_OPENNESS if existing is not None else ()
        own = {name: getattr(entry, name) for name in OWN_FIELDS if name not in decided}
        with_values(indicator, own | linked)
        boards = list(Board.objects.in_use().filter(area=self.area, code__in=entry.boards))
        save_indicator(
            indicator,
            boards=boards,
            definition=entry.definition,
            applies_from=self.month,
            owner_why="The catalogue that was taken over says so",
            by=self.by,
        )
        # save_indicator defines only a new indicator.
        if existing is not None:
            self.take_definition(existing, entry.definition)

    def named(self, entry: IndicatorEntry, field: str) -> Any:
        """Return the row that a field names; None for no name. Raises ValidationError if the area doesn’t have it."""
        code = getattr(entry, field)
        if not code:
            return None
        kind = REFERENCES[field]
        row = self.row(MODELS[kind]._default_manager.filter(area=self.area), code)
        if row is None:
            raise ValidationError(f"It needs the {kind} “{code}”, which {self.area.name} doesn’t have: tick that too.")
        return row

    def take_definition(self, indicator: Indicator, text: str) -> None:
        newest = indicator.definitions.latest("applies_from")
        if newest.text == text:
            return
        if self.is_same:
            reword_definition(newest, text=text, by=self.by)
        else:
            define(indicator, text=text, applies_from=self.month, by=self.by)

    def row(self, rows: models.QuerySet[Any], code: str) -> Any:
        return rows.filter(code=code).first()

    def new(self, model: type[models.Model], rows: models.QuerySet[Any], **holder: Any) -> Any:
        """Return a new row, placed after the existing ones."""
        names = {field.name for field in model._meta.fields}
        # Retired rows count too: they still have their positions.
        place = {"position": rows.count()} if "position" in names else {}
        return model(**holder, **place)


def describe_step(entry: StepEntry, linked: dict[str, Any]) -> dict[str, Any]:
    """Return the values of a step's row. `linked` are its agency and its indicator, None for one that isn't there.
    Raises ValidationError if a part is missing."""
    for name, row in linked.items():
        code = getattr(entry, name)
        if code and row is None:
            raise ValidationError({name: f"It needs the {name} “{code}”, which the area doesn’t have: tick that too."})
    indicator = linked["indicator"]
    categories = Category.objects.filter(dimension=indicator.dimension_id, code=entry.category) if indicator else None
    category = categories.first() if categories is not None and entry.category else None
    if entry.category and category is None:
        raise ValidationError({"category": f"{indicator} has no category “{entry.category}”"})
    return plain(entry) | linked | {"category": category}


def plain(entry: Any) -> dict[str, Any]:
    """Return what a row stores of an entry."""
    return {field.name: getattr(entry, field.name) for field in fields(entry) if field.name != "optional"}


def with_values(row: Any, values: dict[str, Any]) -> Any:
    for name, value in values.items():
        setattr(row, name, value)
    return row


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaDraft:
    """What an area sets itself: its names and its place."""

    slug: str
    name: str
    ons_code: str = ""
    longitude: float | None = None
    latitude: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstCoordinator:
    """`is_attested`: the operator knows who it is. The command line asks nobody."""

    email: str
    name: str
    is_attested: bool = False


@transaction.atomic
def make_area(
    draft: AreaDraft,
    catalogue: Catalogue,
    *,
    first_month: Month | None,
    defined_from: Month | None = None,
    coordinator: FirstCoordinator | None = None,
    by: User | None,
) -> PartnershipArea:
    """Make an area with everything in the catalogue, open its months from the first one (None: no months), and add its
    first coordinator. Definitions apply from `defined_from`, so that older figures can be taken in; from the first
    month where nobody says.

    `by` is None at the command line. Raises PermissionDenied, or ValidationError with a sentence for each fault.
    """
    if by is not None:
        check_can_make_areas(by=by)
    since = defined_from or first_month
    if since is None:
        raise ValueError("The definitions need a first month.")
    if first_month is not None:
        check_first_month(first_month)
    maker = Maker(draft, since)
    maker.make(catalogue)
    if maker.faults:
        raise ValidationError(maker.faults)
    audit.record("area.made", maker.area, by=by, area=draft.slug, catalogue=catalogue.name)
    if coordinator is not None:
        make_first_coordinator(maker.area, **asdict(coordinator), by=by)
    if first_month is not None:
        for month in months_between(first_month, this_month()):
            # Without gives_time, each past month would be overdue on the day it opens.
            ensure_month(maker.area, month, by=by, gives_time=True)
    return maker.area


def check_first_month(month: Month) -> None:
    """Raises ValidationError."""
    current = this_month()
    if month > current:
        raise ValidationError({"first_month": f"{month.label} has not started yet: choose {current.label} or earlier"})
    if month < current + -LONGEST_AGO:
        earliest = current + -LONGEST_AGO
        sentence = f"Choose {earliest.label} or later. You can import figures for earlier months from a file"
        raise ValidationError({"first_month": sentence})


def this_month() -> Month:
    return Month.of(timezone.localdate())


class Maker:
    """Saves one row after another, and collects their faults. Rows that depend on a faulty row are skipped: one fault
    makes one sentence."""

    def __init__(self, draft: AreaDraft, since: Month) -> None:
        self.since = since
        self.area = PartnershipArea(**asdict(draft))
        self.faults: list[str] = []
        self.rows: dict[tuple[str, str], Any] = {}  # saved, by kind and code
        self.orders: dict[str, dict[str, int]] = {}  # the places of indicators on a board's page

    def make(self, catalogue: Catalogue) -> None:
        if not self.make_itself(catalogue.settings):
            return
        for position, board in enumerate(catalogue.board):
            self.make_board(board, position)
        for kind, entries in (
            ("strand", catalogue.strand),
            ("agency", catalogue.agency),
            ("section", catalogue.section),
        ):
            for position, entry in enumerate(entries):
                self.save_part(kind, MODELS[kind](area=self.area, position=position, **plain(entry)))
        for dimension in catalogue.dimension:
            self.make_dimension(dimension)
        for place, indicator in catalogue.in_making_order():
            self.make_indicator(indicator, place)
        self.make_rules(catalogue.rule)
        for position, pathway in enumerate(catalogue.pathway):
            self.make_pathway(pathway, position)

    def make_itself(self, settings: Settings) -> bool:
        for name, value in asdict(settings).items():
            setattr(self.area, name, value)
        # The model's own error wouldn't say whose address it is.
        taken = PartnershipArea.objects.filter(slug=self.area.slug).first()
        if taken is not None:
            self.faults.append(f"“{taken.slug}” is already the address of {taken.name}. Choose another.")
        if self.area.ons_code and not ONS_CODE.fullmatch(self.area.ons_code):
            self.faults.append(f"“{self.area.ons_code}” isn’t an ONS code, such as E06000033.")
        # float() also accepts “nan” and “inf”, from the command line for example.
        if not all(isfinite(degrees) for degrees in (self.area.longitude, self.area.latitude) if degrees is not None):
            self.faults.append("Give longitude and latitude in degrees, such as -1.9.")
        return not self.faults and self.save(self.area, "The area")

    def make_board(self, entry: BoardEntry, position: int) -> None:
        fields = asdict(entry)
        texts = fields.pop("responsibilities")
        self.orders[entry.code] = {code: place for place, code in enumerate(fields.pop("order"))}
        board = Board(area=self.area, position=position, **fields)
        if not self.save_part("board", board):
            return
        for place, text in enumerate(texts):
            duty = Responsibility(board=board, text=text, position=place)
            self.save(duty, f"Responsibility {place + 1} of the board “{entry.code}”")

    def make_dimension(self, entry: DimensionEntry) -> None:
        values = {name: value for name, value in plain(entry).items() if name != "category"}
        dimension = Dimension(area=self.area, **values)
        if not self.save_part("dimension", dimension):
            return
        for position, category in enumerate(entry.category):
            row = Category(dimension=dimension, position=position, **asdict(category))
            self.save(row, f"The category “{category.code}” of “{entry.code}”")

    def make_indicator(self, entry: IndicatorEntry, position: int) -> None:
        try:
            linked = {
                name: self.rows[kind, code] if (code := getattr(entry, name)) else None
                for name, kind in REFERENCES.items()
            }
            boards = [self.rows["board", code] for code in entry.boards]
        except KeyError:
            return  # for a row whose own fault has already been reported
        own = {name: getattr(entry, name) for name in OWN_FIELDS}
        indicator = Indicator(area=self.area, position=position, **linked, **own)
        if not self.save_part("indicator", indicator):
            return
        definition = IndicatorDefinition(indicator=indicator, applies_from=self.since.first_day, text=entry.definition)
        self.save(definition, f"The indicator “{entry.code}”")
        # bulk_create calls no clean(). All these boards belong to this area, because make_board added them.
        IndicatorBoard.objects.bulk_create(
            IndicatorBoard(indicator=indicator, board=board, position=self.orders[board.code].get(entry.code, position))
            for board in boards
        )

    def save_part(self, kind: str, row: Any) -> bool:
        is_saved = self.save(row, f"The {kind} “{row.code}”")
        if is_saved:
            self.rows[kind, row.code] = row
        return is_saved

    def make_rules(self, entries: Iterable[RuleEntry]) -> None:
        there = {code for kind, code in self.rows if kind == "indicator"}
        for position, entry in enumerate(entries):
            if there.issuperset(entry.needs):  # a faulty indicator has been reported
                self.save_part("rule", ValidationRule(area=self.area, position=position, **asdict(entry)))

    def make_pathway(self, entry: PathwayEntry, position: int) -> None:
        pathway = Pathway(
            area=self.area, position=position, code=entry.code, title=entry.title, question=entry.question
        )
        if not self.save_part("pathway", pathway):
            return
        for place, step in enumerate(entry.step):
            what = f"The step “{step.code}” of “{entry.code}”"
            row = PathwayStep(pathway=pathway, position=place)
            linked = {
                "agency": self.rows.get(("agency", step.agency)),
                "indicator": self.rows.get(("indicator", step.indicator)),
            }
            try:
                with_values(row, describe_step(step, linked))
            except ValidationError as fault:
                self.faults += list_sentences(row, fault, what)
            else:
                self.save(row, what)

    def save(self, row: models.Model, what: str) -> bool:
        """Save the row if it is valid, and return whether it was."""
        try:
            row.full_clean()
        except ValidationError as fault:
            self.faults += list_sentences(row, fault, what)
            return False
        try:
            # A savepoint: on PostgreSQL, a failed INSERT would otherwise end the whole transaction.
            with transaction.atomic():
                row.save()
        except IntegrityError:  # another operator has just made an area of this name
            self.faults.append(f"{what} already exists. Look at the list of areas.")
            return False
        return True


def list_sentences(row: models.Model, fault: ValidationError, what: str) -> list[str]:
    """Return a model's errors as sentences that make sense alone."""
    sentences = []
    # full_clean always raises errors by field; a ValidationError from elsewhere may have no error_dict.
    for name, errors in fault.error_dict.items():
        field = None if name == "__all__" else row._meta.get_field(name)
        at = f"{what}: " if field is None else f"{what}, {getattr(field, 'verbose_name', name)}: "
        for error in errors:
            sentences.append(at + describe_error(error, field))
    return sentences


def describe_error(error: ValidationError, field: Any) -> str:
    choices = getattr(field, "choices", None)
    if error.code == "invalid_choice" and choices:
        allowed = ", ".join(f"“{value}”" for value, _ in choices if value)
        return f"“{(error.params or {}).get('value')}” isn’t one of {allowed}."
    sentence = error.messages[0]
    return sentence if sentence.endswith(".") else f"{sentence}."

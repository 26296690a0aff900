"""An area's set-up as a catalogue, without retired entries, and what is missing from it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from boards.models import Agency, Board, Membership, PartnershipArea, Strand
from boards.rules import Role
from core.calendar import Month
from core.models import User
from indicators.catalogues.entries import (
    AgencyEntry,
    BoardEntry,
    Catalogue,
    CategoryEntry,
    DimensionEntry,
    IndicatorEntry,
    PathwayEntry,
    RuleEntry,
    SectionEntry,
    Settings,
    StepEntry,
    StrandEntry,
)
from indicators.models import (
    Category,
    Collection,
    Dimension,
    Indicator,
    IndicatorBoard,
    IndicatorDefinition,
    Pathway,
    PathwayStep,
    Section,
    ValidationRule,
)
from indicators.models.catalogue import RecordingChange
from indicators.openness import NOBODY_DECIDED, Openness
from indicators.workflow import RecordingState


def get_catalogue(area: PartnershipArea) -> Catalogue:
    """Return an area's catalogue. Twelve queries."""
    boards = Board.objects.in_use().filter(area=area).prefetch_related("responsibilities")
    categories = Prefetch("categories", Category.objects.in_use())
    dimensions = Dimension.objects.filter(area=area).prefetch_related(categories).order_by("pk")
    indicators = list_indicators(area)
    codes = {indicator.code for indicator in indicators}
    return Catalogue(
        name=area.name,
        settings=entry(Settings, area),
        board=tuple(
            entry(
                BoardEntry,
                board,
                responsibilities=tuple(row.text for row in board.responsibilities.all()),
                order=own_order(board, indicators),
            )
            for board in boards
        ),
        strand=entries(StrandEntry, Strand.objects.filter(area=area)),
        agency=tuple(
            entry(AgencyEntry, agency, optional=False) for agency in Agency.objects.in_use().filter(area=area)
        ),
        section=entries(SectionEntry, Section.objects.in_use().filter(area=area)),
        dimension=tuple(
            entry(DimensionEntry, dimension, category=entries(CategoryEntry, dimension.categories.all()))
            for dimension in dimensions
        ),
        indicator=tuple(indicator_entry(indicator) for indicator in indicators),
        rule=tuple(list_rules(area, codes)),
        pathway=tuple(list_pathways(area, codes)),
    )


def list_rules(area: PartnershipArea, indicators: set[str]) -> Iterator[RuleEntry]:
    """Yield the rules across figures of indicators that can be made again."""
    for row in ValidationRule.objects.in_use().filter(area=area):
        rule = entry(RuleEntry, row, left=tuple(row.left), right=tuple(row.right))
        if indicators.issuperset(rule.needs):
            yield rule


def list_pathways(area: PartnershipArea, indicators: set[str]) -> Iterator[PathwayEntry]:
    """Yield the pathways whose first step can be made again, with the others that can: by agencies and indicators in
    use."""
    steps = PathwayStep.objects.in_use().select_related("agency", "indicator", "category")
    rows = Pathway.objects.in_use().filter(area=area).prefetch_related(Prefetch("steps", steps))
    for row in rows:
        every = list(row.steps.all())
        made_again = [
            step
            for step in every
            if not step.agency.retired and (step.indicator is None or step.indicator.code in indicators)
        ]
        if every[:1] == made_again[:1]:
            yield entry(PathwayEntry, row, optional=False, step=tuple(map(step_entry, made_again)))


def step_entry(step: PathwayStep) -> StepEntry:
    linked = {"agency": step.agency, "indicator": step.indicator, "category": step.category}
    return entry(StepEntry, step, **{name: row.code if row else "" for name, row in linked.items()})


def own_order(board: Board, indicators: list[Indicator]) -> tuple[str, ...]:
    """Return the order of indicators on a board's page; empty where it is the same as the month's."""
    places = [
        (place.position, indicator.code)
        for indicator in indicators
        for place in indicator.board_places.all()
        if place.board_id == board.pk
    ]
    usual = [code for _, code in places]
    ordered = [code for _, code in sorted(places, key=lambda place: place[0])]
    return () if ordered == usual else tuple(ordered)


def list_indicators(area: PartnershipArea) -> list[Indicator]:
    """List the indicators that can be made again: in use and defined, with a section and an agency in use."""
    used = Indicator.objects.in_use().filter(area=area)
    places = IndicatorBoard.objects.filter(board__in=Board.objects.in_use()).select_related("board")
    indicators = (
        used.filter(Q(part_of=None) | Q(part_of__in=used), definitions__isnull=False)
        .filter(Q(breaks_down=None) | Q(breaks_down__in=used))
        .filter(section__in=Section.objects.in_use(), owner__in=Agency.objects.in_use())
        # The join has a row for each definition.
        .distinct()
        .select_related("section", "owner", "dimension", "part_of", "breaks_down", "numerator", "denominator")
        .prefetch_related("definitions", Prefetch("board_places", places.order_by("board__position", "board__name")))
    )
    return list(indicators)


def indicator_entry(indicator: Indicator) -> IndicatorEntry:
    linked = ("section", "owner", "dimension", "part_of", "breaks_down", "numerator", "denominator")
    linked_rows = {name: getattr(indicator, name) for name in linked}
    return entry(
        IndicatorEntry,
        indicator,
        optional=False,
        boards=tuple(place.board.code for place in indicator.board_places.all()),
        # Undecided figures stay public where they are. Nobody decided that another area's are.
        **({} if indicator.openness else {"openness": Openness.PARTNERS.value, "openness_why": NOBODY_DECIDED}),
        # Not latest(), which would be a query for each indicator.
        definition=max(indicator.definitions.all(), key=lambda definition: definition.applies_from).text,
        **{name: row.code if row else "" for name, row in linked_rows.items()},
    )


def entries[Entry](kind: type[Entry], rows: Iterable[Any]) -> tuple[Entry, ...]:
    return tuple(entry(kind, row) for row in rows)


def entry[Entry](kind: type[Entry], row: Any, **given: Any) -> Entry:
    """Make an entry of this kind from a row. Fields that aren't given come from the row."""
    values: Mapping[str, Any] = given
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    return kind(**{name: values[name] if name in values else getattr(row, name) for name in names})


def list_retired(area: PartnershipArea) -> set[tuple[str, str]]:
    """Return the kind and code of everything that the area has retired. Eight queries."""
    retired: set[tuple[str, str]] = set()
    kinds = {"board": Board, "agency": Agency, "section": Section, "rule": ValidationRule, "pathway": Pathway}
    for kind, model in kinds.items():
        rows = model._default_manager.filter(area=area, retired=True)
        retired |= {(kind, code) for code in rows.values_list("code", flat=True)}
    categories = Category.objects.filter(dimension__area=area, retired=True).select_related("dimension")
    retired |= {("category", f"{row.dimension.code}.{row.code}") for row in categories}
    # The steps of a retired pathway too: without it, a catalogue can't bring them back.
    steps = PathwayStep.objects.filter(Q(retired=True) | Q(pathway__retired=True), pathway__area=area)
    retired |= {("step", f"{row.pathway.code}.{row.code}") for row in steps.select_related("pathway")}
    indicators = Indicator.objects.filter(area=area, retired_from__isnull=False)
    return retired | {("indicator", code) for code in indicators.values_list("code", flat=True)}


@dataclass(frozen=True, slots=True)
class Gap:
    """Something missing from an area's set-up: what is missing, what to do, and on which page (its route, with the
    arguments after the area)."""

    sentence: str
    act: str
    route: str
    keys: tuple[str, ...] = ()


def list_gaps(area: PartnershipArea) -> list[Gap]:
    """List what stops figures from arriving or being seen. Six queries."""
    in_use = Prefetch("dimension__categories", Category.objects.in_use())
    indicators = list(
        Indicator.objects.in_use()
        .filter(area=area)
        .select_related("owner", "section", "dimension")
        .prefetch_related("definitions", "boards", in_use)
    )
    if not indicators:
        return [Gap("Nothing is measured yet.", "Add an indicator", "indicators:indicator-add")]
    return [*_gaps_of_agencies(area, indicators), *_gaps_of_indicators(indicators), *_gaps_of_pages(area, indicators)]


def _gaps_of_agencies(area: PartnershipArea, indicators: list[Indicator]) -> Iterator[Gap]:
    roles = (Role.AGENCY_LEAD, Role.AGENCY_APPROVER)
    memberships = Membership.objects.filter(area=area, role__in=[role.value for role in roles], user__is_active=True)
    people: dict[tuple[str, int | None], set[int]] = defaultdict(set)
    for role, agency_id, user_id in memberships.values_list("role", "agency", "user"):
        people[role, agency_id].add(user_id)
    owed: dict[Agency, list[str]] = {}
    for indicator in indicators:
        if indicator.collection == Collection.RETURN and not indicator.owner.retired:
            owed.setdefault(indicator.owner, []).append(indicator.title)
    for agency, titles in owed.items():
        leads, approvers = (people[role, agency.pk] for role in roles)
        if not leads:
            yield Gap(
                f"{agency} has no lead, so no one can enter its figures: {listed(titles)}.",
                "Add its lead",
                "boards:person-add",
            )
        if agency.needs_release and not approvers:
            yield Gap(
                f"{agency} releases its own returns but has no approver, so no one can release them.",
                "Add its approver",
                "boards:person-add",
            )
        elif agency.needs_release and leads == approvers and len(leads) == 1:
            yield Gap(
                f"{agency} releases its own returns, but its only approver is its only lead. People can’t "
                "release a return that they submitted themselves.",
                "Add another approver",
                "boards:person-add",
            )


def _gaps_of_indicators(indicators: list[Indicator]) -> Iterator[Gap]:
    for indicator in indicators:
        faults = {
            "has no definition, so no one is asked for its figures": not indicator.definitions.all(),
            f"is supplied by {indicator.owner}, which is retired": indicator.owner.retired,
            f"is in the section {indicator.section}, which is retired": indicator.section.retired,
            f"is split by {indicator.dimension}, which has no categories": (
                indicator.dimension is not None and not indicator.dimension.categories.all()
            ),
            "isn’t for any board": indicator.breaks_down_id is None and not indicator.boards.all(),
        }
        for fault, is_so in faults.items():
            if is_so:
                yield Gap(f"{indicator} {fault}.", "Change it", "indicators:indicator-edit", (indicator.code,))


def _gaps_of_pages(area: PartnershipArea, indicators: list[Indicator]) -> Iterator[Gap]:
    filled = {indicator.section_id for indicator in indicators}
    for section in Section.objects.in_use().filter(area=area).exclude(pk__in=filled):
        yield Gap(f"The section {section} has no indicators.", "Add an indicator", "indicators:indicator-add")
    seen = {board.pk for indicator in indicators for board in indicator.boards.all()}
    if area.has_public_pages and area.publisher_gap:
        yield Gap(area.publisher_gap, "Say who publishes the figures", "boards:publisher-edit")
    for board in Board.objects.in_use().filter(area=area).exclude(pk__in=seen):
        sentence = f"{board} has no indicators, so its page is empty."
        yield Gap(sentence, "See the indicators", "indicators:indicator-list")


def listed(words: list[str], *, most: int = 3) -> str:
    """Return "A, B, C and 2 more"."""
    return ", ".join(words[:most]) + (f" and {len(words) - most} more" if len(words) > most else "")


@dataclass(frozen=True, slots=True)
class Reach:
    """An indicator's first definition, the month it applies from, and the month of its first figure."""

    definition: IndicatorDefinition
    since: Month
    first: Month

    @property
    def indicator(self) -> Indicator:
        return self.definition.indicator


def list_reaches(area: PartnershipArea, firsts: Mapping[str, Month]) -> list[Reach]:
    """List the first definitions to move, in the order of the set-up. `firsts` are months by an indicator's code. Two
    queries.

    A ratio reaches as far back as both of its counts.
    """
    indicators = Indicator.objects.filter(area=area).select_related("section").prefetch_related("definitions")
    definitions = {
        indicator: min(indicator.definitions.all(), key=get_since)
        for indicator in indicators
        if indicator.definitions.all()
    }
    months = {
        indicator.pk: min(get_since(definition), firsts.get(indicator.code, get_since(definition)))
        for indicator, definition in definitions.items()
    }
    for indicator in definitions:
        counts = [key for key in (indicator.numerator_id, indicator.denominator_id) if key is not None]
        if indicator.collection == Collection.RATIO and any(
            counted.code in firsts for counted in indicators if counted.pk in counts
        ):
            months[indicator.pk] = min(
                months[indicator.pk], max(months.get(key, months[indicator.pk]) for key in counts)
            )
    return [
        Reach(definition, get_since(definition), months[indicator.pk])
        for indicator, definition in definitions.items()
        if months[indicator.pk] < get_since(definition)
    ]


def get_since(definition: IndicatorDefinition) -> Month:
    return Month.of(definition.applies_from)


def list_asked_by_others(area: PartnershipArea, person: User) -> QuerySet[RecordingChange]:
    """Return those that somebody else asked for. One query."""
    waiting = RecordingChange.objects.filter(indicator__area=area, state=RecordingState.ASKED.value)
    names = ("indicator__title", "indicator__code", "asked_by__name", "asked_by__email")
    others = waiting.exclude(asked_by=person).select_related("indicator", "asked_by")
    return others.only("applies_from", *names)

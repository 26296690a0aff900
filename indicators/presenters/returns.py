"""Shows a return while it is filled in, checked and read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain, groupby
from types import MappingProxyType

from core.calendar import Month
from indicators.charts import Sparkline, sparkline
from indicators.figures import NOTHING_TYPED, PARTS, REASONS, Entry, NotAFigure, read_figure, shorten, write_opened
from indicators.lines import PLACES
from indicators.models import Indicator, Observation
from indicators.ratios import RATIO_KINDS, RatioKind, show_number
from indicators.selectors.figures import WorkedOut
from indicators.selectors.returns import Box, Figures, SignedOff, box_name, shown
from indicators.selectors.series import NO_PAST, Background, Past, read_figures_of, rules_of_parts
from indicators.selectors.validation import ANSWER, find_place, list_names
from indicators.trend import OWED, CellState
from indicators.validation import Term, add, narrow_to_each

LEFT, RIGHT = "{left}", "{right}"  # places in a sentence, for a script
ALL, SO_FAR, SOME = "in all", "so far", "from those with a figure"


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of the parts with a figure, empty if none has one. `mark` says what it includes: "so far" while a part is
    blank or comes later."""

    text: str
    mark: str


NO_TOTAL = Total("", "")


@dataclass(frozen=True, slots=True)
class Part:
    """A part's figure, or whether one may still arrive."""

    value: int | None
    may_come: bool


def add_up(parts: Iterable[Part]) -> Total:
    """Work out the total, as a script in the form also does."""
    every = list(parts)
    values = [part.value for part in every if part.value is not None]
    if not values:
        return NO_TOTAL
    if any(part.value is None and part.may_come for part in every):
        mark = SO_FAR
    else:
        mark = SOME if len(values) < len(every) else ALL
    return Total(f"{sum(values):,}", mark)


def typed_part(entry: Entry) -> Part:
    """Read a typed part. Text that can’t be read isn't a figure yet."""
    may_come = not entry.reason or entry.reason in OWED
    try:
        return Part(read_figure(entry.value), may_come)
    except NotAFigure:
        return Part(None, may_come)


NOT_KNOWN = "not known yet"


@dataclass(frozen=True, slots=True)
class RatioBeside:
    """A ratio, shown under the later of its two boxes. A script works it out from the same values."""

    title: str
    kind: RatioKind
    per: int
    numerator: str
    denominator: str
    whole: str
    whole_value: str
    text: str
    is_wrong: bool

    @property
    def sign(self) -> str:
        return RATIO_KINDS[self.kind].sign

    @property
    def is_part(self) -> bool:
        return RATIO_KINDS[self.kind].is_part


def list_beside(
    boxes: Sequence[Box], entries: Mapping[str, Entry], worked_out: Sequence[WorkedOut]
) -> dict[str, list[RatioBeside]]:
    """Return the ratios by the name of the box that each is shown under."""
    places = {box.name: place for place, box in enumerate(boxes)}
    beside: dict[str, list[RatioBeside]] = {}
    for ratio in worked_out:
        if not ratio.denominator and ratio.whole is None:
            continue
        under = max(filter(None, (ratio.numerator, ratio.denominator)), key=places.__getitem__)
        whole, fault = ratio.whole, find_fault(ratio, entries)
        beside.setdefault(under, []).append(
            RatioBeside(
                title=ratio.title,
                kind=ratio.ratio.kind,
                per=ratio.ratio.per,
                numerator=ratio.numerator,
                denominator=ratio.denominator,
                whole=f"{whole.value:,} ({whole.words})" if whole else "",
                whole_value=str(whole.value) if whole else "",
                text=fault or show_ratio(ratio, entries),
                is_wrong=bool(fault),
            )
        )
    return beside


def show_ratio(ratio: WorkedOut, entries: Mapping[str, Entry]) -> str:
    cases, whole = read_two(ratio, entries)
    value = None if cases is None or whole is None else ratio.ratio.value(cases, whole)
    return NOT_KNOWN if value is None else show_number(value, ratio.ratio.kind)


def find_fault(ratio: WorkedOut, entries: Mapping[str, Entry]) -> str:
    """Return what is wrong with the two values, to show in place of the ratio; empty if nothing is."""
    for name in filter(None, (ratio.numerator, ratio.denominator)):
        entry = entries.get(name, NOTHING_TYPED)
        if entry.value.strip() and typed_part(entry).value is None:
            return f"“{shorten(entry.value.strip())}” isn’t a whole number"
    cases, whole = read_two(ratio, entries)
    if RATIO_KINDS[ratio.ratio.kind].is_part and cases is not None and whole is not None and cases > whole:
        return f"{cases:,} is more than {whole:,}"
    return ""


def read_two(ratio: WorkedOut, entries: Mapping[str, Entry]) -> tuple[int | None, int | None]:
    """Return the cases and their denominator."""
    cases = typed_part(entries.get(ratio.numerator, NOTHING_TYPED)).value
    if ratio.whole is not None:
        return cases, ratio.whole.value
    return cases, typed_part(entries.get(ratio.denominator, NOTHING_TYPED)).value


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the form: its box, its entry, its past, its errors, its question, and what somebody else has since saved
    in it. `label` names it under its indicator, and `title` by itself. `errors` has a sentence for each control, empty
    where nothing is wrong."""

    name: str
    id: str
    label: str
    title: str
    entry: Entry
    last: str
    usual: str
    spark: Sparkline
    errors: Mapping[str, str]
    question: str
    clash: str
    is_part: bool
    ratios: list[RatioBeside]

    @property
    def is_wrong(self) -> bool:
        return any(self.errors.values())

    @property
    def is_open(self) -> bool:
        """Return whether to show the reason and note straight away: they have content, or may need some."""
        has_more = self.entry.reason or self.entry.note.strip()
        return bool(has_more or self.question or self.clash or self.is_wrong)


@dataclass(frozen=True, slots=True)
class Group:
    """An indicator's rows: itself, or its categories under its title, with their total, and the places that could be
    added. The categories of a breakdown add up to `whole`: the name of its box, and the figure there."""

    code: str
    id: str
    title: str
    question: str
    definition: str
    rows: list[Row]
    is_split: bool
    last_total: str
    usual: str
    total: Total
    places: list[tuple[str, str]]
    whole: tuple[str, str] | None


def group_boxes(
    boxes: Sequence[Box], entries: Mapping[str, Entry], background: Background, faults: "Faults", *, prefix: str
) -> list[Group]:
    """Build the groups of a form. `prefix` starts each id where one page has several areas' returns."""
    groups, last, errors = [], background.last, {**faults.marks, **faults.errors}
    beside_box = list_beside(boxes, entries, background.worked_out)

    def make_row(box: Box) -> Row:
        past = background.pasts.get(box.name, NO_PAST)
        return Row(
            name=box.name,
            id=box_id(prefix + box.name),
            label=box.category.name if box.category else box.indicator.title,
            title=box.label,
            entry=entries.get(box.name, NOTHING_TYPED),
            last=shown(last.get(box.name)),
            usual=describe_usual(past),
            spark=draw_sparkline(past.values, past.under_definition),
            errors={control: beside(errors.get(f"{box.name}:{control}", ""), box) for control in PARTS},
            question=beside(faults.questions.get(f"{box.name}:note", ""), box),
            clash=describe_entry(faults.clashes[box.name]) if box.name in faults.clashes else "",
            is_part=box.category is not None,
            ratios=beside_box.get(box.name, []),
        )

    for code, group in groupby(boxes, key=lambda box: box.indicator.code):
        of_group = list(group)
        indicator, is_split = of_group[0].indicator, of_group[0].category is not None
        rows = [make_row(box) for box in of_group]
        groups.append(
            Group(
                code=code,
                id=box_id(prefix + code),
                title=indicator.title,
                question=indicator.question,
                definition=of_group[0].definition,
                rows=rows,
                is_split=is_split,
                last_total=last_total(of_group, last) if is_split else "",
                usual=describe_usual(background.pasts.get(code, NO_PAST)) if is_split else "",
                total=add_up(typed_part(row.entry) for row in rows) if is_split else NO_TOTAL,
                places=places_to_add(of_group) if is_split and not prefix else [],
                whole=find_whole(indicator, boxes, entries, prefix=prefix),
            )
        )
    return groups


def find_whole(
    indicator: Indicator, boxes: Iterable[Box], entries: Mapping[str, Entry], *, prefix: str
) -> tuple[str, str] | None:
    """Return the box that a breakdown adds up to, and its figure; None for any other indicator, and where the whole is
    split too."""
    for box in boxes:
        if indicator.breaks_down_id == box.indicator.pk and box.category is None:
            value = typed_part(entries.get(box.name, NOTHING_TYPED)).value
            return prefix + box.name, "" if value is None else f"{value:,}"
    return None


def list_rules(boxes: Sequence[Box], background: Background, *, prefix: str) -> list[dict[str, object]]:
    """Return the rules across a return's own figures, as a script asks about them while somebody types. Each has the
    row that it is shown in, its sentence with a place for what each side comes to, and its sides: the boxes to add up,
    and the least and the most that the rest is, such as a figure of the month before."""
    rules = background.rules or rules_of_parts(boxes)
    rest, names = read_figures_of(boxes, {}, background.last), {box.counts: prefix + box.name for box in boxes}

    def describe_side(side: Iterable[Term]) -> dict[str, object]:
        terms = list(side)
        amount = add(terms, rest.amount)
        boxes = [name for term in terms for name in list_names(term, names)]
        return {"boxes": boxes, "least": amount.least, "most": amount.most}

    asked = []
    for rule in chain.from_iterable(narrow_to_each(rule, rules.list_categories) for rule in rules.rules):
        name, term = find_place(rule, names)
        if name:
            sentence = rules.word(rule, LEFT, RIGHT, term)
            asked.append(
                {
                    "row": name,
                    "relation": rule.relation.value,
                    "left": describe_side(rule.left),
                    "right": describe_side(rule.right),
                    "sentence": sentence if rule.is_strict else f"{sentence} {ANSWER}",
                    "isStrict": rule.is_strict,
                }
            )
    return asked


def beside(sentence: str, box: Box) -> str:
    """Shorten a sentence of the summary for the row itself, which already names its figure."""
    if not sentence:
        return ""
    rest = sentence.removeprefix(f"{box.label}: ")
    return rest[:1].upper() + rest[1:]


def box_id(name: str) -> str:
    """Return a box's name as an id: lines-london for "lines.london", and derby--police--lines for "derby/police/lines".
    No code has two hyphens in a row."""
    return name.replace("/", "--").replace(".", "-")


def control_id(key: str) -> str:
    """Return the id of an error's control: lines-london-value for "lines.london:value"."""
    return box_id(key).replace(":", "-")


def describe_usual(past: Past) -> str:
    return "" if past.least is None or past.most is None else f"{past.least:,} to {past.most:,}"


@lru_cache(maxsize=2_000)
def draw_sparkline(values: tuple[int | None, ...], under_definition: int) -> Sparkline:
    """Draw a box's last months. Figures of the past rarely change."""
    return sparkline(values, breaks_before=under_definition)


def last_total(boxes: Iterable[Box], last: Figures) -> str:
    values = [last[box.name].value if box.name in last else None for box in boxes]
    return "" if None in values else f"{sum(value or 0 for value in values):,}"


def places_to_add(boxes: list[Box]) -> list[tuple[str, str]]:
    """List the catalogue's places that could be added to an origin's split, with their codes."""
    categories = [box.category for box in boxes if box.category]
    if not any(category.longitude is not None for category in categories):
        return []
    there = {category.code for category in categories} | {category.name for category in categories}
    return [(place.code, place.name) for place in PLACES if not there & {place.code, place.name}]


def describe_entry(entry: Entry) -> str:
    """Describe a row's entry: "14", "Not available: the system was down", "nothing"."""
    said = entry.value.strip() or reason_label(entry.reason) or "nothing"
    return f"{said}: {entry.note.strip()}" if entry.note.strip() else said


def make_entry(figure: SignedOff) -> Entry:
    """Return a figure as somebody would have typed it."""
    if figure.value is not None:
        return Entry(value=str(figure.value), note=figure.note)
    return Entry(reason=str(figure.state), note=figure.note)


def reason_label(typed: str) -> str:
    """Return a reason's label; any other text as it was typed."""
    return {reason.value: label for reason, label in REASONS.items()}.get(typed, typed)


NO_PASTS: Mapping[str, Past] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Answer:
    """A read-only row of a return: a figure, or the total of its parts, whose `mark` says which parts it includes.
    `code` and `category` name its page."""

    name: str
    label: str
    text: str
    last: str
    code: str
    category: str = ""
    note: str = ""
    change: str = ""
    is_figure: bool = False
    is_provisional: bool = False
    mark: str = ""
    is_total: bool = False
    usual: str = ""


def list_answers(
    boxes: Sequence[Box], observations: Iterable[Observation], *, last: Figures, pasts: Mapping[str, Past] = NO_PASTS
) -> list[Answer]:
    """List each figure of a return in the form's order, with the totals of split ones, and beside each its usual range
    where its past is given."""
    figures = {box_name(figure): figure for figure in observations}
    labels = {box.name: box.label for box in boxes}
    # Figures whose box is no longer in the form come last.
    of_form = [figures[name] for name in labels if name in figures]
    gone = [figure for name, figure in figures.items() if name not in labels]
    answers = [
        Answer(
            name=name,
            label=labels.get(name, figure.indicator.title),
            text=CellState(figure.state).shown.given_as.lower() if figure.state in OWED else shown(figure),
            note=figure.note,
            last=shown(last.get(name)),
            change=describe_change(figure.value, last[name].value if name in last else None),
            is_figure=figure.value is not None,
            is_provisional=figure.is_provisional,
            code=figure.indicator.code,
            category=figure.category.code if figure.category else "",
            usual=describe_usual(pasts.get(name, NO_PAST)),
        )
        for figure in of_form + gone
        for name in [box_name(figure)]
    ]
    parts = {name: Part(figure.value, figure.state in OWED) for name, figure in figures.items()}
    answers = with_totals(answers, boxes, parts, last=last)
    return [
        replace(answer, usual=describe_usual(pasts.get(answer.code, NO_PAST))) if answer.is_total else answer
        for answer in answers
    ]


def typed_answers(boxes: Sequence[Box], entries: Mapping[str, Entry], *, last: Figures) -> list[Answer]:
    """List a draft's entries so far, as typed."""
    answers = [
        Answer(
            name=box.name,
            label=box.label,
            text=typed.value or reason_label(typed.reason) or "Nothing yet",
            note=typed.note,
            last=shown(last.get(box.name)),
            code=box.indicator.code,
            category=box.category.code if box.category else "",
        )
        for box in boxes
        for typed in [entries.get(box.name, NOTHING_TYPED)]
    ]
    return with_totals(
        answers, boxes, {box.name: typed_part(entries.get(box.name, NOTHING_TYPED)) for box in boxes}, last=last
    )


def with_totals(
    answers: list[Answer], boxes: Sequence[Box], parts: Mapping[str, Part], *, last: Figures
) -> list[Answer]:
    """Add each indicator's total below the last of its parts."""
    split: dict[str, list[Box]] = {}
    for box in boxes:
        if box.category:
            split.setdefault(box.indicator.code, []).append(box)
    rows: list[Answer] = []
    for code, group in groupby(answers, key=lambda answer: answer.code):
        rows += group
        if code in split:
            rows += make_total(
                split.pop(code), [parts[answer.name] for answer in answers if answer.code == code], last=last
            )
    return rows


def make_total(boxes: list[Box], parts: list[Part], *, last: Figures) -> list[Answer]:
    """Return the row with these parts' total; none if no part has a figure."""
    total, indicator = add_up(parts), boxes[0].indicator
    if not total.text:
        return []
    row = Answer(
        name="",
        label=f"{indicator.title}, total",
        text=total.text,
        last=last_total(boxes, last),
        code=indicator.code,
        mark="" if total.mark == ALL else total.mark,  # its label says that it is the total
        is_total=True,
    )
    return [row]


def describe_change(value: int | None, before: int | None) -> str:
    if value is None or before is None:
        return ""
    if value == before:
        return "Level"
    return f"{'Up' if value > before else 'Down'} {abs(value - before):,}"


@dataclass(frozen=True, slots=True)
class Faults:
    """The messages about a form: errors and questions by control, a refusal of the whole form, and what somebody else
    has since saved, by box. `marks` are errors of a draft: only their rows show them, not the summary."""

    errors: Mapping[str, str] = field(default_factory=dict)
    questions: Mapping[str, str] = field(default_factory=dict)
    refusal: str = ""
    clashes: Mapping[str, Entry] = field(default_factory=dict)
    marks: Mapping[str, str] = field(default_factory=dict)


NO_FAULTS = Faults()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A return's table, with its errors and questions. `prefix` starts its names and `title` says whose it is: both are
    empty for a return alone on its page. `opened` and `revision` carry the state that the form was opened with.
    Errors, questions and clashes have the id of their control."""

    prefix: str
    title: str
    month: Month
    groups: list[Group]
    rules: list[dict[str, object]]
    revision: int
    opened: str
    refusal: str
    errors: list[tuple[str, str]]
    questions: list[tuple[str, str]]
    clashes: list[tuple[str, str, str, str]]
    filled: int

    @property
    def id(self) -> str:
        return box_id(self.prefix.removesuffix("/"))

    @property
    def column(self) -> str:
        """Return the id of the heading of the figures' column."""
        return f"{self.id}-c-value" if self.id else "c-value"


@dataclass(frozen=True, slots=True)
class Summary:
    """All faults of a page's returns. `others` has those that belong to no return, each with an address if it has
    one."""

    sheets: Sequence[Sheet]
    others: Sequence[tuple[str, str]] = ()

    @property
    def faults(self) -> int:
        return len(self.others) + sum(len(sheet.errors) + bool(sheet.refusal) for sheet in self.sheets)

    @property
    def questions(self) -> int:
        return sum(len(sheet.questions) for sheet in self.sheets)

    @property
    def has_errors(self) -> bool:
        return bool(self.faults or self.questions)

    @property
    def is_unsaved(self) -> bool:
        """Return whether something typed isn't saved."""
        return any(sheet.refusal for sheet in self.sheets)


def make_sheet(
    boxes: Sequence[Box],
    entries: Mapping[str, Entry],
    background: Background,
    faults: Faults = NO_FAULTS,
    *,
    month: Month,
    revision: int,
    opened: Mapping[str, Entry],
    prefix: str = "",
    title: str = "",
) -> Sheet:
    return Sheet(
        prefix=prefix,
        title=title,
        month=month,
        groups=group_boxes(boxes, entries, background, faults, prefix=prefix),
        rules=list_rules(boxes, background, prefix=prefix),
        revision=revision,
        opened=write_opened(opened),
        refusal=faults.refusal,
        errors=[(control_id(prefix + key), sentence) for key, sentence in faults.errors.items()],
        questions=[(control_id(prefix + key), sentence) for key, sentence in faults.questions.items()],
        clashes=[
            (
                control_id(f"{prefix}{box.name}:value"),
                box.label,
                describe_entry(faults.clashes[box.name]),
                describe_entry(entries.get(box.name, NOTHING_TYPED)),
            )
            for box in boxes
            if box.name in faults.clashes
        ],
        filled=sum(not entries.get(box.name, NOTHING_TYPED).is_blank for box in boxes),
    )


def read_saved(background: Background, draft: Mapping[str, Entry]) -> dict[str, Entry]:
    """Return the form's entries: the draft, and where that is blank, figures from a file or a correction."""
    return {name: make_entry(figure) for name, figure in background.brought.items()} | dict(draft)

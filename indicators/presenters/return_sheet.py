"""Shows a return as a form: its table, with its errors and questions. A return can be on a page alone or with other
areas' returns. Then its names start with its area and agency."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.months import Month
from indicators.entries import NOTHING_TYPED, Entry, write_opened
from indicators.presenters.return_form import Group, box_id, control_id, describe_entry, group_boxes, make_entry
from indicators.selectors.backgrounds import Background
from indicators.selectors.returns import Box


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
    """A return's table. `prefix` starts its names and `title` says whose it is: both are empty for a return alone on
    its page. `opened` and `revision` carry the state that the form was opened with. Errors, questions and clashes have
    the id of their control."""

    prefix: str
    title: str
    month: Month
    groups: list[Group]
    revision: int
    opened: str
    refusal: str
    errors: list[tuple[str, str]]
    questions: list[tuple[str, str]]
    clashes: list[tuple[str, str, str, str]]
    filled: int
    asked: int

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
    groups = group_boxes(
        boxes,
        entries,
        last=background.last,
        pasts=background.pasts,
        errors={**faults.marks, **faults.errors},
        questions=faults.questions,
        clashes=faults.clashes,
        worked_out=background.worked_out,
        prefix=prefix,
    )
    return Sheet(
        prefix=prefix,
        title=title,
        month=month,
        groups=groups,
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
        asked=len(boxes),
    )


def read_saved(background: Background, draft: Mapping[str, Entry]) -> dict[str, Entry]:
    """Return the form's entries: the draft, and where that is blank, figures from a file or a correction."""
    return {name: make_entry(figure) for name, figure in background.brought.items()} | dict(draft)

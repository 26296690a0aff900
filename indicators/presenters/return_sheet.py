"""How does a return look as a form: its table, and all that is said about it? One return may stand on a page by itself,
or beside those of other areas: then its names begin with whose it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.months import Month
from indicators.entries import Entry, write_opened
from indicators.presenters.return_form import Group, box_id, control_id, describe_entry, group_boxes, make_entry
from indicators.selectors.backgrounds import Background
from indicators.selectors.returns import Box


@dataclass(frozen=True, slots=True)
class Faults:
    """What is said about a form: what is wrong and what is asked, by control; a refusal of the whole;
    and what somebody else saved meanwhile, by box."""

    errors: Mapping[str, str] = field(default_factory=dict)
    questions: Mapping[str, str] = field(default_factory=dict)
    refusal: str = ""
    clashes: Mapping[str, Entry] = field(default_factory=dict)


NO_FAULTS = Faults()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A return's table. `prefix` is what its names begin with, and `title` whose it is, both empty for one that stands
    by itself. `opened` and `revision` are what the form carries of what it was opened with. Errors, questions and
    clashes are with the id of the control that each is about."""

    prefix: str
    title: str
    month: Month
    groups: list[Group]
    revision: int
    opened: str
    refusal: str
    errors: list[tuple[str, str]]
    questions: list[tuple[str, str]]
    clashes: list[tuple[str, str, str]]
    filled: int
    asked: int

    @property
    def id(self) -> str:
        return box_id(self.prefix.removesuffix("/"))

    @property
    def column(self) -> str:
        """The id of the head of the column of figures."""
        return f"{self.id}-c-value" if self.id else "c-value"


@dataclass(frozen=True, slots=True)
class Summary:
    """All that is wrong with the returns of a page; `others` is what is of none of them, each with the address of what
    it is about, if any."""

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
        """Whether something that was typed isn't saved."""
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
        errors=faults.errors,
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
            (control_id(f"{prefix}{box.name}:value"), box.label, describe_entry(faults.clashes[box.name]))
            for box in boxes
            if box.name in faults.clashes
        ],
        filled=sum(not entries.get(box.name, Entry()).is_blank for box in boxes),
        asked=len(boxes),
    )


def read_saved(background: Background, draft: Mapping[str, Entry]) -> dict[str, Entry]:
    """What the form holds: the draft; and where that has nothing, what a file or a correction brought."""
    return {name: make_entry(figure) for name, figure in background.brought.items()} | dict(draft)

"""The forms of a figure's page: ask for a correction, decide on it, and mark the figure as provisional."""

from typing import Any, ClassVar

from core.forms import AsTyped, DecisionForm, HandDrawnForm
from indicators.entries import Entry
from indicators.selectors.figures import FigurePlace
from indicators.services.corrections import errors_in


class CorrectionForm(HandDrawnForm):
    """What a figure should be, and why."""

    short_text: ClassVar[tuple[str, ...]] = ("note", "why")
    value, reason, note, why = AsTyped(), AsTyped(), AsTyped(), AsTyped()

    def __init__(self, *args: Any, figure: FigurePlace, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "%s", **kwargs})
        self.figure = figure

    def full_clean(self) -> None:
        """If the question isn't answered, every other fault is shown with it."""
        super().full_clean()
        if self.is_bound and "not_personal" in self.errors:
            for control, sentence in errors_in(self.figure, self.entry, self.cleaned_data["why"]).items():
                self.add_error(control, sentence)

    @property
    def entry(self) -> Entry:
        return Entry(*(self.cleaned_data[name] for name in ("value", "reason", "note")))


class DecideCorrectionForm(DecisionForm):
    decisions: ClassVar[tuple[str, ...]] = ("accept", "decline", "withdraw")
    with_words: ClassVar[tuple[str, ...]] = ("decline",)
    short_text: ClassVar[tuple[str, ...]] = ("comment",)
    comment = AsTyped()


class MarkForm(DecisionForm):
    decisions: ClassVar[tuple[str, ...]] = ("mark", "confirm")
    with_words: ClassVar[tuple[str, ...]] = decisions
    short_text: ClassVar[tuple[str, ...]] = ("why",)
    why = AsTyped()

"""The forms for how an indicator is recorded, and for the names of its levels."""

from typing import Any, ClassVar

from django import forms

from boards.forms.fields import polish
from boards.models import PartnershipArea
from core.forms import GuardedForm, get_field
from indicators.forms.setup import MonthField


class RecordingForm(GuardedForm):
    """Asks what is recorded differently, and from which month."""

    use_required_attribute = False
    short_text: ClassVar[tuple[str, ...]] = ("why",)
    month = MonthField(label="From which month")
    why = forms.CharField(
        label="What is recorded differently",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Such as: the new custody system counts each arrest, the old one each person.",
    )

    def __init__(self, *args: Any, area: PartnershipArea, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        get_field(self, "month", MonthField).offer(area)
        polish(self)


class LevelNameForm(GuardedForm):
    """Asks for a level's name, and why it started."""

    use_required_attribute = False
    short_text: ClassVar[tuple[str, ...]] = ("name", "reason")
    name = forms.CharField(label="Name of the level", max_length=80, help_text="Such as: return-home visits.")
    reason = forms.CharField(label="Why it started", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        polish(self)

"""What does somebody decide about a public edition?"""

from typing import Any, ClassVar

from django import forms

from boards.forms.fields import polish
from core.forms import AsTyped, DecisionForm, GuardedForm, KeyField
from indicators.forms.setup import reason_field


class EditionForm(DecisionForm):
    """A decision about a month's public edition, or the reason for an urgent withdrawal.

    `seen` is the fingerprint of the edition that the page showed.
    """

    decisions: ClassVar[tuple[str, ...]] = ("ask", "agree", "decline", "publish", "explain")
    with_words: ClassVar[tuple[str, ...]] = ("decline", "explain")
    short_text: ClassVar[tuple[str, ...]] = ("why",)
    edition = KeyField()
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    why = AsTyped()


class WithdrawalForm(GuardedForm):
    """Asks why a month is withdrawn from the public."""

    use_required_attribute = False
    free_text: ClassVar[tuple[str, ...]] = ("why",)
    why = reason_field("Coordinators and information officers can read it, with your name. The public can’t.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        polish(self)
        self.fields["why"].error_messages["required"] = "Say why you are withdrawing it"

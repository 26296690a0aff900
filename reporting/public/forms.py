"""What does somebody decide about a public edition?"""

from typing import ClassVar

from django import forms

from core.forms import AsTyped, DecisionForm, KeyField


class EditionForm(DecisionForm):
    """A decision about a month's public edition. `seen` is the fingerprint of the edition that the page showed."""

    decisions: ClassVar[tuple[str, ...]] = ("ask", "agree", "decline", "publish", "withdraw")
    with_words: ClassVar[tuple[str, ...]] = ("decline", "withdraw")
    short_text: ClassVar[tuple[str, ...]] = ("why",)
    edition = KeyField()
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    why = AsTyped()

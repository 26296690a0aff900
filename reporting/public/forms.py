"""What is decided of a public edition?"""

from typing import ClassVar

from django import forms

from core.forms import AsTyped, DecisionForm, KeyField


class EditionForm(DecisionForm):
    """What is decided about a month's public edition; `seen` is the fingerprint of the one that the page showed."""

    decisions: ClassVar[tuple[str, ...]] = ("ask", "agree", "decline", "publish", "withdraw")
    with_words: ClassVar[tuple[str, ...]] = ("decline", "withdraw")
    short_text: ClassVar[tuple[str, ...]] = ("why",)
    edition = KeyField()
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    why = AsTyped()

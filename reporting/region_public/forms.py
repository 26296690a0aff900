"""What does somebody decide about a regional edition?"""

from typing import ClassVar

from django import forms

from core.forms import AsTyped, DecisionForm, KeyField


class RegionEditionForm(DecisionForm):
    """A decision about a month's regional edition. `seen` is the fingerprint of the edition that the page showed."""

    decisions: ClassVar[tuple[str, ...]] = ("ask", "agree", "decline", "publish")
    with_words: ClassVar[tuple[str, ...]] = ("decline",)
    short_text: ClassVar[tuple[str, ...]] = ("why",)
    edition = KeyField()
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    why = AsTyped()

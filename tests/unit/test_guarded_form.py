"""A form that asks before it takes what looks like a person's details."""

from typing import ClassVar

from django import forms

from boards.models import Strand
from core.forms.fields import HINT, GuardedForm, fingerprint
from core.texts import LONGEST_TEXT, find_signs

RING = "Ring 07700 900123"
TICKED = fingerprint(find_signs(RING))


class StoryForm(GuardedForm):
    free_text = ("story", "why")
    use_required_attribute = False
    title = forms.CharField(max_length=10)
    story = forms.CharField(widget=forms.Textarea, help_text="What was done.", max_length=100)
    why = forms.CharField(required=False)

    def clean(self):
        """As forms do that forget their parents."""
        return self.cleaned_data


def data(**given: str) -> dict[str, str]:
    return {"title": "T", "story": "We talked.", "why": ""} | given


def test_hints_at_its_free_text():
    form = StoryForm()

    assert form.fields["story"].help_text == f"What was done. {HINT}"
    assert form.fields["why"].help_text == HINT
    assert form.fields["title"].help_text == ""


class TitledForm(StoryForm):
    short_text = ("title",)


def test_looks_at_its_short_text_without_a_hint():
    form = TitledForm(data(title="SS1 2AB"))
    assert str(form.errors["not_personal"][0]).startswith("“SS1 2AB” looks like a full postcode.")
    assert form.fields["title"].help_text == ""
    assert StoryForm(data(title="SS1 2AB")).is_valid()


def test_shows_no_box_while_there_is_no_question():
    assert "not_personal" not in StoryForm().as_p()
    form = StoryForm(data(not_personal=TICKED))
    assert form.is_valid()
    assert "not_personal" not in form.as_p()


def test_asks_at_its_box():
    form = StoryForm(data(story=RING))

    assert not form.is_valid()
    assert form.errors == {
        "not_personal": [
            "“07700 900123” looks like a telephone number. Remove it, or confirm that it doesn’t identify anyone."
        ]
    }
    html = form.as_p()
    assert 'type="checkbox" name="not_personal"' in html
    assert RING in html  # nothing typed is lost


def test_saves_what_was_ticked():
    form = StoryForm(data(story=RING, not_personal=TICKED))

    assert form.is_valid()
    assert form.cleaned_data["story"] == RING


def test_a_tick_holds_for_what_it_was_shown_with_only():
    other = "Ring 07700 900456"
    both = fingerprint(find_signs(RING) + find_signs(other))

    assert not StoryForm(data(story=RING, not_personal="on")).is_valid()  # ticked beside nothing
    added = StoryForm(data(story=f"{RING} or {other}", not_personal=TICKED))
    assert not added.is_valid()
    assert "900123” looks" in added.errors["not_personal"][0]
    assert f'value="{both}" ' in added.as_p()  # and is asked about all of it now
    assert "checked" not in added.as_p()
    assert StoryForm(data(story=RING, not_personal=both)).is_valid()  # a part was taken out


def test_asks_beside_what_else_is_wrong():
    form = StoryForm(data(title="much too long a title", story=RING + "…" * 200, why=RING))

    assert list(form.errors) == ["title", "story", "not_personal"]


def test_names_a_few_and_counts_the_rest():
    story = " ".join(f"SS{number} 2AB" for number in range(1, 8))
    message = str(StoryForm(data(story=story)).errors["not_personal"][0])

    assert message.count("looks like a full postcode") == 5
    assert message.endswith("; and there are 2 more. Remove them, or confirm that they don’t identify anyone.")


def test_asks_nothing_about_a_field_that_is_no_free_text():
    assert StoryForm(data(title="SS1 2AB")).is_valid()


# --- Texts that are too long --------------------------------------------------------------------------


class LongForm(GuardedForm):
    """A story that nothing but the form limits, and a reason that a service limits."""

    free_text = ("story", "why")
    long_text = ("story",)
    story = forms.CharField(widget=forms.Textarea)
    why = forms.CharField(required=False)


def filled(length: int, end: str = RING) -> str:
    return "word " * ((length - len(end)) // 5) + "x" * ((length - len(end)) % 5) + end


def test_a_text_of_the_longest_length_is_looked_at():
    assert list(LongForm({"story": filled(LONGEST_TEXT)}).errors) == ["not_personal"]
    assert LongForm({"story": filled(LONGEST_TEXT, end="")}).is_valid()


def test_a_longer_text_is_refused_and_kept_and_not_looked_at():
    form = LongForm({"story": filled(LONGEST_TEXT + 1)})
    assert form.errors == {"story": ["Shorten the text to 10,000 characters; it has 10,001."]}
    assert RING in form.as_p()
    assert LongForm({"story": "We talked.", "why": filled(LONGEST_TEXT + 1)}).is_valid()  # the service refuses it


def test_lines_ends_and_the_space_around_a_text_dont_count():
    """A browser sends two characters for the end of a line."""
    text = "\r\n".join(["x" * 9] * (LONGEST_TEXT // 10)) + "\r\n" * 9_000
    assert len(text) > 2 * LONGEST_TEXT
    assert LongForm({"story": text}).is_valid()


def test_space_within_a_text_hides_nothing():
    """A service may save it without that space."""
    assert "not_personal" in LongForm({"story": "We talked.", "why": f"Ring 07700{' ' * 20_000}900123"}).errors


def test_what_is_stored_and_longer_can_stay_or_become_shorter():
    stored = {"story": filled(12_000, end="")}
    assert LongForm(stored, initial=stored).is_valid()
    assert LongForm({"story": filled(11_999, end="")}, initial=stored).is_valid()
    assert list(LongForm({"story": filled(11_999)}, initial=stored).errors) == ["not_personal"]
    longer = LongForm({"story": filled(12_001, end="")}, initial=stored)
    assert longer.errors == {"story": ["Shorten the text to 12,000 characters; it has 12,001."]}


class StrandForm(GuardedForm, forms.ModelForm):
    free_text = ("summary",)

    class Meta:
        model = Strand
        fields: ClassVar = ["name", "summary"]


def test_guards_a_form_of_a_model():
    assert HINT in StrandForm().fields["summary"].help_text
    form = StrandForm({"name": "N", "summary": RING})
    assert list(form.errors) == ["not_personal"]
    assert StrandForm({"name": "N", "summary": RING, "not_personal": TICKED}).is_valid()

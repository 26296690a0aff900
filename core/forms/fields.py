"""Fields and forms that many pages share: days, ticks, texts with a warning about personal details, and filters."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from hashlib import sha256
from types import MappingProxyType
from typing import Any, ClassVar

import django_filters
from django import forms
from django.http import QueryDict
from django.utils import timezone

from core.calendar import NoDay, date_label, read_day
from core.texts import KEY_DIGITS, LONGEST_TEXT, bounded, find_signs, read_number, tidy_text

DAY_HINT = "For example, 27/11/2026 or 27 Nov"
# Codes of errors: somebody else saved first; we can't read what was sent.
CHANGED, UNREADABLE = "changed", "unreadable"
MOST_NAMED = 5  # signs in one message
ABOUT_NOBODY = "This doesn’t identify anyone"
HINT = "Never enter personal details: no names, dates of birth, addresses or telephone numbers."


def get_field[Field: forms.Field](form: forms.BaseForm, name: str, kind: type[Field]) -> Field:
    """Return a form's own copy of a declared field, to change its options."""
    field = form.fields[name]
    if not isinstance(field, kind):
        raise TypeError(f"{name} isn’t a {kind.__name__}.")
    return field


class DayField(forms.DateField):
    """A day, as people type one: 10/12/26, 10 Dec, 10 December 2026 (core.calendar).

    `noun` is its label inside a sentence. With `is_past`, a day without a year is the last such day; otherwise the next
    one. If we can read the day, the form shows it in full, even if another field is wrong.
    """

    widget = forms.TextInput(attrs={"class": "govuk-input--width-20", "autocomplete": "off"})

    def __init__(self, *, noun: str = "", is_past: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.is_past = is_past
        self.named = f"The {noun}" if noun else f"“{options.get('label', 'Day')}”"

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values or isinstance(value, date):
            return super().to_python(value)
        text = str(value)
        if not text.strip():
            return None
        try:
            return self.read(text)
        except NoDay as fault:
            why = f": {fault}" if str(fault) else ", such as 27/11/2026 or 27 Nov"
            raise forms.ValidationError(f"{self.named} must be a real day{why}", code="invalid") from None

    def read(self, text: str) -> date:
        return read_day(text, today=timezone.localdate(), is_past=self.is_past)

    def prepare_value(self, value: Any) -> Any:
        """Show the day in full, or what somebody typed if we can't read it."""
        if isinstance(value, str):
            try:
                value = self.read(value)
            except NoDay:
                return value
        return date_label(value) if isinstance(value, date) else value


class RevisionField(forms.IntegerField):
    """The revision that a form was opened with. Anything that isn't a number is -1, which no row has. Nothing is 0, or
    the value of `missing`."""

    widget = forms.HiddenInput

    def __init__(self, *, missing: int = 0) -> None:
        super().__init__(required=False)
        self.missing = missing

    def to_python(self, value: Any) -> int:
        number = read_number(str(value or self.missing))
        return -1 if number is None else number


class RowsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Several rows, from the boxes of a page. A key that no row can have isn't a choice."""

    def clean(self, value: Any) -> Any:
        for key in value or ():
            if read_number(str(key), digits=KEY_DIGITS) is None:
                raise forms.ValidationError(
                    self.error_messages["invalid_choice"], code="invalid_choice", params={"value": key}
                )
        return super().clean(value)


class TickFor(forms.CheckboxInput):
    """A box that confirms the signs shown beside it, and nothing that somebody types later.

    Its value names all signs that were found. If somebody removes one of them, the tick stays valid for the others.
    """

    def ask_about(self, signs: Iterable[str]) -> None:
        self.attrs["value"] = fingerprint(signs)

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        marks = str(self.attrs["value"]).split("-")
        return set(marks) <= set(str(data.get(name, "")).split("-"))


class GuardedForm(forms.Form):
    """A form with free text that asks before it accepts what looks like personal details.

    `free_text` names its fields, each with the warning in its hint. `short_text` names fields for a few words, such as
    a title, without the warning. The box `not_personal` appears when something was found. If it is ticked, the form is
    valid. Before a ModelForm it is a mixin: `class ActionForm(GuardedForm, forms.ModelForm)`.

    It doesn't look at a text of more than LONGEST_TEXT characters, so nothing may save one. The field or the service
    limits each text. `long_text` names those that only this form limits.
    """

    use_required_attribute = False
    free_text: ClassVar[tuple[str, ...]] = ()
    short_text: ClassVar[tuple[str, ...]] = ()
    long_text: ClassVar[tuple[str, ...]] = ()
    not_personal = forms.BooleanField(label=ABOUT_NOBODY, required=False, widget=TickFor)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.guard = self.fields.pop("not_personal")
        for name in self.free_text:
            if name in self.fields:
                field = self.fields[name]
                field.help_text = f"{field.help_text} {HINT}".strip()

    def full_clean(self) -> None:
        """Look for signs even if other fields are wrong. Look at the raw input: other checks may have removed a part of
        it."""
        self.fields.pop("not_personal", None)
        super().full_clean()
        if not self.is_bound or (self.empty_permitted and not self.has_changed()):
            return
        for name in (name for name in self.long_text if name in self.fields):
            length, longest = len(tidy_text(self.get_typed(name))), self.find_longest(name)
            if length > longest:
                self.add_error(name, f"Shorten the text to {longest:,} characters; it has {length:,}.")
        signs = self.personal_signs
        if not signs:
            return
        self.guard.widget.ask_about(signs)
        self.fields["not_personal"] = self.guard
        if not self["not_personal"].data:
            self.add_error("not_personal", question_about(signs))

    @property
    def personal_signs(self) -> tuple[str, ...]:
        """Return what looks personal in the input: "“…” looks like …"."""
        names = (name for name in (*self.free_text, *self.short_text) if name in self.fields)
        return list_signs(bounded(self.get_typed(name), self.find_longest(name)) for name in names)

    def get_typed(self, name: str) -> str:
        return str(self[name].data or "")

    def find_longest(self, name: str) -> int:
        """Return how long a text may be. One that is stored and longer can stay, or become shorter."""
        return max(LONGEST_TEXT, len(str(self[name].initial or "")))


def list_signs(texts: Iterable[str]) -> tuple[str, ...]:
    """Return what looks personal in some texts, each of them `bounded`."""
    return tuple(dict.fromkeys(sign for text in dict.fromkeys(texts) for sign in find_signs(text)))


def fingerprint(signs: Iterable[str]) -> str:
    """Return the value of the ticked box: a short hash of each sign, because a sign may be long."""
    return "-".join(sorted({sha256(sign.encode()).hexdigest()[:12] for sign in signs}))


def question_about(signs: tuple[str, ...]) -> str:
    """ "“…” looks like an NHS number. Remove it, or confirm that it doesn’t identify anyone."."""
    named = list(signs[:MOST_NAMED])
    if len(signs) > MOST_NAMED:
        named.append(f"and there are {len(signs) - MOST_NAMED} more")
    ask = "Remove it, or confirm that it doesn’t" if len(signs) == 1 else "Remove them, or confirm that they don’t"
    return f"{'; '.join(named)}. {ask} identify anyone."


def as_typed(data: Mapping[str, Any], name: str) -> str:
    """Return text as somebody typed it, without NULs, which nobody types."""
    return str(data.get(name) or "").replace("\x00", "")


class AsTyped(forms.CharField):
    """Text as somebody typed it, for a service to read."""

    class Box(forms.Textarea):
        def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> str:
            return as_typed(data, name)

    widget = Box

    def __init__(self) -> None:
        super().__init__(required=False, strip=False)


class KeyField(forms.IntegerField):
    """A row's key in a hidden box; 0, which no row has, for anything else."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(required=False)

    def to_python(self, value: Any) -> int:
        return read_number(str(value or ""), digits=KEY_DIGITS) or 0


class HandDrawnForm(GuardedForm):
    """A form whose template draws its controls, with components/question.html for the box of the question. The service
    validates it."""

    @property
    def wrong(self) -> dict[str, str]:
        """Return the errors for the summary, by the id of the control."""
        errors = self.errors  # this adds or removes the box of the question
        return {self[name].id_for_label: str(errors[name][0]) for name in self.fields if name in errors}

    @property
    def refusal(self) -> str:
        """Return what is wrong with the form as a whole."""
        return " ".join(map(str, self.non_field_errors()))


NOTHING_DECIDED = "Nothing was decided. Press one of the buttons below."


class DecisionForm(HandDrawnForm):
    """Buttons with boxes beside them.

    It checks the text in `short_text` only if the button is one of `with_words`. The other buttons don't save the text.
    """

    decisions: ClassVar[tuple[str, ...]] = ()
    with_words: ClassVar[tuple[str, ...]] = ()
    decision = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_decision(self) -> str:
        decision = str(self.cleaned_data["decision"])
        if decision not in self.decisions:
            self.add_error(None, NOTHING_DECIDED)
        return decision

    @property
    def personal_signs(self) -> tuple[str, ...]:
        return super().personal_signs if self["decision"].data in self.with_words else ()


class Question(HandDrawnForm):
    """The same question, about `texts` that aren't in the form's own boxes."""

    def __init__(self, typed: Mapping[str, Any], *, texts: Iterable[str], **options: Any) -> None:
        self.texts = tuple(texts)
        super().__init__(typed, **{"auto_id": "%s", **options})

    @property
    def personal_signs(self) -> tuple[str, ...]:
        return list_signs(map(bounded, self.texts))


type Choices = list[tuple[str, str]]
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Chosen:
    """A filter in use: its text on the page, and the address without it."""

    words: str
    without: str


class ChoiceFilters(django_filters.FilterSet):  # type: ignore[misc]
    """Filters with a list of options each. An unknown value in the address isn't applied; `refusals` says so.

    `kept` are other parts of the address, such as the month. They stay when somebody adds or removes a filter.
    """

    kept: Mapping[str, str] = NOTHING

    def offer(self, choices: Mapping[str, Choices]) -> None:
        """Set the options under each name."""
        for name, offered in choices.items():
            self.filters[name].extra["choices"] = offered
        for choice_filter in self.filters.values():
            choice_filter.extra["widget"] = forms.Select(attrs={"class": "govuk-select"})

    @cached_property
    def form(self) -> forms.Form:
        """Return the form of the lists. It is ours alone, so it needs neither a class nor copies of its fields."""
        form: forms.Form = self._meta.form(self.data)
        form.fields = {name: choice_filter.field for name, choice_filter in self.filters.items()}
        return form

    @property
    def chosen(self) -> list[Chosen]:
        self.errors  # noqa: B018  # which cleans the form
        data: Mapping[str, Any] = self.form.cleaned_data
        return [
            Chosen(f"{field.label}: {dict(list_options(field))[data[name]]}", self.address(without=name))
            for name, field in self.form.fields.items()
            if data.get(name)
        ]

    def address(self, *, without: str = "", **chosen: str) -> str:
        """Return an address with the filters in use, without one of them, and with a new choice. It drops the page
        number, because the rows differ."""
        kept = QueryDict(mutable=True)
        kept.update(self.kept)
        for name in self.form.fields:
            # Only what the form accepted: anything else in the address would live on in every link.
            if name != without and name not in self.errors and self.data.get(name):
                kept[name] = self.data[name]
        kept.update(chosen)
        return f"?{kept.urlencode()}"

    @property
    def refusals(self) -> list[str]:
        """Return a sentence for each value in the address that isn't an option."""
        return [
            f"“{self.data.get(name, '')[:40]}” isn’t an option under “{self.form.fields[name].label}”, so we left "
            f"that filter out."
            for name in self.errors
        ]


class CountedFilters(ChoiceFilters):
    """Filters that say how many rows match, of how many."""

    nouns: ClassVar[tuple[str, str]]  # of one row, and of several
    total: int

    @property
    def count(self) -> str:
        """Return "5 of 16 challenges"."""
        noun = self.nouns[self.total != 1]
        return f"{self.qs.count():,} of {self.total:,} {noun}" if self.chosen else f"{self.total:,} {noun}"


def list_options(field: forms.Field) -> Choices:
    return [(str(value), str(label)) for value, label in field.choices if value]  # type: ignore[attr-defined]

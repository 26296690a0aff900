"""Which rows does somebody want to see? Filters with a list of options each, and how a page describes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

import django_filters
from django import forms
from django.http import QueryDict

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
        for each in self.filters.values():
            each.extra["widget"] = forms.Select(attrs={"class": "govuk-select"})

    @cached_property
    def form(self) -> forms.Form:
        """Return the form of the lists. It is ours alone, so it needs neither a class nor copies of its fields."""
        form: forms.Form = self._meta.form(self.data)
        form.fields = {name: each.field for name, each in self.filters.items()}
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


def list_options(field: forms.Field) -> Choices:
    return [(str(value), str(label)) for value, label in field.choices if value]  # type: ignore[attr-defined]

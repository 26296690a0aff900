"""The fields in which somebody says what they expect of an action or an event."""

from typing import Any

from django import forms
from django.utils import timezone

from actions.models import Way
from core.months import Month

MONTHS_BACK, MONTHS_AHEAD = 24, 60


def months_to_expect() -> list[tuple[str, str]]:
    current = Month.of(timezone.localdate())
    months = [current + offset for offset in range(-MONTHS_BACK, MONTHS_AHEAD + 1)]
    return [("", "Choose one"), *((str(month), month.label) for month in months)]


def ways_to_expect() -> list[tuple[str, str]]:
    return [("", "Choose one"), *Way.choices()]


def percent_field(**options: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label="By roughly how much, in per cent",
        required=False,
        localize=False,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-3"}),
        error_messages={"invalid": "Enter a whole number of per cent, such as 20"},
        **options,
    )


def way_field(label: str = "Which way it should change") -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        coerce=Way,
        required=False,
        empty_value=None,
        choices=ways_to_expect,
    )


def month_field() -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label="By which month",
        coerce=Month.parse,
        required=False,
        empty_value=None,
        # A function: a list would be worked out once, when the process starts, and a worker may run for weeks.
        choices=months_to_expect,
    )

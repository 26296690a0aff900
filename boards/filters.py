"""Choose which events of the record a page shows."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import django_filters
from django.http import QueryDict

from boards.presenters.record import describe_kind, list_words
from boards.reads import list_values
from core.forms.fields import ChoiceFilters

DAYS = [("1", "Since yesterday"), ("7", "The last 7 days"), ("30", "The last 30 days"), ("365", "The last 365 days")]


class RecordFilter(ChoiceFilters):
    """Filters of events. The options are the values that the record has.

    `of` in the address is one thing, such as “boards.membership:12”: the page then shows its whole story.
    """

    person = django_filters.ChoiceFilter(label="Person", field_name="actor", empty_label="Everyone")
    verb = django_filters.ChoiceFilter(label="What happened", field_name="verb", empty_label="Anything")
    thing = django_filters.ChoiceFilter(label="Kind of thing", field_name="target_type", empty_label="Anything")
    days = django_filters.ChoiceFilter(label="When", method="since", empty_label="At any time", choices=DAYS)
    area = django_filters.ChoiceFilter(label="Area", field_name="area", empty_label="Every area")

    class Meta:
        fields: Sequence[str] = ()

    def __init__(self, data: QueryDict, *, queryset: Any, now: datetime, is_everywhere: bool) -> None:
        self.now = now
        of = data.get("of", "")
        kind, _, key = of.partition(":")
        # As it was before this thing was chosen: or an option of the address would be gone from the list.
        everything = queryset
        super().__init__(data, queryset=queryset.filter(target_type=kind, target_id=key) if of else queryset)
        self.kept: Mapping[str, str] = {"of": of} if of else {}
        options = {
            "person": [(value, value) for value in list_values(everything, "actor")],
            "verb": list_words(list_values(everything, "verb")),
            "thing": [(value, describe_kind(value)) for value in list_values(everything, "target_type")],
        }
        if is_everywhere:
            options["area"] = [(value, value) for value in list_values(everything, "area") if value]
        else:
            del self.filters["area"]
        self.offer(options)

    def since(self, events: Any, name: str, days: str) -> Any:
        return events.filter(happened_at__gte=self.now - timedelta(days=int(days)))

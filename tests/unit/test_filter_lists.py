"""The lists of filters are Django's own, byte for byte."""

import html

import django_filters
import pytest
from django.http import QueryDict

from core.forms.fields import ChoiceFilters
from core.models import User
from core.templatetags.filters import filter_lists

ODD = "<b onclick='x'>\"&"


class Filters(ChoiceFilters):
    first = django_filters.ChoiceFilter(label=f"First {ODD}", field_name="name", empty_label=f"All {ODD}")
    second = django_filters.ChoiceFilter(label="Second", field_name="email", empty_label="Any", choices=[("1", "One")])

    class Meta:
        model = User
        fields = ()


def make(address: str) -> Filters:
    made = Filters(QueryDict(address), queryset=User.objects.none())
    made.offer({"first": [("a", "A"), (ODD, ODD)]})
    return made


@pytest.mark.parametrize(
    "address", ["", "first=a", "first=%3Cb%20onclick%3D'x'%3E%22%26&second=1", "first=unknown", "second="]
)
def test_a_list_is_as_django_would_write_it(address: str):
    form = make(address).form
    form.errors  # noqa: B018  # a list with an error says so
    for field in form:
        before, list_, after = filter_lists([field]).partition(str(field))
        assert list_
        assert before.count("<") == 3
        assert (
            f'<label class="govuk-label" for="{field.id_for_label}">{html.escape(str(field.label))}</label>' in before
        )
        assert after.split() == ["</div>"]

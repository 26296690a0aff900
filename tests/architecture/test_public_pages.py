"""Whether what answers anybody reads only what anybody may. Which views those are is worked out, as is all that they
come to."""

import pytest
from django.urls import resolve

import reporting.months.selectors
from actions.models import Highlight
from boards.models import (
    Consent,
    PartnershipArea,
    PublicAdvice,
    PublicStatements,
    RegionPlace,
    ReportingPeriod,
)
from core.models import Clock, Job, OutboxEntry, RetentionRule, StoredObject, User
from indicators.models import MonthMarking
from reporting.models import (
    DocumentEdition,
    IndicatorLine,
    IssuedPack,
    PackPhoto,
    PublicEdition,
    PublicLine,
    RegionEdition,
    RegionEditionSource,
    Snapshot,
)
from reporting.months.selectors import LINES_OF_MONTH, list_lines
from reporting.templatetags.charts import shape
from reporting.templatetags.public import public_sentences
from tests.architecture import places
from tests.architecture.reached import list_models, reach

# None of them has a true figure. Of a version of a month, an edition says its number and its moment.
FOR_ANYBODY = {
    *(PublicEdition, PublicLine, MonthMarking, ReportingPeriod),
    *(RegionEdition, RegionEditionSource, RegionPlace, Consent, PartnershipArea),
    *(PublicAdvice, PublicStatements, RetentionRule, User),  # who is signed in reads of their own area, too
    *(IssuedPack, PackPhoto, DocumentEdition, Highlight, StoredObject),
    *(Clock, Job, OutboxEntry),  # whether the jobs run, and letters leave
}

# Signing in with a provider reads accounts, and writes letters and events: no figure.
WITH_A_PROVIDER = {"openid_connect_login", "openid_connect_callback"}


def test_what_answers_anybody_reads_only_what_anybody_may():
    views = {name: view for name, view in places.views_for_anybody().items() if name not in WITH_A_PROVIDER}
    found = list_models(*views.values())
    besides = found - FOR_ANYBODY
    assert {model.__name__: [name for name in views if model in list_models(views[name])] for model in besides} == {}
    assert found == FOR_ANYBODY


def test_every_kind_of_public_address_is_among_them():
    assert places.views_for_anybody().keys() >= {
        "reporting:public-month",
        "reporting:public-lines",
        "reporting:public-privacy",
        "region-public:indicator",
        "api:public-month",
    }


# --- Whether it can fail ------------------------------------------------------------------------------------------


def by_its_name():
    return list_lines


def by_an_import_of_its_own():
    from reporting.months.selectors import list_lines as selector  # noqa: PLC0415

    return selector


def by_its_module():
    return reporting.months.selectors.list_lines


def by_a_statement():
    return LINES_OF_MONTH


class Reading:
    @property
    def lines(self):
        return list_lines(Snapshot())


@pytest.mark.parametrize("way", [by_its_name, by_an_import_of_its_own, by_its_module, by_a_statement, Reading])
def test_a_true_figure_is_found_whatever_the_way(way):
    assert IndicatorLine in list_models(way)


def test_the_tags_of_a_template_are_among_what_it_comes_to():
    found = list(reach("reporting/public_month.html"))
    assert public_sentences in found  # by way of the template of a row
    assert shape in found  # by way of a part of another template


def test_pages_of_members_come_to_true_figures():
    for path in ("/testford/2026-10/", "/testford/indicators/", "/testford/exports/history.csv"):
        assert IndicatorLine in list_models(resolve(path).func), path

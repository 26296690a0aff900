"""A lead withdraws a return that nobody has released or accepted."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from boards.models import ReportingPeriod
from boards.rules import Role
from boards.services.months import close_month
from core.forms.pages import ChangedMeanwhile
from core.labels import TransitionRefused
from core.models import AuditEvent
from indicators.models import FigureChange, Observation, Submission
from indicators.services.returns import WHY, accept_return, release_return, submit_return, withdraw_return
from tests.factories import make_member
from tests.integration.return_pages import EDIT, OCTOBER, RECEIPT, Page, said, url
from tests.scenarios import Town, give_back, submit

WITHDRAW = url("indicators:return-withdraw")
FIGURES = {"arrests": 12, "charges": 4}


@pytest.fixture
def submitted(town: Town) -> Submission:
    return submit(town, OCTOBER, FIGURES)


def test_a_lead_withdraws_and_submits_again(town: Town, submitted: Submission, client: Client):
    client.force_login(town.lead)
    assert "Withdraw it" in Page(client.get(RECEIPT)).text
    page = Page(client.get(EDIT))
    assert "Withdraw October 2024 figures" in page.text
    for _ in range(2):  # a double press
        response = client.post(WITHDRAW, {"revision": page.value("revision")})
        assert said(response)[-1].startswith("The return is your draft again")
    withdrawn = Submission.objects.get()
    assert (withdrawn.state, withdrawn.submitted_at, withdrawn.handed_in_on) == ("draft", None, None)
    assert not Observation.objects.exists()
    page = Page(client.get(EDIT))
    assert (page.value("arrests-value"), page.value("charges-value")) == ("12", "4")
    again = submit_return(town.police, withdrawn.period, revision=withdrawn.revision, by=town.lead)
    assert again.state == "submitted"
    assert Observation.objects.count() == 2


def test_it_stands_in_the_history_of_its_figures_and_in_the_audit(town: Town, submitted: Submission):
    withdraw_return(submitted, revision=submitted.revision, by=town.lead)
    acts = FigureChange.objects.filter(indicator__code="arrests").order_by("id").values_list("act", "why")
    assert list(acts) == [("entered", ""), ("taken_out", WHY)]
    event = AuditEvent.objects.filter(verb="submission.withdrawn").get()
    assert (event.details["before"], event.details["after"]) == ("submitted", "draft")


def test_one_that_was_returned_is_returned_again(town: Town, submitted: Submission):
    give_back(town, submitted)
    submission = Submission.objects.get()
    again = submit_return(town.police, submission.period, revision=submission.revision, by=town.lead)
    withdrawn = withdraw_return(again, revision=again.revision, by=town.lead)
    assert (withdrawn.state, withdrawn.comment) == ("returned", submission.comment)
    assert withdrawn.handed_in_on is not None  # it was, once


def test_what_somebody_has_looked_at_stays(town: Town, submitted: Submission):
    town.police.needs_release = True
    town.police.save()
    approver = make_member(town.area, Role.AGENCY_APPROVER, agency=town.police)
    released = release_return(Submission.objects.get(), by=approver)
    with pytest.raises(TransitionRefused, match="is released"):
        withdraw_return(released, revision=released.revision, by=town.lead)
    accepted = accept_return(released, by=town.coordinator)
    with pytest.raises(TransitionRefused, match="is accepted"):
        withdraw_return(accepted, revision=accepted.revision, by=town.lead)
    assert Observation.objects.signed_off().count() == 2


def test_in_a_closed_month_it_is_withdrawn_as_well(town: Town, submitted: Submission, client: Client):
    close_month(ReportingPeriod.objects.get(), by=town.coordinator, missing=["Police"], why="Early")
    client.force_login(town.lead)
    assert "Withdraw" in Page(client.get(EDIT)).text
    assert withdraw_return(submitted, revision=submitted.revision, by=town.lead).state == "draft"


def test_an_old_page_withdraws_nothing(town: Town, submitted: Submission):
    with pytest.raises(ChangedMeanwhile):
        withdraw_return(submitted, revision=submitted.revision + 1, by=town.lead)


def test_nobody_else_withdraws(town: Town, submitted: Submission, outsider):
    for person in (town.coordinator, outsider):
        with pytest.raises(PermissionDenied):
            withdraw_return(submitted, revision=submitted.revision, by=person)

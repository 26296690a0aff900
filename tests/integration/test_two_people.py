"""Two people are two people: nobody accepts what they handed in themselves, in any of the ways in which figures are
accepted."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from boards.rules import Role
from core.calendar import Month
from core.models import User
from indicators.figures import Entry
from indicators.models import Correction, Indicator, Observation, Submission
from indicators.services.corrections import OWN_CORRECTION, accept_correction, ask_correction
from indicators.services.returns import accept_return, release_return, return_return
from tests.answers import Answer
from tests.factories import make_member
from tests.scenarios import Town, accept, open_month, submit
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
OCTOBER = Month(2026, 10)
FIGURES = {"arrests": 12, "charges": 4}
OWN = "You submitted these figures yourself. Another coordinator has to accept them."


@pytest.fixture
def both(town: Town) -> User:
    """The lead coordinates too."""
    town.lead.memberships.create(area=town.area, role=Role.COORDINATOR.value)
    return town.lead


def is_accepted() -> bool:
    return Submission.objects.get().state == "accepted" or Observation.objects.signed_off().exists()


def decide(person: User, revision: int) -> Answer:
    url = reverse("reporting:return-decide", args=["testford", OCTOBER, "police"])
    return signed_in(person).post(url, {"decision": "accept", "revision": revision}, follow=True)


def test_nobody_accepts_a_return_that_they_submitted(town: Town, both: User):
    submission = submit(town, OCTOBER, FIGURES)
    page = signed_in(both).get(submission.get_absolute_url()).content.decode()
    assert OWN in page
    assert 'value="accept"' not in page

    answer = decide(both, submission.revision)

    assert OWN in answer.content.decode()
    assert not is_accepted()
    assert accept_return(submission, by=town.coordinator).accepted_by == town.coordinator


def test_nor_in_the_grid(town: Town, both: User):
    submission = submit(town, OCTOBER, FIGURES)
    url = reverse("reporting:return-grid", args=["testford", OCTOBER])
    page = signed_in(both).get(url).content.decode()
    assert "With another coordinator since" in page
    assert OWN in page
    assert 'name="agency"' not in page

    sent = {"agency": "police", "revision:police": submission.revision}
    assert f"Police wasn’t accepted. {OWN}" in signed_in(both).post(url, sent, follow=True).content.decode()
    assert not is_accepted()


def test_nor_one_that_they_released(town: Town):
    town.police.needs_release = True
    town.police.save()
    approver = make_member(town.area, Role.AGENCY_APPROVER, agency=town.police)
    approver.memberships.create(area=town.area, role=Role.COORDINATOR.value)
    submission = release_return(submit(town, OCTOBER, FIGURES), by=approver)

    answer = decide(approver, submission.revision)

    assert "You released these figures yourself." in answer.content.decode()
    assert not is_accepted()


def test_a_release_counts_for_the_figures_that_were_released(town: Town):
    """A return that came back and was submitted again was released by nobody."""
    town.police.needs_release = True
    town.police.save()
    approver = make_member(town.area, Role.AGENCY_APPROVER, agency=town.police)
    released = release_return(submit(town, OCTOBER, FIGURES), by=approver)
    return_return(released, comment="Check it", by=town.coordinator)
    again = submit(town, OCTOBER, FIGURES)
    assert (again.released_at, again.released_by) == (None, None)


def test_nobody_accepts_a_correction_that_they_asked_for(town: Town, both: User):
    accept(town, OCTOBER, FIGURES)
    arrests = Indicator.objects.get(code="arrests")
    asked = ask_correction(arrests, None, open_month(town, OCTOBER), entry=Entry("13"), reason="One was late", by=both)
    page = (
        signed_in(both).get(reverse("indicators:figure-view", args=["testford", OCTOBER, "arrests"])).content.decode()
    )
    assert OWN_CORRECTION in page
    assert 'value="accept"' not in page

    url = reverse("reporting:correction-decide", args=["testford", asked.pk])
    answer = signed_in(both).post(url, {"decision": "accept"}, follow=True)

    assert OWN_CORRECTION in answer.content.decode()
    assert Correction.objects.get().state == "asked"
    with pytest.raises(PermissionDenied):
        accept_correction(asked, by=both)
    accept_correction(asked, by=town.coordinator)
    assert Observation.objects.get(indicator=arrests).value == 13


@pytest.mark.both_databases
@pytest.mark.parametrize("field", ["submitted_by", "released_by"])
def test_the_database_refuses_it_whoever_writes(town: Town, field: str):
    accepted = Submission.objects.filter(pk=accept(town, OCTOBER, FIGURES).pk)
    with pytest.raises(IntegrityError, match="A return can’t be accepted by"), transaction.atomic():
        accepted.update(**{field: town.coordinator, "released_at": accepted.get().submitted_at})
    accepted.update(comment="A change of something else")


@pytest.mark.both_databases
def test_the_database_refuses_a_correction_by_one_person(town: Town, both: User):
    accept(town, OCTOBER, FIGURES)
    arrests = Indicator.objects.get(code="arrests")
    asked = ask_correction(arrests, None, open_month(town, OCTOBER), entry=Entry("13"), reason="One was late", by=both)
    decided = {"state": "accepted", "decided_by": both, "decided_at": asked.asked_at}
    with pytest.raises(IntegrityError, match="A correction can’t be accepted by"), transaction.atomic():
        Correction.objects.filter(pk=asked.pk).update(**decided)

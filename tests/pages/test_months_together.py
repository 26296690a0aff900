"""A new town's earlier months are closed and published together, also those that were opened by hand."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from boards.models import ReportingPeriod
from boards.rules import Role
from boards.services.months import open_by_hand
from core.calendar import Month, months_between
from core.models import AuditEvent
from indicators.imports.figures import read_figure_file
from indicators.services.past_figures import import_figures
from indicators.services.returns import accept_return
from reporting.models import PublicEdition, Snapshot
from reporting.packs.services.letters import MONTHS
from tests.factories.workbooks import HEADER
from tests.letters import send
from tests.pages.test_history_pages import publish_together, say
from tests.scenarios import Town, publish_openly, submit, sweep
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
TOGETHER = "/testford/history/publish/"
WHY = "From before the boards began"
MONTHS_BEFORE, GAP = 21, 15


@pytest.fixture
def newest() -> Month:
    return Month.of(timezone.localdate()).previous


@pytest.fixture
def first(newest: Month) -> Month:
    return newest + -MONTHS_BEFORE


@pytest.fixture
def coordinator(town: Town) -> Client:
    return signed_in(town.coordinator)


def fill(town: Town, *months: Month) -> None:
    rows = [f"police,{code},,{month},70,," for month in months for code in ("arrests", "charges")]
    file = read_figure_file("\n".join([",".join(HEADER), *rows]).encode(), name_of_file="figures.csv")
    import_figures(town.area, file.rows, name_of_file="figures.csv", by=None)
    sweep()


@pytest.fixture
def opened(town: Town, first: Month, newest: Month) -> Town:
    """21 months before the newest, of which ten were opened by hand. A file has the figures of all but one of these."""
    months = list(months_between(first, newest))
    open_by_hand(town.area, months[11], seen=[*months[11:], newest.next], by=town.coordinator)
    fill(town, *(month for month in months[:-1] if month != first + GAP))
    return town


def states(town: Town) -> list[str]:
    return [period.status for period in ReportingPeriod.objects.filter(area=town.area).order_by("starts_on")]


def test_21_months_opened_by_hand_are_one_page_and_one_press(
    opened: Town, coordinator: Client, first: Month, newest: Month
):
    said = say(coordinator.get(TOGETHER))
    assert f"as soon as you publish them: 21 months, {first.label} to {newest.previous.label}." in said
    assert f"{(first + GAP).label} No return from Police. 2 of 2 figures are missing." in said
    assert f"{(first + (GAP + 1)).label} No figure is missing." in said
    assert f"An information officer has to approve what the public sees: {opened.people[Role.INFORMATION]}." in said
    last = str(newest.previous)
    asked = publish_together(coordinator, last=last, why="")
    assert "Say why you are publishing these months with figures missing." in say(asked)
    assert set(states(opened)) == {"open"}
    assert "21 months are published" in say(publish_together(coordinator, last=last, why=WHY))
    assert states(opened) == ["published"] * 21 + ["open"] * 2
    assert Snapshot.objects.standing().count() == 21
    closed = AuditEvent.objects.filter(verb="month.closed").order_by("pk")
    assert [event.details["missing"] for event in closed] == [["Police"] if place == GAP else [] for place in range(21)]
    assert AuditEvent.objects.filter(verb="month.published").count() == 21


def test_it_starts_with_the_newest_month_that_has_figures(town: Town, coordinator: Client, newest: Month):
    first = newest + -9
    open_by_hand(town.area, first, seen=list(months_between(first, newest.next)), by=town.coordinator)
    sweep()
    page = coordinator.get(TOGETHER)
    assert "No figure yet: import past figures first ." in say(page)
    assert 'href="/testford/history/">import past figures first' in page.content.decode()
    assert "Publish these months" not in say(page)
    fill(town, *months_between(first, first + 4))
    page = coordinator.get(TOGETHER)
    assert f'value="{first + 4}" selected' in page.content.decode()
    assert "Publish these months" in say(page)


def test_a_press_that_comes_twice_publishes_once(opened: Town, coordinator: Client, newest: Month):
    page = coordinator.get(TOGETHER)
    typed = {"seen": page.context["form"]["seen"].value(), "last": str(newest.previous), "why": WHY}
    for _ in range(2):
        answer = coordinator.post(TOGETHER, typed, follow=True)
    assert "No earlier month is waiting." in say(answer)
    assert AuditEvent.objects.filter(verb="month.published").count() == 21


def test_what_fails_half_way_publishes_nothing_and_is_done_again(
    opened: Town, coordinator: Client, newest: Month, monkeypatch: pytest.MonkeyPatch
):
    from reporting.months import services  # noqa: PLC0415  # to break one of its parts

    publish_one, last = services.publish, str(newest.previous)

    def fail_at_the_tenth(draft: Snapshot, **options: Any) -> None:
        if draft.period.starts_on == (newest + -12).first_day:
            raise OSError("The machine stopped.")
        publish_one(draft, **options)

    with monkeypatch.context() as broken:
        broken.setattr(services, "publish", fail_at_the_tenth)
        with pytest.raises(OSError, match="stopped"):
            publish_together(coordinator, last=last, why=WHY)
    assert set(states(opened)) == {"open"}
    assert not AuditEvent.objects.filter(verb__in=("month.closed", "month.published")).exists()
    publish_together(coordinator, last=last, why=WHY)
    assert states(opened) == ["published"] * 21 + ["open"] * 2


def test_a_return_in_hand_ends_the_list_until_it_is_accepted(opened: Town, coordinator: Client, first: Month):
    submission = submit(opened, first + GAP, {"arrests": 7, "charges": 7})
    assert f"15 months, {first.label} to {(first + (GAP - 1)).label}." in say(coordinator.get(TOGETHER))
    assert f"{(first + GAP).label} isn’t among them." in say(coordinator.get(TOGETHER))
    accept_return(submission, by=opened.coordinator)
    sweep()
    said = say(coordinator.get(TOGETHER))
    assert "21 months," in said
    assert "Nothing: every figure asked for is here." in said


def test_one_approval_of_a_second_person_makes_them_all_public(
    opened: Town, coordinator: Client, first: Month, newest: Month, settings
):
    settings.PUBLICATION_GRACE *= 0
    publish_together(coordinator, last=str(newest.previous), why=WHY)
    edition = publish_openly(opened, newest.previous)
    assert edition.agreed_by == opened.people[Role.INFORMATION]
    assert PublicEdition.objects.count() == 1
    (arrests,) = edition.lines.filter(indicator_code="arrests")
    assert arrests.history == [None if place == GAP else 70 for place in range(MONTHS_BEFORE)]
    assert Client().get(f"/testford/public/{newest.previous}/").status_code == 200


def test_nobody_gets_a_storm_of_letters(opened: Town, coordinator: Client, newest: Month, settings):
    settings.PUBLICATION_GRACE = settings.PUBLICATION_GRACE * 0
    publish_together(coordinator, last=str(newest.previous), why=WHY)
    mail.outbox.clear()
    send(MONTHS)
    letters = [letter.to[0] for letter in mail.outbox]
    assert len(letters) == len(set(letters))


def test_first_steps_and_the_pages_of_one_month_lead_there(opened: Town, coordinator: Client, first: Month):
    home = coordinator.get("/testford/").content.decode()
    assert f'href="{TOGETHER}"' in home
    assert f"21 earlier months can be closed and published together: {first.label} to" in home
    assert "21 earlier months to close and publish" in home
    for act in ("close", "publish"):
        if act == "publish":
            coordinator.post(f"/testford/months/{first + GAP}/close/", {"seen": "", "why": WHY})
        step = coordinator.get(f"/testford/months/{first + GAP}/{act}/").content.decode()
        assert f'href="{TOGETHER}"' in step, act

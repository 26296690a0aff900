"""A withdrawn month: the rows that take its figures down, and what goes up again."""

from collections.abc import Sequence

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from boards.models import Membership, Tie
from boards.permissions import access_to
from boards.rules import Role
from core.calendar import Month
from core.labels import TransitionRefused
from core.models import AuditEvent
from indicators.disclosure import Audience, AudienceRefused, Marking
from indicators.services.disclosure import mark_month
from reporting.models import EditionWithdrawal, IssuedPack, MonthWithdrawal, PublicEdition, PublicLine, Replacement
from reporting.packs.services.letters import WITHDRAWALS, write_withdrawals
from reporting.public import publishing
from reporting.public.cells import shows
from reporting.public.editions import lines_for_the_public, published_edition
from reporting.public.lines import Prepared
from reporting.public.presenters.publishing import edition_tasks
from reporting.public.reach import names_beyond
from reporting.public.selectors import waiting_replacements
from reporting.public.services import agree, ask_consent, publish_edition
from reporting.public.taking_down import explain, prepare_replacements, withdraw_month
from tests import scenarios
from tests.factories import make_member
from tests.integration.clock import Clock
from tests.integration.test_editions import correct
from tests.integration.test_public_held import AUGUST, JULY, JUNE, make_staff_town, read, take
from tests.scenarios import Town, accept, issue, publish_openly
from tests.standing import stand
from tests.visiting import signed_in
from tests.withdrawn import OCTOBER, SEPTEMBER, make_public_town, officer_of, period_of, publish_again

pytestmark = pytest.mark.django_db


made, town = stand(make_public_town)


def test_the_figures_come_back_with_an_edition_of_their_own_month(town: Town):
    """Also in editions of later months: what went with its month isn't withheld for ever."""
    withdraw_month(period_of(town, SEPTEMBER), why="Wrong", by=officer_of(town))
    prepare_replacements(waiting_replacements())
    publish_again(town, OCTOBER)
    own = scenarios.publish_openly(town, SEPTEMBER)
    shown = own.lines.get(indicator_code="arrests")
    assert (shown.value, shown.revised_state) == (7351, "")
    third = scenarios.publish_openly(town, OCTOBER)
    assert (third.number, third.left_out) == (3, [])
    assert third.lines.get(indicator_code="arrests").history == [7351, 20]


@pytest.mark.both_databases
def test_what_is_prepared_waits_for_two_people(town: Town):
    withdraw_month(period_of(town, SEPTEMBER), why="Wrong", by=officer_of(town))
    prepare_replacements(waiting_replacements())
    edition = PublicEdition.objects.select_related("period__area").get(state="asked")
    assert (edition.asked_by, edition.left_out) == (None, ["2026-09"])
    assert edition.prepared_for.period.month == SEPTEMBER
    officer = officer_of(town)
    agree(edition, by=officer, seen=edition.fingerprint)
    # An officer who becomes the coordinator afterwards isn't two people.
    Membership.objects.filter(area=town.area, user=officer).delete()
    Membership.objects.create(area=town.area, user=officer, role=Role.COORDINATOR)
    with pytest.raises(PermissionDenied, match="You approved this edition"):
        publish_edition(edition, by=officer)
    edition.refresh_from_db()
    with pytest.raises(IntegrityError, match="prepared_edition_published_by_another"), transaction.atomic():
        PublicEdition.objects.filter(pk=edition.pk).update(
            state="published", number=2, published_at=timezone.now(), published_by=officer
        )
    publish_edition(edition, by=town.coordinator)


@pytest.mark.parametrize(
    ("made_by", "person", "kind", "is_refused"),
    [
        ("officer", "coordinator", "factor", True),
        ("coordinator", "officer", "factor", True),
        ("officer", "coordinator", "role", True),
        # In a small town, the coordinator asked for the officer, and somebody else confirmed it.
        ("coordinator", "officer", "role", False),
    ],
)
def test_two_who_are_tied_are_not_two_people_for_it(town: Town, made_by: str, person: str, kind: str, is_refused: bool):
    withdraw_month(period_of(town, SEPTEMBER), why="Wrong", by=officer_of(town))
    prepare_replacements(waiting_replacements())
    edition = PublicEdition.objects.select_related("period__area").get(state="asked")
    agree(edition, by=officer_of(town), seen=edition.fingerprint)
    people = {"officer": officer_of(town), "coordinator": town.coordinator}
    Tie.objects.create(made_by=people[made_by], person=people[person], kind=kind, made_at=timezone.now())
    page = f"/testford/publishing/{OCTOBER}/"
    client = signed_in(town.coordinator)
    assert ('value="publish"' in client.get(page).content.decode()) is not is_refused
    client.post(page, {"decision": "publish", "edition": edition.pk})
    edition.refresh_from_db()
    assert edition.state == ("agreed" if is_refused else "published")
    if is_refused:
        said = client.get(page).content.decode()
        assert "You and information can’t decide this together" in said
        publish_edition(edition, by=make_member(town.area, Role.COORDINATOR))


def test_one_that_breaks_holds_up_no_other(town: Town, monkeypatch: pytest.MonkeyPatch):
    withdraw_month(period_of(town, SEPTEMBER), why="Wrong", by=officer_of(town))

    def break_down(_: object) -> Prepared:
        raise ZeroDivisionError

    monkeypatch.setattr(publishing, "prepare_edition", break_down)
    assert prepare_replacements(waiting_replacements()) == 0
    assert Replacement.objects.get().refused.startswith("Something went wrong")
    assert not waiting_replacements().exists()


def test_it_is_prepared_once(town: Town):
    withdraw_month(period_of(town, SEPTEMBER), why="Wrong", by=officer_of(town))
    waiting = list(waiting_replacements())
    assert (prepare_replacements(waiting), prepare_replacements(waiting)) == (1, 0)
    assert PublicEdition.objects.filter(state="asked").count() == 1


def test_an_edition_in_progress_that_shows_it_is_declined(town: Town):
    correct(town, OCTOBER, "charges", 15)
    october = period_of(town, OCTOBER)
    waiting = ask_consent(october, by=town.coordinator)
    agree(waiting, by=officer_of(town), seen=waiting.fingerprint)
    withdraw_month(period_of(town, SEPTEMBER), why="Wrong", by=officer_of(town))
    waiting.refresh_from_db()
    assert (waiting.state, waiting.declined_why[:28]) == ("declined", "September 2026 was withdrawn")
    with pytest.raises(TransitionRefused):
        publish_edition(waiting, by=town.coordinator)


def test_what_is_down_is_still_proved(town: Town):
    """Editions and packs are the rows that they were; only a row beside them takes them down."""
    before = [list(model.objects.order_by("pk").values()) for model in (PublicEdition, PublicLine, IssuedPack)]
    withdraw_month(period_of(town, SEPTEMBER), why="Wrong", by=officer_of(town))
    assert before == [list(model.objects.order_by("pk").values()) for model in (PublicEdition, PublicLine, IssuedPack)]
    down = EditionWithdrawal.objects.select_related("edition", "cause").order_by("edition__period__starts_on")
    assert [(each.edition.period.month, each.is_own) for each in down] == [(SEPTEMBER, True), (OCTOBER, False)]
    event = AuditEvent.objects.get(verb="public_month.withdrawn")
    assert event.details == {
        "month": "2026-09",
        "editions": ["2026-09/1", "2026-10/1"],
        "packs": ["TESTFORD-2026-09-CSP-1", "TESTFORD-2026-10-CSP-1"],
        "documents": [],
        "is_urgent": False,
        "why": "Wrong",
    }


def test_what_was_made_without_it_stays_up_if_it_is_marked_later(town: Town):
    """The new pack names September, and shows nothing of it."""
    september = period_of(town, SEPTEMBER)
    withdraw_month(september, why="Wrong", by=officer_of(town))
    prepare_replacements(waiting_replacements())
    again = publish_again(town, OCTOBER)
    issue(town, OCTOBER, audience=Audience.PUBLIC)
    mark_month(september, audience=Audience.PUBLIC, marking=Marking.SENSITIVE, why="Too", by=officer_of(town))
    assert MonthWithdrawal.objects.count() == 1
    assert not EditionWithdrawal.objects.filter(edition=again).exists()


@pytest.mark.parametrize(("words", "goes"), [("Revised: August 2023, 7 instead of 9", True), ("Nothing", False)])
def test_a_pack_that_names_a_month_beyond_its_edition(words: str, goes: bool):
    line, pack = PublicLine(history=[1] * 36, steps=[]), IssuedPack(content={"chapters": [{"words": words}]})
    assert names_beyond(OCTOBER, Month(2023, 8), [line], [pack]) is goes
    assert not names_beyond(OCTOBER, Month(2023, 11), [line], [pack])  # its lines decide


def test_no_draft_for_the_public_shows_a_withdrawn_month(town: Town):
    september = period_of(town, SEPTEMBER)
    withdraw_month(september, why="Wrong", by=officer_of(town))
    snapshot = september.snapshots.get()
    snapshot.period = september
    with pytest.raises(AudienceRefused, match="The public can’t see September 2026 now"):
        lines_for_the_public(snapshot, published_edition(september, snapshot))
    with pytest.raises(CommandError, match="The public can’t see September 2026 now"):
        call_command("export_month", area=town.area.slug, month="2026-09", audience="public")


# --- What repeats a figure --------------------------------------------------------------------------


def line_of(history: list[int | None], held: Sequence[int] = ()) -> PublicLine:
    """A line whose newest month is December 2026."""
    without = {str(place): "withheld" for place, value in enumerate(history) if value is None}
    step = {"at": 0, "from": "2025-01-01", "without": without, "held": list(held), "provisional": []}
    return PublicLine(history=history, steps=[step], state="figure", value=history[-1])


@pytest.mark.parametrize(
    ("history", "held", "withdrawn", "shown"),
    [
        ([1, 2, 3], (), Month(2026, 11), True),
        ([1, None, 3], (), Month(2026, 11), False),  # withheld, so nothing of it is shown
        ([1, 2, 3], (), Month(2026, 9), False),
        ([1, 2, 3], (), Month(2027, 1), False),
        ([None, 7, 7], (1, 2), Month(2026, 10), True),  # withheld there, and repeated all the same
        ([7, 7, 7], (1, 2), Month(2026, 10), True),
        ([5, 7, 7], (2,), Month(2026, 10), True),
        ([7, 7, 8], (0, 1), Month(2026, 9), True),  # a quarter that started before the line
        ([7, 7, 8], (0, 1), Month(2025, 10), True),
        ([7, 7, 8], (0, 1), Month(2025, 9), False),  # more than a year before it
    ],
)
def test_which_lines_show_a_month(history: list[int | None], held: Sequence[int], withdrawn: Month, shown: bool):
    assert shows(line_of(history, held), Month(2026, 12), withdrawn) is shown


def test_a_quarters_figure_goes_with_the_month_that_it_is_from():
    """August repeats what the quarter's figure for July said. If July goes, so does August's."""
    town = make_staff_town(staff="monthly", trained="quarterly")
    accept(town, JUNE, {"arrests": 12, "charges": 6, "staff": 80, "trained": 50})
    accept(town, JULY, {"arrests": 12, "charges": 6, "staff": 90, "trained": 61})
    take(town, AUGUST, staff=120)
    assert read(publish_openly(town, AUGUST))["trained"].history[-2:] == [61, 61]
    withdraw_month(period_of(town, JULY), why="Wrong", by=officer_of(town))
    prepare_replacements(waiting_replacements())
    lines = read(PublicEdition.objects.get(state="asked"))
    shown = {code: lines[code].history for code in ("staff", "trained", "share")}
    assert shown == {"staff": [80, None, 120], "trained": [50, None, None], "share": [625, None, None]}


# --- Who is told ------------------------------------------------------------------------------------


def test_coordinators_and_officers_are_told_once_it_is_known_what_comes_back(town: Town, monkeypatch):
    Clock(monkeypatch)("2026-12-01")
    withdraw_month(period_of(town, SEPTEMBER), why="It said 7351", by=officer_of(town))
    today = timezone.localdate()
    assert list(WITHDRAWALS.find(today, None)) == []
    prepare_replacements(waiting_replacements())
    (told,) = WITHDRAWALS.find(today, None)
    assert told.person == town.coordinator
    (part,) = write_withdrawals([told], today)
    said = " ".join([part.letter.subject, part.letter.opening, *part.letter.sentences])
    assert "September 2026 was withdrawn from the public in Testford" in said
    assert "new ones need approval: October 2026" in said
    assert "7351" not in said


def test_who_has_to_give_a_reason_finds_it_at_home(town: Town):
    officer = officer_of(town)
    withdrawal = withdraw_month(period_of(town, SEPTEMBER), is_urgent=True, by=officer)
    names = [task.name for task in edition_tasks(access_to(town.area, by=officer))]
    assert names == ["Say why September 2026 was withdrawn"]
    explain(withdrawal, why="Wrong", by=officer)
    prepare_replacements(waiting_replacements())
    (task,) = edition_tasks(access_to(town.area, by=officer))
    assert (task.name, "because an earlier month was withdrawn" in task.hint) == (
        "Approve October 2026 for the public",
        True,
    )
    assert not list(edition_tasks(access_to(town.area, by=town.coordinator)))

"""A correction after publication: how boards and public get the right figure, and what may come between."""

import re
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from boards.models import Board, Membership, ReportingPeriod
from boards.rules import Role
from core.calendar import Month
from core.forms.pages import ChangedMeanwhile
from core.labels import TransitionRefused
from core.models import AuditEvent, User
from indicators.figures import Entry
from indicators.models import Correction, Indicator, IndicatorBoard
from indicators.services.corrections import accept_correction, ask_correction
from reporting.models import PublicEdition, Snapshot
from reporting.months.services import hash_corrections, list_corrections, publish_corrections, take_back
from reporting.packs.services.letters import find_consents, find_months, write_consents
from reporting.public import services
from reporting.public.taking_down import withdraw_month
from tests import scenarios
from tests.commenting import comment
from tests.factories import make_board
from tests.integration.clock import Clock, clock_at
from tests.scenarios import Town, make_town
from tests.standing import stand
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
SEPTEMBER, OCTOBER = (Month(2026, number) for number in (9, 10))
PAGE = "/testford/corrections/publish/"


def make_public_town() -> Town:
    """Two months that boards and public read. September: 12 arrests and 8 charges; October: 15 and 9. The SAB has only
    the charges."""
    town = make_town()
    charges = Indicator.objects.get(area=town.area, code="charges")
    IndicatorBoard.objects.create(indicator=charges, board=make_board(town.area, "sab"))
    for month, arrests in ((SEPTEMBER, 12), (OCTOBER, 15)):
        scenarios.accept(town, month, {"arrests": arrests, "charges": arrests - 6 + 2 * (month == SEPTEMBER)})
        scenarios.publish(town, month)
        scenarios.publish_openly(town, month)
    return town


made, town = stand(make_public_town)
clock = clock_at()


def period_of(town: Town, month: Month) -> ReportingPeriod:
    return ReportingPeriod.objects.select_related("area").get(area=town.area, starts_on=month.first_day)


def officer_of(town: Town) -> User:
    return town.people[Role.INFORMATION]


def ask(town: Town, month: Month, value: int, code: str = "arrests") -> Correction:
    indicator = Indicator.objects.get(area=town.area, code=code)
    entry = Entry(str(value))
    return ask_correction(indicator, None, period_of(town, month), entry=entry, reason="Counted twice", by=town.lead)


def correct(town: Town, month: Month, value: int, code: str = "arrests") -> None:
    accept_correction(ask(town, month, value, code), by=town.coordinator)
    scenarios.sweep()


def publish(town: Town) -> list[Snapshot]:
    """The coordinator's press, on the page as it is."""
    seen = hash_corrections(list_corrections(town.area))
    return services.publish_correction(town.area, seen=seen, by=town.coordinator)


def waiting(town: Town) -> list[PublicEdition]:
    editions = PublicEdition.objects.filter(period__area=town.area, state="asked").order_by("period__starts_on")
    return list(editions.select_related("period__area"))


def agree(town: Town, edition: PublicEdition) -> None:
    services.agree(edition, by=officer_of(town), seen=edition.fingerprint)


def read_boards(town: Town, month: Month) -> tuple[int, int]:
    """Return the version that boards read, and its arrests."""
    snapshot = Snapshot.objects.standing().filter(period=period_of(town, month)).order_by("-version")[0]
    return snapshot.version, snapshot.lines.get(indicator_code="arrests", category_code="").value


def read_public(town: Town, month: Month) -> tuple[int, int]:
    """Return the number of the edition that anybody reads, and its arrests."""
    newest = PublicEdition.objects.filter(period=period_of(town, month), number__isnull=False).order_by("-number")[0]
    return newest.number, newest.lines.get(indicator_code="arrests", category_code="").value


def home(town: Town, person: User) -> str:
    return signed_in(person).get(reverse("reporting:area-home", args=[town.area.slug])).content.decode()


def test_both_get_it_together_once_both_have_agreed(town: Town):
    correct(town, OCTOBER, 18)
    assert publish(town) == []
    assert (read_boards(town, OCTOBER), read_public(town, OCTOBER)) == ((1, 15), (1, 15))
    (edition,) = waiting(town)
    agree(town, edition)
    assert (read_boards(town, OCTOBER), read_public(town, OCTOBER)) == ((2, 18), (2, 18))
    version = Snapshot.objects.get(period=period_of(town, OCTOBER), version=2)
    assert version.published_by == town.coordinator
    edition.refresh_from_db()
    assert (edition.asked_by, edition.agreed_by, edition.snapshot) == (town.coordinator, officer_of(town), version)
    # Nobody can take back what is public, so nothing waits for a quarter of an hour.
    with pytest.raises(TransitionRefused):
        take_back(town.area, seen=[version.pk], why="Wrong", by=town.coordinator)


def test_a_correction_two_months_show_goes_out_when_the_last_is_approved(town: Town):
    correct(town, SEPTEMBER, 11)
    publish(town)
    september, october = waiting(town)
    agree(town, october)
    assert (read_boards(town, SEPTEMBER), read_public(town, OCTOBER)[0]) == ((1, 12), 1)
    agree(town, september)
    assert (read_boards(town, SEPTEMBER), read_public(town, SEPTEMBER)) == ((2, 11), (2, 11))
    assert (read_boards(town, OCTOBER)[0], read_public(town, OCTOBER)[0]) == (2, 2)
    shown = PublicEdition.objects.get(period=period_of(town, OCTOBER), number=2)
    assert shown.lines.get(indicator_code="arrests").history[-2:] == [11, 15]


def test_a_month_that_nobody_made_public_goes_out_at_once(town: Town):
    services.turn_public_pages(town.area, on=False, by=town.coordinator)
    town.area.refresh_from_db()
    correct(town, OCTOBER, 18)
    assert [version.version for version in publish(town)] == [2]
    assert waiting(town) == []


def test_what_the_public_does_not_see_goes_out_at_once(town: Town):
    """A small figure is withheld before and after. That the edition no longer marks what it revised is nothing new."""
    correct(town, OCTOBER, 3, "charges")
    correct(town, OCTOBER, 18)
    publish(town)
    agree(town, *waiting(town))
    correct(town, OCTOBER, 2, "charges")
    assert [version.version for version in publish(town)] == [3]
    assert waiting(town) == []
    with pytest.raises(TransitionRefused, match="hasn’t changed since its public edition"):
        services.ask_consent(period_of(town, OCTOBER), by=town.coordinator)


def test_a_double_press_asks_once_and_agrees_once(town: Town):
    correct(town, OCTOBER, 18)
    seen = hash_corrections(list_corrections(town.area))
    for _ in range(2):
        services.publish_correction(town.area, seen=seen, by=town.coordinator)
    (edition,) = waiting(town)
    assert PublicEdition.objects.filter(snapshot=edition.snapshot).count() == 1
    agree(town, edition)
    with pytest.raises(TransitionRefused):
        agree(town, edition)
    assert read_public(town, OCTOBER) == (2, 18)
    with pytest.raises(TransitionRefused, match="nothing to publish"):
        services.publish_correction(town.area, seen=seen, by=town.coordinator)


def test_whoever_asks_and_whoever_decides_read_what_it_changes_and_who_agrees(town: Town):
    pack = scenarios.issue(town, OCTOBER)
    address = "/testford/figures/2026-10/arrests/"
    lead, coordinator = signed_in(town.lead), signed_in(town.coordinator)
    asks = lead.get(address).content.decode()
    correction = ask(town, OCTOBER, 18)
    for page in (asks, lead.get(address).content.decode(), coordinator.get(address).content.decode()):
        assert f"{town.coordinator} decides, as coordinator." in page
        assert pack.reference in page
        assert f"if it shows this figure: {officer_of(town)} has to approve it first." in page
    answer = coordinator.post(f"/testford/corrections/{correction.pk}/", {"decision": "accept"}, follow=True)
    # It is there at once, whatever a worker does.
    assert "Publish, and ask for the public edition" in answer.content.decode()


def test_a_refused_correction_changes_nothing(town: Town):
    coordinator = signed_in(town.coordinator)
    correction = ask(town, OCTOBER, 18)
    coordinator.post(f"/testford/corrections/{correction.pk}/", {"decision": "decline", "comment": "It is right"})
    assert "No figures have changed in a published month" in coordinator.get(PAGE).content.decode()
    assert (read_boards(town, OCTOBER), read_public(town, OCTOBER)) == ((1, 15), (1, 15))


def test_the_officer_refuses_and_the_coordinator_reads_why(town: Town):
    correct(town, OCTOBER, 18)
    publish(town)
    (edition,) = waiting(town)
    services.decline(edition, why="Not during the trial", by=officer_of(town))
    assert (read_boards(town, OCTOBER), read_public(town, OCTOBER)) == ((1, 15), (1, 15))
    assert "declined the public edition of October 2026: “Not during the trial”" in home(town, town.coordinator)
    client = signed_in(town.coordinator)
    page = client.get(PAGE).content.decode()
    assert "Not during the trial" in page
    for_officer = signed_in(officer_of(town)).get("/testford/publishing/2026-10/").content.decode()
    assert "The figures of October 2026 have changed since it was published." in for_officer
    assert "up to date" not in for_officer
    # Boards needn't wait. Until somebody asks again, both homes say what the public reads.
    token = re.search(r'name="seen" value="([^"]+)"', page)
    assert token is not None
    client.post(PAGE, {"seen": token[1], "how": "boards"})
    assert (read_boards(town, OCTOBER), read_public(town, OCTOBER)) == ((2, 18), (1, 15))
    for person in (town.coordinator, officer_of(town)):
        assert "The public edition of October 2026 is out of date" in home(town, person)
    services.ask_consent(period_of(town, OCTOBER), by=town.coordinator)
    assert "is out of date" not in home(town, town.coordinator)


def test_a_second_correction_while_one_waits_goes_with_it(town: Town):
    correct(town, OCTOBER, 18)
    publish(town)
    (first,) = waiting(town)
    correct(town, OCTOBER, 19)
    # What the officer looked at isn't what would go out. Nothing does before the coordinator has seen both.
    agree(town, first)
    assert (read_boards(town, OCTOBER), read_public(town, OCTOBER)) == ((1, 15), (1, 15))
    assert "changed since it was published" in home(town, town.coordinator)
    publish(town)
    (second,) = waiting(town)
    agree(town, second)
    assert (read_boards(town, OCTOBER), read_public(town, OCTOBER)) == ((2, 19), (2, 19))


def test_a_second_correction_that_the_public_does_not_see_needs_only_the_coordinator(town: Town):
    correct(town, OCTOBER, 3, "charges")
    publish(town)
    (edition,) = waiting(town)
    correct(town, OCTOBER, 2, "charges")
    agree(town, edition)
    assert read_boards(town, OCTOBER)[0] == 1
    assert [version.version for version in publish(town)] == [2]
    assert read_public(town, OCTOBER)[0] == 2


def test_a_correction_that_is_corrected_back_leaves_nothing_to_approve(town: Town):
    correct(town, OCTOBER, 18)
    publish(town)
    correct(town, OCTOBER, 15)
    assert waiting(town) == []
    assert "Approve October 2026" not in home(town, officer_of(town))


def test_whoever_asks_cannot_approve(town: Town):
    """Nobody is both. Somebody whose role changed meanwhile still can't approve what they asked for."""
    correct(town, OCTOBER, 18)
    publish(town)
    (edition,) = waiting(town)
    held = Membership.objects.filter(user=town.coordinator)
    held.update(role=Role.INFORMATION.value, acts_from=date(2020, 1, 1))
    with pytest.raises(PermissionDenied, match="can’t approve your own request"):
        services.agree(edition, by=town.coordinator, seen=edition.fingerprint)


def test_a_coordinator_who_left_lets_nothing_out(town: Town):
    correct(town, OCTOBER, 18)
    publish(town)
    (edition,) = waiting(town)
    Membership.objects.filter(user=town.coordinator).delete()
    agree(town, edition)
    edition.refresh_from_db()
    assert (edition.state, read_boards(town, OCTOBER)) == ("agreed", (1, 15))


def test_a_month_withdrawn_meanwhile_goes_out_to_the_boards_alone(town: Town):
    correct(town, OCTOBER, 18)
    publish(town)
    withdraw_month(period_of(town, OCTOBER), why="It names a family", by=officer_of(town))
    assert waiting(town) == []
    assert "Nothing goes out before that" not in signed_in(town.coordinator).get(PAGE).content.decode()
    assert [version.version for version in publish(town)] == [2]
    assert read_public(town, OCTOBER) == (1, 15)
    assert "is out of date" not in home(town, town.coordinator)


def test_only_a_coordinator_publishes_and_only_what_they_saw(town: Town):
    correct(town, OCTOBER, 18)
    seen = hash_corrections(list_corrections(town.area))
    with pytest.raises(PermissionDenied):
        services.publish_correction(town.area, seen=seen, by=officer_of(town))
    correct(town, OCTOBER, 19)
    with pytest.raises(ChangedMeanwhile):
        services.publish_correction(town.area, seen=seen, by=town.coordinator)
    assert waiting(town) == []


def test_a_month_with_a_correction_is_asked_for_with_it(town: Town):
    correct(town, OCTOBER, 18)
    with pytest.raises(TransitionRefused, match="goes out with the next version"):
        services.ask_consent(period_of(town, OCTOBER), by=town.coordinator)


def test_the_pages_say_what_changes_and_who_agrees(town: Town):
    pack = scenarios.issue(town, OCTOBER)
    correct(town, OCTOBER, 18)
    coordinator, officer = signed_in(town.coordinator), signed_in(officer_of(town))
    page = coordinator.get(PAGE).content.decode()
    assert pack.reference in page
    assert "Arrests: 15 → 18" in page
    assert f"{officer_of(town)}, as information officer, by approving the public edition of October 2026" in page
    token = re.search(r'name="seen" value="([^"]+)"', page)
    assert token is not None
    assert "Check what changes, then publish it." in page
    answer = coordinator.post(PAGE, {"seen": token[1], "how": "together"}, follow=True).content.decode()
    assert "You asked for the public edition." in answer
    page = coordinator.get(PAGE).content.decode()
    assert "Check what changes" not in page
    assert (
        "The change is waiting for the information officer. You can read the draft of "
        '<a class="govuk-link" href="/testford/2026-10/">October 2026</a>.' in page
    )
    assert "Draft, version 2." in coordinator.get("/testford/2026-10/").content.decode()
    assert "With the information officer" in home(town, town.coordinator)
    assert "boards get version 2 at the same time, as soon as you approve" in home(town, officer_of(town))
    (edition,) = waiting(town)
    address = "/testford/publishing/2026-10/"
    assert "It is the information officer’s turn." in coordinator.get(address).content.decode()
    page = officer.get(address).content.decode()
    assert "It is your turn." in page
    assert "[r] means revised: differs from the version before." in page
    assert "Arrests: 15 → 18" in page
    decision = {"decision": "agree", "edition": edition.pk, "seen": edition.fingerprint}
    answer = officer.post(address, decision, follow=True).content.decode()
    assert "It is public now, and the boards see the corrected month." in answer
    assert read_public(town, OCTOBER) == (2, 18)


def test_only_packs_that_show_a_changed_figure_are_named(town: Town):
    shows = scenarios.issue(town, OCTOBER)
    does_not = scenarios.issue(town, OCTOBER, board=Board.objects.get(area=town.area, code="sab"))
    lead = signed_in(town.lead)
    for code, expected in (("arrests", [shows]), ("charges", [shows, does_not])):
        page = lead.get(f"/testford/figures/2026-10/{code}/").content.decode()
        assert [pack for pack in (shows, does_not) if pack.reference in page] == expected
    correct(town, OCTOBER, 18)
    page = signed_in(town.coordinator).get(PAGE).content.decode()
    assert shows.reference in page
    assert does_not.reference not in page
    correct(town, OCTOBER, 10, "charges")
    assert does_not.reference in signed_in(town.coordinator).get(PAGE).content.decode()


def test_a_commentary_that_goes_out_unchanged_is_named(town: Town):
    client = signed_in(town.coordinator)
    correct(town, OCTOBER, 18)
    assert "commentary" not in client.get(PAGE).content.decode()
    comment(town, OCTOBER, "There were 18 arrests.")
    assert "commentary" not in client.get(PAGE).content.decode()
    publish_corrections(town.area, seen=hash_corrections(list_corrections(town.area)), by=town.coordinator)
    correct(town, OCTOBER, 19)
    page = client.get(PAGE).content.decode()
    assert "Version 2’s commentary goes out unchanged." in page
    address = "/testford/2026-10/commentary/"
    assert f'href="{address}"' in page
    assert "This is a draft, for version 3." in client.get(address).content.decode()
    comment(town, OCTOBER, "There were 19 arrests.")
    assert "commentary" not in client.get(PAGE).content.decode()


def test_the_e_mails_go(town: Town, clock: Clock):
    correct(town, OCTOBER, 18)
    publish(town)
    clock.go_on_to_a_working_day()
    today = timezone.localdate()
    (edition,) = waiting(town)
    assert [occasion.person for occasion in find_consents(today)] == [officer_of(town)]
    services.decline(edition, why="Not during the trial", by=officer_of(town))
    (told_coordinator,) = find_consents(today)
    assert told_coordinator.person == town.coordinator
    (part,) = write_consents([told_coordinator], today)
    assert (part.letter.subject, part.path) == ("The public edition of October 2026 was declined in Testford", PAGE)
    assert "trial" not in " ".join(part.letter.sentences)
    publish(town)
    (edition,) = waiting(town)
    assert [occasion.person for occasion in find_consents(today)] == [officer_of(town)]
    agree(town, edition)
    told = [occasion.thing.snapshot.version for occasion in find_months(today)]
    assert set(told) == {2}


def test_the_record_names_both(town: Town):
    correct(town, OCTOBER, 18)
    publish(town)
    agree(town, *waiting(town))
    verbs = ["public_edition.asked", "public_edition.agreed", "month.revised", "public_edition.published"]
    events = AuditEvent.objects.filter(verb__in=verbs).order_by("-pk")[:4]
    assert [(event.verb, event.actor_id) for event in reversed(events)] == [
        ("public_edition.asked", town.coordinator.pk),
        ("public_edition.agreed", officer_of(town).pk),
        ("month.revised", town.coordinator.pk),
        ("public_edition.published", town.coordinator.pk),
    ]


def test_publishing_for_the_boards_leaves_the_request_as_it_is(town: Town):
    """The officer approves what boards see by then, and the coordinator makes it public."""
    correct(town, OCTOBER, 18)
    publish(town)
    (edition,) = waiting(town)
    publish_corrections(town.area, by=town.coordinator)
    agree(town, edition)
    assert (read_boards(town, OCTOBER), read_public(town, OCTOBER)) == ((2, 18), (1, 15))
    services.publish_edition(edition, by=town.coordinator)
    assert read_public(town, OCTOBER) == (2, 18)

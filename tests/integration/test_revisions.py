"""A figure that changes after its month was published: the next version of the month, and of each later
month that it changes; and nothing else makes one."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from boards.models import Agency, ReportingPeriod
from boards.rules import Role
from boards.services.months import close_month
from core.calendar import Month, date_label, months_between
from core.forms.pages import ChangedMeanwhile
from core.labels import TransitionRefused
from core.models import AuditEvent
from indicators.figures import Entry
from indicators.models import Category, Indicator, IndicatorDefinition, Observation
from indicators.services.corrections import accept_correction, ask_correction, mark_provisional
from reporting.models import IndicatorLine, Snapshot, SnapshotState
from reporting.months import rollup
from reporting.months.rollup import roll_up
from reporting.months.services import hash_corrections, list_corrections, publish_corrections, publish_month
from tests import scenarios
from tests.factories import make_board, make_dimension, make_indicator
from tests.integration.clock import Clock, clock_at
from tests.pdf import text_of
from tests.scenarios import Town, newest_lines
from tests.standing import stand
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
AUGUST, SEPTEMBER, OCTOBER = (Month(2026, number) for number in (8, 9, 10))
WHY = "Two arrests were counted <twice>."


made, published = stand(lambda: publish_three(scenarios.make_town()))
clock = clock_at()


def publish_three(town: Town) -> Town:
    """Three published months: arrests 9, 12, 15."""
    for place, month in enumerate((AUGUST, SEPTEMBER, OCTOBER)):
        scenarios.accept(town, month, {"arrests": 9 + 3 * place, "charges": 4})
    scenarios.publish(town, OCTOBER)
    assert versions(town) == {"2026-08": ["published"], "2026-09": ["published"], "2026-10": ["published"]}
    return town


def correct(town: Town, month: Month, value: int, *, code: str = "arrests", reason: str = WHY, note: str = "") -> None:
    """The lead asks, the coordinator accepts, and the sweep takes it up."""
    accept_request(town, month, value, code=code, reason=reason, note=note)
    scenarios.sweep()


def accept_request(
    town: Town, month: Month, value: int, *, code: str = "arrests", reason: str = WHY, note: str = ""
) -> None:
    indicator = Indicator.objects.get(area=town.area, code=code)
    period = scenarios.open_month(town, month)
    asked = ask_correction(indicator, None, period, entry=Entry(str(value), note=note), reason=reason, by=town.lead)
    accept_correction(asked, by=town.coordinator)


def versions(town: Town) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for snapshot in Snapshot.objects.filter(period__area=town.area).order_by("period__starts_on", "version"):
        found.setdefault(str(snapshot.period.month), []).append(snapshot.state)
    return found


def read(person, path: str, status: int = 200) -> str:
    client = signed_in(person)
    answer = client.get(path)
    assert answer.status_code == status, answer.content.decode()[-2000:]
    return answer.content.decode()


# --- What makes a new version ---------------------------------------------------------------------


def test_a_correction_makes_drafts_of_its_month_and_of_each_later_one(published):
    correct(published, SEPTEMBER, 10)
    assert versions(published) == {
        "2026-08": ["published"],
        "2026-09": ["published", "draft"],
        "2026-10": ["published", "draft"],
    }
    line = newest_lines(published, SEPTEMBER)["arrests"]
    assert (line.value, line.revised_state, line.revised_value) == (10, "figure", 12)
    assert (line.revised_why, line.revised_by) == (WHY, str(published.lead))
    assert line.revised_on is not None
    later = newest_lines(published, OCTOBER)["arrests"]
    assert (later.revised_state, later.is_previous_revised, later.previous_value, later.change) == ("", True, 10, 5)
    assert [step.get("revised") for step in later.steps] == [[1]]
    untouched = newest_lines(published, SEPTEMBER)["charges"]
    assert (untouched.revised_state, untouched.is_previous_revised) == ("", False)


def test_the_same_figures_again_make_nothing(published):
    correct(published, SEPTEMBER, 10)
    before = list(IndicatorLine.objects.order_by("pk").values())
    assert roll_up(ReportingPeriod.objects.all()).changed == []
    assert list(IndicatorLine.objects.order_by("pk").values()) == before


def test_a_correction_that_is_corrected_back_leaves_nothing_to_publish(published):
    correct(published, SEPTEMBER, 10)
    correct(published, SEPTEMBER, 12, reason="They were right")
    assert set(map(tuple, versions(published).values())) == {("published",)}
    with pytest.raises(TransitionRefused, match="nothing to publish"):
        publish_corrections(published.area, by=published.coordinator)


def test_of_several_changes_the_newest_is_the_reason(published):
    correct(published, SEPTEMBER, 10)
    correct(published, SEPTEMBER, 11, reason="One of them was right")
    line = newest_lines(published, SEPTEMBER)["arrests"]
    assert (line.value, line.revised_value, line.revised_why) == (11, 12, "One of them was right")


def test_a_word_on_a_figure_makes_a_version_too(published):
    figure = Observation.objects.get(indicator__code="arrests", period__starts_on=OCTOBER.first_day)
    mark_provisional(figure, is_provisional=True, by=published.coordinator, why="A late file")
    scenarios.sweep()
    assert versions(published)["2026-10"] == ["published", "draft"]
    assert newest_lines(published, OCTOBER)["arrests"].revised_state == ""


def change_the_set_up(town: Town) -> None:
    arrests = Indicator.objects.filter(area=town.area, code="arrests")
    arrests.update(title="Other title", polarity="higher", polarity_reason="Other", position=9, question="Other?")
    Agency.objects.filter(pk=town.police.pk).update(name="Other agency")
    arrests.get().boards.clear()
    make_board(town.area, "new")
    make_indicator(town.police, "added", position=5)
    IndicatorDefinition.objects.create(indicator=arrests.get(), applies_from=SEPTEMBER.first_day, text="Another way.")


def test_a_set_up_and_rules_that_changed_make_no_version(published, monkeypatch):
    change_the_set_up(published)
    monkeypatch.setattr(rollup, "RULES_VERSION", rollup.RULES_VERSION + 1)
    assert roll_up(ReportingPeriod.objects.all()).changed == []
    assert set(map(tuple, versions(published).values())) == {("published",)}


OF_THE_FIGURES = {"value", "previous_value", "change", "history", "steps", "inputs", "mean", "year_value"}


def test_a_corrected_month_keeps_the_set_up_that_it_was_published_with(published):
    issued = {line.indicator_code: line for line in published.area.periods.last().snapshots.get().lines.all()}
    change_the_set_up(published)
    correct(published, AUGUST, 8)
    lines = newest_lines(published, AUGUST)
    old = {line.indicator_code: line for line in first_version(published, AUGUST).lines.all()}
    assert list(lines) == list(old) == ["arrests", "charges"]
    assert len(issued) == 2
    for code, line in lines.items():
        different = {
            field.attname
            for field in IndicatorLine._meta.concrete_fields
            if getattr(line, field.attname) != getattr(old[code], field.attname)
        }
        revised = {name for name in different if name.startswith("revised_")}
        assert different - revised - {"id", "snapshot_id"} <= OF_THE_FIGURES
    # September's arrow was drawn across no change of definition, and is so still.
    assert newest_lines(published, SEPTEMBER)["arrests"].movement == "up"


def first_version(town: Town, month: Month) -> Snapshot:
    return Snapshot.objects.get(period__area=town.area, period__starts_on=month.first_day, version=1)


def test_a_line_whose_figures_are_the_same_is_taken_over_under_other_rules(published, monkeypatch):
    """The rules change, then the police correct a figure: the charges say what they said."""
    monkeypatch.setattr("reporting.months.lines.judge", lambda values, **options: pytest.fail("worked out again"))
    arrests = Indicator.objects.get(code="arrests")
    line = newest_lines(published, OCTOBER)["charges"]
    Observation.objects.filter(indicator=arrests).delete()
    with pytest.raises(pytest.fail.Exception):
        roll_up(ReportingPeriod.objects.all())  # the arrests are
    Indicator.objects.filter(pk=arrests.pk).update(code="gone")
    assert roll_up(ReportingPeriod.objects.all()).changed == []
    assert newest_lines(published, OCTOBER)["charges"].pk == line.pk


def test_a_figure_that_was_never_asked_for_is_a_change(published):
    """What is set up later, with a figure of a published month, comes into its next version."""
    origin = make_dimension(published.area, "origin", ["london", "leeds"])
    lines = make_indicator(published.police, "lines", dimension=origin, position=2)
    assert roll_up(ReportingPeriod.objects.all()).changed == []
    october = scenarios.open_month(published, OCTOBER)
    for category in Category.objects.filter(dimension=origin):
        Observation.objects.create(
            indicator=lines, category=category, period=october, value=3, imported_from="lines.csv",
            signed_off_at=october.due_on.isoformat() + "T09:00Z",
        )  # fmt: skip
    roll_up(ReportingPeriod.objects.all())
    found = newest_lines(published, OCTOBER)
    assert list(found) == ["arrests", "charges", "lines", "lines.london", "lines.leeds"]
    assert [line.position for line in found.values()] == [0, 1, 2, 3, 4]
    assert (found["lines"].value, found["lines"].revised_state) == (6, "awaited")
    assert versions(published)["2026-09"] == ["published"]


def test_a_part_explains_its_whole(town):
    origin = make_dimension(town.area, "origin", ["london", "leeds"])
    make_indicator(town.police, "lines", dimension=origin, position=2)
    scenarios.accept(town, OCTOBER, {"arrests": 1, "charges": 1, "lines.london": 4, "lines.leeds": 2})
    scenarios.publish(town, OCTOBER)
    lines, london = Indicator.objects.get(code="lines"), Category.objects.get(code="london")
    period = scenarios.open_month(town, OCTOBER)
    asked = ask_correction(lines, london, period, entry=Entry("5"), reason="One more", by=town.lead)
    accept_correction(asked, by=town.coordinator)
    scenarios.sweep()
    found = newest_lines(town, OCTOBER)
    assert [(line.revised_value, line.revised_why) for line in found.values()][2:] == [
        (6, "One more"), (4, "One more"), (None, ""),
    ]  # fmt: skip
    assert "1 figure" in read(town.coordinator, "/testford/")


def test_the_number_of_queries_does_not_grow(published):
    def queries_of_a_correction(month: Month, value: int) -> int:
        accept_request(published, month, value)
        with CaptureQueriesContext(connection) as queries:
            assert roll_up(ReportingPeriod.objects.all()).changed
        return len(queries)

    one = queries_of_a_correction(OCTOBER, 16)
    publish_corrections(published.area, by=published.coordinator)
    assert queries_of_a_correction(AUGUST, 10) == one


# --- Publishing it --------------------------------------------------------------------------------


def test_the_coordinator_publishes_them_all_oldest_first(published):
    correct(published, AUGUST, 8)
    issued = {line.pk: line.value for line in IndicatorLine.objects.filter(snapshot__state="published")}
    done = publish_corrections(published.area, by=published.coordinator)
    assert [(str(one.period.month), one.version, one.state) for one in done] == [
        ("2026-08", 2, SnapshotState.PUBLISHED),
        ("2026-09", 2, SnapshotState.PUBLISHED),
        ("2026-10", 2, SnapshotState.PUBLISHED),
    ]
    events = AuditEvent.objects.filter(verb="month.revised").order_by("id")
    assert [(event.target, event.details) for event in events] == [(str(one.period), {"version": 2}) for one in done]
    assert {line.pk: line.value for line in IndicatorLine.objects.filter(pk__in=issued)} == issued
    assert roll_up(ReportingPeriod.objects.all()).changed == []


def test_it_takes_the_figures_of_that_moment(published):
    accept_request(published, OCTOBER, 20)  # and nobody has swept
    publish_corrections(published.area, by=published.coordinator)
    assert newest_lines(published, OCTOBER)["arrests"].value == 20


def test_a_third_version_tells_what_changed_since_the_second(published):
    correct(published, SEPTEMBER, 10)
    publish_corrections(published.area, by=published.coordinator)
    correct(published, OCTOBER, 16)
    publish_corrections(published.area, by=published.coordinator)
    line = newest_lines(published, OCTOBER)["arrests"]
    assert (line.revised_value, line.is_previous_revised) == (15, False)
    assert [step.get("revised") for step in line.steps] == [[2]]
    assert len(versions(published)["2026-10"]) == 3


def test_only_the_coordinator_may_and_only_what_they_saw(published):
    correct(published, SEPTEMBER, 10)
    with pytest.raises(PermissionDenied):
        publish_corrections(published.area, by=published.lead)
    seen = hash_corrections(list_corrections(published.area))
    accept_request(published, SEPTEMBER, 11, reason="One more")
    with pytest.raises(ChangedMeanwhile, match="There are more changes since you opened this page"):
        publish_corrections(published.area, by=published.coordinator, seen=seen)
    assert versions(published)["2026-09"] == ["published", "draft"]


def test_a_month_waits_for_the_corrections_of_those_before_it(published):
    november = OCTOBER.next
    scenarios.accept(published, november, {"arrests": 15, "charges": 4})
    period = close_month(scenarios.open_month(published, november), by=published.coordinator, missing=[], why="Early")
    accept_request(published, SEPTEMBER, 10)
    with pytest.raises(TransitionRefused, match="Publish version 2 of September 2026 first"):
        publish_month(period, why="Early", by=published.coordinator)
    publish_corrections(published.area, by=published.coordinator)
    publish_month(period, why="Early", by=published.coordinator)
    assert versions(published)["2026-11"] == ["published"]


def test_a_correction_two_years_old(town, record_property):
    """Every later month that changes gets its draft, within seconds."""
    months = list(months_between(Month(2024, 10), OCTOBER))
    for place, month in enumerate(months):
        scenarios.accept(town, month, {"arrests": 10 + place % 3, "charges": 4})
    scenarios.publish(town, OCTOBER)
    accept_request(town, months[0], 30)
    begun = time.perf_counter()
    scenarios.sweep()
    swept = time.perf_counter() - begun
    drafts = list_corrections(town.area)
    assert [draft.period.month for draft in drafts] == months
    begun = time.perf_counter()
    publish_corrections(town.area, by=town.coordinator)
    record_property("seconds", f"swept {swept:.2f}, published {time.perf_counter() - begun:.2f}")
    assert swept < 3
    assert newest_lines(town, OCTOBER)["arrests"].history[0] == 30
    assert first_version(town, OCTOBER).lines.get(indicator_code="arrests").history[0] == 10


@pytest.mark.both_databases
def test_two_publish_at_once(shared_database):
    town = publish_three(scenarios.make_town())
    correct(town, SEPTEMBER, 10)

    def publish() -> str:
        try:
            return str(len(publish_corrections(town.area, by=town.coordinator)))
        except TransitionRefused as refused:
            return str(refused)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as others:
        answers = sorted(each.result() for each in [others.submit(publish) for _ in range(4)])
    assert answers[0] == "2"
    assert set(answers[1:]) == {"No figures have changed in a published month, so there is nothing to publish."}
    assert versions(town)["2026-09"] == ["published", "published"]
    assert AuditEvent.objects.filter(verb="month.revised").count() == 2


@pytest.mark.both_databases
def test_two_publish_a_month_at_once(shared_database):
    town = scenarios.make_town()
    scenarios.accept(town, OCTOBER, {"arrests": 3, "charges": 4})
    period = close_month(scenarios.open_month(town, OCTOBER), by=town.coordinator, missing=[], why="Early")

    def publish() -> str:
        try:
            return str(publish_month(period, why="Early", by=town.coordinator).version)
        except TransitionRefused:
            return "refused"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as others:
        answers = sorted(each.result() for each in [others.submit(publish) for _ in range(4)])
    assert answers == ["1", "refused", "refused", "refused"]


# --- The pages ------------------------------------------------------------------------------------


@pytest.fixture
def revised(published: Town) -> Town:
    correct(published, SEPTEMBER, 10)
    publish_corrections(published.area, by=published.coordinator)
    return published


def test_each_version_stays_at_an_address_of_its_own(revised):
    member = revised.people[Role.BOARD_MEMBER]
    newest, first = read(member, "/testford/2026-09/"), read(member, "/testford/2026-09/?version=1")
    assert "10 [r]" in newest
    assert "Revised, was 12: Two arrests were counted &lt;twice&gt;." in newest
    assert "revised: differs from the version before" in newest
    assert 'href="/testford/2026-09/?version=1"' in newest
    assert "superseded" not in newest
    assert "[r]" not in first
    assert "This is version 1, superseded by version 2 on " in first
    assert ">12<" in first
    board = read(member, "/testford/2026-09/csp/?version=1")
    assert "superseded by version 2" in board
    assert "/testford/packs/2026-09/csp/?version=1" in board
    later = read(member, "/testford/2026-10/")
    assert "<td>10 [r]</td><td>15</td>" in later


def test_the_indicator_page_marks_the_month(revised):
    page = read(revised.people[Role.BOARD_MEMBER], "/testford/indicators/arrests/")
    assert '<th scope="row">September 2026</th><td class="vv-number">10 [r]</td>' in page
    assert "<dt>[r]</dt>" in page


@pytest.mark.parametrize("version", ["3", "0", "-1", "one", "1x", "9" * 400])
def test_a_version_that_is_not_there_is_not_found(revised, version):
    page = read(revised.people[Role.BOARD_MEMBER], f"/testford/2026-09/?version={version}", status=404)
    assert "It has versions 1 and 2" in page


def test_a_draft_is_no_version_for_a_board(published):
    correct(published, SEPTEMBER, 10)
    member = published.people[Role.BOARD_MEMBER]
    read(member, "/testford/2026-09/?version=2", status=404)
    assert "superseded" not in read(member, "/testford/2026-09/?version=1")
    assert "draft" not in read(member, "/testford/changes/2026-09/")
    assert "version 2, a draft" in read(published.people[Role.STRATEGIC], "/testford/changes/2026-09/")


def test_the_list_of_changes_says_who_why_and_what_follows(revised):
    page = read(revised.people[Role.BOARD_MEMBER], "/testford/changes/2026-09/")
    for words in (
        "September 2026, version 2, published on ",
        "Two arrests were counted &lt;twice&gt;.",
        str(revised.lead),
        "Up 1 since August",
        "Before: Up 3 since August",
    ):
        assert words in page
    later = read(revised.people[Role.BOARD_MEMBER], "/testford/changes/2026-10/")
    assert "No figure for October itself changed" in later
    assert "Up 5 since September" in later
    assert "one version: nothing has changed" in read(revised.coordinator, "/testford/changes/2026-08/")


def test_a_changed_figure_says_when_its_correction_was_asked_for_and_accepted(published: Town, clock: Clock):
    asked_on, accepted_on = (clock((timezone.localdate() + timedelta(days=days)).isoformat()) for days in (1, 3))
    clock(asked_on.isoformat())
    indicator = Indicator.objects.get(area=published.area, code="arrests")
    period = ReportingPeriod.objects.get(area=published.area, starts_on=SEPTEMBER.first_day)
    asked = ask_correction(indicator, None, period, entry=Entry("10"), reason=WHY, by=published.lead)
    clock(accepted_on.isoformat())
    accept_correction(asked, by=published.coordinator)
    scenarios.sweep()
    expected = f"{published.lead}, asked {date_label(asked_on)}, accepted {date_label(accepted_on)}"
    for path in ("/testford/changes/2026-09/", "/testford/corrections/publish/"):
        assert expected in read(published.coordinator, path)


def test_the_coordinator_is_told_looks_and_publishes(published):
    assert "changed since" not in read(published.coordinator, "/testford/")
    correct(published, SEPTEMBER, 10)
    home = read(published.coordinator, "/testford/")
    assert "September 2026 has figures that changed since it was published: 1 figure" in home
    assert "1 later month shows them too." in home
    client = signed_in(published.coordinator)
    page = client.get("/testford/corrections/publish/").content.decode()
    assert "Publish version 2 of September 2026, and of October 2026" in page
    token = page.partition('name="seen" value="')[2].partition('"')[0]
    refused = client.post("/testford/corrections/publish/", {"seen": "x"}, follow=True).content.decode()
    assert "There are more changes since you opened this page" in refused
    done = client.post("/testford/corrections/publish/", {"seen": token}, follow=True).content.decode()
    assert "The new versions are published." in done
    assert "changed since" not in done
    again = client.post("/testford/corrections/publish/", {"seen": token}, follow=True).content.decode()
    assert "there is nothing to publish" in again


# --- Packs and exports ----------------------------------------------------------------------------


def export(*options: str) -> tuple[dict, str]:
    out, errors = StringIO(), StringIO()
    call_command("export_month", "--area", "testford", "--month", "2026-09", *options, stdout=out, stderr=errors)
    return json.loads(out.getvalue()), errors.getvalue()


def test_an_export_of_each_version(revised):
    first, words = export("--version-number", "1")
    newest, others = export()
    assert (first["version"], first["lines"][0]["value"]) == (1, 12)
    assert "superseded by version 2 on " in words
    assert (newest["version"], newest["lines"][0]["value"]) == (2, 10)
    assert "Arrests: revised, was 12: Two arrests were counted <twice>." in others


def test_a_pack_of_each_version(revised, tmp_path):
    client = signed_in(revised.people[Role.BOARD_MEMBER])
    first = client.get("/testford/packs/2026-09/csp/?version=1")
    assert "v1 not issued.pdf" in first["Content-Disposition"]
    words = " ".join(text_of(first.content).split())
    assert "superseded by version 2 on" in words
    newest = client.get("/testford/packs/2026-09/csp/")
    words = " ".join(text_of(newest.content).split())
    assert "10 [r]" in words
    assert "Revised, was 12: Two arrests were counted <twice>." in words
    file = tmp_path / "pack.pdf"
    options = ("--area", "testford", "--month", "2026-09", "--board", "csp", "--output", str(file))
    call_command("build_pack", *options, "--version-number", "1", stdout=StringIO())
    assert file.read_bytes() == first.content

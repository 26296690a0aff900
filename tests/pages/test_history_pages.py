"""Figures of past months by page: a file is looked at, taken in, and its months are published together."""

import csv
import html
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from boards.models import ReportingPeriod
from boards.rules import Role
from boards.services.months import mark_stale
from core.calendar import Month
from core.models import AuditEvent, Session, User
from indicators.imports.figures import COLUMNS
from indicators.imports.open_data import HEADER
from indicators.models import FigureChange, Indicator, IndicatorChange, IndicatorDefinition, Observation
from indicators.selectors.returns import list_returns
from reporting.models import Snapshot
from reporting.months.services import list_fresh, take_back
from tests.factories import make_agency, make_indicator
from tests.factories.police import file_of, make_police_indicators
from tests.factories.spreadsheets import spreadsheet
from tests.integration.rows_of_withdrawals import GRACE
from tests.scenarios import Town, make_town, newest_lines, open_month, publish, submit, sweep
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
PAGE, TOGETHER = "/testford/history/", "/testford/history/publish/"
WHY = "Figures from before the boards began"


@pytest.fixture(autouse=True)
def grace(settings) -> None:
    settings.PUBLICATION_GRACE = GRACE


@pytest.fixture
def coordinator(town: Town) -> Client:
    return signed_in(town.people[Role.COORDINATOR])


def figures_file(rows: Iterable[Sequence[object]], name: str = "history.csv") -> SimpleUploadedFile:
    """Rows of indicator, month, value."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(["police", code, "", month, value, "", ""] for code, month, value in rows)
    return SimpleUploadedFile(name, text.getvalue().encode())


def police_file(path: Path) -> SimpleUploadedFile:
    return SimpleUploadedFile(path.name, path.read_bytes())


def zip_of(**files: bytes) -> SimpleUploadedFile:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return SimpleUploadedFile("police.zip", packed.getvalue())


def say(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.unescape(answer.content.decode())).split())


def look(client: Client, *files: SimpleUploadedFile, place: str = "") -> Any:
    return client.post(PAGE, {"files_sent": list(files), "place": place})


def take(client: Client, shown: Any, *, reach: bool = False, **changed: str) -> Any:
    page = html.unescape(shown.content.decode())
    typed = {name: re.findall(f'name="{name}" value="([^"]*)"', page)[0] for name in ("content", "seen")}
    answer = client.post(PAGE, typed | ({"reach": "on"} if reach else {}) | {"act": "take"} | changed, follow=True)
    return confirm(*answer.redirect_chain[-1]) if "brought-in" in str(answer.redirect_chain) else answer


def confirm(url: str, status: int) -> Any:
    """The information officer confirms what was brought in: nobody does that alone."""
    officer = signed_in(User.objects.get(email="information@testford.example"))
    seen = re.findall('name="seen" value="([^"]*)"', officer.get(url).content.decode())[0]
    return officer.post(url, {"decision": "confirm", "seen": seen}, follow=True)


THREE = [("arrests", f"2024-0{month}", month) for month in (5, 6, 7)]


def test_a_file_to_fill_in_comes_with_its_codes(town: Town, coordinator: Client):
    blank = coordinator.get("/testford/history/template.csv").content.decode("utf-8-sig").splitlines()
    assert blank[0] == ",".join(COLUMNS)
    assert len(blank) == 1 + 24 * 2  # two years of arrests and charges
    filled = [line.replace(",,,", ",7,,") if "arrests,,2026-0" in line else line for line in blank]
    shown = look(coordinator, SimpleUploadedFile("filled.csv", "\n".join(filled).encode()))
    assert " figures are new." in say(shown)
    assert "rows have no figure: it is blank, or still awaited." in say(shown)


# --- A file of figures ----------------------------------------------------------------------------


def test_a_file_is_looked_at_first_and_nothing_is_saved(town: Town, coordinator: Client):
    shown = look(coordinator, figures_file(THREE))
    assert "history.csv : 3 figures are new. Nothing has been saved yet." in say(shown)
    assert "3 months are opened for it: May 2024 to July 2024" in say(shown)
    for model in (Observation, ReportingPeriod, AuditEvent, FigureChange):
        assert not model.objects.exists()


def test_an_open_document_is_a_file_of_figures(town: Town, coordinator: Client):
    rows = [["police", code, "", month, value, "", ""] for code, month, value in THREE]
    shown = look(coordinator, SimpleUploadedFile("history.ods", spreadsheet([COLUMNS, *rows])))
    assert "history.ods : 3 figures are new. Nothing has been saved yet." in say(shown)
    shown = look(coordinator, SimpleUploadedFile("history.ods", spreadsheet([COLUMNS, *rows])[:-30]))
    assert "This workbook is damaged or cut short." in say(shown)


def test_then_it_is_taken_in_by_one_button(town: Town, coordinator: Client):
    taken = take(coordinator, look(coordinator, figures_file(THREE)))
    assert "Imported: 3 figures are new. 3 months are opened for it: May 2024 to July 2024." in say(taken)
    assert [row.value for row in Observation.objects.order_by("period__starts_on")] == [5, 6, 7]
    assert {row.signed_off_by for row in Observation.objects.all()} == {town.people[Role.INFORMATION]}


def test_what_differs_is_shown_old_beside_new(town: Town, coordinator: Client):
    take(coordinator, look(coordinator, figures_file(THREE)))
    shown = look(coordinator, figures_file([*THREE[:2], ("arrests", "2024-07", 1234), ("arrests", "2024-08", 0)]))
    said = say(shown)
    assert "1 figure is new, 1 differs from the figures here and 2 are already here." in said
    assert "Arrests July 2024 7 1,234" in said
    assert "Arrests May 2024 to August 2024 1 1 2" in said
    assert "August 2024 opened for it 1 0 0" in said
    assert "there is nothing to save" in say(look(coordinator, figures_file(THREE)))


def test_faults_stand_by_line_and_nothing_can_be_saved(town: Town, coordinator: Client):
    shown = look(coordinator, figures_file([("arrests", "2024-05", "many"), ("wounds", "2024-05", 1)]))
    assert "Line 2, value:" in say(shown)
    assert "Nothing has been saved. Correct the file, then send it again." in say(shown)
    assert 'name="content"' not in shown.content.decode()
    shown = look(coordinator, figures_file([("arrests", "2024-05", 1), ("wounds", "2024-05", 1)]))
    assert "Line 3, indicator: Testford has no indicator “wounds”." in say(shown)
    assert not Observation.objects.exists()


def test_a_first_definition_is_taken_back_only_where_somebody_says_so(town: Town, coordinator: Client):
    IndicatorDefinition.objects.update(applies_from="2024-06-01")
    shown = look(coordinator, figures_file(THREE))
    assert "Arrests: from May 2024, not from June 2024" in say(shown)
    asked = take(coordinator, shown)
    assert "Tick the box if these definitions apply from the earlier month" in say(asked)
    assert not Observation.objects.exists()
    take(coordinator, asked, reach=True)
    since = {each.indicator.code: str(each.applies_from) for each in IndicatorDefinition.objects.all()}
    assert since == {"arrests": "2024-05-01", "charges": "2024-06-01"}
    change = IndicatorChange.objects.get()
    assert (change.get_act_display(), str(change.month)) == ("First definition now starts earlier", "2024-05-01")
    assert AuditEvent.objects.get(verb="indicator.reached_back").details["was"] == "2024-06"
    assert Observation.objects.count() == 3


def test_a_ratio_reaches_as_far_as_both_of_its_counts(town: Town, coordinator: Client):
    arrests, charges = Indicator.objects.order_by("code")
    charges.part_of = arrests
    charges.save()
    of_both: dict[str, Any] = {
        "collection": "ratio",
        "ratio": "share",
        "numerator": charges,
        "denominator": arrests,
        "per": 100,
    }
    make_indicator(town.police, "charged", **of_both)
    IndicatorDefinition.objects.update(applies_from="2024-07-01")
    rows = [*THREE, *(("charges", f"2024-0{month}", 1) for month in (6, 7))]
    said = say(look(coordinator, figures_file(rows)))
    assert "Charged: from June 2024, not from July 2024" in said
    take(coordinator, look(coordinator, figures_file(rows)), reach=True)
    since = {each.indicator.code: str(each.applies_from) for each in IndicatorDefinition.objects.all()}
    assert since == {"arrests": "2024-05-01", "charges": "2024-06-01", "charged": "2024-06-01"}
    sweep()
    assert newest_lines(town, Month(2024, 6))["charged"].value == 167  # one of six, in tenths


def test_a_note_that_looks_personal_is_asked_about(town: Town, coordinator: Client):
    text = ",".join(COLUMNS) + "\npolice,arrests,,2024-05,,not_available,Ask jo.bloggs@police.example\n"
    asked = take(coordinator, look(coordinator, SimpleUploadedFile("history.csv", text.encode())))
    assert "“jo.bloggs@police.example” looks like" in say(asked)
    assert not Observation.objects.exists()
    tick = re.findall(
        r'name="not_personal"[^>]*value="([^"]*)"|value="([^"]*)"[^>]*name="not_personal"', asked.content.decode()
    )
    take(coordinator, asked, not_personal="".join(tick[0]))
    assert Observation.objects.get().note == "Ask jo.bloggs@police.example"


def test_a_month_of_long_ago_opens_no_thousand_months(town: Town, coordinator: Client):
    IndicatorDefinition.objects.update(applies_from="2024-06-01")
    shown = look(coordinator, figures_file([("arrests", "1926-05", 1)]))
    assert "There are figures for May 1926, but we don’t import any before" in say(shown)
    assert not ReportingPeriod.objects.exists()


def test_what_changed_meanwhile_is_looked_at_again(town: Town, coordinator: Client):
    shown = look(coordinator, figures_file(THREE))
    take(signed_in(town.people[Role.ANALYST]), look(signed_in(town.people[Role.ANALYST]), figures_file(THREE[:1])))
    answer = take(coordinator, shown)
    assert answer.status_code == 409
    assert "The changes are no longer the ones that this page showed." in say(answer)
    assert Observation.objects.count() == 1
    take(coordinator, answer)
    assert Observation.objects.count() == 3


@pytest.mark.parametrize("content", ["", "x", "eyJ9:1:2"])
def test_a_page_that_is_not_ours_takes_nothing_in(town: Town, coordinator: Client, content: str):
    answer = take(coordinator, look(coordinator, figures_file(THREE)), content=content)
    assert "The page was open too long, so nothing was imported." in say(answer)
    assert not Observation.objects.exists()


def test_what_was_shown_of_one_area_is_not_taken_into_another(town: Town, coordinator: Client):
    other = make_town("harlow")
    page = html.unescape(look(coordinator, figures_file(THREE)).content.decode())
    content = re.findall('name="content" value="([^"]*)"', page)[0]
    answer = signed_in(other.people[Role.COORDINATOR]).post(
        "/harlow/history/", {"act": "take", "content": content}, follow=True
    )
    assert "nothing was imported" in say(answer)
    assert not Observation.objects.exists()


def test_no_file_and_two_files_of_figures_are_a_sentence(town: Town, coordinator: Client):
    assert "Choose one or more files" in say(coordinator.post(PAGE, {}))
    shown = look(coordinator, figures_file(THREE), figures_file(THREE, "again.csv"))
    assert "Send one file of figures on its own, or only police files." in say(shown)


def test_too_large_is_a_sentence(town: Town, coordinator: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("reporting.months.views.history.LARGEST_SENT", 100)
    assert "The files are larger than 32 MB. Send fewer at a time" in say(look(coordinator, figures_file(THREE)))


def test_an_analyst_takes_in_and_the_coordinator_publishes(town: Town):
    analyst = signed_in(town.people[Role.ANALYST])
    take(analyst, look(analyst, figures_file(THREE)))
    assert "3 months are waiting to be published: May 2024 to July 2024. The coordinator" in say(analyst.get(PAGE))
    assert analyst.get(TOGETHER).status_code == 403


def test_the_way_there_is_for_those_who_may(past: Town):
    for role, is_shown in ((Role.ANALYST, True), (Role.INFORMATION, False)):
        page = signed_in(past.people[role]).get("/testford/exports/").content.decode()
        assert (f'href="{PAGE}"' in page) is is_shown
    assert f'href="{PAGE}"' in signed_in(past.people[Role.COORDINATOR]).get("/testford/setup/").content.decode()


# --- Police files ---------------------------------------------------------------------------------


def test_police_files_are_counted_and_no_row_is_kept(town: Town, coordinator: Client):
    make_police_indicators(town.police)
    files = [police_file(file_of(month)) for month in ("2018-06", "2018-07")]
    shown = look(coordinator, *files, place="Southend-on-Sea\n")
    assert "2 files from data.police.uk : 6 figures are new." in say(shown)
    assert (
        "147 crimes are in the files, 89 of them in the place. 14 have no LSOA (small area), so they aren’t counted."
        in say(shown)
    )
    street = "On or near Supermarket"
    assert street in file_of("2018-07").read_text()
    assert street not in shown.content.decode()
    take(coordinator, shown)
    drugs = Observation.objects.filter(indicator__code="police-drugs").order_by("period__starts_on")
    assert [row.value for row in drugs] == [4, 3]
    assert not any(street in str(session.get_decoded()) for session in Session.objects.all())


def test_a_zip_of_them_is_read_and_what_is_not_ours_is_left(town: Town, coordinator: Client):
    make_police_indicators(town.police)
    ours = {f"2018-0{n}/2018-0{n}-essex-street.csv": file_of(f"2018-0{n}").read_bytes() for n in (6, 7)}
    kent = ",".join(HEADER) + "\n" + ",2018-07,Kent,Kent,,,,E01,Thanet 001A,Drugs,,\n"
    others = {"2018-07/2018-07-kent-street.csv": kent.encode(), "2018-07/2018-07-essex-outcomes.csv": b"Crime ID\n"}
    shown = look(coordinator, zip_of(**ours, **others), place="Southend-on-Sea")
    assert "6 figures are new" in say(shown)
    assert "Not counted, because it is from another force: 2018-07-kent-street.csv ." in say(shown)


def test_a_place_that_is_not_there_says_which_are(town: Town, coordinator: Client):
    make_police_indicators(town.police)
    said = say(look(coordinator, police_file(file_of("2018-07"))))
    assert "no place is called “Testford”. It has: Babergh; Barking and Dagenham; Basildon; Southend-on-Sea." in said


def damaged() -> SimpleUploadedFile:
    """A ZIP of which one letter was changed: its checksum says so at the end."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a-street.csv", ",".join(HEADER) + "\n" + ",2018-07,Essex,Essex,,,,E01,Harlow 001A,Drugs,,\n")
    return SimpleUploadedFile("police.zip", packed.getvalue().replace(b"Harlow", b"Barlow"))


def test_of_two_archives_the_damaged_one_is_blamed(town: Town, coordinator: Client):
    make_police_indicators(town.police)
    whole = zip_of(**{"2018-07-essex-street.csv": file_of("2018-07").read_bytes()})
    whole.name = "whole.zip"
    said = say(look(coordinator, whole, damaged(), place="Southend-on-Sea"))
    assert "police.zip: this ZIP is damaged, or has a password." in said
    assert "whole.zip" not in said


BAD = {
    "no street-level file": (lambda: zip_of(**{"a.csv": b"x"}), "no file in this ZIP is called …-street.csv"),
    "cut short": (
        lambda: SimpleUploadedFile("police.zip", zip_of(**{"a-street.csv": b"x" * 999}).read()[:-30]),
        "police.zip: this ZIP is damaged, or has a password.",
    ),
    "damaged inside": (damaged, "police.zip: this ZIP is damaged, or has a password."),
    "too much": (lambda: zip_of(**{"a-street.csv": b"x" * 2000}), "this ZIP has more than 0 MB in it"),
    "not crimes": (lambda: zip_of(**{"a-street.csv": b"x\n"}), "this isn't a street-level crime file"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_zip_is_a_sentence(town: Town, coordinator: Client, case: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("indicators.imports.history.LARGEST_UNPACKED", 1000)
    make, sentence = BAD[case]
    shown = look(coordinator, make())
    assert shown.status_code == 200
    assert sentence in say(shown)


def test_an_area_that_is_not_set_up_for_police_files_is_a_sentence(town: Town, coordinator: Client):
    said = say(look(coordinator, police_file(file_of("2018-07")), place="Southend-on-Sea"))
    assert "Testford has no indicator police-drugs, police-weapons or police-violence." in said


# --- Published together ---------------------------------------------------------------------------


@pytest.fixture
def past(town: Town, coordinator: Client) -> Town:
    rows = [(code, f"2024-0{month}", month) for month in (5, 6, 7) for code in ("arrests", "charges")]
    take(coordinator, look(coordinator, figures_file(rows[:-1])))  # one of charges is missing
    sweep()
    return town


def publish_together(client: Client, **typed: str) -> Any:
    page = client.get(TOGETHER).content.decode()
    seen = re.findall(r'name="seen" value="([^"]*)"', page)[0]
    return client.post(TOGETHER, {"seen": seen, "last": "2024-07", "why": WHY} | typed, follow=True)


def states(town: Town) -> dict[str, str]:
    return {str(each.month): each.status for each in ReportingPeriod.objects.filter(area=town.area)}


def test_the_page_says_what_it_means(past: Town, coordinator: Client):
    said = say(coordinator.get(TOGETHER))
    assert "as soon as you publish them: 3 months, May 2024 to July 2024." in said
    assert "Charges Police 1 of 3" in said
    assert "9 people with a role here can read it at once" in said
    assert "The public doesn’t see it." in said


def test_the_towns_own_first_month_is_not_among_them(town: Town, coordinator: Client):
    """It was opened late, by hand, for returns; and the month between it and the file is owed by nobody."""
    open_month(town, Month(2024, 9))
    take(coordinator, look(coordinator, figures_file(THREE)))
    sweep()
    said = say(coordinator.get(TOGETHER))
    assert "as soon as you publish them: 4 months, May 2024 to August 2024." in said
    publish_together(coordinator, last="2024-08")
    assert states(town)["2024-09"] == "open"
    periods = {str(each.month): each for each in ReportingPeriod.objects.all()}
    assert [each.agency.code for each in list_returns(periods["2024-09"])] == ["police"]
    assert list_returns(periods["2024-08"]) == []


def test_months_that_wait_to_be_worked_out_show_how_far_it_is(past: Town, coordinator: Client, settings):
    settings.CELERY_TASK_ALWAYS_EAGER = False
    ReportingPeriod.objects.filter(starts_on="2024-07-01").update(stale_since="2024-07-01T00:00Z")
    page = coordinator.get(TOGETHER)
    assert "2 of 3 months are worked out." in say(page)
    assert "Publish these months" not in say(page)


def test_they_are_closed_and_published_together(past: Town, coordinator: Client):
    answer = publish_together(coordinator)
    assert "3 months are published: May 2024 to July 2024. You can take them back together until" in say(answer)
    assert set(states(past).values()) == {"published"}
    assert Snapshot.objects.standing().count() == 3
    events = AuditEvent.objects.filter(verb__in=("month.closed", "month.published")).order_by("pk")
    verbs = [event.verb for event in events]
    assert verbs == ["month.closed", "month.published"] * 3
    assert "No earlier month is waiting." in say(coordinator.get(TOGETHER))


def test_and_taken_back_together(past: Town, coordinator: Client):
    publish_together(coordinator)
    fresh = list_fresh(past.area)
    assert len(fresh) == 3
    take_back(past.area, seen=[each.pk for each in fresh], why="By a slip", by=past.coordinator)
    assert set(states(past).values()) == {"closed"}


def test_only_those_up_to_the_month_that_is_chosen(past: Town, coordinator: Client):
    publish_together(coordinator, last="2024-06")
    assert states(past) == {"2024-05": "published", "2024-06": "published", "2024-07": "open"}


def test_a_reason_is_asked_once_where_figures_are_missing(past: Town, coordinator: Client):
    section = Indicator.objects.get(code="arrests").section
    make_indicator(make_agency(past.area, "health"), "wounds", section=section, position=3)
    mark_stale(past.area, Month(2024, 5))
    assert "Wounds Health 3 of 3" in say(coordinator.get(TOGETHER))
    asked = publish_together(coordinator, why=" ")
    assert "Say why you are publishing these months with figures missing." in say(asked)
    assert set(states(past).values()) == {"open"}
    publish_together(coordinator, why=WHY)
    assert set(Snapshot.objects.values_list("published_why", flat=True)) == {WHY}
    assert set(ReportingPeriod.objects.values_list("closed_why", flat=True)) == {WHY}


def test_what_changed_since_the_page_was_opened_is_looked_at_again(past: Town, coordinator: Client):
    page = coordinator.get(TOGETHER).content.decode()
    seen = re.findall(r'name="seen" value="([^"]*)"', page)[0]
    take(coordinator, look(coordinator, figures_file([("arrests", "2024-05", 99)])))
    sweep()
    answer = coordinator.post(TOGETHER, {"seen": seen, "last": "2024-07", "why": WHY})
    assert "Figures for these months have changed since you opened this page." in say(answer)
    assert set(states(past).values()) == {"open"}


def test_a_month_with_a_return_is_not_among_them(past: Town, coordinator: Client):
    submit(past, Month(2024, 8), {"arrests": 1, "charges": 2})
    assert "3 months, May 2024 to July 2024" in say(coordinator.get(TOGETHER))


def test_months_before_published_ones_are_published_afterwards(town: Town, coordinator: Client):
    publish(town, Month(2024, 9))
    take(coordinator, look(coordinator, figures_file(THREE)))
    sweep()
    assert "4 months, May 2024 to August 2024" in say(coordinator.get(TOGETHER))
    publish_together(coordinator, last="2024-08", why=WHY)
    assert set(states(town).values()) == {"published"}

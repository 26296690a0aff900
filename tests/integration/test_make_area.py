"""manage.py make_area and export_catalogue: a new area out of a catalogue, all of it or nothing."""

from dataclasses import replace
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from boards.models import Board, Membership, PartnershipArea, ReportingPeriod
from boards.rules import Role
from boards.services.people import make_first_coordinator
from core.calendar import Month
from core.models import AuditEvent, User
from indicators.catalogues.entries import Catalogue, choose, choose_usual
from indicators.catalogues.files import read_catalogue, read_starter, write_catalogue
from indicators.models import Indicator, IndicatorBoard, IndicatorDefinition, Section
from indicators.selectors.catalogues import get_catalogue
from indicators.services.catalogues import AreaDraft, FirstCoordinator, Maker, make_area
from tests import scenarios
from tests.integration.command_line import Ran, run

pytestmark = pytest.mark.django_db
WANTED = ("--slug", "newtown", "--name", "Newtown", "--ons-code", "E07000001")


def this_month() -> Month:
    return Month.of(timezone.localdate())


def ask(*more: str, source: str = "starter") -> Ran:
    return run("make_area", *WANTED, "--from", source, *more)


def nothing_is_left() -> bool:
    return not any(
        model.objects.exists() for model in (PartnershipArea, Board, Section, Indicator, ReportingPeriod, User)
    )


def whole_starter() -> Catalogue:
    starter = read_starter()
    pathways = tuple(replace(entry, optional=False) for entry in starter.pathway)
    return choose(replace(starter, pathway=pathways), [entry.code for entry in starter.indicator])


def test_a_town_is_made_of_the_starter_set():
    ran = ask("--coordinator", "alex@council.example", "--coordinator-name", "Alex Green")
    assert ran.status == 0
    area = PartnershipArea.objects.get(slug="newtown")
    usual = [entry.code for entry in read_starter().indicator if not entry.optional]
    assert [entry.code for entry in get_catalogue(area).indicator] == usual
    assert get_catalogue(area).pathway == ()  # a town adds them when it needs them
    assert [period.month for period in ReportingPeriod.objects.filter(area=area)] == [this_month()]
    held = Membership.objects.get(area=area)
    assert (held.role, held.user.email, held.user.name) == (Role.COORDINATOR, "alex@council.example", "Alex Green")
    assert f"from {this_month().label}" in ran.out
    assert "Alex Green sets a password at http" in ran.out
    assert AuditEvent.objects.filter(verb="area.made", area="newtown").exists()


def test_what_an_area_is_set_up_with_is_the_catalogue_that_it_was_made_of():
    everything = whole_starter()
    area = make_area(
        AreaDraft(slug="newtown", name="Newtown"), everything, first_month=None, defined_from=Month(2025, 1), by=None
    )
    assert get_catalogue(area) == replace(everything, name="Newtown")
    ran = run("export_catalogue", "--area", "newtown")
    assert ran.out == write_catalogue(replace(everything, name="Newtown"))


def test_an_area_is_made_like_another_and_out_of_its_file(tmp_path: Path):
    assert (
        ask("--with", "police-drugs", "--without", "woundings", "--first-month", str(this_month().previous)).status == 0
    )
    first = get_catalogue(PartnershipArea.objects.get(slug="newtown"))
    assert run("make_area", "--slug", "second", "--name", "Second", "--from", "newtown").status == 0
    file = tmp_path / "newtown.toml"
    file.write_text(run("export_catalogue", "--area", "newtown").out, encoding="utf-8")
    assert run("make_area", "--slug", "third", "--name", "Third", "--from", str(file)).status == 0
    for slug in ("second", "third"):
        made = get_catalogue(PartnershipArea.objects.get(slug=slug))
        assert replace(made, name=first.name) == first


def test_the_order_on_a_boards_page_comes_along():
    area = make_area(
        AreaDraft(slug="newtown", name="Newtown"), choose_usual(read_starter()), first_month=this_month(), by=None
    )
    assert get_catalogue(area).board[2].order == ()
    IndicatorBoard.objects.filter(board__area=area, board__code="sab", indicator__code="lines").update(position=50)
    exported = get_catalogue(area)
    assert exported.board[2].order[-1] == "lines"
    again = make_area(AreaDraft(slug="again", name="Again"), exported, first_month=this_month(), by=None)
    assert get_catalogue(again).board == exported.board
    fewer = choose(exported, ["cuckooed", "lines"])
    assert fewer.board[2].order == ("cuckooed", "lines")


def test_what_is_retired_is_not_exported():
    area = make_area(
        AreaDraft(slug="newtown", name="Newtown"), choose_usual(read_starter()), first_month=this_month(), by=None
    )
    Board.objects.filter(area=area, code="sab").update(retired=True)
    Indicator.objects.filter(area=area, code="juveniles").update(retired_from=this_month().next.first_day)
    exported = read_catalogue(write_catalogue(get_catalogue(area)).encode())
    assert "sab" not in {board.code for board in exported.board}
    assert not {"juveniles", "juveniles-inside"} & {entry.code for entry in exported.indicator}
    assert "sab" not in {code for entry in exported.indicator for code in entry.boards}


def test_months_are_opened_from_the_first_to_this_one():
    first = this_month() + -2
    assert ask("--first-month", str(first), "--defined-from", "2020-01").status == 0
    assert ReportingPeriod.objects.count() == 3
    assert IndicatorDefinition.objects.filter(applies_from=Month(2020, 1).first_day).exists()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (("--slug", "public"), "“public” is already the address of another page. Choose another."),
        (("--slug", "areas"), "“areas” is already the address of another page. Choose another."),
        (("--slug", "New Town"), "Use lower-case letters, digits and single hyphens"),
        (("--name", ""), "The area, name: This field cannot be blank."),
        (("--ons-code", "E0700"), "“E0700” isn’t an ONS code, such as E06000033."),
        (("--longitude", "1.5"), "Give both longitude and latitude, in degrees, or neither."),
        (("--first-month", "2026-13"), "“2026-13” is not a month: write it as 2026-10."),
        (("--first-month", "2998-01"), "January 2998 has not started yet"),
        (("--first-month", "2015-01"), "import figures for earlier months from a file"),
        (("--defined-from", "2998-01"), "Definitions must apply from the first month"),
        (("--coordinator", "alex@council.example"), "Give both --coordinator and --coordinator-name, or neither."),
        (("--coordinator", "alex", "--coordinator-name", "Alex"), "Enter a valid email address."),
        (("--with", "colours"), "The catalogue has no indicator “colours”."),
        (("--from", "nowhere"), "“nowhere” isn’t “starter”, a file or an area. The areas are: none yet."),
    ],
)
def test_bad_use_is_refused_in_a_sentence_and_nothing_is_left(given: tuple[str, ...], sentence: str):
    ran = ask(*given)
    assert ran.status == 2
    assert sentence in ran.err
    assert nothing_is_left()


def test_a_slug_that_is_taken_is_refused_with_whose_it_is():
    scenarios.make_town()
    ran = ask("--slug", "testford")
    assert ran.status == 2
    assert "“testford” is already the address of" in ran.err


def test_a_bad_catalogue_is_refused_with_a_sentence_for_each_fault(tmp_path: Path):
    file = tmp_path / "bad.toml"
    starter = write_catalogue(read_starter())
    file.write_text(starter.replace('owner = "nhs"', 'owner = "no one"'), encoding="utf-8")
    ran = ask(source=str(file))
    assert ran.status == 2
    assert ran.err.count("its owner names “no one”") > 1
    assert "faults. Nothing was saved." in ran.err
    assert nothing_is_left()


def test_what_a_model_refuses_is_said_of_each_entry_and_nothing_is_left(tmp_path: Path):
    file = tmp_path / "bad.toml"
    starter = write_catalogue(read_starter())
    bad = starter.replace('kind = "nhs"', 'kind = "hospital"').replace('polarity = "lower"', 'polarity = "low"', 1)
    bad = bad.replace('title = "Arrests"', f'title = "{"A" * 81}"')
    file.write_text(bad, encoding="utf-8")
    ran = ask(source=str(file))
    assert "The agency “nhs”, kind: “hospital” isn’t one of “police”, “council”, “nhs”" in ran.err
    assert "polarity: “low” isn’t one of “higher”, “lower”, “neutral”." in ran.err
    assert "The section “arrests”, title:" in ran.err
    assert "bad.toml" not in ran.out
    assert nothing_is_left()


def test_only_an_operator_makes_an_area():
    town = scenarios.make_town()
    draft = AreaDraft(slug="newtown", name="Newtown")
    with pytest.raises(PermissionDenied, match=r"Only an operator can add an area\."):
        make_area(draft, read_starter(), first_month=this_month(), by=town.coordinator)
    assert make_area(draft, read_starter(), first_month=this_month(), by=scenarios.make_operator())


def test_an_area_that_has_a_coordinator_gets_no_other_first_one():
    town = scenarios.make_town()
    with pytest.raises(ValidationError, match="already has a coordinator"):
        make_first_coordinator(town.area, email="a@b.example", name="A", by=None)
    who = FirstCoordinator(email=town.coordinator.email, name="Ignored")
    area = make_area(
        AreaDraft(slug="newtown", name="Newtown"), read_starter(), first_month=this_month(), coordinator=who, by=None
    )
    assert Membership.objects.get(area=area).user == town.coordinator


@pytest.mark.both_databases
def test_two_operators_make_the_same_area_at_once(monkeypatch):
    """The second finds out only when its row is refused."""
    draft = AreaDraft(slug="twice", name="Twice")
    make_area(draft, read_starter(), first_month=this_month(), by=None)
    monkeypatch.setattr(PartnershipArea, "full_clean", lambda self, **options: None)
    monkeypatch.setattr(Maker, "make_itself", lambda self, settings: self.save(self.area, "The area"))
    with pytest.raises(ValidationError, match="The area already exists"):
        make_area(draft, read_starter(), first_month=this_month(), by=None)
    assert PartnershipArea.objects.count() == 1

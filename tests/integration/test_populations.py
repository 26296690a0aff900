"""Populations: taken in once or again, corrected, and found for a month's year."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from boards.rules import Role
from core.models import AuditEvent
from indicators.imports.open_data import read_population_file
from indicators.lines import AgesRefused
from indicators.models import Population
from indicators.selectors.open_data import find_population
from indicators.services.open_data import EditionsImported, import_populations
from tests.factories import make_area
from tests.integration.command_line import Ran, run
from tests.integration.rows_of_populations import CODE, HEADER, LICENCE, SOURCE, import_rows
from tests.scenarios import Town, make_town

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    town = make_town()
    town.area.ons_code = CODE
    town.area.save()
    return town


@pytest.fixture
def command(town, tmp_path):
    def command(*rows: str, **options: str) -> Ran:
        file = tmp_path / "populations.csv"
        file.write_text("\n".join([HEADER, *rows]), encoding="utf-8")
        given = {"area": town.area.slug, "source": SOURCE, "licence": LICENCE} | options
        return run("import_population", file, *(f"--{name}={text}" for name, text in given.items()))

    return command


def residents(town: Town, year: int, ages: str = "all") -> tuple[int, int] | None:
    found = find_population(town.area, year, ages)
    return (found.year, found.residents) if found else None


# --- Found


def test_the_newest_year_up_to_the_one_asked_for_is_found(town):
    import_rows(town.area, "2018,all,182463", "2021,all,186062")
    assert residents(town, 2017) is None
    assert residents(town, 2018) == residents(town, 2020) == (2018, 182463)
    assert residents(town, 2021) == residents(town, 2026) == (2021, 186062)


def test_bands_make_up_a_group_of_one_year_and_none_is_mixed_with_another(town):
    import_rows(town.area, "2018,10-14,10", "2018,15-19,20", "2018,20-24,30", "2021,10-14,11", "2021,15-19,21")
    assert residents(town, 2026, "10-24") == (2018, 60)
    assert residents(town, 2026, "10-19") == (2021, 32)
    assert residents(town, 2026, "all") is None


@pytest.mark.parametrize("last", [["85+,9"], ["85-89,5", "90+,4"]])
def test_an_open_end_is_met_by_either_last_band(town, last):
    import_rows(town.area, "2021,80-84,7", *(f"2021,{row}" for row in last))
    assert residents(town, 2021, "80+") == (2021, 16)


def test_ages_that_no_bands_make_up_are_refused(town):
    with pytest.raises(AgesRefused):
        find_population(town.area, 2021, "under 18")


def test_another_areas_population_is_not_found(town):
    other = make_area("othertown", ons_code="E06000034")
    import_rows(town.area, "2021,all,186062")
    assert find_population(other, 2021, "all") is None


def test_finding_takes_one_query(town, django_assert_num_queries):
    import_rows(town.area, "2021,10-14,11", "2021,15-19,21")
    with django_assert_num_queries(1):
        find_population(town.area, 2026, "10-19")


# --- Taken in


def test_the_same_again_is_no_change(town):
    rows = "2018,all,182463", "2018,10-14,10716"
    assert import_rows(town.area, *rows) == EditionsImported(new=2, corrected=0, held=0, elsewhere=0)
    assert import_rows(town.area, *rows) == EditionsImported(new=0, corrected=0, held=2, elsewhere=0)
    assert Population.objects.count() == 2
    assert AuditEvent.objects.filter(verb="populations.imported").count() == 1


def test_a_correction_is_the_next_edition_and_the_older_one_stays(town):
    import_rows(town.area, "2018,all,182463")
    used = find_population(town.area, 2018, "all").editions
    assert import_rows(town.area, "2018,all,182500", "2021,all,186062") == EditionsImported(1, 1, 0, 0)
    assert residents(town, 2018) == (2018, 182500)
    assert [Population.objects.get(pk=row.pk).residents for row in used] == [182463]
    import_rows(town.area, "2018,all,182463")  # as it was at first, once more
    assert list(Population.objects.filter(year=2018).order_by("edition").values_list("edition", "residents")) == [
        (1, 182463),
        (2, 182500),
        (3, 182463),
    ]


def test_another_source_or_licence_is_an_edition_too(town):
    import_rows(town.area, "2018,all,182463")
    assert import_rows(town.area, "2018,all,182463", source="A census").corrected == 1
    assert import_rows(town.area, "2018,all,182463", source="A census", licence="Another").corrected == 1


def test_only_an_analyst_or_the_coordinator_may(town):
    file = read_population_file(f"{HEADER}\n{CODE},Testford,2018,all,5".encode(), name_of_file="p.csv")
    with pytest.raises(PermissionDenied):
        import_populations(town.area, file, source=SOURCE, licence=LICENCE, by=town.lead)
    assert import_populations(town.area, file, source=SOURCE, licence=LICENCE, by=town.people[Role.ANALYST]).new == 1


@pytest.mark.parametrize("empty", ["", "  ", "\u200b"])
@pytest.mark.parametrize("name", ["source", "licence"])
def test_source_and_licence_are_asked_for(town, name, empty):
    with pytest.raises(ValidationError, match=f"Enter the {name} of these numbers"):
        import_rows(town.area, "2018,all,5", **{name: empty})
    with pytest.raises(ValidationError, match=f"Shorten the {name} to 200 characters; it has 201"):
        import_rows(town.area, "2018,all,5", **{name: "x" * 201})


# --- At the command line


def test_the_command_takes_the_areas_rows_and_leaves_the_others(town, command):
    ran = command(f"{CODE},Testford,2021,all,186062", "E06000034,Elsewhere,2021,all,178563")
    assert ran == Ran(
        0,
        "Testford: 1 new, 0 corrected by a new edition, 0 already held\n",
        "1 row is for other areas, and left out.\n",
    )
    assert list(Population.objects.values_list("area__slug", "residents", "source", "name_of_file")) == [
        (town.area.slug, 186062, SOURCE, "populations.csv")
    ]


def test_a_bad_line_is_told_and_nothing_is_saved(command):
    ran = command(f"{CODE},Testford,2021,all,186062", f"{CODE},Testford,2021,10-14,few", "E06000034,Elsewhere,x,all,5")
    assert ran.status == 2
    assert ran.err == (
        "line 3, population: Enter a whole number, such as 12. You entered “few”.\n"
        "line 4, year: “x” isn’t a year, such as 2021.\n"
        "populations.csv: 2 faults. Nothing was saved."
    )
    assert not Population.objects.exists()


def test_a_file_of_other_areas_is_refused(command):
    ran = command("E06000034,Elsewhere,2021,all,178563")
    assert (ran.status, ran.err) == (2, f"The file has no row for Testford, {CODE}. It has E06000034.")


def test_an_area_without_a_code_is_refused(town, command):
    town.area.ons_code = ""
    town.area.save()
    ran = command(f"{CODE},Testford,2021,all,186062")
    assert (ran.status, ran.err) == (
        2,
        "Testford has no ONS code, so we can’t find its rows. Add the code in the admin first.",
    )


def test_bad_use_is_refused(command, tmp_path):
    assert command(f"{CODE},Testford,2021,all,5", area="nowhere").err.startswith("There is no area “nowhere”.")
    assert command(f"{CODE},Testford,2021,all,5", licence=" ").err.startswith("Enter the licence")
    assert command().err == "populations.csv: There is a header but no row below it. Nothing was saved."
    gone = run("import_population", tmp_path / "gone.csv", "--area=testford", "--source=x", "--licence=x")
    assert (gone.status, gone.err) == (2, "gone.csv can't be read: no such file or directory.")


# --- On the page


def test_the_page_shows_what_is_held_with_its_source_and_what_it_was_before(town, client):
    import_rows(town.area, "2018,all,182463", "2018,10-14,10716")
    import_rows(town.area, "2018,all,182500", "2021,all,186062", source="A census")
    client.force_login(town.people[Role.ANALYST])
    page = client.get(reverse("indicators:population-list", args=[town.area.slug])).content.decode()
    words = " ".join(page.split())
    assert words.count("From populations.csv") == 2  # one for each import
    assert "2018, 2021" in words
    for shown in ("186,062", "182,500", "before: 182,463", "10 to 14", "not held", SOURCE, LICENCE, "A census"):
        assert shown in words, shown
    client.force_login(town.coordinator)
    assert "186,062 in 2021" in client.get(reverse("indicators:setup", args=[town.area.slug])).content.decode()

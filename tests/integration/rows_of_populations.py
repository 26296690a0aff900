"""A population that was corrected, and how each constraint of its kind is violated."""

from collections.abc import Callable

from django.db.models import F

from indicators.imports.open_data import read_population_file
from indicators.models import Population
from indicators.services.open_data import EditionsImported, import_populations
from tests.integration.rows import twice
from tests.scenarios import Town

SOURCE, LICENCE, CODE = "The statistics office", "Open Government Licence v3.0", "E06000033"
HEADER = "ons_code,name,year,age,population"


def import_rows(area, *rows: str, source: str = SOURCE, licence: str = LICENCE) -> EditionsImported:
    """Each "2021,all,186062", of the area."""
    content = "\n".join([HEADER, *(f"{CODE},Testford,{row}" for row in rows)]).encode()
    file = read_population_file(content, name_of_file="populations.csv")
    assert file.faults == []
    return import_populations(area, file, source=source, licence=licence, by=None)


def leave_populations(town: Town) -> None:
    town.area.ons_code = CODE
    town.area.save()
    for residents in (182_463, 182_500):
        import_rows(town.area, f"2018,all,{residents}")


FIRST, SECOND = (Population.objects.filter(edition=edition) for edition in (1, 2))
POPULATION_CASES: list[tuple[str, Callable[[Town], object]]] = [
    ("one_population_per_edition", lambda town: twice(FIRST)),
    ("one_population_per_edition", lambda town: SECOND.update(edition=1)),
    ("population_editions_count_from_one", lambda town: FIRST.update(edition=0)),
    ("population_is_of_somebody", lambda town: FIRST.update(residents=0)),
    ("population_is_of_somebody", lambda town: FIRST.update(residents=1_000_000_001)),
    ("population_of_a_year", lambda town: FIRST.update(year=1899)),
    ("population_of_a_year", lambda town: FIRST.update(year=F("year") + 100)),
    ("population_of_known_ages", lambda town: FIRST.update(ages="10-12")),
    ("population_says_its_source", lambda town: FIRST.update(source="")),
    ("population_says_its_source", lambda town: FIRST.update(licence="")),
]

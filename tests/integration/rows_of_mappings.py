"""A way of counting an agency's records that is kept, and how each of its constraints is violated."""

from collections.abc import Callable

from indicators.models import ColumnMapping
from tests.integration.rows import twice
from tests.scenarios import Town


def leave_mappings(town: Town) -> ColumnMapping:
    mapping: ColumnMapping = town.police.column_mappings.create(
        name="Crimes", month_column="Date", kind_column="Offence", kinds={"Arrest": "arrests"}, saved_by=town.lead
    )
    return mapping


HELD = ColumnMapping.objects.all()
MAPPING_CASES: list[tuple[str, Callable[[Town], object]]] = [
    ("one_column_mapping_per_name", lambda town: twice(HELD)),
    ("column_mapping_has_name_and_date", lambda town: HELD.update(name="")),
    ("column_mapping_has_name_and_date", lambda town: HELD.update(month_column="")),
]

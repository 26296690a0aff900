"""Lock a row, and load it as it is then."""

from django.db.models import Model, QuerySet


def lock_row[Row: Model](rows: QuerySet[Row], key: object) -> Row:
    """Return the row with this key, locked until the end of the transaction. `rows` names the relations to load.

    Raises the model's DoesNotExist.
    """
    # Two queries. A single one joins what the row named before the wait for the lock. If somebody else changed that
    # meanwhile, PostgreSQL finds no row, or leaves the relation empty.
    rows.model._default_manager.select_for_update().only("pk").get(pk=key)
    return rows.get(pk=key)

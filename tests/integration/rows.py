"""Rows that a test goes round every form and service to write."""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import connection, models

from core import triggers
from core.models import AuditEvent


def one[Row: models.Model](queryset: models.QuerySet[Row]) -> models.QuerySet[Row]:
    """The first row of these, as a queryset that can be updated."""
    found = queryset.order_by("pk").first()
    if found is None:
        raise ObjectDoesNotExist(str(queryset.query))
    return queryset.model._default_manager.filter(pk=found.pk)


def twice(queryset: models.QuerySet[Any], **other: Any) -> None:
    """Write a row a second time, but for these fields."""
    row = queryset.get()
    row.pk = None
    for name, value in other.items():
        setattr(row, name, value)
    type(row)._default_manager.bulk_create([row])


def empty_the_record() -> None:
    """Delete every audit event, as only an owner of the database can."""
    connection.check_constraints()  # PostgreSQL alters no table that has checks to come
    triggers.remove(connection, kinds=[triggers.KEEP])
    AuditEvent.objects.all().delete()
    connection.check_constraints()
    triggers.install(connection, kinds=[triggers.KEEP])

"""What a person did has its `_at` and its `_by`, and the database holds both or neither."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.db.models import BooleanField, CheckConstraint, DateTimeField, ForeignKey, IntegerField, Model, Value
from django.utils import timezone

from tests.architecture.test_foreign_keys import ORDER

NOT_ACTS = {
    "core.User.last_login": "Django's; sessions come and go, and nothing hangs on who",
    "core.Session.began_at": "its `person` stands beside it, and goes with it",
    "core.Session.seen_at": "its `person` stands beside it, and goes with it",
    "core.Session.expire_date": "no act, but the moment until which it lasts",
    "core.KnownDevice.first_at": "its `person` stands beside it, and goes with it",
    "core.KnownDevice.seen_at": "its `person` stands beside it, and goes with it",
    "core.Limit.ends_at": "no act, but the moment until which it counts",
    "core.KeptForm.kept_at": "its `person` stands beside it, and goes with it",
    "core.ResetRequest.asked_at": "a stranger asked, and within a minute it is forgotten",
    "core.OutboxEntry.written_at": "what it is about; its person did it, or the audit says who",
    "core.OutboxEntry.claimed_at": "a worker sends it, not a person",
    "core.OutboxEntry.sent_at": "a worker sends it, not a person",
    "core.Alarm.since": "a worker noticed it, not a person",
    "core.Alarm.told_at": "a worker decides it, not a person",
    "core.Alarm.over_at": "a worker noticed it, not a person",
    "core.StoredObject.unused_since": "a job found it, not a person",
    "core.SentForm.sent_at": "what the form did has its own; this is forgotten at night",
    "core.AuditEvent.happened_at": "its `actor` stands beside it, as text, so that it outlives the account",
    "core.ReadEvent.happened_at": "the same",
    "core.AuditCheckpoint.older_than": "no act, but the moment before which the removed events happened",
    "core.AuditCheckpoint.removed_at": "a job removes them, not a person",
    "core.RetentionNotice.older_than": "no act, but the moment before which they are deleted",
    "core.AuditChain.checked_at": "mostly a job checks it, and a check changes nothing",
    "boards.ReportingPeriod.stale_since": "set by whatever service changed a figure; the audit says who",
    "core.Job.done_for": "no act, but the moment that it was to run at",
    "core.Job.started_at": "a worker runs it, not a person",
    "core.Job.succeeded_at": "a worker runs it, not a person",
    "core.Job.failed_at": "a worker runs it, not a person",
    "core.Clock.seen_at": "a worker looked at the clock, not a person",
    "core.Clock.doubted_at": "a worker looked at the clock, not a person",
    "core.Clock.trusted_at": "an operator says so, on a page or at the command line; the audit says who",
    "boards.KeyUse.hour": "no act, but the hour that is counted",
    "boards.RegionKeyUse.hour": "likewise",
    "reporting.PackBundle.claimed_at": "a worker makes it, not a person",
    "reporting.PackBundle.finished_at": "a worker makes it, not a person",
    "indicators.Population.imported_at": "read from a file at the command line; the audit says who, where someone did",
    "indicators.ComparisonSeries.imported_at": "the same",
    "reporting.Snapshot.taken_at": "a roll-up took it, not a person",
    "reporting.Snapshot.fresh_until": "until when it can be taken back, counted from when it was published",
    "reporting.Visit.before_at": "its `person` stands beside it, and goes with it",
    "reporting.Visit.looked_at": "its `person` stands beside it, and goes with it",
}
# Where the machine may have acted: only when these fields are as said may the person be missing.
BY_NOBODY: dict[str, dict[str, object]] = {
    # Read from a file at the command line.
    "indicators.Observation.signed_off_at": {"submission": None, "imported_from": "text"},
    "indicators.FigureChange.made_at": {"act": "imported"},
    # An operator brought the figures in at the command line.
    "indicators.FigureImport.asked_at": {},
    # Prepared after a withdrawal.
    "reporting.PublicEdition.asked_at": {"prepared_for": 1},
    # Prepared by a job, after an area's consent or its own edition changed.
    "reporting.RegionEdition.asked_at": {},
    # Declined by a job, once it was out of date.
    "reporting.RegionEdition.declined_at": {},
}
ACTS = [
    field
    for label in ORDER
    for model in apps.get_app_config(label).get_models()
    for field in model._meta.get_fields()
    if isinstance(field, DateTimeField) and str(field) not in NOT_ACTS
]


@pytest.mark.parametrize("moment", ACTS, ids=str)
def test_says_who(moment):
    assert moment.name.endswith("_at"), f"{moment} is a moment: name it …_at, or say above why it is no act."
    person = moment.model._meta.get_field(moment.name.removesuffix("_at") + "_by")
    assert person.remote_field.model._meta.label == "core.User"
    assert person.remote_field.on_delete is models.PROTECT, "Deleting a person would forget who did it."


@pytest.mark.django_db
@pytest.mark.parametrize("moment", ACTS, ids=str)
def test_database_holds_both_or_neither(moment):
    model: Any = moment.model
    if not moment.null and not model._meta.get_field(moment.name.removesuffix("_at") + "_by").null:
        return  # the database never holds neither, or one
    at, by = moment.name, moment.name.removesuffix("_at") + "_by"
    checks: list[Any] = [each for each in model._meta.constraints if isinstance(each, CheckConstraint)]
    constraints = [each for each in checks if {at, by} <= each.condition.referenced_base_fields]
    others = {name for constraint in constraints for name in constraint.condition.referenced_base_fields} - {at, by}

    allowed = {
        (row[at] is not None, row[by] is not None)
        for row in rows(model, [*sorted(others), at, by])
        if not (row[at] is None and not moment.null)
        and all(constraint.condition.check(typed(model, row)) for constraint in constraints)
        and not (row[at] and not row[by] and is_by_nobody(row, str(moment)))
    }

    assert allowed == ({(True, True), (False, False)} if moment.null else {(True, True)})


def is_by_nobody(row: dict[str, Any], moment: str) -> bool:
    return moment in BY_NOBODY and all(row[name] == value for name, value in BY_NOBODY[moment].items())


def rows(model: type[Model], names: list[str]) -> Iterator[dict[str, Any]]:
    """Every mixture of set and empty, and of the choices, that these fields can have."""
    for values in product(*(possible(model, name) for name in names)):
        yield dict(zip(names, values, strict=True))


def typed(model: Any, row: dict[str, Any]) -> dict[str, Value]:
    """An empty value doesn't say by itself what it is a value of."""
    return {name: Value(value, output_field=model._meta.get_field(name)) for name, value in row.items()}


def possible(model: Any, name: str) -> list[Any]:
    field = model._meta.get_field(name)
    if isinstance(field, DateTimeField):
        return [None, timezone.now()]
    if isinstance(field, BooleanField):
        return [False, True]
    if isinstance(field, ForeignKey):
        return [None, 1] if field.null else [1]
    if isinstance(field, IntegerField):
        return [None, 1] if field.null else [1]
    if field.choices:
        return [code for code, _ in field.choices]
    return ["", "text"]


def test_what_is_no_act_is_still_there():
    fields = {str(field) for model in apps.get_models() for field in model._meta.get_fields()}

    assert set(NOT_ACTS) | set(BY_NOBODY) <= fields

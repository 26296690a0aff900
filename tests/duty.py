"""How tests set up an area's authorities under the Serious Violence Duty, and record what each did."""

from datetime import date
from typing import Any

from actions.models import Authority, DutyAct
from actions.models.duty import SPECIFIED, ActKind, AuthorityKind, Paper
from actions.services.duty import ActDraft, AuthorityDraft, add_authority, record_act, start_duty
from tests.scenarios import Town

DAY = date(2026, 3, 31)


def start(town: Town) -> dict[AuthorityKind, Authority]:
    """The six specified authorities, as they are proposed."""
    return {AuthorityKind(row.kind): row for row in start_duty(town.area, SPECIFIED, by=town.coordinator)}


def authority(town: Town, name: str = "Anytown Prison", **options: Any) -> Authority:
    wanted: dict[str, Any] = {"kind": AuthorityKind.PRISON, "name": name} | options
    return add_authority(town.area, AuthorityDraft(**wanted), by=town.coordinator)


def act(town: Town, of: Authority, kind: ActKind = ActKind.SIGNED, **options: Any) -> DutyAct:
    wanted: dict[str, Any] = {"kind": kind, "paper": Paper.STRATEGY, "year": 2026, "done_on": DAY} | options
    return record_act(of, ActDraft(**wanted), by=town.coordinator)

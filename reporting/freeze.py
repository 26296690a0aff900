"""What stops changes to a published version? Triggers in the database, whatever program writes to it: see
core.frozen.
"""

from collections.abc import Iterator

from core.frozen import Added, Beside, Published, triggers_that_keep
from core.guards import Trigger
from indicators.workflow import EditionState
from reporting.models import (
    Commentary,
    EditionWithdrawal,
    IndicatorLine,
    IssuedPack,
    KpiLine,
    MonthWithdrawal,
    PackPhoto,
    PublicEdition,
    PublicLine,
    Snapshot,
    SnapshotState,
    VersionWithdrawal,
    WithdrawalExplanation,
)

PUBLISHED = (
    Published(
        "A published version",
        Snapshot._meta.db_table,
        SnapshotState.PUBLISHED.value,
        "version",
        (IndicatorLine._meta.db_table, KpiLine._meta.db_table),
        "snapshot_id",
    ),
    Published(
        "A published edition",
        PublicEdition._meta.db_table,
        EditionState.PUBLISHED.value,
        "number",
        (PublicLine._meta.db_table,),
        "edition_id",
    ),
)
VERSIONS, _ = PUBLISHED
BESIDE = (Beside("The commentary of a published version", Commentary._meta.db_table, VERSIONS, "version"),)
ADDED = (
    Added("A withdrawal", EditionWithdrawal._meta.db_table, (("edition_id",),)),
    Added("A withdrawal of a month", MonthWithdrawal._meta.db_table),
    Added("A reason for a withdrawal", WithdrawalExplanation._meta.db_table, (("withdrawal_id",),)),
    Added("A withdrawal of a version", VersionWithdrawal._meta.db_table, (("snapshot_id",),)),
    Added("An issued pack", IssuedPack._meta.db_table, (("reference",), ("period_id", "board_id", "number"))),
    Added("A picture of an issued pack", PackPhoto._meta.db_table, (("pack_id", "sha256"),)),
)


def triggers(vendor: str) -> Iterator[Trigger]:
    return triggers_that_keep(vendor, (*PUBLISHED, *BESIDE, *ADDED))

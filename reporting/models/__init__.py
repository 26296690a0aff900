"""What the boards and the public see: each month's figures, worked out and saved; and the packs."""

from reporting.models.commentaries import Commentary
from reporting.models.editions import EditionWithdrawal, PublicEdition, PublicLine
from reporting.models.figures import IndicatorLine
from reporting.models.first_steps import FirstStep, StepSetAside
from reporting.models.kpis import KpiLine
from reporting.models.packs import IssuedPack, PackBundle, PackCharts, PackKind, PackLetter, PackPhoto, PackScope
from reporting.models.snapshots import Snapshot, SnapshotState, VersionWithdrawal
from reporting.models.visits import Visit

__all__ = [
    "Commentary",
    "EditionWithdrawal",
    "FirstStep",
    "IndicatorLine",
    "IssuedPack",
    "KpiLine",
    "PackBundle",
    "PackCharts",
    "PackKind",
    "PackLetter",
    "PackPhoto",
    "PackScope",
    "PublicEdition",
    "PublicLine",
    "Snapshot",
    "SnapshotState",
    "StepSetAside",
    "VersionWithdrawal",
    "Visit",
]

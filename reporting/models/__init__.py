"""What the boards and the public see: each month's figures, worked out and saved; and the packs."""

from reporting.models.commentaries import Commentary
from reporting.models.editions import PublicEdition, PublicLine
from reporting.models.figures import IndicatorLine
from reporting.models.first_steps import FirstStep, StepSetAside
from reporting.models.kpis import KpiLine
from reporting.models.packs import IssuedPack, PackBundle, PackCharts, PackKind, PackLetter, PackPhoto, PackScope
from reporting.models.region_editions import RegionEdition, RegionEditionSource, RegionTotal
from reporting.models.region_packs import IssuedRegionPack, RegionPackSource
from reporting.models.regional_rests import RegionalRest
from reporting.models.regions import RegionMonth
from reporting.models.snapshots import Snapshot, SnapshotState, VersionWithdrawal
from reporting.models.visits import Visit
from reporting.models.withdrawals import EditionWithdrawal, MonthWithdrawal, Replacement, WithdrawalExplanation

__all__ = [
    "Commentary",
    "EditionWithdrawal",
    "FirstStep",
    "IndicatorLine",
    "IssuedPack",
    "IssuedRegionPack",
    "KpiLine",
    "MonthWithdrawal",
    "PackBundle",
    "PackCharts",
    "PackKind",
    "PackLetter",
    "PackPhoto",
    "PackScope",
    "PublicEdition",
    "PublicLine",
    "RegionEdition",
    "RegionEditionSource",
    "RegionMonth",
    "RegionPackSource",
    "RegionTotal",
    "RegionalRest",
    "Replacement",
    "Snapshot",
    "SnapshotState",
    "StepSetAside",
    "VersionWithdrawal",
    "Visit",
    "WithdrawalExplanation",
]

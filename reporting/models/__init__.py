"""What the boards and the public see: each month's figures, worked out and saved; and the packs."""

from reporting.models.documents import (
    ChapterComment,
    ChapterFigure,
    Document,
    DocumentAgreement,
    DocumentChapter,
    DocumentEdition,
)
from reporting.models.editions import (
    EditionWithdrawal,
    MonthWithdrawal,
    PublicEdition,
    PublicLine,
    Replacement,
    WithdrawalExplanation,
)
from reporting.models.figures import IndicatorLine, KpiLine
from reporting.models.market import MarketAssessment, MarketFigure, MarketKind, MarketList, MarketOwner
from reporting.models.packs import IssuedPack, PackBundle, PackCharts, PackKind, PackPhoto, PackScope
from reporting.models.region_editions import (
    IssuedRegionPack,
    RegionEdition,
    RegionEditionSource,
    RegionPackSource,
    RegionTotal,
)
from reporting.models.regions import RegionalRest, RegionMonth
from reporting.models.snapshots import Commentary, Snapshot, SnapshotState, VersionWithdrawal
from reporting.models.visits import FirstStep, StepSetAside, Visit

from operations.admin.site import show
from reporting.models import (
    Commentary,
    EditionWithdrawal,
    IndicatorLine,
    IssuedPack,
    IssuedRegionPack,
    KpiLine,
    MonthWithdrawal,
    PackBundle,
    PackLetter,
    PackPhoto,
    PublicEdition,
    PublicLine,
    RegionalRest,
    RegionEdition,
    RegionEditionSource,
    RegionMonth,
    RegionPackSource,
    RegionTotal,
    Replacement,
    Snapshot,
    StepSetAside,
    VersionWithdrawal,
    WithdrawalExplanation,
)

show(
    Snapshot,
    IndicatorLine,
    KpiLine,
    Commentary,
    PublicEdition,
    PublicLine,
    RegionEdition,
    RegionEditionSource,
    RegionTotal,
    RegionalRest,
    VersionWithdrawal,
    EditionWithdrawal,
    MonthWithdrawal,
    WithdrawalExplanation,
    Replacement,
    RegionPackSource,
    PackLetter,
    StepSetAside,
    RegionMonth,
)
show(IssuedPack, hidden=["content", "pdf"])
show(IssuedRegionPack, hidden=["content", "pdf"])
show(PackPhoto, hidden=["picture"])
show(PackBundle, hidden=["file"])

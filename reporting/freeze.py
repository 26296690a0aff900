"""Triggers that stop changes to a published version, whatever program writes to the database: see core.triggers."""

from collections.abc import Iterator

from boards.models import Consent, PartnershipArea, ReportingPeriod, Shows
from core.freeze import DUE_READS, is_due
from core.triggers import (
    KEEP,
    Added,
    Beside,
    Condition,
    Published,
    Statement,
    Trigger,
    statement,
    step,
    trigger_for,
    trigger_name,
    triggers_that_keep,
)
from reporting.models import (
    Commentary,
    Document,
    DocumentEdition,
    EditionWithdrawal,
    IndicatorLine,
    IssuedPack,
    IssuedRegionPack,
    KpiLine,
    MarketAssessment,
    MarketFigure,
    MarketList,
    MonthWithdrawal,
    PackPhoto,
    PublicEdition,
    PublicLine,
    RegionalRest,
    RegionEdition,
    RegionEditionSource,
    RegionPackSource,
    RegionTotal,
    Snapshot,
    SnapshotState,
    VersionWithdrawal,
    WithdrawalExplanation,
)
from reporting.workflow import EditionState, MarketState

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
    Published(
        "A published regional edition",
        RegionEdition._meta.db_table,
        EditionState.PUBLISHED.value,
        "number",
        (RegionEditionSource._meta.db_table, RegionTotal._meta.db_table),
        "edition_id",
        of=("region_id", "starts_on"),
    ),
    Published(
        "An agreed assessment of the drug market",
        MarketAssessment._meta.db_table,
        MarketState.AGREED.value,
        "year",
        (MarketFigure._meta.db_table, MarketList._meta.db_table),
        "assessment_id",
        of=("area_id",),
    ),
)
VERSIONS = PUBLISHED[0]
BESIDE = (Beside("The commentary of a published version", Commentary._meta.db_table, VERSIONS, "version"),)
PACKS, REGION_PACKS, DOCUMENTS = "packs", "region_packs", "documents"  # as reporting.retention_kinds names them


def pack_is_due(pack: str) -> str:
    """Return the condition that a pack may be removed now. `pack` is the column with its key."""
    area = statement(
        """(SELECT area.slug FROM {packs} pack JOIN {months} month ON month.id = pack.period_id
        JOIN {areas} area ON area.id = month.area_id WHERE pack.id = {pack})""",
        packs=IssuedPack,
        months=ReportingPeriod,
        areas=PartnershipArea,
        pack=pack,
    )
    of_pack = "(SELECT pack.issued_at FROM {packs} pack WHERE pack.id = {pack})"
    return is_due(area, statement(of_pack, packs=IssuedPack, pack=pack), PACKS)


# What it says goes, and its reference, day, board and hash stay.
REMOVED = step(
    IssuedPack,
    *("content", "pdf", "removed_on"),
    when="OLD.removed_on IS NULL AND NEW.removed_on IS NOT NULL AND NEW.pdf_id IS NULL "
    f"AND CAST(NEW.content AS text) = '{{}}' AND {pack_is_due('OLD.id')}",
)
NO_AREA = Statement("''")
REMOVED_FROM_REGION = step(
    IssuedRegionPack,
    *("content", "pdf", "removed_on"),
    when="OLD.removed_on IS NULL AND NEW.removed_on IS NOT NULL AND NEW.pdf_id IS NULL "
    f"AND CAST(NEW.content AS text) = '{{}}' AND {is_due(NO_AREA, 'OLD.issued_at', REGION_PACKS)}",
)
OF_DOCUMENT = statement(
    """(SELECT area.slug FROM {documents} document JOIN {areas} area ON area.id = document.area_id
        WHERE document.id = OLD.document_id)""",
    documents=Document,
    areas=PartnershipArea,
)
REMOVED_DOCUMENT = step(
    DocumentEdition,
    *("content", "pdf", "removed_on"),
    when="OLD.removed_on IS NULL AND NEW.removed_on IS NOT NULL AND NEW.pdf_id IS NULL "
    f"AND CAST(NEW.content AS text) = '{{}}' AND {is_due(OF_DOCUMENT, 'OLD.issued_at', DOCUMENTS)}",
)
WITHDRAWN_DOCUMENT = step(
    DocumentEdition,
    *("withdrawn_at", "withdrawn_by", "withdrawn_why"),
    when="OLD.withdrawn_at IS NULL AND NEW.withdrawn_at IS NOT NULL",
)
ADDED = (
    Added("A withdrawal", EditionWithdrawal._meta.db_table, (("edition_id",),)),
    Added("A withdrawal of a month", MonthWithdrawal._meta.db_table),
    Added("A reason for a withdrawal", WithdrawalExplanation._meta.db_table, (("withdrawal_id",),)),
    Added("A count behind a regional total", RegionalRest._meta.db_table, (("period_id", "indicator_code"),)),
    Added("A version taken back", VersionWithdrawal._meta.db_table, (("snapshot_id",),)),
    Added(
        "An issued pack",
        IssuedPack._meta.db_table,
        (("reference",), ("period_id", "board_id", "number")),
        steps=(REMOVED,),
        reads=(*DUE_READS, (IssuedPack._meta.db_table, "pdf_id")),
    ),
    Added(
        "A picture of an issued pack",
        PackPhoto._meta.db_table,
        (("pack_id", "picture_id"),),
        removable=pack_is_due("OLD.pack_id"),
        reads=DUE_READS,
    ),
    Added(
        "An issued pack of a region",
        IssuedRegionPack._meta.db_table,
        (("reference",), ("region_id", "starts_on", "number")),
        steps=(REMOVED_FROM_REGION,),
        reads=(*DUE_READS, (IssuedRegionPack._meta.db_table, "pdf_id")),
    ),
    Added(
        "An edition of a document",
        DocumentEdition._meta.db_table,
        (("reference",), ("document_id", "number")),
        steps=(REMOVED_DOCUMENT, WITHDRAWN_DOCUMENT),
        reads=DUE_READS,
    ),
    Added("An area in a region’s pack", RegionPackSource._meta.db_table, (("pack_id", "consent_id"),)),
)
# Days aren't compared here: the database's day may differ from the product's.
HAS_CONSENT = statement(
    """EXISTS (SELECT 1 FROM {consents} consent JOIN {packs} pack ON pack.id = NEW.pack_id
    WHERE consent.id = NEW.consent_id AND consent.region_id = pack.region_id AND consent.agreed_at IS NOT NULL
        AND consent.withdrawn_at IS NULL AND (NEW.snapshot_id IS NULL OR consent.shows = '{partners}'))""",
    consents=Consent,
    packs=IssuedRegionPack,
    partners=Shows.PARTNERS.value,
)


def triggers(vendor: str) -> Iterator[Trigger]:
    yield from triggers_that_keep(vendor, (*PUBLISHED, *BESIDE, *ADDED))
    yield _need_consent(vendor)


def _need_consent(vendor: str) -> Trigger:
    """Return the trigger that keeps an area out of a region's pack without its consent."""
    table = RegionPackSource._meta.db_table
    return trigger_for(
        vendor,
        trigger_name(table, KEEP, "consent"),
        table,
        before="INSERT",
        when=[Condition(f"NOT {HAS_CONSENT}")],
        refusal="A region shows what an area permits, and nothing else.",
        columns=frozenset({(Consent._meta.db_table, "shows"), (IssuedRegionPack._meta.db_table, "region_id")}),
    )

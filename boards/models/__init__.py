"""Who takes part and when, and what an area lets others do with its figures."""

from boards.models.areas import (
    CODE,
    RESERVED_CODES,
    RESERVED_SLUGS,
    Agency,
    Board,
    Licence,
    PartnershipArea,
    PublicAdvice,
    PublicStatements,
    ReportingPeriod,
    Responsibility,
    Strand,
    code_field,
    read_factor_roles,
    validate_no_page,
    validate_not_reserved,
)
from boards.models.keys import LONGEST_LIFE, ApiKey, Key, KeyUse, RegionKey, RegionKeyUse
from boards.models.people import Membership, RoleReview, Tie, TieKind, codes, describe_domains
from boards.models.regions import LEAST_AREAS, Consent, Region, RegionMembership, RegionPlace, Shows
from boards.models.requests import (
    DAYS_TO_DECIDE,
    FactorReset,
    Request,
    RequestOutcome,
    RequestQuerySet,
    RoleRequest,
    make_request_constraints,
)

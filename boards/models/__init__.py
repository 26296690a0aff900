"""Who takes part and when, and what an area lets others do with its figures."""

from boards.models.areas import (
    CODE,
    RESERVED_CODES,
    RESERVED_SLUGS,
    Agency,
    Board,
    PartnershipArea,
    PublicAdvice,
    Responsibility,
    Strand,
    code_field,
    read_factor_roles,
    validate_no_page,
    validate_not_reserved,
)
from boards.models.consents import LEAST_AREAS, Consent, Shows
from boards.models.factors import FactorReset
from boards.models.keys import LONGEST_LIFE, ApiKey, KeyUse
from boards.models.memberships import Membership, codes, describe_domains
from boards.models.periods import ReportingPeriod
from boards.models.regions import Region, RegionMembership, RegionPlace
from boards.models.requests import (
    DAYS_TO_DECIDE,
    Request,
    RequestOutcome,
    RequestQuerySet,
    make_request_constraints,
)
from boards.models.reviews import RoleReview
from boards.models.role_requests import RoleRequest
from boards.models.statements import PublicStatements
from boards.models.ties import Tie, TieKind
from boards.models.told import Told

__all__ = [
    "CODE",
    "DAYS_TO_DECIDE",
    "LEAST_AREAS",
    "LONGEST_LIFE",
    "RESERVED_CODES",
    "RESERVED_SLUGS",
    "Agency",
    "ApiKey",
    "Board",
    "Consent",
    "FactorReset",
    "KeyUse",
    "Membership",
    "PartnershipArea",
    "PublicAdvice",
    "PublicStatements",
    "Region",
    "RegionMembership",
    "RegionPlace",
    "ReportingPeriod",
    "Request",
    "RequestOutcome",
    "RequestQuerySet",
    "Responsibility",
    "RoleRequest",
    "RoleReview",
    "Shows",
    "Strand",
    "Tie",
    "TieKind",
    "Told",
    "code_field",
    "codes",
    "describe_domains",
    "make_request_constraints",
    "read_factor_roles",
    "validate_no_page",
    "validate_not_reserved",
]

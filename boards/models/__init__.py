"""Who takes part and when, and what an area lets others do with its figures."""

from boards.models.areas import (
    CODE,
    RESERVED_CODES,
    RESERVED_SLUGS,
    Agency,
    Board,
    Membership,
    PartnershipArea,
    PublicAdvice,
    Responsibility,
    Strand,
    code_field,
    codes,
    read_factor_roles,
    validate_no_page,
    validate_not_reserved,
)
from boards.models.consents import Consent
from boards.models.factors import FactorReset
from boards.models.periods import ReportingPeriod
from boards.models.role_requests import RoleOutcome, RoleRequest
from boards.models.told import Told

__all__ = [
    "CODE",
    "RESERVED_CODES",
    "RESERVED_SLUGS",
    "Agency",
    "Board",
    "Consent",
    "FactorReset",
    "Membership",
    "PartnershipArea",
    "PublicAdvice",
    "ReportingPeriod",
    "Responsibility",
    "RoleOutcome",
    "RoleRequest",
    "Strand",
    "Told",
    "code_field",
    "codes",
    "read_factor_roles",
    "validate_no_page",
    "validate_not_reserved",
]

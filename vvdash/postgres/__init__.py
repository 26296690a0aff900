"""PostgreSQL for Django, with an end to every wait (ADR 0076). `base` is its engine."""

from vvdash.postgres.patience import PATIENCE

__all__ = ["PATIENCE"]

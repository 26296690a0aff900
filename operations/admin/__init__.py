"""The operator's admin: a module for each app's models. Django imports this package, and so registers them."""

from operations.admin import actions, boards, indicators, reporting, site

__all__ = ["actions", "boards", "indicators", "reporting", "site"]

"""The operator's admin: a module for each app's models. Django imports this package, and so registers them."""

from operations.admin import boards, indicators, reporting, site

__all__ = ["boards", "indicators", "reporting", "site"]

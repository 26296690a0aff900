"""The product with all its pages' code loaded, for a server that forks."""

from django.urls import get_resolver

from vvdash.wsgi import application

__all__ = ["application"]
get_resolver().url_patterns  # noqa: B018

"""The plan, challenges, meetings, highlights and sessions for the operator to read: only services change them."""

from django.apps import apps

from operations.admin.site import show

show(*apps.get_app_config("actions").get_models())

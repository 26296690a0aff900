"""The WSGI application."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import reverse

from vvdash.checks import refuse_unsafe
from vvdash.postgres import PATIENCE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vvdash.settings")
PATIENCE.become("web")
refuse_unsafe()
application = get_wsgi_application()
reverse("reporting:home")  # loads every view and address, the API's too: the first visitor needn't wait for it

"""The WSGI application."""

import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from vvdash.checks import refuse_unsafe
from vvdash.postgres import PATIENCE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vvdash.settings")
PATIENCE.become("web")
refuse_unsafe()
application = get_wsgi_application()
import_module(settings.ROOT_URLCONF)  # every view: the first visitor needn't wait for it

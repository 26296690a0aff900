"""The WSGI application."""

import gc
import os

from django.core.wsgi import get_wsgi_application

from vvdash.checks import refuse_unsafe
from vvdash.postgres import PATIENCE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vvdash.settings")
PATIENCE.become("web")
refuse_unsafe()
application = get_wsgi_application()

# Everything loaded so far stays, so the garbage collector needn't check it again and again.
gc.collect()
gc.freeze()

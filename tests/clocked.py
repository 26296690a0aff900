"""Run a program of the product by another clock, which goes on from a moment that is given:

python -m tests.clocked 2026-11-10T08:30+00:00 celery --app vvdash worker …
"""

import runpy
import sys
from datetime import UTC, datetime

from django.utils import timezone

if __name__ == "__main__":
    ahead = datetime.fromisoformat(sys.argv[1]) - datetime.now(UTC)
    timezone.now = lambda: datetime.now(UTC) + ahead
    sys.argv = sys.argv[2:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)

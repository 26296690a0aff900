"""What a web process has before its first request. In a process of its own: this one has imported everything."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOADED = """
import sys
from vvdash import wsgi
assert "reporting.pages.views.months" in sys.modules
before = set(sys.modules)
from django.urls import resolve, reverse
assert reverse("reporting:month-view", args=["anytown", "2026-10"])
assert resolve("/api/v1/public/areas")
assert set(sys.modules) == before, set(sys.modules) - before
"""


def test_a_web_process_has_every_view_and_address_before_its_first_request():
    subprocess.run([sys.executable, "-c", LOADED], cwd=ROOT, check=True, env={"PATH": "/usr/bin:/bin"}, timeout=60)

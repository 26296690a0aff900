"""Whatever a web process has loaded before its first request is never looked at again for garbage."""

import subprocess
import sys

ASK = """
import gc, sys
from vvdash import wsgi
assert "reporting.pages.views.months" in sys.modules, "the views are loaded"
assert gc.get_freeze_count() > 150_000, gc.get_freeze_count()
assert len(gc.get_objects()) < 5_000, len(gc.get_objects())
assert gc.get_threshold()[0] == 10_000
"""


def test_a_web_process_looks_for_garbage_only_in_what_comes_after_its_start():
    subprocess.run([sys.executable, "-c", ASK], check=True)

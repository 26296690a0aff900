"""How long does a morning of a nation take?"""

import json
import os
import subprocess
import sys
from pathlib import Path

from bench import ROOT
from bench.speed.report import Report

AREAS_OF_A_NATION = 100


def nation(report: Report, folder: Path) -> None:
    """A morning of AREAS_OF_A_NATION areas, in a process and a database of their own."""
    command = [sys.executable, "-m", "bench.nation", "--areas", str(AREAS_OF_A_NATION)]
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{folder}/nation.sqlite3"}
    # It also checks the targets of a nation. Ours are below.
    ran = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    found = json.loads(ran.stdout)
    report.line(f"the reminders of {AREAS_OF_A_NATION} areas", found["reminder_queries"], "queries", target=6)
    report.line(f"a month of {AREAS_OF_A_NATION} areas rolled up", found["roll_up"], "s", target=7.5)
    report.line("… the longest lock of it", found["longest_lock"], "s", target=0.2)
    report.line("… its memory", found["megabytes"], "MB", target=250)

"""How many bytes is a first visit, and how long does a morning of a nation take?"""

import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path

from script.benching.browser import Browser
from script.benching.report import ROOT, Report

AREAS_OF_A_NATION = 100


def visit(report: Report) -> None:
    """Bytes of bodies as sent: the page, and what it links to, compressed as far as it isn't yet."""
    person = Browser("csp.member@anytown.example")
    page = person.get("/anytown/2026-10/")
    html = page.decode()
    links = dict.fromkeys(re.findall(r'(?:href|src)="(/static/[^"]+)"', html))
    files = {link: (ROOT / link.lstrip("/")).read_bytes() for link in links}
    fonts = sum(len(held) for link, held in files.items() if link.endswith(".woff2"))
    rest = len(page) + sum(len(gzip.compress(held, 9)) for link, held in files.items() if not link.endswith(".woff2"))
    report.line("a first visit to the dashboard", (rest + fonts) / 1000, "kB", target=130)
    report.line("a first visit without the fonts", rest / 1000, "kB", target=55)
    requests = 1 + len(files)
    report.line("requests of a first visit", requests, "", target=8, shown=str(requests))


def nation(report: Report, folder: Path) -> None:
    """A morning of AREAS_OF_A_NATION areas, in a process and a database of their own."""
    command = [sys.executable, str(ROOT / "script" / "nation.py"), "--areas", str(AREAS_OF_A_NATION)]
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{folder}/nation.sqlite3"}
    # It also checks the targets of a nation. Ours are below.
    ran = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    found = json.loads(ran.stdout)
    report.line(f"the reminders of {AREAS_OF_A_NATION} areas", found["reminder_queries"], "queries", target=6)
    report.line(f"a month of {AREAS_OF_A_NATION} areas rolled up", found["roll_up"], "s", target=7.5)
    report.line("… the longest lock of it", found["longest_lock"], "s", target=0.2)
    report.line("… its memory", found["megabytes"], "MB", target=250)

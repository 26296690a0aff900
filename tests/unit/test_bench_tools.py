"""Every tool of bench/: each explains itself, and bench/README.md has it."""

import os
import re
import subprocess
import sys

import pytest

from bench import ROOT
from bench.command_line import forget_settings

BENCH = ROOT / "bench"
TOOLS = sorted(
    path.parent.name if path.name == "__main__.py" else path.stem
    for path in [*BENCH.glob("*.py"), *BENCH.glob("*/__main__.py")]
    if ".parse_args(" in path.read_text(encoding="utf-8")
)


def test_tools_are_found():
    assert {"speed", "visit", "load", "faults", "hosts", "nation", "scale"} <= set(TOOLS)


@pytest.mark.parametrize("tool", TOOLS)
def test_explains_itself(tool: str):
    command = [sys.executable, "-m", f"bench.{tool}", "--help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 0, done.stderr
    usage, _, description = done.stdout.partition("\n\n")
    assert tool in usage
    assert len(description.split()) > 20


@pytest.mark.parametrize("tool", TOOLS)
def test_the_page_of_how_to_has_it(tool: str):
    page = (BENCH / "README.md").read_text(encoding="utf-8")
    assert len(re.findall(rf"^\| `bench[./]{tool}\b.*` \| \w.* \| \w.* \|$", page, re.MULTILINE)) == 1


def test_what_a_developer_has_set_is_forgotten(monkeypatch: pytest.MonkeyPatch):
    for name in ("DATABASE_URL", "PRODUCTION", "KEY_A_MINUTE"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "others.settings")
    monkeypatch.setenv("LANGUAGE", "en")

    forget_settings()

    assert {"DATABASE_URL", "PRODUCTION", "KEY_A_MINUTE"} & os.environ.keys() == set()
    assert (os.environ["DJANGO_SETTINGS_MODULE"], os.environ["LANGUAGE"]) == ("vvdash.settings", "en")

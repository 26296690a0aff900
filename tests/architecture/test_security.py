"""docs/security.md: it leaves out no requirement, and what it names exists."""

import re
from collections import Counter
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
TEXT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
# The requirements of levels 1 and 2 of ASVS 5.0, by number.
REQUIREMENTS = (ROOT / "tests" / "architecture" / "asvs_level_2.txt").read_text(encoding="utf-8").split()
STATES = {"Holds", "Partly", "No", "Operator", "None"}
ROWS = re.findall(r"^\| (\d[\d., ]*) \| ([^|]+) \| ([^|]+) \|$", TEXT, re.MULTILINE)
A_SETTING = re.compile(r"`([A-Z][A-Z_]{4,})`")
# They are explained elsewhere, or are words of SQL.
NOT_SETTINGS = {"DATABASE_URL", "EMAIL_URL", "OBJECTS_URL", "UPDATE", "DELETE"}


def test_every_requirement_is_answered_once():
    assert len(REQUIREMENTS) == 253
    answered = Counter(number for numbers, _, _ in ROWS for number in numbers.split(", "))
    assert set(REQUIREMENTS) - set(answered) == set()
    assert set(answered) - set(REQUIREMENTS) == set()
    assert [number for number, times in answered.items() if times > 1] == []
    assert len(re.findall(r"^## V\d+ ", TEXT, re.MULTILINE)) == 17


def test_every_row_has_a_state():
    assert {state for _, state, _ in ROWS} == STATES


def test_what_it_names_exists():
    addresses = {"/csp-reports/", "/healthz", "/healthz/jobs", "/readyz", "/metrics"}
    paths = set(re.findall(r"`([\w./-]+/[\w./-]+)`", TEXT)) - addresses
    assert len(paths) > 40
    assert {path for path in paths if not (ROOT / path).exists()} == set()
    named = set(A_SETTING.findall(TEXT)) - NOT_SETTINGS
    assert len(named) > 15
    assert {name for name in named if not hasattr(settings, name)} == set()

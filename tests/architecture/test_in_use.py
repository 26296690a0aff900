"""What "in use" means is said once, by querysets: `in_use()`, and `is_in_use("board")` across a relation."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOMES = {"core/database.py", "indicators/models/catalogue.py"}
APPS = ("core", "boards", "indicators", "actions", "reporting", "operations", "vvdash")
CONDITIONS = {"filter", "exclude", "get", "Q", "get_object_or_404"}
OTHERWISE = {"retired": False, "retired_from": None, "retired_from__isnull": True}


def own_conditions(source: str) -> list[str]:
    """The places where a source says by itself what isn't retired."""
    found = []
    if "retired" not in source:  # most: spare ourselves their trees
        return found
    for call in ast.walk(ast.parse(source)):
        if not isinstance(call, ast.Call):
            continue
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        for keyword in call.keywords if name in CONDITIONS else ():
            for column, value in OTHERWISE.items():
                says = f"__{keyword.arg}".endswith(f"__{column}")
                if says and isinstance(keyword.value, ast.Constant) and keyword.value.value is value:
                    found.append(f"line {call.lineno}: {ast.unparse(keyword)}")
    return found


def test_it_is_said_nowhere_else():
    files = {str(path.relative_to(ROOT)): path for app in APPS for path in (ROOT / app).rglob("*.py")}
    files = {name: path for name, path in files.items() if "/migrations/" not in name}
    assert set(files) >= HOMES
    found = {name: own_conditions(path.read_text(encoding="utf-8")) for name, path in files.items()}
    assert {name: places for name, places in found.items() if places and name not in HOMES} == {}


@pytest.mark.parametrize(
    "said",
    [
        "Board.objects.filter(area=area, retired=False)",
        "Q(board__retired=False)",
        "boards.exclude(pk=1).get(retired=False)",
        "Indicator.objects.filter(retired_from=None)",
        "Q(indicator__retired_from__isnull=True)",
    ],
)
def test_it_would_be_seen(said):
    assert own_conditions(said)

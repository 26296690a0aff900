"""Whether the contracts over imports hold what they say: each is broken on purpose in a copy of the code."""

import ast
import importlib
import pkgutil
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import grimp
import pytest
from django.conf import settings

import reporting
from indicators.models import Observation
from indicators.ratios import RatioKind
from reporting.models import IndicatorLine

ROOT = Path(settings.BASE_DIR)
LINTER = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
APPS = LINTER["root_packages"]
CONTRACTS = {contract["name"]: contract for contract in LINTER["contracts"]}
PRESENTED = "A snapshot's figures reach a template only through presenters"
USES = "Pages use services, services use models, never the other way"
CIRCLES = "Modules beside each other import in no circle"
KINDS = {"models", "selectors", "services", "presenters", "views"}
TRUE = (IndicatorLine, Observation)  # the models of figures that not everybody may see


class Plant(NamedTuple):
    """An import that a contract forbids: where it stands, and which module it is of."""

    contract: str
    where: str
    statement: str
    of: str

    @property
    def report(self) -> str:
        """How the linter names it. Of a circle it names the import that closes it, below what both stand in."""
        if self.contract == CIRCLES:
            return f"- .{self.where.rpartition('.')[2]} -> .{self.of.rpartition('.')[2]} (1 import)"
        return f"{self.where} -> {self.of} (l."


PLANTS = [
    Plant("Apps know only the apps below them", "core.calendar", "import boards.rules", "boards.rules"),
    Plant("Apps know only the apps below them", "reporting.kpis", "import operations.tasks", "operations.tasks"),
    Plant(
        "In reporting, each package imports only from the packages below it",
        "reporting.months.rollup",
        "from reporting.packs import tasks",
        "reporting.packs.tasks",
    ),
    *(
        Plant(USES, where, statement, of)
        for where, statement, of in [
            ("boards.models", "from boards.services import area", "boards.services.area"),
            (
                "reporting.months.presenters.words",
                "from reporting.months.views import returns",
                "reporting.months.views.returns",
            ),
        ]
    ),
    Plant(CIRCLES, "indicators.trend", "import indicators.figures", "indicators.figures"),
    Plant("What is pure knows neither Django nor Celery", "core.calendar", "from django.db import models", "django"),
    Plant(
        "Services never enqueue",
        "indicators.services.returns",
        "from reporting.months.tasks import roll_up_area",
        "reporting.months.tasks",
    ),
    *(
        Plant("Only reporting.packs.pdf knows Typst", where, f"import {of}", of)
        for where, of in [
            ("reporting.months.presenters.month", "typst"),
            ("reporting.kpis", "typst"),
            ("reporting.packs", "pikepdf"),
            ("reporting.public.views.region_months", "pikepdf"),
        ]
    ),
    *(
        Plant(PRESENTED, where, statement, of)
        for where, statement, of in [
            ("reporting.public.views.publishing", "from reporting.models import IndicatorLine", "reporting.models"),
            (
                "reporting.public.views.disclosure",
                "from reporting.models.figures import IndicatorLine",
                "reporting.models.figures",
            ),
            (
                "reporting.months.views.steps",
                "from reporting.months.revisions import published_lines",
                "reporting.months.revisions",
            ),
            ("reporting.months.views.returns", "from indicators.models import Observation", "indicators.models"),
            ("reporting.packs.views.a_new_one", "from reporting import models", "reporting.models"),
            ("reporting.public.views", "from reporting.models import IndicatorLine", "reporting.models"),
            ("reporting.api", "from reporting.models import IndicatorLine", "reporting.models"),
            ("reporting.templatetags", "from reporting.models import IndicatorLine", "reporting.models"),
            (
                "reporting.templatetags.charts",
                "from reporting.months.lines import IndicatorLine",
                "reporting.months.lines",
            ),
            ("reporting.pages.filters", "from reporting.models import IndicatorLine", "reporting.models"),
            ("reporting.packs.forms", "from indicators.models.figures import Observation", "indicators.models.figures"),
        ]
    ),
]


class Linted(NamedTuple):
    """What import-linter said of a copy of the code."""

    status: int
    said: str

    @property
    def broken(self) -> dict[str, str]:
        """The contracts that are broken, each with its report."""
        _, _, reports = self.said.partition("Broken contracts\n")
        parts = re.split(r"^(.+)\n-+\n", reports, flags=re.MULTILINE)
        return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the code, to plant in."""
    root = tmp_path_factory.mktemp("tree")
    shutil.copyfile(ROOT / "pyproject.toml", root / "pyproject.toml")
    for app in APPS:
        shutil.copytree(ROOT / app, root / app, ignore=all_but_code)
    return root


def all_but_code(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if not name.endswith(".py") and not (Path(folder) / name / "__init__.py").exists()]


@pytest.fixture(scope="module")
def unplanted(tree: Path) -> Linted:
    return lint(tree)


@pytest.fixture(scope="module")
def planted(tree: Path, unplanted: Linted) -> Linted:
    """With every plant at once: a report names the modules, so each is found in it."""
    for plant in PLANTS:
        home = tree.joinpath(*plant.where.split("."))
        file = home / "__init__.py" if home.is_dir() else home.with_suffix(".py")
        with file.open("a", encoding="utf-8") as code:
            code.write(f"{plant.statement}\n")
    return lint(tree)


def lint(tree: Path) -> Linted:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"]
    ran = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    return Linted(ran.returncode, ran.stdout)


# --- The contracts --------------------------------------------------------------------------------


def test_every_contract_is_kept(unplanted: Linted):
    assert (unplanted.status, unplanted.broken) == (0, {})
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken." in unplanted.said


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: f"{plant.where}: {plant.statement}")
def test_a_contract_is_broken_by_what_it_forbids(planted: Linted, plant: Plant):
    assert planted.status == 1
    assert plant.report in planted.broken[plant.contract]


def test_each_contract_is_tried():
    assert {plant.contract for plant in PLANTS} == set(CONTRACTS)


# --- What they can't see --------------------------------------------------------------------------


def names_of_true_figures(module: ModuleType) -> list[str]:
    """The names under which a module has a model of true figures, however it came by it."""
    return [name for name, value in vars(module).items() if any(value is model for model in TRUE)]


def page_modules() -> list[str]:
    """What a page is made by, in whichever noun: the contract names the same by wildcards."""
    found = (each.name for each in pkgutil.walk_packages(reporting.__path__, "reporting."))
    kinds = {"views", "templatetags", "forms", "filters", "context_processors"}
    return [name for name in found if kinds & set(name.split(".")) and ".management" not in name]


@pytest.mark.parametrize("name", page_modules())
def test_no_page_has_a_model_of_true_figures_by_way_of_another_module(name: str):
    assert names_of_true_figures(importlib.import_module(name)) == []


def test_a_package_of_several_kinds_imports_nothing_itself():
    """Its own __init__ runs before any module in it, whatever its kind, and is of none: no contract holds it."""
    imports = grimp.build_graph(*APPS, include_external_packages=True, cache_dir=None)
    imported = {
        package: imports.find_modules_directly_imported_by(package)
        for app in APPS
        for package in {app, *imports.find_descendants(app)}
        if not KINDS.isdisjoint(child.rpartition(".")[2] for child in imports.find_children(package))
    }
    assert {"boards", "reporting", "reporting.packs"} <= imported.keys()
    assert {package: found for package, found in imported.items() if found} == {}


# --- Kinds of ratios ------------------------------------------------------------------------------------------------


def compares_with_a_kind(node: ast.AST) -> bool:
    match node:
        case ast.Compare(left=left, comparators=others):
            compared = [left, *others]
        case ast.MatchValue(value=value):
            compared = [value]
        case _:
            return False
    parts = [part for each in compared for part in ast.walk(each)]
    return any(
        (isinstance(part, ast.Name) and part.id == "RatioKind")
        or (isinstance(part, ast.Constant) and part.value in list(RatioKind))
        for part in parts
    )


def test_only_their_table_tells_kinds_of_ratios_apart():
    """Whatever asks for one kind would take a new one for one of the others, in silence: ask RATIO_KINDS."""
    compared = [
        f"{file.relative_to(settings.BASE_DIR)}:{node.lineno}"
        for app in ("core", "boards", "indicators", "actions", "reporting", "operations")
        for file in (settings.BASE_DIR / app).rglob("*.py")
        if "RatioKind" in (text := file.read_text()) or "ratio" in text
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.expr | ast.pattern) and compares_with_a_kind(node)
    ]
    assert compared == []

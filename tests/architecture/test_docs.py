"""The documents say what is so: whatever in them can be compared with the project is compared."""

import re
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import get_commands
from PIL import Image

from actions.workflow import Rag
from boards.rules import MonthStatus, RegionRole, Role
from core.labels import Labelled
from indicators.judgement.judge import Judgement, Tier
from indicators.kpis.aims import KpiState
from indicators.trend import NOT_SHOWN, CellState, Polarity
from indicators.workflow import SubmissionState
from reporting.management.commands import list_commands, list_terms
from tests.architecture.test_repository import ROOT, code, files, texts


def tables_of(text: str) -> list[list[list[str]]]:
    """The rows of each table, with its header and the line below."""
    tables = re.findall(r"(?:^\|.*\n)+", f"{text}\n", re.MULTILINE)
    return [[[cell.strip() for cell in row.split("|")[1:-1]] for row in table.splitlines()] for table in tables]


APPS = ("core", "boards", "indicators", "actions", "reporting", "operations")
DOCS = {path.relative_to(ROOT).as_posix(): path for path in files() if path.suffix == ".md"}
LONGEST_README = 120  # lines
MOST_RECORDS = 40
LONGEST_RECORD, LONGEST_RECORDS = 400, 10_000  # words of one, and of all with their two lists
LONGEST_METHODS, LONGEST_GUIDES = 7_000, 5_800  # words in all
METHODS = [f"docs/{name}.md" for name in ("judgement", "kpis", "impact", "year", "protection")]
LIST_OF_RECORDS, SUPERSEDED = "docs/adr/README.md", "docs/adr/superseded.md"
RECORDS = sorted(name for name in DOCS if name.startswith("docs/adr/") and name not in (LIST_OF_RECORDS, SUPERSEDED))
HEADINGS = ["Context", "Decision", "Consequences"]
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
TERMS = ["Word", "What it means"]
ROWS = tables_of(GLOSSARY)[0][2:]
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)", re.DOTALL)


def text_of(name: str) -> str:
    return DOCS[name].read_text(encoding="utf-8")


# --- What documents point at


@pytest.mark.parametrize("name", DOCS)
def test_links_lead_somewhere(name):
    targets = [target.partition("#")[0] for _, _, target in LINK.findall(text_of(name)) if ":" not in target]

    assert [target for target in targets if target and not (DOCS[name].parent / target).exists()] == []


def anchors_of(text: str) -> set[str]:
    """The names that a forge gives to the headings."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", DOCS)
def test_links_lead_to_a_heading_that_is_there(name):
    targets = [target.partition("#") for _, _, target in LINK.findall(text_of(name)) if ":" not in target]
    files = [(DOCS[name].parent / file if file else DOCS[name], anchor) for file, _, anchor in targets if anchor]

    assert [
        (file.name, anchor) for file, anchor in files if anchor not in anchors_of(file.read_text(encoding="utf-8"))
    ] == []


def test_links_are_found():
    assert len(LINK.findall(text_of("README.md"))) > 10


@pytest.mark.parametrize("name", DOCS)
def test_pictures_have_words(name):
    assert [target for is_picture, words, target in LINK.findall(text_of(name)) if is_picture and not words] == []


@pytest.mark.parametrize("name", DOCS)
def test_commands_exist(name):
    named = set(re.findall(r"\bmanage\.py ([a-z_]+)", text_of(name)))

    assert named - set(get_commands()) == set()


# The changelog also names what went.
@pytest.mark.parametrize("name", [name for name in DOCS if name != "CHANGELOG.md"])
def test_scripts_exist(name):
    named = set(re.findall(r"(?<![\w/])script/([\w.-]+\b)", text_of(name)))

    assert {script for script in named if not (ROOT / "script" / script).is_file()} == set()


@pytest.mark.parametrize("name", DOCS)
def test_tools_that_measure_exist(name):
    named = set(re.findall(r"\bbench\.(\w+)", text_of(name)))

    assert named - {path.stem for path in (ROOT / "bench").iterdir()} == set()


def test_the_readme_is_read_in_a_minute():
    assert len(text_of("README.md").splitlines()) <= LONGEST_README


def test_methods_and_guides_are_short():
    """What the benches measured has pages of its own, in docs/measured."""
    guides = [name for name in DOCS if name.startswith("docs/guide/")]

    assert len(guides) > 10
    assert sum(len(text_of(name).split()) for name in METHODS) <= LONGEST_METHODS
    assert sum(len(text_of(name).split()) for name in guides) <= LONGEST_GUIDES


def test_screenshots_are_small():
    sizes = {path.name: path.stat().st_size for path in (ROOT / "docs" / "screenshots").glob("*.png")}

    assert len(sizes) > 5
    assert {name: size for name, size in sizes.items() if size > 250_000} == {}
    assert sum(sizes.values()) < 5_000_000  # each page at up to three widths, and a home for each role


def test_screenshots_have_the_colours_of_the_pages():
    """Within what nobody sees: with too few colours green, blue and amber looked alike."""
    sheet, colours = [(ROOT / "static" / "css" / name).read_text(encoding="utf-8") for name in ("plan.css", "app.css")]
    light = dict(reversed(re.findall(r"(--[\w-]+): ?#([0-9a-f]{6})", colours)))  # the first of each, before the dark
    ours = {rag: light[name] for rag, name in re.findall(r"\.vv-rag--(\w+)::before\{background:var\((--[\w-]+)", sheet)}
    picture = Image.open(ROOT / "docs" / "screenshots" / "plan-1280.png").convert("RGB")
    seen: list[Any] = [colour for _, colour in picture.getcolors(picture.width * picture.height) or []]

    def distance(colour: str) -> int:
        parts = bytes.fromhex(colour)
        return min(max(abs(one - other) for one, other in zip(parts, each, strict=True)) for each in seen)

    assert set(ours) == {"red", "amber", "green", "blue"}
    assert {rag: distance(colour) for rag, colour in ours.items() if distance(colour) > 8} == {}


# --- Records of decisions


def test_records_are_numbered_in_order():
    binding = [int(Path(name).name[:4]) for name in RECORDS]
    superseded = [int(number) for number in re.findall(r"^- (\d{4}) ", text_of(SUPERSEDED), re.MULTILINE)]

    assert sorted([*binding, *superseded]) == list(range(1, len(binding) + len(superseded) + 1))


def test_every_record_is_listed_by_its_title():
    titles = {Path(name).name: text_of(name).partition("\n")[0] for name in RECORDS}
    listed = re.findall(r"^- \[(.+)\]\((.+)\)$", text_of(LIST_OF_RECORDS), re.MULTILINE)

    assert 20 < len(titles) <= MOST_RECORDS
    assert {file: f"# {title}" for title, file in listed} == titles


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_has_its_headings(name):
    text = text_of(name)

    assert text.startswith(f"# {Path(name).name[:4]} ")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == HEADINGS


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_says_its_status_and_since_when(name):
    said = re.findall(
        r"^Accepted (\d{4}-\d\d-\d\d)(?:, amended (\d{4}-\d\d-\d\d))?\.\n\n## ", text_of(name), re.MULTILINE
    )

    assert len(said) == 1
    days = [date.fromisoformat(day) for day in said[0] if day]
    assert days == sorted(days)


def test_records_are_short():
    words = {name: len(text_of(name).split()) for name in [*RECORDS, LIST_OF_RECORDS, SUPERSEDED]}

    assert {name: words[name] for name in RECORDS if words[name] > LONGEST_RECORD} == {}
    assert sum(words.values()) <= LONGEST_RECORDS


def test_records_that_are_named_have_a_page():
    """The changelog also names what went."""
    pages = {Path(name).name[:4] for name in RECORDS}
    named = {
        path: set(re.findall(r"\b(?:ADR |docs/adr/)(\d{4})\b", text))
        for path, text in texts().items()
        if path != "CHANGELOG.md"
    }

    assert len(set().union(*named.values())) > 20
    assert {path: numbers - pages for path, numbers in named.items() if numbers - pages} == {}


def test_what_holds_a_superseded_decision_is_there():
    """Links are followed above. What else is named is a class or a function."""
    declared = set(re.findall(r"^(?:class|def) (\w+)", "\n".join(code().values()), re.MULTILINE))
    held_by = dict(re.findall(r"^- (\d{4}) .+: (.+)$", text_of(SUPERSEDED), re.MULTILINE))
    named = {number: re.findall(r"`(\w+)`", held) for number, held in held_by.items()}

    assert len(held_by) > 20
    assert [number for number, held in held_by.items() if not named[number] and not LINK.search(held)] == []
    assert {number: names for number, names in named.items() if not declared.issuperset(names)} == {}


# --- What is made from the code

MADE = [list_commands, list_terms]


@pytest.mark.parametrize("module", MADE, ids=lambda module: module.Command.command)
def test_what_is_made_from_the_code_is_in_step(module):
    command = module.Command()

    assert command.make() == text_of(command.file.as_posix()), f"Run manage.py {command.command}."


def test_commands_and_scripts_are_listed():
    commands, scripts = dict(list_commands.list_commands()), [file.name for file in list_commands.list_scripts()]

    assert commands["manage.py load_demo"] == "Load the demonstration."
    assert "manage.py export_month --area SLUG --month YYYY-MM" in commands
    assert {"server", "test"} <= set(scripts)
    assert [file.name for file in list_commands.list_scripts() if not list_commands.describe_script(file)] == []


# --- The glossary, and the terms in the code


def test_every_model_says_what_it_is():
    """In its docstring, from which docs/terms.md is made. Django makes one of its fields for a model without one."""
    models = [model for app in APPS for model in apps.get_app_config(app).get_models()]

    assert len(models) > 100
    assert [model.__name__ for model in models if f"{model.__name__}(" in (model.__doc__ or "")] == []
    assert {model.__name__ for model in models if f"| `{model.__name__}` |" not in text_of("docs/terms.md")} == set()


def test_every_label_is_in_the_terms():
    terms = text_of("docs/terms.md")
    kinds = [kind for kind in Labelled.__subclasses__() if kind.__module__.partition(".")[0] in APPS]

    assert Role in kinds
    assert {member.label for kind in kinds for member in kind if member.label not in terms} == set()


# What a reader of pages meets beside figures, returns and people.
MET_ON_PAGES = (Role, RegionRole, MonthStatus, SubmissionState, CellState, Polarity, Judgement, Tier, KpiState, Rag)


def test_the_glossary_has_the_roles_and_states_that_readers_meet():
    labels = {member.label for kind in MET_ON_PAGES for member in kind}

    assert {label for label in labels if label.lower() not in GLOSSARY.lower()} == set()


def test_the_glossary_explains_what_is_not_shown_as_files_do():
    assert next(words for term, words in ROWS if term == "Not shown `[c]`").lower().startswith(NOT_SHOWN)


def test_no_term_is_explained_twice():
    """Two rows of a term soon contradict each other."""
    terms = [part.strip() for word, _ in ROWS for part in re.sub(r"\(.*?\)|`.*?`", "", word).casefold().split(",")]

    assert "s47" in terms
    assert [term for term, times in Counter(terms).items() if times > 1] == []


@pytest.mark.parametrize("name", DOCS)
def test_each_table_begins_with_its_header(name):
    """A row above the header is no row of the table, and no test would see it."""
    assert [
        table[0] for table in tables_of(text_of(name)) if len(table) < 2 or set("".join(table[1])) - {"-", ":"}
    ] == []


def test_the_glossary_is_a_table_of_terms():
    assert tables_of(GLOSSARY)[0][0] == TERMS
    assert {len(row) for row in ROWS} == {len(TERMS)}


def test_the_glossary_is_in_alphabetical_order():
    terms = [" ".join(re.findall(r"[a-z0-9]+", row[0].lower())) for row in ROWS]

    assert len(terms) > 50
    assert [(one, other) for one, other in pairwise(terms) if one > other] == []


# --- What to do when a check fails


def test_each_check_has_its_page_in_the_manual_and_no_other_has():
    headed = re.findall(r"^## If the check (\w+) fails$", text_of("docs/run/failures.md"), re.MULTILINE)
    assert len(settings.CHECKS) > 8
    assert headed == list(settings.CHECKS)

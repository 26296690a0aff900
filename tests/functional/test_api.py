"""The API as machines that aren't ours meet it: httpx, a client made from the document, and Schemathesis.

They run as processes of their own where they could change how our tests run.
"""

import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import databases
from tests.functional.site import Site, served

BIN = Path(sys.executable).parent
CONFIG = Path(__file__).with_name("schemathesis.toml")
LINES = "/api/v1/areas/anytown/months/2026-10/lines"
SEED = "21"  # so that a failure comes again
ENOUGH = {"KEY_A_MINUTE": "50000", "KEY_AN_HOUR": "500000"}


@dataclass(frozen=True)
class Door:
    site: Site
    keys: dict[str, str]

    def ask(self, path: str, key: str = "", **more: Any) -> httpx.Response:
        return self.send("get", path, key, **more)

    def send(self, method: str, path: str, key: str = "", **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.keys[key]}"} if key else {}
        with httpx.Client(base_url=self.site.url, trust_env=False, headers=headers, timeout=60) as client:
            return client.request(method, path, **more)

    def manage(self, *arguments: str) -> Any:
        return json.loads(databases.run("manage.py", *arguments, database=f"sqlite:///{self.site.database}"))


@pytest.fixture(scope="module")
def door(demo, tmp_path_factory) -> Iterator[Door]:
    with served(demo, tmp_path_factory.mktemp("api"), **ENOUGH) as site:
        made = databases.run("-m", "tests.functional.make_keys", database=f"sqlite:///{site.database}")
        yield Door(site, json.loads(made))


def pages(door: Door, path: str, name: str, key: str = "", *, size: int = 20) -> list[dict[str, Any]]:
    """Every row, by the links from page to page."""
    found: list[dict[str, Any]] = []
    number = 1
    while True:
        answer = door.ask(path, key, params={"page": number, "size": size})
        assert answer.status_code == 200, answer.text
        data = answer.json()
        found += data[name]
        number += 1
        if len(found) >= data["total"]:
            return found


@pytest.mark.release  # test_a_client_made_from_the_document_rebuilds_octobers_lines
def test_httpx_rebuilds_octobers_lines(door: Door):
    exported = door.manage("export_month", "--area", "anytown", "--month", "2026-10", "--version-number", "1")
    assert pages(door, LINES, "lines", "person") == exported["lines"]
    assert len(exported["lines"]) > 20
    tag = door.ask(LINES, "person").headers["ETag"]
    assert door.ask(LINES, "person", headers={"If-None-Match": tag}).status_code == 304


def test_httpx_rebuilds_what_is_public(door: Door):
    """… as the public page's own file has it, by the address that always leads to the newest."""
    newest = door.ask("/api/v1/public/areas/anytown/months").json()["months"][0]
    file = door.ask(f"/anytown/public/{newest['month']}/figures.json").json()
    assert pages(door, "/api/v1/public/areas/anytown/latest", "figures") == file["figures"]
    assert pages(door, newest["url"], "figures") == file["figures"]


SAME = (
    "indicator",
    "category",
    "value",
    "state",
    "movement",
    "change",
    "signal",
    "usual",
    "lower",
    "upper",
    "numerator",
)


def test_one_table_says_what_every_month_says(door: Door):
    """… of the demonstration, with its ratios, totals and parts: for partners and for the public."""
    rows = pages(door, "/api/v1/figures", "figures", "person", size=500)
    months = [month["month"] for month in pages(door, "/api/v1/areas/anytown/months", "months", "person")]
    assert {row["month"] for row in rows} == set(months)
    for month in months[:3]:
        lines = pages(door, f"/api/v1/areas/anytown/months/{month}/lines", "lines", "person", size=500)
        of_month = [row for row in rows if row["month"] == month]
        assert [[row[name] for name in SAME] for row in of_month] == [[line[name] for name in SAME] for line in lines]
    public = pages(door, "/api/v1/public/figures", "figures", size=500)
    history = pages(door, "/api/v1/public/areas/anytown/history", "figures", size=500)
    keys = ("month", "indicator", "category", "value", "rounded_to", "numerator", "denominator")
    assert sorted(repr([row[name] for name in keys]) for row in public) == sorted(
        repr([row[name] for name in keys]) for row in history
    )
    assert len(public) > 500


def test_a_client_made_from_the_document_rebuilds_octobers_lines(door: Door, tmp_path):
    """It isn't ours, and knows nothing but the document."""
    document = tmp_path / "openapi.json"
    document.write_text(door.ask("/api/v1/openapi.json").text, encoding="utf-8")
    made = subprocess.run(
        [BIN / "openapi-python-client", "generate", "--path", document, "--meta", "none", "--output-path", "client"],
        cwd=tmp_path,
        env={"PATH": f"{BIN}:{os.environ['PATH']}", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    # The client leaves out the answer of one address only: a feed is for feed readers.
    doubted = re.findall(r"WARNING(?: parsing (\S+ \S+) )?", made.stdout + made.stderr)
    assert doubted == ["GET /api/v1/areas/{town}/events.atom"]
    (tmp_path / "read.py").write_text(READ, encoding="utf-8")
    read = subprocess.run(
        [sys.executable, "read.py", door.site.url, door.keys["agency"]],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "NO_PROXY": "*"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert read.returncode == 0, read.stderr
    exported = door.manage("export_month", "--area", "anytown", "--month", "2026-10", "--version-number", "1")
    assert json.loads(read.stdout) == exported["lines"]


# The function's name is the operation's in the document.
READ = """
import json, sys
from importlib import import_module
from pathlib import Path

from client import AuthenticatedClient

url, key = sys.argv[1:]
name = next(path.stem for path in Path("client/api").rglob("*list_lines_of_month.py"))
folder = next(path.parent.name for path in Path("client/api").rglob("*list_lines_of_month.py"))
operation = import_module(f"client.api.{folder}.{name}")
lines, page = [], 1
with AuthenticatedClient(base_url=url, token=key, raise_on_unexpected_status=True) as client:
    while True:
        found = operation.sync(client=client, town="anytown", month="2026-10", page=page, size=20)
        lines += [line.to_dict() for line in found.lines]
        page += 1
        if len(lines) >= found.total:
            break
print(json.dumps(lines))
"""


SENT_A_FILE = "send_file"  # which no example can hold


def test_each_example_of_the_document_is_answered(door: Door):
    """… by the demonstration, from which they are."""
    document = door.ask("/api/v1/openapi.json").json()
    tried = []
    for address, methods in document["paths"].items():
        for method, operation in methods.items():
            if operation["operationId"] == SENT_A_FILE:
                continue
            examples = {each["name"]: each for each in operation.get("parameters", []) if "example" in each}
            assert examples.keys() >= set(re.findall(r"{(\w+)}", address)), address
            path = address.format(**{name: each["example"] for name, each in examples.items()})
            asked = {name: each["example"] for name, each in examples.items() if each["in"] == "query"}
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            answer = door.send(
                method,
                path,
                "agency" if "/returns/" in path else "person",
                params=asked,
                json=find_example(document, body),
            )
            assert answer.status_code == 200, f"{method} {path} {asked}: {answer.text}"
            if answer.headers["Content-Type"] == "application/json":
                assert answer.json().get("total") != 0, f"{path} {asked}"
            if method == "patch":
                saved = {box["indicator"]: box["value"] for box in answer.json()["boxes"]}
                example = find_example(document, body)["figures"]
                assert {each["indicator"]: str(each["value"]) for each in example}.items() <= saved.items()
            tried.append(operation["operationId"])
    assert len(tried) == sum(map(len, document["paths"].values())) - 1


def find_example(document: dict[str, Any], body: dict[str, Any]) -> Any:
    if not body:
        return None
    name = body["schema"]["$ref"].rpartition("/")[2]
    return document["components"]["schemas"][name]["examples"][0]


@pytest.mark.release  # test_api_document.py, and a client made from the document
@pytest.mark.parametrize("key", ["person", "agency", "narrow"])
def test_schemathesis_finds_nothing(door: Door, tmp_path, key):
    """It sends what the document allows and what it doesn't, and looks whether each answer is as the document says."""
    forget_wrong_keys(door)
    said = subprocess.run(
        [
            *(BIN / "st", "--config-file", CONFIG, "run", f"{door.site.url}/api/v1/openapi.json"),
            *("-H", f"Authorization: Bearer {door.keys[key]}", "--no-color"),
            *("--seed", SEED, "--max-examples", "8", "--phases", "examples,coverage,fuzzing"),
        ],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "NO_PROXY": "*"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stdout[-6000:] + said.stderr[-2000:]
    operations = [one for address in door.ask("/api/v1/openapi.json").json()["paths"].values() for one in address]
    assert f"Tested: {len(operations)}" in said.stdout


def forget_wrong_keys(door: Door) -> None:
    """Otherwise it would soon be told that too many came from its address."""
    with sqlite3.connect(door.site.database, timeout=20) as database:
        database.execute("DELETE FROM core_limit")
    database.close()


@pytest.mark.release  # of what schemathesis sent
def test_what_it_sent_is_a_draft_at_most(door: Door):
    """… whatever it sent before: nothing is submitted, and nothing signed off."""
    with sqlite3.connect(door.site.database, timeout=20) as database:
        found = database.execute(
            "SELECT state, saved_with_id IS NOT NULL FROM indicators_submission WHERE saved_with_id IS NOT NULL"
        ).fetchall()
    database.close()
    assert {state for state, _ in found} <= {"draft", "returned"}

"""Compares what two checkouts show: every address that each role can reach, page by page and file by file.

    python -m bench.crawl make FOLDER             a database with the demonstration, with this checkout's code
    python -m bench.crawl read FOLDER OUTPUT      migrate a copy of it, and save what each address answers
    python -m bench.crawl compare OUTPUT OUTPUT   print what differs; exit 1 if anything does

Make the database with the older checkout, and read it with both, on the same day. What differs by nature is replaced:
tokens, tags, times, and the hash in a static file's name. Of a PDF, its text and tags are compared; of a workbook, its
parts.
"""

import argparse
import difflib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

NOBODY = ""
PEOPLE = (
    NOBODY,
    "coordinator@anytown.example",
    "strategic@anytown.example",
    "csp.member@anytown.example",
    "csp.chair@anytown.example",
    "police.lead@anytown.example",
    "council-children.lead@anytown.example",
    "police.approver@anytown.example",
    "police.contact@anytown.example",
    "analyst@anytown.example",
    "information@anytown.example",
    "coordinator@southend.example",
    "coordinator@oldtown.example",
    "county.lead@county.example",
    "director@essex.example",
    "second.factor@vvdash.example",
    "operator@vvdash.example",
)
STARTS = (
    "/",
    "/anytown/public/",
    "/help/",
    "/regions/county/2026-10/",
    "/regions/essex/2026-10/",
    "/api/v1/openapi.json",
)
MOST_OF_A_PERSON = 500  # addresses, those nearest to the home first
MOST_OF_A_PATH = 4  # with different queries
LEFT_OUT = re.compile(r"^/(account/logout|operator/|static/|metrics|readyz)")

LINK = re.compile(r'(?:href|src|action)="([^"]+)"')
CHANGES_BY_NATURE = (
    (re.compile(r'(name="(?:csrfmiddlewaretoken|typed_by|sent_once)" value=")[^"]*'), r"\1…"),
    (re.compile(r"(/static/[\w./-]+?)\.[0-9a-f]{8,12}(\.\w+)"), r"\1\2"),
    (re.compile(r"(?<!\d)\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\b"), "…"),
    (re.compile(r'("challenge": ")[^"]+'), r"\1…"),
    (re.compile(r"\b(?:\d+|a few) (?:seconds?|minutes?) ago\b"), "…"),
    (re.compile(r"\b[0-9a-f]{32,}\b"), "…"),
    (re.compile(r"\breference:? [\w-]{8,}"), "reference …"),
)


def make(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    environment = environment_of(folder / "demo.sqlite3")
    done = subprocess.run(
        [sys.executable, "-m", "tests.functional.make_demo"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
    )
    (folder / "sessions.json").write_bytes(done.stdout)


def environment_of(database: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "vvdash.settings",
        "DATABASE_URL": f"sqlite:///{database}",
        "SESSION_IDLE_MINUTES": "480",
    }


# --- Reading -----------------------------------------------------------------------------------------


def read(folder: Path, output: Path) -> None:
    sessions = json.loads((folder / "sessions.json").read_text(encoding="utf-8"))
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as scratch:
        database = Path(scratch, "demo.sqlite3")
        for part in folder.glob("demo.sqlite3*"):
            shutil.copyfile(part, database.with_name(part.name))
        os.environ.update(environment_of(database))
        import django  # needs the settings

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        for person in PEOPLE:
            answers = dict(crawl(sessions.get(person, "")))
            name = person or "nobody"
            (output / f"{name}.json").write_text(json.dumps(answers, indent=0, sort_keys=True), encoding="utf-8")
            print(f"{name}: {len(answers)} addresses", file=sys.stderr, flush=True)


def crawl(session: str) -> Iterator[tuple[str, str]]:
    """Yield each address that somebody can reach from their home, with what it answers, nearest first."""
    from django.conf import settings
    from django.test import Client

    client = Client(raise_request_exception=False, headers={"host": "localhost"})
    if session:
        client.cookies[settings.SESSION_COOKIE_NAME] = session
    waiting, seen, count = list(STARTS), set(STARTS), 0
    of_path: Counter[str] = Counter()
    while waiting and count < MOST_OF_A_PERSON:
        address = waiting.pop(0)
        count += 1
        answer: Any = client.get(address)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        kind = answer.headers.get("Content-Type", "").partition(";")[0]
        yield address, f"{answer.status_code} {kind}\n{plain(body, kind)}"
        links = [answer.headers["Location"]] if "Location" in answer.headers else []
        if kind == "text/html":
            links += LINK.findall(body.decode())
        for link in links:
            found = urlsplit(urljoin(f"http://localhost{address}", link.replace("&amp;", "&")))
            if found.hostname != "localhost" or LEFT_OUT.match(found.path):
                continue
            path = found.path + (f"?{found.query}" if found.query else "")
            if path in seen or of_path[found.path] >= MOST_OF_A_PATH:
                continue
            seen.add(path)
            of_path[found.path] += 1
            waiting.append(path)


def plain(body: bytes, kind: str) -> str:
    """Return what an answer says, without what differs by nature."""
    if kind == "application/pdf":
        return pdf_text(body)
    if body[:2] == b"PK":
        return zip_text(body)
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return sha256(body).hexdigest()
    for pattern, instead in CHANGES_BY_NATURE:
        text = pattern.sub(instead, text)
    return text


def pdf_text(body: bytes) -> str:
    import pikepdf

    said = subprocess.run(["pdftotext", "-layout", "-", "-"], input=body, stdout=subprocess.PIPE, check=True).stdout
    with pikepdf.open(io.BytesIO(body)) as document:
        tags = [
            str(element.S)
            for element in document.objects
            if isinstance(element, pikepdf.Dictionary) and "/S" in element
        ]
    return said.decode() + "\n" + " ".join(f"{tag} {tags.count(tag)}" for tag in sorted(set(tags)))


def zip_text(body: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        names = [name for name in sorted(archive.namelist()) if name not in ("docProps/core.xml", "meta.xml")]
        parts = {name: archive.read(name) for name in names}
    return "\n".join(f"== {name}\n{plain(content, '')}" for name, content in parts.items())


# --- Comparing ---------------------------------------------------------------------------------------


def compare(before: Path, after: Path) -> int:
    """Print what differs, and return in how many answers."""
    differ = compared = 0
    for file in sorted(before.glob("*.json")):
        old, new = (json.loads((folder / file.name).read_text(encoding="utf-8")) for folder in (before, after))
        compared += len(old.keys() & new.keys())
        for address in sorted(old.keys() - new.keys()):
            print(f"{file.stem} {address}: no longer reached")
        for address in sorted(new.keys() - old.keys()):
            print(f"{file.stem} {address}: new")
        for address in sorted(old.keys() & new.keys()):
            if old[address] != new[address]:
                differ += 1
                lines = difflib.unified_diff(old[address].splitlines(), new[address].splitlines(), n=0, lineterm="")
                print(f"{file.stem} {address}:", *list(lines)[2:12], sep="\n    ")
        differ += len(old.keys() ^ new.keys())
    print(f"{compared} answers compared, {differ} differ")
    return differ


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("act", choices=["make", "read", "compare"])
    parser.add_argument("paths", nargs="+", type=Path)
    given = parser.parse_args()
    match given.act, given.paths:
        case "make", [folder]:
            make(folder)
        case "read", [folder, output]:
            read(folder, output)
        case "compare", [before, after]:
            sys.exit(1 if compare(before, after) else 0)
        case _:
            parser.error("see --help for what each act is given")


if __name__ == "__main__":
    main()

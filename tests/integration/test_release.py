"""Which release runs: what tells it from another, and that a reader of the public pages is told of the next one."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.test import Client

from boards.guides import FOLDER, PICTURES
from reporting.public.services import turn_public_pages
from tests import scenarios
from vvdash import release

ROOT = Path(settings.BASE_DIR)
PAGE = "/testford/public/signs/"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the release that runs."""
    for part in release.PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(ROOT / part, tmp_path / part)
    return tmp_path


def put(file: Path, old: str, new: str) -> None:
    """Another word in the place of one."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def started(tree: Path) -> str:
    """The release, as a process that starts there finds it."""
    say = [sys.executable, "-c", "from vvdash import settings; print(settings.RELEASE)"]
    return subprocess.run(say, cwd=tree, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.django_db
def test_a_reader_keeps_a_public_page_until_the_next_release(tree: Path, settings):
    town = scenarios.make_town()
    turn_public_pages(town.area, on=True, by=town.coordinator)
    scenarios.tell_signs(town)

    settings.RELEASE = started(tree)
    tag = Client().get(PAGE).headers["ETag"]
    settings.RELEASE = started(tree)  # another process of the same
    assert Client().get(PAGE, headers={"if-none-match": tag}).status_code == 304

    put(tree / "indicators" / "trend.py", '"Not shown"', '"Withheld"')
    settings.RELEASE = started(tree)
    response = Client().get(PAGE, headers={"if-none-match": tag})
    assert response.status_code == 200
    assert response.headers["ETag"] != tag


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("indicators/trend.py", '"Not shown"', '"Withheld"'),
        ("actions/presenters/highlights.py", "import", "import  "),
        ("vvdash/settings.py", "en-gb", "en-us"),
        ("templates/components/arrows.html", "<svg", "<svg "),
        ("static/css/public.css", "{", "{ "),
        ("reporting/charts/great_britain.json", "[", "[ "),
        ("requirements.txt", "==", "== "),
    ],
)
def test_another_word_anywhere_makes_another_release(tree: Path, name: str, old: str, new: str):
    put(tree / name, old, new)
    assert release.fingerprint(tree) != release.fingerprint(ROOT)


def test_so_does_a_file_that_has_another_name(tree: Path):
    (tree / "templates" / "404.html").rename(tree / "templates" / "410.html")
    assert release.fingerprint(tree) != release.fingerprint(ROOT)


def test_what_comes_and_goes_beside_it_makes_none(tree: Path):
    (tree / "core" / "__pycache__").mkdir()
    (tree / "core" / "__pycache__" / "apps.cpython-313.pyc").write_bytes(b"compiled")
    (tree / "core" / ".apps.py.swp").write_bytes(b"being written")
    for folder in ("tests", "var", "docs"):
        (tree / folder).mkdir(exist_ok=True)
        (tree / folder / "notes.py").write_text("# no part of it")
    (tree / "core" / "apps.py").touch()
    assert release.fingerprint(tree) == release.fingerprint(ROOT)


def test_every_app_and_every_folder_of_what_is_shown_is_a_part():
    homes = [Path(app.path) for app in apps.get_app_configs()]
    homes += [*settings.TEMPLATES[0]["DIRS"], FOLDER, PICTURES]  # the guides, and where they have their pictures from
    homes += [home for home in settings.STATICFILES_DIRS if isinstance(home, Path)]
    own = {str(home.relative_to(ROOT)) for home in homes if home.is_relative_to(ROOT) and ".venv" not in home.parts}
    assert own == {part for part in release.PARTS if (ROOT / part).is_dir()}

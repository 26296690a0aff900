"""The list of parts (script/sbom), and images pinned by digest (script/pin-images)."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from script.sbom import list_parts, make_bom, read_requirements
from tests.script_project import Project
from tests.unit.test_scripts import project  # noqa: F401

ROOT = Path(__file__).resolve().parents[2]
DIGEST, NEWER = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
REQUIREMENTS = """# made by a program
celery[redis]==5.7.0 \\
    --hash=sha256:1111111111111111111111111111111111111111111111111111111111111111 \\
    --hash=sha256:2222222222222222222222222222222222222222222222222222222222222222
    # via -r requirements.in
Tz_Data==2026.6 ; sys_platform == 'win32' \\
    --hash=sha256:3333333333333333333333333333333333333333333333333333333333333333
    # via
    #   celery
    #   kombu
"""


def test_packages_are_read_with_hashes_and_what_needs_them():
    celery, tzdata = read_requirements(REQUIREMENTS)
    assert (celery.purl, celery.needed_by) == ("pkg:pypi/celery@5.7.0", {"vvdash"})
    assert celery.hashes == [("SHA-256", "1" * 64), ("SHA-256", "2" * 64)]
    assert (tzdata.purl, tzdata.needed_by) == ("pkg:pypi/tz-data@2026.6", {"celery", "kombu"})
    assert tzdata.only == "sys_platform == 'win32'"


def test_a_line_that_is_not_known_is_refused():
    with pytest.raises(ValueError, match="can't read: git"):
        read_requirements(REQUIREMENTS + "git+https://example.org/part\n")


def test_every_package_of_the_product_is_in_it():
    bom = make_bom(list_parts(ROOT))
    pinned = re.findall(r"^([A-Za-z0-9._-]+)==", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)
    parts = {part["bom-ref"]: part for part in bom["components"]}
    assert len([ref for ref in parts if ref.startswith("pkg:pypi/")]) == len(pinned) > 30
    for ref, part in parts.items():
        if not ref.startswith("pkg:docker/"):
            assert part["externalReferences"][0]["hashes"], ref
    assert {ref.partition("@")[0] for ref in parts} > {"pkg:npm/chart.js", "pkg:docker/postgres", "pkg:docker/redis"}
    assert not any("sass" in ref for ref in parts)  # makes the stylesheets, and isn't shipped
    # Each is in the tree of what needs what, and reached from the product.
    needs = {each["ref"]: each["dependsOn"] for each in bom["dependencies"]}
    assert set(needs) == set(parts) | {"vvdash"}
    seen, waiting = set(), ["vvdash"]
    while waiting:
        ref = waiting.pop()
        if ref not in seen:
            seen.add(ref)
            waiting += needs[ref]
    assert {ref for ref in parts if ref not in seen and not ref.startswith("pkg:npm/")} == set()


def test_the_script_writes_it_and_the_same_twice(tmp_path: Path):
    first = subprocess.run([ROOT / "script" / "sbom"], capture_output=True, text=True, check=True, cwd="/").stdout
    subprocess.run([ROOT / "script" / "sbom", tmp_path / "sbom.json"], check=True, cwd="/")
    assert (tmp_path / "sbom.json").read_text(encoding="utf-8") == first
    assert json.loads(first)["bomFormat"] == "CycloneDX"


@pytest.fixture
def pinned(project: Project) -> Project:  # noqa: F811
    for name in ("Dockerfile", "docker-compose.yml"):
        shutil.copy(ROOT / name, project.root / name)
    return project


def images(project: Project) -> list[str]:  # noqa: F811
    text = "".join((project.root / name).read_text(encoding="utf-8") for name in ("Dockerfile", "docker-compose.yml"))
    # A name that begins with a variable is that of our own image.
    return re.findall(r"^(?:FROM |ARG BASE=|\s+image: )([^$\s]\S*)$", text, re.MULTILINE)


def test_every_image_is_pinned_and_again_when_there_is_a_newer(pinned: Project):
    tags = [image.partition("@")[0] for image in images(pinned)]
    outside = [tag for tag in tags if ":" in tag]
    assert len(outside) == 4
    for digest in (DIGEST, DIGEST, NEWER):
        pinned.fake("docker", f"echo {digest}")
        done = pinned.run("script/pin-images")
        assert (done.returncode, done.stderr) == (0, "")
        assert images(pinned) == [f"{tag}@{digest}" if tag in outside else tag for tag in tags]
    assert {f"docker buildx imagetools inspect {tag} --format {{{{.Manifest.Digest}}}}" for tag in outside} == set(
        pinned.called("docker")
    )
    assert pinned.run("script/pin-images", "--check").returncode == 0
    pinned.fake("docker", f"echo {DIGEST}")
    assert pinned.run("script/pin-images", "--check").returncode == 1


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ('case "$*" in *redis*) exit 1 ;; *) echo ' + DIGEST + " ;; esac", "the registry gave no digest for redis:"),
        ("echo no such thing", "which is no digest. Nothing was changed."),
    ],
)
def test_without_a_digest_nothing_changes(pinned: Project, answer: str, sentence: str):
    before = images(pinned)
    pinned.fake("docker", answer)
    done = pinned.run("script/pin-images")
    assert done.returncode == 1
    assert sentence in done.stderr
    assert images(pinned) == before


def test_without_docker_it_says_so(pinned: Project):
    if shutil.which("docker", path="/usr/bin:/bin"):
        pytest.skip("There is docker on this machine.")
    done = pinned.run("script/pin-images")
    assert (done.returncode, "there is no docker here" in done.stderr) == (1, True)

"""Write the parts of the product as CycloneDX JSON (version 1.6).

Standard library only, because a scanner's machine has no more. It reads what the product is installed from:
requirements.txt, package-lock.json, Dockerfile and docker-compose.yml.
"""

import base64
import hashlib
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

ROOT = Path(__file__).resolve().parents[1]
PRODUCT = "vvdash"
LICENCE = "MIT"
A_PIN = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)\s*(?:;\s*([^\\]+?))?\s*\\?$")
A_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
AN_IMAGE = re.compile(r"^(?:FROM|\s+image:)\s+([a-z0-9./-]+):([\w.-]+)(?:@sha256:([0-9a-f]{64}))?\s*$", re.MULTILINE)


@dataclass
class Part:
    """A part: its package URL, which identifies it everywhere, and what it is needed by."""

    purl: str
    name: str
    version: str
    kind: str = "library"
    hashes: list[tuple[str, str]] = field(default_factory=list)
    only: str = ""  # the machines that need it
    needed_by: set[str] = field(default_factory=set)  # names; the product's own is PRODUCT

    @property
    def component(self) -> dict[str, Any]:
        made: dict[str, Any] = {
            "type": self.kind,
            "bom-ref": self.purl,
            "name": self.name,
            "version": self.version,
            "purl": self.purl,
        }
        if self.only:
            made |= {"scope": "optional", "properties": [{"name": f"{PRODUCT}:only-if", "value": self.only}]}
        if self.hashes:
            # Hashes of the files that it can be installed from: a package has several.
            hashes = [{"alg": name, "content": content} for name, content in self.hashes]
            made["externalReferences"] = [{"type": "distribution", "url": self.purl, "hashes": hashes}]
        return made


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def read_requirements(text: str) -> list[Part]:
    """Return the packages of a requirements.txt that was compiled with hashes. Raises ValueError for a line that it
    doesn't know: a part must not be missing silently."""
    parts: list[Part] = []
    for line in text.splitlines():
        words = line.strip()
        if pin := A_PIN.fullmatch(words):
            name = normal(pin[1])
            parts.append(Part(f"pkg:pypi/{name}@{pin[2]}", name, pin[2], only=(pin[3] or "").strip()))
        elif found := A_HASH.match(words):
            parts[-1].hashes.append(("SHA-256", found[1]))
        elif words.startswith("#") and parts:
            for name in re.sub(r"^#\s*(?:via)?", "", words).split(","):
                wanted = name.strip()
                if wanted:
                    parts[-1].needed_by.add(PRODUCT if wanted.startswith("-r ") else normal(wanted))
        elif words and not words.startswith("#"):
            raise ValueError(f"requirements.txt has a line that script/sbom can't read: {words}")
    return parts


def read_lock(text: str) -> Iterator[Part]:
    """Yield the JavaScript that pages load. What only makes the stylesheets is marked `dev` and isn't shipped."""
    for path, held in json.loads(text)["packages"].items():
        if not path or held.get("dev"):
            continue
        name = path.removeprefix("node_modules/")
        digest = base64.b64decode(held["integrity"].removeprefix("sha512-")).hex()
        purl = f"pkg:npm/{name.replace('@', '%40')}@{held['version']}"
        yield Part(purl, name, held["version"], hashes=[("SHA-512", digest)], needed_by={PRODUCT})


def read_images(text: str) -> Iterator[Part]:
    for name, tag, digest in AN_IMAGE.findall(text):
        hashes = [("SHA-256", digest)] if digest else []
        yield Part(f"pkg:docker/{name}@{tag}", name, tag, "container", hashes, needed_by={PRODUCT})


def list_parts(root: Path) -> list[Part]:
    def read(name: str) -> str:
        return (root / name).read_text(encoding="utf-8")

    parts = read_requirements(read("requirements.txt"))
    parts += read_lock(read("package-lock.json"))
    parts += [part for name in ("Dockerfile", "docker-compose.yml") for part in read_images(read(name))]
    return sorted(parts, key=lambda part: part.purl)


def make_bom(parts: list[Part]) -> dict[str, Any]:
    needs: dict[str, list[str]] = {ref: [] for ref in (PRODUCT, *(part.purl for part in parts))}
    refs = {part.name: part.purl for part in parts} | {PRODUCT: PRODUCT}
    for part in parts:
        for name in part.needed_by:
            needs[refs[name]].append(part.purl)
    bom: dict[str, Any] = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": PRODUCT,
                "name": PRODUCT,
                "licenses": [{"license": {"id": LICENCE}}],
            }
        },
        "components": [part.component for part in parts],
        "dependencies": [{"ref": ref, "dependsOn": sorted(found)} for ref, found in sorted(needs.items())],
    }
    # From the content, so that the same parts give the same file.
    digest = hashlib.sha256(json.dumps(bom, sort_keys=True).encode()).digest()[:16]
    return bom | {"serialNumber": f"urn:uuid:{UUID(bytes=digest, version=4)}"}


def main() -> int:
    try:
        text = f"{json.dumps(make_bom(list_parts(ROOT)), indent=2)}\n"
    except (OSError, ValueError, KeyError) as fault:
        sys.stderr.write(f"script/sbom: {fault}\n")
        return 1
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())

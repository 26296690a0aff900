"""Which programs do the tests need, and where are they?"""

import dataclasses
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

# The majors in production; docker-compose.yml names the same, and a test looks.
# The tests use them where they are installed, otherwise the nearest newer one.
POSTGRES_MAJOR = 15
REDIS_MAJOR = 8

# Debian's Chromium without a window takes half the CPU, so it is what we install. The others do too where they are.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


class ServiceError(Exception):
    """A program that the tests need is missing or would not start; the message is a sentence."""


@dataclasses.dataclass(frozen=True)
class Program:
    """An installed server: its path and its version, as `(15, 18)`."""

    path: Path
    version: tuple[int, ...]

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.version))} ({self.path})"


def find_postgres() -> Program:
    """Find PostgreSQL's server.

    Raises ServiceError when none of the declared major or newer is installed.
    """
    kept_by_debian = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    return choose("PostgreSQL", POSTGRES_MAJOR, [*kept_by_debian, *_on_path("postgres")])


def find_redis() -> Program:
    """Find Redis's server.

    Raises ServiceError when none of the declared major or newer is installed.
    """
    return choose("Redis", REDIS_MAJOR, _on_path("redis-server"))


def find_browser() -> Path:
    """Find Chromium without a window, or another Chromium or Chrome in its place.

    Raises ServiceError when none is installed.
    """
    if found := _on_path(*BROWSERS):
        return found[0]
    raise ServiceError(f"No browser is installed (looked for {', '.join(BROWSERS)}).")


def find_poppler() -> Path:
    """Find the programs that read a PDF back; returns their folder.

    Raises ServiceError when one of them is missing.
    """
    found = [*_on_path("pdftotext"), *_on_path("pdftoppm")]
    if len(found) == 2:
        return found[0].parent
    raise ServiceError("pdftotext and pdftoppm are not both installed.")


def find_font() -> Path:
    """Find a font for the browser: without any, pages come out without letters.

    Raises ServiceError when none is installed.
    """
    for folder in (Path("/usr/share/fonts"), Path("/usr/local/share/fonts")):
        for font in folder.rglob("*.[to]tf"):
            return font
    raise ServiceError("No font is installed.")


def find_nginx() -> Path:
    """Find nginx.

    Raises ServiceError when it is not installed.
    """
    return _find("nginx", "/usr/sbin/nginx")


def find_promtool() -> Path:
    """Find the program that checks rules for Prometheus.

    Raises ServiceError when it is not installed.
    """
    return _find("promtool")


def find_pgbouncer() -> Path:
    """Find PgBouncer.

    Raises ServiceError when it is not installed.
    """
    return _find("pgbouncer", "/usr/sbin/pgbouncer")


def find_patroni() -> Path:
    """Find Patroni.

    Raises ServiceError when it is not installed.
    """
    return _find("patroni")


def find_etcd() -> Path:
    """Find etcd's server.

    Raises ServiceError when it is not installed.
    """
    return _find("etcd")


def _find(name: str, *places: str) -> Path:
    """Find a program on the path, or at one of these places, which an ordinary user's path lacks."""
    for found in (*_on_path(name), *map(Path, places)):
        if found.is_file():
            return found
    raise ServiceError(f"{name} is not installed.")


def missing_packages(*, with_machines: bool = False) -> list[str]:
    """Name the Debian packages that the tests need and this machine lacks; also those of tests/machines, if asked."""
    needed: dict[str, Callable[[], object]] = {
        "chromium-headless-shell": find_browser,
        "fonts-dejavu-core": find_font,
        "nginx-light": find_nginx,
        "poppler-utils": find_poppler,
        "postgresql": find_postgres,
        "promtool": find_promtool,
        "redis-server": find_redis,
        "systemd": lambda: _find("systemd-analyze"),
    }
    if with_machines:
        needed["buildah"] = lambda: _find("buildah")
        needed["netavark"] = lambda: _find("netavark", "/usr/lib/podman/netavark")  # buildah asks for it
        needed["iproute2"] = lambda: _find("ip", "/usr/sbin/ip")
        needed["curl"] = lambda: _find("curl")
        needed["pgbouncer"] = find_pgbouncer
        needed["patroni"] = find_patroni
        needed["python3-etcd"] = lambda: _find("python3-etcd", "/usr/lib/python3/dist-packages/etcd/__init__.py")
        needed["etcd-server"] = find_etcd
        needed["debootstrap"] = lambda: _find("debootstrap", "/usr/sbin/debootstrap")
    missing = []
    for package, find in needed.items():
        try:
            find()
        except ServiceError:
            missing.append(package)
    return missing


def _on_path(*names: str) -> list[Path]:
    return [Path(found) for name in names if (found := shutil.which(name))]


def choose(name: str, major: int, paths: Sequence[Path]) -> Program:
    """Take the declared major, else the nearest newer one."""
    programs = [program for path in paths if (program := _ask_version(path))]
    fitting = [program for program in programs if program.version[0] >= major]
    if fitting:
        return min(fitting, key=lambda program: program.version[0])
    found = ", ".join(map(str, programs)) or "none"
    raise ServiceError(f"{name} {major} or newer is not installed (found: {found}).")


def _ask_version(path: Path) -> Program | None:
    answer = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    digits = re.search(r"(?:\bv=|\) )(\d+(?:\.\d+)*)", answer.stdout)
    if answer.returncode or not digits:
        return None
    return Program(path, tuple(map(int, digits[1].split("."))))

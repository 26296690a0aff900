"""Production refuses the defaults of a try-out."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from vvdash.checks import production_is_safe

ROOT = Path(__file__).resolve().parents[2]

KEY = "kN8wq-2vXo4dLr7ZtYb1MfJc9Hs6PaUe5Gi3RxTzBnVlQmWyDj"
SAFE = {
    "PRODUCTION": True,
    "DEBUG": False,
    "SECRET_KEY": KEY,
    "SECRET_KEY_FALLBACKS": [],
    "ALLOWED_HOSTS": ["dashboard.example"],
    "DATABASES": {"default": {"ENGINE": "django.db.backends.postgresql"}},
    "CELERY_TASK_ALWAYS_EAGER": False,
    "SITE_URL": "https://dashboard.example",
    "PROXIES": 1,
    "INSIDE": ["10.1.0.0/16"],
}


@pytest.fixture
def production(monkeypatch):
    """The settings of a safe production, for the check alone."""

    class Settings:
        DEFAULT_SECRET_KEY = "not-a-secret-good-for-a-try-out-on-one-machine-only"

    for name, value in SAFE.items():
        setattr(Settings, name, value)
    monkeypatch.setattr("vvdash.checks.settings", Settings)
    return Settings


def test_a_safe_one_is_let_through(production):
    assert production_is_safe() == []


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("DEBUG", True, "vvdash.E001"),
        ("SECRET_KEY", "not-a-secret-good-for-a-try-out-on-one-machine-only", "vvdash.E002"),
        ("SECRET_KEY", KEY[:49], "vvdash.E008"),
        ("SECRET_KEY", "abcd" * 13, "vvdash.E008"),
        ("SECRET_KEY_FALLBACKS", [KEY, KEY[:49]], "vvdash.E008"),
        ("SECRET_KEY_FALLBACKS", ["not-a-secret-good-for-a-try-out-on-one-machine-only"], "vvdash.E009"),
        ("ALLOWED_HOSTS", [], "vvdash.E003"),
        ("ALLOWED_HOSTS", ["dashboard.example", "*"], "vvdash.E007"),
        ("ALLOWED_HOSTS", ["*.example"], "vvdash.E007"),
        ("DATABASES", {"default": {"ENGINE": "django.db.backends.sqlite3"}}, "vvdash.E004"),
        ("CELERY_TASK_ALWAYS_EAGER", True, "vvdash.E005"),
        ("SITE_URL", "http://localhost:8000", "vvdash.E006"),
        ("SITE_URL", "http://dashboard.example", "vvdash.E006"),
        ("SITE_URL", "dashboard.example", "vvdash.E006"),
        ("PROXIES", 0, "vvdash.E010"),
        ("SITE_URL", "", "vvdash.E006"),
    ],
)
def test_each_default_of_a_try_out_is_refused(production, name, value, error):
    setattr(production, name, value)
    assert [fault.id for fault in production_is_safe()] == [error]
    production.PRODUCTION = False
    assert production_is_safe() == []


PRODUCTION = {
    "PRODUCTION": "1",
    "SECRET_KEY": KEY,
    "ALLOWED_HOSTS": "dashboard.example",
    "SITE_URL": "https://dashboard.example",
    "DATABASE_URL": "postgres://127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "EMAIL_URL": "smtp://127.0.0.1:1",
}
PROGRAMS = {
    "web": "import vvdash.wsgi",
    # What the worker and beat send as they start, before they look for Redis.
    "worker": "import celery.signals, vvdash.celery; celery.signals.worker_init.send(None)",
    "beat": "import celery.signals, vvdash.beat; celery.signals.beat_init.send(None)",
}


def start(program: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name not in PRODUCTION} | PRODUCTION | settings
    return subprocess.run(
        [sys.executable, "-c", PROGRAMS[program]],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("program", PROGRAMS)
def test_no_program_starts_with_such_a_default(program):
    assert start(program).returncode == 0
    refused = start(program, ALLOWED_HOSTS="*", SECRET_KEY="short")
    assert refused.returncode == 3
    assert refused.stderr.splitlines()[-2:] == [
        "In production: Every host is allowed. Name the hosts in ALLOWED_HOSTS, without *.",
        "In production: SECRET_KEY, or one of SECRET_KEY_FALLBACKS, has fewer than 50 characters or too few "
        "different ones. "
        "Make a key with: python -c 'import secrets; print(secrets.token_urlsafe(50))'.",
    ]

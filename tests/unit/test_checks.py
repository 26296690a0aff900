"""Production refuses the defaults of a try-out."""

import pytest

from vvdash.checks import production_is_safe

SAFE = {
    "PRODUCTION": True,
    "DEBUG": False,
    "SECRET_KEY": "long and random",
    "ALLOWED_HOSTS": ["dashboard.example"],
    "DATABASES": {"default": {"ENGINE": "django.db.backends.postgresql"}},
    "CELERY_TASK_ALWAYS_EAGER": False,
    "SITE_URL": "https://dashboard.example",
}


@pytest.fixture
def production(monkeypatch):
    """The settings of a safe production, for the check alone."""

    class Settings:
        DEFAULT_SECRET_KEY = "not-a-secret"

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
        ("SECRET_KEY", "not-a-secret", "vvdash.E002"),
        ("ALLOWED_HOSTS", [], "vvdash.E003"),
        ("DATABASES", {"default": {"ENGINE": "django.db.backends.sqlite3"}}, "vvdash.E004"),
        ("CELERY_TASK_ALWAYS_EAGER", True, "vvdash.E005"),
        ("SITE_URL", "http://localhost:8000", "vvdash.E006"),
        ("SITE_URL", "http://dashboard.example", "vvdash.E006"),
        ("SITE_URL", "dashboard.example", "vvdash.E006"),
        ("SITE_URL", "", "vvdash.E006"),
    ],
)
def test_each_default_of_a_try_out_is_refused(production, name, value, error):
    setattr(production, name, value)
    assert [fault.id for fault in production_is_safe()] == [error]
    production.PRODUCTION = False
    assert production_is_safe() == []

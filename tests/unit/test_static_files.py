"""The address of a static file is found out once, and is what Django and WhiteNoise say."""

import json
from pathlib import Path

import pytest
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.templatetags.static import static
from whitenoise.storage import CompressedManifestStaticFilesStorage

from vvdash.static_files import CollectedFiles, FilesAsTheyAre


def test_a_try_out_names_files_as_they_are(monkeypatch):
    storage = FilesAsTheyAre()
    assert storage.url("css/app.css") == StaticFilesStorage().url("css/app.css") == "/static/css/app.css"
    monkeypatch.setattr(StaticFilesStorage, "url", None)
    assert storage.url("css/app.css") == "/static/css/app.css"


def test_production_names_them_by_their_hash(tmp_path: Path):
    manifest = {"paths": {"css/app.css": "css/app.123456.css"}, "version": "1.1", "hash": ""}
    (tmp_path / "staticfiles.json").write_text(json.dumps(manifest))
    for _ in range(2):
        found = CollectedFiles(location=tmp_path).url("css/app.css")
        assert found == CompressedManifestStaticFilesStorage(location=tmp_path).url("css/app.css")
        assert found == "/static/css/app.123456.css"
    with pytest.raises(ValueError, match="Missing staticfiles manifest entry"):
        CollectedFiles(location=tmp_path).url("css/none.css")


def test_other_settings_have_other_addresses(settings):
    assert static("favicon.svg") == "/static/favicon.svg"
    options = {"OPTIONS": {"base_url": "/elsewhere/"}}
    settings.STORAGES = settings.STORAGES | {"staticfiles": settings.STORAGES["staticfiles"] | options}
    assert static("favicon.svg") == "/elsewhere/favicon.svg"

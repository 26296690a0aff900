"""OBJECTS_URL names a store of files, or the program ends with a sentence that gives no secret away."""

import pytest

from vvdash import env

SECRET = "hunter2"
QUOTED = "se%2Fcr%2Bet"
OWNER = "https://dashboard.example"
PATTERN = "OBJECTS_URL must look like s3://key:secret@s3.example/BUCKET. Write special characters as %2F and so on.\n"
UNREADABLE = "OBJECTS_URL can't be read as a URL: write special characters in its password as %25 and so on.\n"
BAD = {
    f"https://key:{SECRET}@s3.example/bucket": "OBJECTS_URL must start with s3://.\n",
    f"s3://{SECRET}@s3.example/bucket": PATTERN,
    "s3://s3.example/bucket": PATTERN,
    f"s3://key:{SECRET}@/bucket": PATTERN,
    f"s3://key:{SECRET}@s3.example": PATTERN,
    f"s3://key:{SECRET}@s3.example/": PATTERN,
    f"s3://key:{SECRET}@s3.example/Bucket": PATTERN,
    f"s3://key:{SECRET}@s3.example/bucket/folder": PATTERN,
    f"s3://key:{SECRET}/3@s3.example/bucket": UNREADABLE,
    f"s3://key:{SECRET}@s3.example:port/bucket": UNREADABLE,
    f"s3://key:{SECRET}@s3.example/bucket?zone=7": (
        "OBJECTS_URL has a parameter that we don't know: only region is allowed.\n"
    ),
    f"s3+http://key:{SECRET}@s3.example/bucket": (
        "OBJECTS_URL must start with s3:// in production, because the files must be encrypted in transit.\n"
    ),
}


def read(monkeypatch, url: str, *, needs_tls: bool = True):
    monkeypatch.setenv("OBJECTS_URL", url)
    return env.objects("OBJECTS_URL", needs_tls=needs_tls, owner=OWNER)


@pytest.mark.parametrize("url", BAD)
def test_a_bad_store_is_refused(monkeypatch, capsys, url):
    with pytest.raises(SystemExit) as ended:
        read(monkeypatch, url)
    said = capsys.readouterr().err
    assert (ended.value.code, said) == (env.REFUSED, BAD[url])
    assert SECRET not in said


def test_without_one_files_are_in_the_database(monkeypatch):
    assert read(monkeypatch, "") == {"BACKEND": "core.files.objects.DatabaseStorage"}


def test_a_store_has_its_address_its_bucket_and_its_key(monkeypatch):
    found = read(monkeypatch, f"s3://KEY:{QUOTED}@s3.example:9000/town-files?region=eu-west-2")
    assert found == {
        "BACKEND": "vvdash.s3.S3Storage",
        "OPTIONS": {
            "address": "https://s3.example:9000",
            "bucket": "town-files",
            "key": "KEY",
            "secret": "se/cr+et",
            "region": "eu-west-2",
            "owner": OWNER,
        },
    }


@pytest.mark.parametrize(("host", "needs_tls"), [("127.0.0.1:9000", True), ("[::1]:9000", True), ("s3.example", False)])
def test_no_tls_on_the_same_machine_or_outside_production(monkeypatch, host, needs_tls):
    found = read(monkeypatch, f"s3+http://key:secret@{host}/bucket", needs_tls=needs_tls)
    assert found["OPTIONS"]["address"] == f"http://{host}"


def test_a_store_without_its_client_is_refused(monkeypatch, capsys):
    monkeypatch.setattr(env, "find_spec", lambda name: None)
    with pytest.raises(SystemExit):
        read(monkeypatch, "s3://key:secret@s3.example/bucket")
    assert capsys.readouterr().err.endswith("the S3 client isn't installed: install requirements-s3.txt.\n")

"""A store that does not do what we ask of it loses nothing."""

from datetime import UTC, datetime

import pytest
from botocore.client import BaseClient
from botocore.exceptions import EndpointConnectionError

from core import objects
from vvdash.breaker import Breaker
from vvdash.s3 import S3Storage

OURS, COPY = "https://dashboard.example", "https://copy.example"
IGNORES = "The store doesn’t support conditional writes: it ignores If-None-Match."


def store_of(owner: str, address: str) -> S3Storage:
    return S3Storage(
        address=address, bucket="vvdash-objects", key="AKIATEST", secret="se/cret+1", region="us-east-1", owner=owner
    )


@pytest.fixture
def change_requests(monkeypatch):
    """Let a function change each request to a store, by its name and parameters, or fail instead."""

    def use(change) -> None:
        call = BaseClient._make_api_call
        monkeypatch.setattr(BaseClient, "_make_api_call", lambda client, *asked: call(client, *change(*asked)))

    return use


# --- It ignores conditions ------------------------------------------------------------------------------------------


@pytest.fixture
def ignorant(s3, change_requests):
    """A store that ignores If-None-Match."""
    change_requests(lambda name, asked: (name, {key: asked[key] for key in asked if key != "IfNoneMatch"}))
    return s3


def owner_of(s3) -> bytes:
    return s3.client.get_object(Bucket="vvdash-objects", Key="owner")["Body"].read()


def test_a_store_without_conditional_writes_keeps_its_owner(ignorant):
    address = f"http://127.0.0.1:{ignorant.port}"
    name = objects.name_of(b"%PDF")
    ignorant.write("owner", OURS.encode())
    ignorant.write(name, b"%PDF")
    copy = store_of(COPY, address)
    assert copy.probe() == "The store belongs to another installation."
    with pytest.raises(objects.Unreadable, match="belongs to another installation"):
        copy.delete(name)
    assert owner_of(ignorant) == OURS.encode()
    assert ignorant.names() == {name}


def test_the_check_says_that_a_store_has_no_conditional_writes(ignorant):
    ours = store_of(OURS, f"http://127.0.0.1:{ignorant.port}")
    ignorant.write("old", b"%PDF")
    assert ours.probe() == IGNORES
    # Two that use it first at the same time would both take it for theirs.
    with pytest.raises(objects.Unreadable, match=f"{IGNORES} So we delete nothing there"):
        ours.delete("old")
    assert owner_of(ignorant) == OURS.encode()
    assert ignorant.names() == {"old"}


def test_whoever_claims_a_bucket_second_sees_whose_it_is(s3, change_requests):
    """Both look before anybody has claimed it, and the other claims it first."""

    def overtake(name: str, asked: dict) -> tuple[str, dict]:
        if name == "PutObject" and asked.get("IfNoneMatch") and asked["Body"] == COPY.encode():
            s3.write("owner", OURS.encode())
        return name, asked

    change_requests(overtake)
    assert store_of(COPY, f"http://127.0.0.1:{s3.port}").probe() == "The store belongs to another installation."
    assert owner_of(s3) == OURS.encode()


# --- It fails in the middle of a list -------------------------------------------------------------------------------


def test_a_list_goes_on_after_a_quick_fault(s3, change_requests, monkeypatch):
    faults = iter([False, True, False, False])

    def fail_once(name: str, asked: dict) -> tuple[str, dict]:
        if name == "ListObjectsV2":
            asked = asked | {"MaxKeys": 1}
            if next(faults):
                raise EndpointConnectionError(endpoint_url="http://store")
        return name, asked

    names = {"a", "b", "c & d"}
    for name in names:
        s3.write(name, b"%PDF")
    change_requests(fail_once)
    monkeypatch.setattr("vvdash.s3.BREAKER", Breaker("objects", rest=10))
    ours = store_of(OURS, f"http://127.0.0.1:{s3.port}")
    assert set(ours.list_old(datetime(2100, 1, 1, tzinfo=UTC))) == names

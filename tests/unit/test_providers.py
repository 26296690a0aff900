"""What the operator writes about providers of single sign-on, and what a token of one must say."""

import json
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.identity import provider_calls
from core.identity.id_tokens import Untrusted, read_id_token
from core.identity.providers import BadProviders, Provider, find_required, is_address, read_providers
from tests import databases
from tests.lying_provider import make_key, publish
from vvdash import env

SECRET = "hunter2"
GOOD = {
    "id": "council",
    "name": "Anytown Council",
    "issuer": "https://login.example/tenant/v2.0",
    "client_id": "dashboard",
    "client_secret": SECRET,
    "domains": ["Anytown.gov.uk", "social-care.anytown.gov.uk"],
}


def write(*rows: dict[str, Any]) -> str:
    return json.dumps(rows)


def test_none():
    assert read_providers("", needs_https=True) == {}
    assert read_providers("[]", needs_https=True) == {}


def test_what_is_read():
    more = {
        "claims": {"tid": "7"},
        "second_factor": {"amr": ["mfa", "hwk"]},
        "verified_by": "xms_edov",
        "required": True,
    }
    (provider,) = read_providers(write(GOOD | more), needs_https=True).values()
    assert provider.domains == {"anytown.gov.uk", "social-care.anytown.gov.uk"}
    assert (provider.claims, provider.factor) == ({"tid": ("7",)}, {"amr": ("mfa", "hwk")})
    assert (provider.verified_by, provider.is_required) == ("xms_edov", True)
    assert SECRET not in repr(provider)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("nonsense", "write a list in JSON, such as"),
        ("[" * 100_000, "write a list in JSON, such as"),
        (json.dumps(GOOD), "write a list in JSON, such as"),
        ("[7]", "write a list in JSON, such as"),
        (write({name: value for name, value in GOOD.items() if name != "client_secret"}), "has no 'client_secret'"),
        (write(GOOD | {"client_secrets": SECRET}), "has 'client_secrets', which we don't know"),
        (write(GOOD | {"client_secret": ""}), "needs a text for 'client_secret'"),
        (write(GOOD | {"name": 7}), "needs a text for 'name'"),
        (write(GOOD | {"id": "The Council"}), "needs an 'id' made of small letters"),
        (write(GOOD | {"id": "../admin"}), "needs an 'id' made of small letters"),
        (write(GOOD | {"issuer": "http://login.example"}), "needs an 'issuer' that starts with https://"),
        (write(GOOD | {"issuer": "https://user@login.example"}), "needs an 'issuer'"),
        (write(GOOD | {"issuer": "https://login.example?a=b"}), "needs an 'issuer'"),
        (write(GOOD | {"issuer": "https://"}), "needs an 'issuer'"),
        (write(GOOD | {"issuer": "https://login.example:port"}), "needs an 'issuer'"),
        (write(GOOD | {"domains": []}), "needs a list of 'domains'"),
        (write(GOOD | {"domains": "anytown.gov.uk"}), "needs a list of 'domains'"),
        (write(GOOD | {"domains": ["*"]}), "needs a list of 'domains'"),
        (write(GOOD | {"domains": ["*.gov.uk"]}), "needs a list of 'domains'"),
        (write(GOOD | {"domains": ["@anytown.gov.uk"]}), "needs a list of 'domains'"),
        (write(GOOD | {"domains": [""]}), "needs a list of 'domains'"),
        (write(GOOD | {"claims": ["hd"]}), "needs an object for 'claims'"),
        (write(GOOD | {"claims": {"hd": []}}), "needs claims with texts for 'claims'"),
        (write(GOOD | {"second_factor": {"amr": True}}), "needs claims with texts for 'second_factor'"),
        (write(GOOD | {"verified_by": ""}), "needs the name of a claim for 'verified_by'"),
        (write(GOOD | {"required": "no"}), "needs true or false for 'required'"),
        (write(GOOD, GOOD), "two providers have the id 'council'"),
        (write(GOOD, GOOD | {"id": "nhs"}), "both have the domain anytown.gov.uk; give it to one"),
    ],
)
def test_a_setting_that_makes_no_sense(monkeypatch, capsys, text: str, sentence: str):
    with pytest.raises(BadProviders, match=sentence.replace("(", r"\(").replace("*", r"\*")):
        read_providers(text, needs_https=True)
    monkeypatch.setenv("OIDC_PROVIDERS", text)
    with pytest.raises(SystemExit) as ended:
        env.providers("OIDC_PROVIDERS", needs_https=True)
    said = capsys.readouterr().err
    assert ended.value.code == env.REFUSED
    assert said.startswith("OIDC_PROVIDERS is wrong: ")
    assert SECRET not in said


def test_http_is_for_trying_out_only():
    text = write(GOOD | {"issuer": "http://127.0.0.1:9400"})
    assert read_providers(text, needs_https=False)
    with pytest.raises(BadProviders):
        read_providers(text, needs_https=True)


def test_what_it_calls_over_https():
    (provider,) = read_providers(write(GOOD), needs_https=False).values()
    assert not provider.allows("http://login.example/token")
    assert provider.allows("https://keys.example/jwks")


@pytest.mark.parametrize(
    "text", [None, 7, "", "login.example", "https://a b", "https://a\n", "javascript:x", "file:///a"]
)
def test_no_address(text: Any):
    assert not is_address(text, needs_https=False)


@pytest.mark.parametrize(
    ("address", "answer"),
    [
        ("kim@anytown.gov.uk", True),
        ("kim@ANYTOWN.gov.uk", True),
        ("kim@sub.anytown.gov.uk", False),
        ("kim@anytown.gov.uk@evil.example", False),
        ("kim@evilanytown.gov.uk", False),
        ("anytown.gov.uk", False),
        ("", False),
    ],
)
def test_whom_it_vouches_for(address: str, answer: bool):
    (provider,) = read_providers(write(GOOD | {"required": True}), needs_https=True).values()
    assert provider.vouches_for(address) is answer
    assert (find_required({"council": provider}, address) is not None) is provider.vouches_for(address)


def test_all_calls_of_a_page_share_five_seconds():
    assert provider_calls.SECONDS == 5
    calls = provider_calls.Calls()
    calls.ends = time.monotonic() - 1
    with pytest.raises(provider_calls.NoAnswer, match="no time is left"):
        calls.get("https://login.example/jwks")


def test_nothing_of_it_is_loaded_before_somebody_uses_it(tmp_path: Path):
    """Each program starts as fast as before."""
    asked = (
        "import sys, django; django.setup(); import vvdash.urls; "
        "print([name for name in ('requests', 'jwt', 'core.identity.single_sign_on') if name in sys.modules])"
    )
    assert databases.run("-c", asked, database=f"sqlite:///{tmp_path}/none.sqlite3").strip() == "[]"


PROVIDER = Provider("council", "Council", "https://login.example", "dashboard", SECRET)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=5), each, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    claims=st.dictionaries(st.sampled_from(["iss", "aud", "sub", "exp", "iat", "nbf", "nonce", "azp"]), ANYTHING),
    keys=ANYTHING
    | st.builds(
        lambda more: {"keys": [publish("first") | more]}, st.dictionaries(st.text(max_size=3), ANYTHING, max_size=2)
    ),
)
def test_whatever_it_sends_is_refused_and_breaks_nothing(claims: dict[str, Any], keys: Any):
    """Only one token is right, and it has all of its claims."""
    now = int(time.time())
    right = {"iss": PROVIDER.issuer, "aud": "dashboard", "sub": "s", "exp": now + 60, "iat": now, "nonce": "n"}
    body = json.dumps(right | claims).encode()
    token = jwt.api_jws.encode(body, make_key("first"), algorithm="RS256", headers={"kid": "first"})
    try:
        found = read_id_token(token, keys=keys, provider=PROVIDER, nonce="n")
    except Untrusted:
        return
    assert (found["iss"], found["nonce"]) == (PROVIDER.issuer, "n")
    assert found["aud"] in ("dashboard", ["dashboard"]) or "dashboard" in found["aud"]


@given(token=ANYTHING | st.text(alphabet="abcdefABCDEF0123456789-_.", max_size=60))
def test_whatever_the_token_is(token: Any):
    with pytest.raises(Untrusted):
        read_id_token(token, keys={"keys": [publish("first")]}, provider=PROVIDER, nonce="n")

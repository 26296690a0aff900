"""deploy/pgbouncer and deploy/patroni, beside what the product expects. tests/machines runs them."""

import re
from configparser import ConfigParser
from pathlib import Path

import pytest
import yaml

from vvdash.postgres.patience import KINDS

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"


@pytest.fixture(scope="module")
def pooler() -> ConfigParser:
    found = ConfigParser(inline_comment_prefixes=None, comment_prefixes=(";",), interpolation=None)
    found.read(DEPLOY / "pgbouncer" / "pgbouncer.ini", encoding="utf-8")
    return found


@pytest.mark.parametrize(("name", "kind"), [("vvdash", "web"), ("vvdash_worker", "worker")])
def test_behind_the_pooler_the_limits_are_those_of_the_product(pooler: ConfigParser, name: str, kind: str):
    set_up = dict(re.findall(r"SET (\w+) = (\d+)\b", pooler["databases"][name]))
    limits = KINDS[kind]
    milliseconds = {
        "statement_timeout": limits.statement,
        "lock_timeout": limits.lock,
        "idle_in_transaction_session_timeout": limits.idle_in_transaction,
    }
    wanted = {key: seconds * 1000 for key, seconds in milliseconds.items() if seconds}

    assert {key: int(value) for key, value in set_up.items()} == wanted


def test_the_pooler_gives_up_before_we_do(pooler: ConfigParser):
    """… or a full pool would look like a database that doesn't answer, and open the breaker."""
    ours, web = pooler["pgbouncer"], KINDS["web"]

    assert int(ours["query_wait_timeout"]) < web.answer
    assert int(ours["server_connect_timeout"]) <= web.connect
    assert ours["pool_mode"] == "transaction"
    assert ours["server_reset_query"] == ours["ignore_startup_parameters"] == ""


def test_a_commit_waits_for_the_standby_unless_there_is_none():
    """With two hosts, strict would let nobody save while one is away."""
    written = yaml.safe_load((DEPLOY / "patroni" / "config.yml").read_text(encoding="utf-8"))["bootstrap"]["dcs"]

    assert written["synchronous_mode"] is True
    assert written["synchronous_mode_strict"] is False
    assert written["postgresql"]["parameters"]["synchronous_commit"] == "on"
    assert written["ttl"] >= written["loop_wait"] + 2 * written["retry_timeout"]  # Patroni's own rule


def test_etcd_forgets_what_patroni_wrote_before():
    """Otherwise it stops after some years, when it has two gigabytes."""
    written = (DEPLOY / "patroni" / "etcd").read_text(encoding="utf-8")

    assert re.search(r"^ETCD_AUTO_COMPACTION_RETENTION=1h$", written, re.MULTILINE)

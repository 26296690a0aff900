"""The code that the rewriting leaves is what pytest runs, and it doesn't rewrite again."""

import importlib.util
import sys
from pathlib import Path

import pytest
from _pytest.assertion import rewrite

from tests.rewriting import rewrite_asserts


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "cache"))
    file = tmp_path / "test_sums.py"
    file.write_text("def add(one):\n    assert one + 1 == 4\n", encoding="utf-8")
    return file


def say(file: Path) -> str:
    """What its assert says when it fails, as pytest imports it."""
    hook = next(finder for finder in sys.meta_path if isinstance(finder, rewrite.AssertionRewritingHook))
    spec = importlib.util.spec_from_file_location("test_sums", file, loader=hook)
    assert spec
    module = importlib.util.module_from_spec(spec)
    hook.exec_module(module)
    with pytest.raises(AssertionError) as failed:
        module.add(2)
    return str(failed.value)


def test_pytest_takes_what_is_rewritten(file: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch):
    rewrite_asserts([file], request.config)
    monkeypatch.setattr(rewrite, "_rewrite_test", lambda *_: pytest.fail("pytest rewrites it again"))
    rewrite_asserts([file], request.config)
    assert say(file) == "assert (2 + 1) == 4"


def test_what_has_changed_is_rewritten_again(file: Path, request: pytest.FixtureRequest):
    rewrite_asserts([file], request.config)
    file.write_text(file.read_text(encoding="utf-8").replace("one +", "0 + one +"), encoding="utf-8")
    rewrite_asserts([file], request.config)
    assert say(file) == "assert ((0 + 2) + 1) == 4"

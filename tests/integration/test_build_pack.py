"""manage.py build_pack: the pack that the page would give, as a file."""

from pathlib import Path

import pytest

from core.calendar import Month
from reporting.management.commands.build_pack import Command
from tests.integration.command_line import Ran, run
from tests.pdf import text_of
from tests.scenarios import Town, accept, make_town, open_month, publish, sweep
from tests.standing import stand

pytestmark = pytest.mark.django_db


def make_two_months() -> Town:
    """September and October 2026, rolled up, not published."""
    town = make_town()
    accept(town, Month(2026, 9), {"arrests": 9, "charges": None})
    accept(town, Month(2026, 10), {"arrests": 12, "charges": 4})
    sweep()
    return town


made, october = stand(make_two_months)


def build_pack(output: Path, *options: object, area="testford", month="2026-10", board="csp") -> Ran:
    return run("build_pack", "--area", area, "--month", month, "--board", board, "--output", output, *options)


def test_the_command_writes_the_pack_and_says_where(october: Town, tmp_path: Path):
    output = tmp_path / "pack.pdf"
    ran = build_pack(output)
    assert (ran.status, ran.err) == (0, "")
    assert ran.out == f"{output}: {output.stat().st_size:,} bytes\n"
    text = text_of(output.read_bytes())
    assert "Draft: not published" in text
    early = "Too early to tell: {}; we need 12 earlier ones"
    assert f"Arrests 12 ↑ Up 3 since September {early.format('1 figure')} Lower is better. Supplied by Police" in text
    none = "No arrow: the figure for September is not available"
    assert f"Charges 4 {none} {early.format('0 figures')} No judgement. Supplied by Police" in text


def test_the_command_takes_the_newest_version(october: Town, tmp_path: Path):
    publish(october, Month(2026, 10))
    output = tmp_path / "pack.pdf"
    assert build_pack(output).status == 0
    assert "TESTFORD-2026-10-CSP, not issued · Version 1, published" in text_of(output.read_bytes())


def test_the_public_pack_holds_what_an_edition_would(october: Town, tmp_path: Path):
    """Arrests 12 is shown; charges 4 is a small number."""
    output = tmp_path / "pack.pdf"
    ran = build_pack(output, "--audience", "public")
    assert ran.status == 0
    assert "October 2026 is not public: this is what an edition would show." in ran.err
    words = text_of(output.read_bytes())
    assert "[c]" in words
    assert "12" in words
    assert "Version 1, draft" in words  # though the boards see it as published
    assert (
        words.lower().count("not shown: to protect people") == 2
    )  # beside the small chart, and in the table of what is missing: of charges
    assert "No arrow: this month’s figure is withheld" not in " ".join(words.split())


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"area": "nowhere"}, "There is no area “nowhere”."),
        ({"board": "no one"}, "Testford has no board “no one”. Its boards are: csp."),
        ({"month": "October"}, "“October” is not a month"),
        ({"month": "2026-08"}, "Testford has no figures for August 2026"),
    ],
)
def test_what_is_not_there_is_a_sentence(october: Town, tmp_path: Path, asked: dict[str, str], sentence: str):
    ran = build_pack(tmp_path / "pack.pdf", **asked)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith(sentence)
    assert not list(tmp_path.iterdir())


def test_a_month_that_was_never_rolled_up_is_a_sentence(october: Town, tmp_path: Path):
    open_month(october, Month(2026, 11))
    ran = build_pack(tmp_path / "pack.pdf", month="2026-11")
    assert ran.status == 2
    assert ran.err.startswith("November 2026 has not been worked out yet")


def test_a_file_that_can_not_be_written_is_a_sentence(october: Town, tmp_path: Path, monkeypatch):
    a_file = tmp_path / "file"
    a_file.touch()
    for output, why in (
        (tmp_path / "no" / "where.pdf", "there is no such folder"),
        (tmp_path, "it is a folder"),
        (a_file / "pack.pdf", "part of its path is a file, not a folder"),
        (tmp_path / ("long" * 100), "file name too long"),
    ):
        ran = build_pack(output)
        assert (ran.status, ran.out, ran.err) == (2, "", f"{output} can't be written: {why}.")

    def refuse(*args: object) -> None:
        raise PermissionError(13, "Permission denied")  # root, who may run the tests, is never denied it

    monkeypatch.setattr(Path, "write_bytes", refuse)
    ran = build_pack(tmp_path / "pack.pdf")
    assert (ran.status, ran.err) == (
        2,
        f"{tmp_path / 'pack.pdf'} can't be written: you have no permission to write there.",
    )


def test_one_year_on_and_only_what_stands_out(october: Town, tmp_path: Path):
    output = tmp_path / "pack.pdf"
    assert build_pack(output, "--kind", "year", "--scope", "signals").status == 0
    text = text_of(output.read_bytes())
    assert "One year on: November 2025 to October 2026" in text
    assert "Indicator by indicator" not in text
    assert build_pack(output, "--kind", "year", "--scope", "all").status == 0
    assert "Indicator by indicator" in text_of(output.read_bytes())


def test_the_appendix_is_not_for_the_public(october: Town, tmp_path: Path):
    ran = build_pack(tmp_path / "pack.pdf", "--kind", "appendix", "--audience", "public")
    assert ran.status == 2
    assert ran.err.startswith("A partners’ appendix is never for the public")
    output = tmp_path / "appendix.pdf"
    assert build_pack(output, "--kind", "appendix").status == 0
    assert "Charges" in text_of(output.read_bytes())


def test_the_help_names_the_default():
    [scope] = [each for each in Command().create_parser("manage.py", "build_pack")._actions if each.dest == "scope"]
    words = {"all": "all", "signals": "those that stand out"}[str(scope.default)]
    assert f"{words} (the default)" in str(scope.help)

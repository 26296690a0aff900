"""The command: tables in, protected ones out, and what can't be used is a sentence."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.command_line import Ran, run

ROOT = Path(__file__).resolve().parents[2]
TABLE = {
    "rows": ["October", "November"],
    "columns": ["London", "Leeds"],
    "values": [[3, 12], [0, 40]],
    "row_totals": True,
    "column_totals": True,
    "grand_total": True,
    "rule": {"kind": "suppress", "below": 5},
}


@pytest.fixture
def protect(tmp_path):
    def ask(data: bytes) -> Ran:
        file = tmp_path / "table.json"
        file.write_bytes(data)
        return run("protect_table", file)

    return ask


def as_json(**changes: object) -> bytes:
    return json.dumps(TABLE | changes).encode()


def test_a_table_is_protected(protect):
    ran = protect(as_json())
    assert (ran.status, ran.err) == (0, "")
    answer = json.loads(ran.out)
    assert list(answer) == ["values", "row_totals", "column_totals", "grand_total"]
    assert answer["values"] == [[None, None], [0, 40]]
    assert answer["row_totals"] == [15, 40]
    assert answer["column_totals"] == [None, None]
    assert answer["grand_total"] == 55


def test_a_table_is_rounded(protect):
    ran = protect(as_json(values=[[12, 12], [0, 3]], rule={"kind": "round", "suppress_to": 7, "base": 5}))
    assert json.loads(ran.out)["values"] == [[10, 10], [0, None]]


def test_totals_that_were_not_asked_for_are_null(protect):
    ran = protect(as_json(row_totals=False, column_totals=False, grand_total=False))
    assert json.loads(ran.out) == {
        "values": [[None, 12], [0, 40]],
        "row_totals": None,
        "column_totals": None,
        "grand_total": None,
    }


@pytest.mark.parametrize("kind", ["suppress", "round"])
def test_the_numbers_of_a_rule_may_be_left_out(protect, kind):
    assert json.loads(protect(as_json(rule={"kind": kind})).out)["values"][0][0] is None


def test_standard_input_and_output_are_used_as_a_process():
    done = subprocess.run(
        [sys.executable, "manage.py", "protect_table"], cwd=ROOT, input=as_json(), capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["grand_total"] == 55


def pipe(data: bytes) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "manage.py", "protect_table", "-"], cwd=ROOT, input=data, capture_output=True, check=False
    )


def test_json_lines_are_answered_line_by_line():
    one_row = as_json(rows=["October"], values=[[3, 12]])
    done = pipe(as_json() + b"\n\n" + one_row + b"\n")
    assert (done.returncode, done.stderr) == (0, b"")
    first, second = map(json.loads, done.stdout.splitlines())
    assert first["grand_total"] == 55
    assert second == {"values": [[None, None]], "row_totals": [15], "column_totals": [None, None], "grand_total": 15}


@pytest.mark.parametrize(
    ("data", "sentence"),
    [(as_json() + b"\n{oops", b"Line 2: The file is not valid JSON."), (b"\n", b"There is no table.")],
)
def test_of_json_lines_nothing_is_answered_if_one_cannot_be_used(data, sentence):
    done = pipe(data)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.strip().endswith(sentence)


def test_the_answer_goes_to_a_file(tmp_path):
    (tmp_path / "in.json").write_bytes(as_json())
    ran = run("protect_table", tmp_path / "in.json", "--output", tmp_path / "out.json")
    assert (ran.status, ran.out, ran.err) == (0, "", "")
    assert json.loads((tmp_path / "out.json").read_text())["grand_total"] == 55


HUGE = b'{"rows":["a"],"columns":["b"],"values":[[%s]],"rule":{"kind":"suppress"}}'
CELL = "Row “October”, column “Leeds” must be a whole number from 0 to 1,000,000,000,000."
REFUSED = {
    "below 1": (as_json(rule={"kind": "suppress", "below": 1}), "“below” in the rule must be a whole number from 2 to"),
    "below 10000": (as_json(rule={"kind": "suppress", "below": 10_000}), "“below” in the rule must be a whole number"),
    "below true": (as_json(rule={"kind": "suppress", "below": True}), "“below” in the rule must be a whole number"),
    "below 5.5": (as_json(rule={"kind": "suppress", "below": 5.5}), "“below” in the rule must be a whole number"),
    "below text": (as_json(rule={"kind": "suppress", "below": "5"}), "“below” in the rule must be a whole number"),
    "suppress_to": (as_json(rule={"kind": "round", "suppress_to": 2}), "“suppress_to” in the rule must be a whole"),
    "base": (as_json(rule={"kind": "round", "base": 1}), "“base” in the rule must be a whole number from 3 to"),
    "mixed": (as_json(rule={"kind": "suppress", "base": 5}), "“base” is unknown: a rule of the kind"),
    "kind": (as_json(rule={"kind": "hide"}), "“rule” must be an object whose “kind” is"),
    "kind list": (as_json(rule={"kind": []}), "“rule” must be an object whose “kind” is"),
    "rule": (as_json(rule="suppress"), "“rule” must be an object whose “kind” is"),
    "negative": (as_json(values=[[3, -1], [0, 4]]), CELL),
    "fraction": (as_json(values=[[3, 1.5], [0, 4]]), CELL),
    "text": (as_json(values=[[3, "12"], [0, 4]]), CELL),
    "bool": (as_json(values=[[3, True], [0, 4]]), CELL),
    "null": (as_json(values=[[3, None], [0, 4]]), CELL),
    "too large": (as_json(values=[[3, 10**13], [0, 4]]), CELL),
    "nan": (as_json(values=[[3, float("nan")], [0, 4]]), "NaN is not a count."),
    "infinity": (as_json(values=[[3, float("inf")], [0, 4]]), "Infinity is not a count."),
    "1e999": (HUGE % b"1e999", "Row “a”, column “b” must be a whole number"),
    "digits": (HUGE % (b"9" * 5000), "A number of 5,000 digits is not a count."),
    "unequal": (as_json(values=[[3, 12], [0]]), "Row “November” must be a list of 2 counts, one for each column."),
    "too few rows": (as_json(values=[[3, 12]]), "“values” must be a list of 2 rows, one for each name in “rows”."),
    "row": (as_json(values=[[3, 12], 7]), "Row “November” must be a list of 2 counts"),
    "values": (as_json(values=5), "“values” must be a list of 2 rows"),
    "totals": (as_json(row_totals=[16, 40]), "“row_totals” must be true or false: totals are worked out from the"),
    "grand total": (as_json(grand_total=1), "“grand_total” must be true or false"),
    "twice": (as_json(rows=["May", "May"]), "“rows” names “May” twice."),
    "number": (as_json(columns=["A", 2]), "Name 2 of “columns” must be a text"),
    "empty name": (as_json(columns=["A", ""]), "Name 2 of “columns” must be a text"),
    "no rows": (as_json(rows=[], values=[]), "“rows” must be a list of 1 to 200 names."),
    "many columns": (as_json(columns=[str(n) for n in range(61)]), "“columns” must be a list of 1 to 60 names."),
    "unknown": (as_json(vlaues=[]), "“vlaues” is unknown: a table does not have that name."),
    "unknown line": (
        as_json(**{"a\nb": 1}),
        "“a\N{REPLACEMENT CHARACTER}b” is unknown: a table does not have that name.",
    ),
    "missing": (b'{"rows": ["a"]}', "“columns” is missing."),
    "twice in JSON": (b'{"rows": [], "rows": []}', "“rows” is given twice."),
    "list": (b"[]", "The file is not one object"),
    "not JSON": (b"{oops", "The file is not valid JSON."),
    "empty": (b"", "The file is not valid JSON."),
    "deep": (b"[" * 100_000, "The file is not valid JSON."),
    "not UTF-8": (b'{"rows": ["\xff"]}', "The file is not UTF-8."),
    "long": (b" " * 5_000_001, "The file is longer than 5,000,000 bytes."),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_used_is_a_sentence(protect, case):
    data, sentence = REFUSED[case]
    ran = protect(data)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith(sentence)
    assert ran.err.endswith(".")
    assert "\n" not in ran.err


def test_a_file_that_is_not_there_is_a_sentence(tmp_path):
    ran = run("protect_table", tmp_path / "none.json")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.endswith("none.json can't be read: No such file or directory.")


def test_the_largest_table_is_protected(protect):
    table = {
        "rows": [f"r{n}" for n in range(200)],
        "columns": [f"c{n}" for n in range(60)],
        "values": [[(7 * row + 11 * column) % 23 for column in range(60)] for row in range(200)],
        "rule": {"kind": "suppress", "below": 5},
    }
    answer = json.loads(protect(json.dumps(table).encode()).out)
    assert len(answer["values"]) == len(answer["row_totals"]) == 200


def test_the_help_shows_a_table_and_what_it_becomes(capsys, protect):
    with pytest.raises(SystemExit):
        run("protect_table", "--help")
    words = capsys.readouterr().out
    assert protect(as_json()).out.strip() in words

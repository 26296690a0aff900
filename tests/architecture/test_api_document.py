"""The document of the API: what it promised stays, and its rows have the columns of the files."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import reporting.api.urls  # noqa: F401  # which gathers the operations
from actions.presenters.files import CHALLENGE_COLUMNS
from actions.presenters.plan import PLAN_COLUMNS
from reporting.api import schemas
from reporting.api.document import make_document
from reporting.exports.presenters.months import MONTH_COLUMNS
from reporting.kpis.presenters import KPI_COLUMNS
from reporting.months.presenters.series import SERIES_COLUMNS
from reporting.public.presenters.month import PUBLIC_COLUMNS, YEAR_COLUMNS
from reporting.public.presenters.table import TABLE_COLUMNS

PROMISED = Path(__file__).with_name("api_v1.txt")


def list_promises(document: dict[str, Any]) -> Iterator[str]:
    """Each address with its method, its operation's name, each parameter, and each field of each answer and body."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            here = f"{method} {path}"
            yield here
            yield f"{here} is {operation['operationId']}"
            yield from (f"{here} {each['in']} {each['name']}" for each in operation.get("parameters", []))
            bodies = [operation.get("requestBody", {}), operation["responses"]["200"]]
            for body, word in zip(bodies, ("takes", "gives"), strict=True):
                for kind, content in body.get("content", {}).items():
                    yield f"{here} {word} {kind}"
                    yield from (f"{here} {word} {field}" for field in list_fields(document, content["schema"]))


def list_fields(document: dict[str, Any], schema: dict[str, Any], before: str = "") -> Iterator[str]:
    name = schema.get("$ref", "").rpartition("/")[2]
    schema = document["components"]["schemas"][name] if name else schema
    for field, inner in schema.get("properties", {}).items():
        yield f"{before}{field}"
        yield from list_fields(document, inner, f"{before}{field}.")
    if "items" in schema:
        yield from list_fields(document, schema["items"], f"{before}[].")


def test_what_version_1_promised_is_still_there():
    """A line here may go only with version 2. A new address or field gets a line."""
    assert sorted(set(list_promises(make_document()))) == PROMISED.read_text("utf-8").splitlines()


def test_the_copy_is_in_step():
    copy = json.loads(Path("docs/openapi.json").read_text("utf-8"))
    assert copy == make_document()
    assert copy["openapi"].startswith("3.1")


@pytest.mark.parametrize(
    ("schema", "columns"),
    [
        (schemas.Line, MONTH_COLUMNS),
        (schemas.PublicLine, PUBLIC_COLUMNS),
        (schemas.PublicYear, YEAR_COLUMNS),
        (schemas.SeriesMonth, SERIES_COLUMNS),
        (schemas.TableRow, TABLE_COLUMNS),
        (schemas.Action, PLAN_COLUMNS),
        (schemas.Challenge, CHALLENGE_COLUMNS | schemas.CODES_OF_A_CHALLENGE),
        (schemas.Kpi, KPI_COLUMNS),
    ],
    ids=lambda thing: getattr(thing, "__name__", ""),
)
def test_a_row_has_the_columns_of_its_file(schema, columns):
    assert list(schema.model_fields) == list(columns)
    assert all(field.description for field in schema.model_fields.values())


def test_each_operation_says_who_opens_it_and_how_it_refuses():
    for path, methods in make_document()["paths"].items():
        for operation in methods.values():
            is_public = "/public/" in path
            assert ("security" in operation) is not is_public, path
            refusals = {status: answer for status, answer in operation["responses"].items() if status >= "400"}
            assert {"404", "422"} <= set(refusals)
            assert ("401" in refusals) is not is_public
            refusals.pop("414")  # from the web server, which knows nothing of problems
            assert all(list(answer["content"]) == ["application/problem+json"] for answer in refusals.values())


def test_answers_may_gain_fields_and_what_is_sent_may_not():
    held = make_document()["components"]["schemas"]
    assert {name for name, schema in held.items() if "additionalProperties" in schema} == {"SentFigure", "SentFigures"}

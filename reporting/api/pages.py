"""The document, and our own page about the API. It loads nothing from elsewhere and needs no script."""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from boards.key_secrets import Scope
from reporting.api import problems
from reporting.api.answers import JSON, public_page
from reporting.api.document import make_document, write_document
from reporting.api.door import open_door
from reporting.public.answers import Page, answer


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation as the page shows it."""

    anchor: str
    method: str
    path: str
    summary: str
    needs_key: bool
    parameters: list[tuple[str, str, str]]  # name, where, what it means
    body: list[tuple[str, str, str]]
    fields: list[tuple[str, str, str]]  # name, type, what it means
    is_csv: bool
    is_old: bool
    example: str


@cache
def list_groups() -> list[tuple[str, list[Operation]]]:
    """Return the operations by their tag, in the document's order."""
    document = make_document()
    groups: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            groups.setdefault(described["tags"][0], []).append(make_operation(document, path, method, described))
    return list(groups.items())


def make_operation(document: dict[str, Any], path: str, method: str, described: dict[str, Any]) -> Operation:
    content = described["responses"]["200"].get("content", {})
    needs_key, body = "security" in described, described.get("requestBody", {}).get("content", {})
    sent = next(iter(body.values()))["schema"] if body else {}
    parameters = described.get("parameters", [])
    examples = {parameter["name"]: parameter["example"] for parameter in parameters if "example" in parameter}
    lines = ['-H "Authorization: Bearer $KEY"'] if needs_key else []
    if "application/json" in body:
        example = json.dumps(follow(document, sent)["examples"][0])
        lines += [f"-X {method.upper()} -H 'Content-Type: application/json'", f"-d '{example}'"]
    elif body:
        lines += ["-F file=@return.csv"]
    return Operation(
        anchor=described["operationId"],
        method=method.upper(),
        path=path,
        summary=described["summary"],
        needs_key=needs_key,
        parameters=[(parameter["name"], parameter["in"], explain(parameter)) for parameter in parameters],
        body=list_fields(document, sent) if sent else [],
        fields=list_fields(document, content["application/json"]["schema"]) if "application/json" in content else [],
        is_csv="text/csv" in content,
        is_old="deprecated" in described,
        example=" \\\n  ".join(["curl", *lines, f'"$SITE{path.format(**examples)}"']),
    )


def explain(parameter: dict[str, Any]) -> str:
    words = parameter.get("description") or parameter["schema"].get("description", "")
    return f"{words} Example: {parameter['example']}." if "example" in parameter else words


def list_fields(document: dict[str, Any], schema: dict[str, Any], before: str = "") -> list[tuple[str, str, str]]:
    """Return each field of an answer, "lines[].value", with its type and its meaning."""
    schema = follow(document, schema)
    fields: list[tuple[str, str, str]] = []
    for name, field in schema.get("properties", {}).items():
        kind, inner = describe_type(document, field)
        label = f"{before}{name}{'[]' if kind.startswith('list') else ''}"
        fields.append((label, kind, field.get("description", "")))
        if inner:
            fields += list_fields(document, inner, f"{label}.")
    return fields


def follow(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    definition: dict[str, Any] = document["components"]["schemas"][name] if name else schema
    return definition


def describe_type(document: dict[str, Any], field: dict[str, Any]) -> tuple[str, dict[str, Any] | None]:
    """Return a type in words, and the schema of what is inside."""
    if "anyOf" in field:
        kinds = [describe_type(document, alternative) for alternative in field["anyOf"]]
        return " or ".join(dict.fromkeys(WORDS.get(kind, kind) for kind, _ in kinds)), None
    if field.get("type") == "array":
        inner = follow(document, field["items"])
        return "list", inner if "properties" in inner else None
    if "$ref" in field:
        return "object", follow(document, field)
    kind = str(field.get("type", "object"))
    return WORDS.get(kind, kind), None


WORDS = {"string": "text", "integer": "whole number", "null": "nothing", "boolean": "true or false"}


def find_page() -> Page:
    def make() -> bytes:
        context = {
            "groups": list_groups(),
            "problems": problems.KINDS,
            "scopes": [(scope.value, scope.label) for scope in Scope],
            "a_minute": settings.KEY_A_MINUTE,
            "an_hour": f"{settings.KEY_AN_HOUR:,}",
        }
        return render_to_string("reporting/api_docs.html", context).encode()

    return public_page(("docs", settings.PROVIDER, settings.CONTACT), make, content_type="text/html; charset=utf-8")


def show(request: HttpRequest) -> HttpResponse:
    return read_only(request) or answer(request, find_page())


def show_document(request: HttpRequest) -> HttpResponse:
    page = public_page(("openapi", write_document()), lambda: write_document().encode(), content_type=JSON)
    refused = read_only(request)
    if refused is not None:
        return refused
    response = answer(request, page)
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def read_only(request: HttpRequest) -> HttpResponse | None:
    if request.method == "GET":  # and HEAD: see open_door
        return None
    return problems.refuse(request, "read-only", headers={"Allow": "GET, HEAD"})


docs, openapi = open_door(show), open_door(show_document)

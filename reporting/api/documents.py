"""What does the OpenAPI document say? django-ninja writes it from the operations; we mend what it can't know."""

import json
from functools import cache
from typing import Any

from core.problems import CONTENT_TYPE, HOME
from reporting.api.door import api
from reporting.api.schemas import Problem

WITH_KEY = frozenset({400, 401, 403, 404, 413, 422, 429})
WRITING = WITH_KEY | {409, 412}
WITHOUT_KEY = frozenset({404, 410, 413, 422})
OPENAPI = "3.1.0"


def told(schema: Any, refusals: frozenset[int] = WITH_KEY) -> dict[Any, Any]:
    """Return the answers of an operation: what it returns, and each problem."""
    return {200: schema, refusals: Problem}


def csv_of(words: str, refusals: frozenset[int] = WITH_KEY) -> dict[str, Any]:
    """Return the answers of an operation that returns CSV."""
    return file_of("text/csv", words, refusals)


def file_of(kind: str, words: str, refusals: frozenset[int] = WITH_KEY) -> dict[str, Any]:
    """Return the answers of an operation that returns a file of this type."""
    content = {kind: {"schema": {"type": "string"}}}
    extra = {"responses": {200: {"description": words, "content": content}}}
    return {"response": {refusals: Problem}, "openapi_extra": extra}


@cache
def make_document() -> dict[str, Any]:
    """Return the document as plain data."""
    made = json.loads(json.dumps(api.get_openapi_schema(path_prefix=HOME)))
    for address in made["paths"].values():
        for operation in address.values():
            for status, response in operation["responses"].items():
                content = response.get("content", {})
                if int(status) >= 400 and "application/json" in content:
                    content[CONTENT_TYPE] = content.pop("application/json")
    # One key opens all: ninja names a scheme for each of our instances.
    scheme = {"type": "http", "scheme": "bearer", "description": "A key: vvd_…"}
    made["components"]["securitySchemes"] = {"Key": scheme}
    for address in made["paths"].values():
        for operation in address.values():
            if "security" in operation:
                operation["security"] = [{"Key": []}]
    found: dict[str, Any] = made
    return found


def write_document() -> str:
    """Return the document as docs/openapi.json has it."""
    return f"{json.dumps(make_document(), ensure_ascii=False, indent=1, sort_keys=True)}\n"

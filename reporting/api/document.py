"""The API's document: OpenAPI, made from the operations and the shapes of their answers."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from reporting.api.door import api
from reporting.api.problems import CONTENT_TYPE, HOME

# The web server itself refuses an address of more than its limit, in HTML: no view of ours sees it.
ADDRESS_TOO_LONG = {"description": "The address is too long: ask for fewer areas or indicators at once."}
HEADERS = {
    "ETag": "Of this answer. Send it back in If-None-Match, or in If-Match when you save a return.",
    "Link": "The pages before and after, and what takes the place of an old address.",
    "Deprecation": "Since when the address is old (RFC 9745).",
    "X-Marking": "The marking of the file. Handle it accordingly.",
    "Retry-After": "In how many seconds to ask again.",
}


@cache
def make_document() -> dict[str, Any]:
    """Return the document as plain data."""
    document: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix=HOME)))
    # One key opens all: ninja names a scheme for each of our instances.
    scheme = {"type": "http", "scheme": "bearer", "description": "A key: vvd_…"}
    document["components"]["securitySchemes"] = {"Key": scheme}
    document["components"]["headers"] = {
        name: {"description": words, "schema": {"type": "string"}} for name, words in HEADERS.items()
    }
    for address in document["paths"].values():
        for operation in address.values():
            complete(operation)
    return document


def complete(operation: dict[str, Any]) -> None:
    """Add to an operation what ninja doesn't know of it."""
    operation["responses"]["414"] = ADDRESS_TOO_LONG
    for status, response in operation["responses"].items():
        content = response.get("content", {})
        if int(status) >= 400 and "application/json" in content:
            content[CONTENT_TYPE] = content.pop("application/json")
        if headers := {name: {"$ref": f"#/components/headers/{name}"} for name in list_headers(operation, status)}:
            response["headers"] = headers
    if "security" in operation:
        operation["security"] = [{"Key": []}]


def list_headers(operation: dict[str, Any], status: str) -> Iterator[str]:
    if status == "429":
        yield "Retry-After"
    if status != "200":
        return
    yield "ETag"
    has_key, is_old = "security" in operation, "deprecated" in operation
    if is_old or (has_key and any(each["name"] == "page" for each in operation.get("parameters", ()))):
        yield "Link"
    if is_old:
        yield "Deprecation"
    if has_key and "text/csv" in operation["responses"]["200"]["content"]:
        yield "X-Marking"


def write_document() -> str:
    """Return the document as docs/openapi.json has it."""
    return f"{json.dumps(make_document(), ensure_ascii=False, indent=1, sort_keys=True)}\n"

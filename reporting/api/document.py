"""The API's document: OpenAPI, made from the operations and the shapes of their answers."""

import json
from functools import cache
from typing import Any

from reporting.api.door import api
from reporting.api.problems import CONTENT_TYPE, HOME

# The web server itself refuses an address of more than its limit, in HTML: no view of ours sees it.
ADDRESS_TOO_LONG = {"description": "The address is too long: ask for fewer areas or indicators at once."}


@cache
def make_document() -> dict[str, Any]:
    """Return the document as plain data."""
    document: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix=HOME)))
    for address in document["paths"].values():
        for operation in address.values():
            operation["responses"]["414"] = ADDRESS_TOO_LONG
            for status, response in operation["responses"].items():
                content = response.get("content", {})
                if int(status) >= 400 and "application/json" in content:
                    content[CONTENT_TYPE] = content.pop("application/json")
    # One key opens all: ninja names a scheme for each of our instances.
    scheme = {"type": "http", "scheme": "bearer", "description": "A key: vvd_…"}
    document["components"]["securitySchemes"] = {"Key": scheme}
    for address in document["paths"].values():
        for operation in address.values():
            if "security" in operation:
                operation["security"] = [{"Key": []}]
    return document


def write_document() -> str:
    """Return the document as docs/openapi.json has it."""
    return f"{json.dumps(make_document(), ensure_ascii=False, indent=1, sort_keys=True)}\n"

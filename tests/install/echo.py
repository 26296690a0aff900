"""A small application behind nginx: it says what it was sent. For tests."""

import gzip
import hashlib
import json
from collections.abc import Callable, Iterable

BIG = 20 * 1024 * 1024  # bytes
PACKED = gzip.compress(b"<p>A page that the product has compressed", mtime=0)


def application(environ: dict, start_response: Callable) -> Iterable[bytes]:
    path = environ["PATH_INFO"]
    if path == "/big":
        start_response("200 OK", [("Content-Type", "application/zip"), ("Content-Length", str(BIG))])
        return (b"x" * 65536 for _ in range(BIG // 65536))
    if path == "/packed":
        start_response("200 OK", [("Content-Type", "text/html"), ("Content-Encoding", "gzip"), ("ETag", 'W/"1"')])
        return [PACKED]
    body = environ["wsgi.input"].read()
    said = {name: value for name, value in environ.items() if name.startswith("HTTP_")}
    said |= {
        "asked": environ["RAW_URI"],
        "scheme": environ["wsgi.url_scheme"],
        "port": environ["REMOTE_PORT"],
        "length": len(body),
        "sha256": hashlib.sha256(body).hexdigest(),
    }
    status = "503 Service Unavailable" if path == "/busy" else "200 OK"
    start_response(status, [("Content-Type", "application/json")])
    return [json.dumps(said).encode()]

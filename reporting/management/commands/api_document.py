from pathlib import Path

from reporting.api import urls  # noqa: F401  # which gathers the operations
from reporting.api.document import write_document
from reporting.management.files import DocumentCommand


class Command(DocumentCommand):
    help = "Write docs/openapi.json, the document of the API, from its operations."
    file = Path("docs", "openapi.json")
    command = "api_document"

    def make(self) -> str:
        return write_document()

"""How does a browser get a file?"""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from core.files import KINDS, DataFile


def download(file: DataFile, kind: str) -> HttpResponse:
    found = KINDS[kind]
    disposition = content_disposition_header(True, file.name(kind))
    return HttpResponse(
        found.write(file), content_type=found.content_type, headers={"Content-Disposition": disposition}
    )

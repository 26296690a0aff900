"""What happens to a file that somebody sends? It stays in memory, up to the limit, and disappears with the request."""

from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopFutureHandlers


class ReceivedFile(InMemoryUploadedFile):
    """A file in memory, up to the limit. `size` is the size of the whole file, in bytes."""

    @property
    def is_too_big(self) -> bool:
        """Return whether a part of it was dropped."""
        return isinstance(self.file, BytesIO) and self.file.getbuffer().nbytes < (self.size or 0)


class CappedUploadHandler(FileUploadHandler):
    """Keeps FILE_UPLOAD_MAX_MEMORY_SIZE bytes from the files of one request together, and drops the rest as it arrives.

    It writes nothing to a disk. A page that accepts larger files says how much `room` they have.
    """

    def __init__(self, *args: Any, room: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.room = settings.FILE_UPLOAD_MAX_MEMORY_SIZE if room is None else room
        self.kept = BytesIO()

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.kept = BytesIO()
        # No handler after this one sees the file: it could write it to a disk.
        raise StopFutureHandlers

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.room -= self.kept.write(raw_data[: self.room])

    def file_complete(self, file_size: int) -> ReceivedFile:
        self.kept.seek(0)
        return ReceivedFile(
            file=self.kept,
            field_name=self.field_name,
            name=self.file_name,
            content_type=self.content_type,
            size=file_size,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )

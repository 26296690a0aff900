"""A file that somebody sends stays in memory, and no more of it than may be read."""

import pytest
from django.core.files.uploadhandler import StopFutureHandlers

from core.forms.pages import CappedUploadHandler, ReceivedFile


def receive(handler: CappedUploadHandler, *chunks: bytes) -> ReceivedFile:
    """One file of a request, as Django passes it on."""
    with pytest.raises(StopFutureHandlers):  # no other handler is asked
        handler.new_file("file", "a.csv", "text/csv", None)
    start = 0
    for chunk in chunks:
        assert handler.receive_data_chunk(chunk, start) is None
        start += len(chunk)
    return handler.file_complete(start)


def test_keeps_a_file_whole(settings):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 10
    file = receive(CappedUploadHandler(), b"12345", b"67890")
    assert (file.read(), file.size, file.is_too_big, file.name) == (b"1234567890", 10, False, "a.csv")


def test_drops_what_is_too_much_and_says_so(settings):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 10
    file = receive(CappedUploadHandler(), b"12345", b"67890", b"1", b"2" * 1000)
    assert (file.read(), file.size, file.is_too_big) == (b"1234567890", 1011, True)


def test_the_files_of_a_request_share_the_room(settings):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 10
    handler = CappedUploadHandler()
    assert not receive(handler, b"1234567").is_too_big
    second = receive(handler, b"1234567")
    assert (second.read(), second.is_too_big) == (b"123", True)
    assert not receive(handler).is_too_big

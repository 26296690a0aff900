"""A mail server that keeps what it is sent, and can stop in the middle of it."""

import email
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message


class MailServer(socketserver.ThreadingTCPServer):
    """`letters` are those that it has taken. While `holds` is set it takes a letter and doesn't say so: whoever sent it
    waits, until `goes_on` is set."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.letters: list[Message] = []
        self.holds, self.goes_on = threading.Event(), threading.Event()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"

    def names(self, address: str) -> list[str]:
        """The Message-IDs of what somebody was sent."""
        return [letter["Message-ID"] for letter in self.letters if letter["To"] == address]


class Conversation(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as smtplib asks for."""

    server: MailServer

    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())

    def handle(self) -> None:
        self.say("220 ready")
        while line := self.rfile.readline():
            word = line[:4].upper().strip()
            if word == b"DATA":
                self.say("354 go on")
                self.take()
            elif word == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 fine")

    def take(self) -> None:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line)
        self.server.letters.append(email.message_from_bytes(b"".join(lines)))
        if self.server.holds.is_set():
            self.server.goes_on.wait()
        self.say("250 taken")


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """A server while the block lasts."""
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.goes_on.set()
            server.shutdown()

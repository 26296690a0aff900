"""A line to a server. It can go dead: nothing passes, and nobody hangs up. To a client, a paused server is the same."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

READY = b"Z\x00\x00\x00\x05I"  # how PostgreSQL ends a login


class Line:
    """Passes bytes to a server and back, until it is `deaf`. `port` is where clients connect."""

    def __init__(self, to_port: int, ends: contextlib.ExitStack) -> None:
        self._to_port = to_port
        self._passes = threading.Event()
        self._passes.set()
        self._lets_log_in = False
        self._ends = ends
        self._listener = ends.enter_context(socket.create_server(("127.0.0.1", 0), backlog=64))
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()
        self.port: int = self._listener.getsockname()[1]

    @contextlib.contextmanager
    def deaf(self, *, but_to_logins: bool = False) -> Iterator[None]:
        """`but_to_logins`: as PgBouncer is before a PostgreSQL that is paused. It accepts a login by itself."""
        self._lets_log_in = but_to_logins
        self._passes.clear()
        try:
            yield
        finally:
            self._passes.set()
            self._lets_log_in = False

    def close(self) -> None:
        self._passes.set()
        self._hang_up(self._listener)
        self._threads[0].join()
        for client in self._clients:
            self._hang_up(client)
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        self._clients: list[socket.socket] = []
        with contextlib.suppress(OSError):
            while True:
                client = self._ends.enter_context(self._listener.accept()[0])
                self._clients.append(client)
                self._start(self._join, client)

    def _start(self, do: Callable[..., None], *arguments: socket.socket) -> None:
        thread = threading.Thread(target=do, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _join(self, client: socket.socket) -> None:
        logs_in = threading.Event()
        logs_in.set()
        self._wait(logs_in)
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._to_port)) as server:
            back = threading.Thread(target=self._pass, args=[server, client, logs_in])
            back.start()
            self._pass(client, server, logs_in)
            back.join()
        self._hang_up(client)  # as whoever finds nobody at the other end
        client.close()

    def _wait(self, logs_in: threading.Event) -> None:
        if not (self._lets_log_in and logs_in.is_set()):
            self._passes.wait()

    def _pass(self, come: socket.socket, go: socket.socket, logs_in: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := come.recv(65536):
                self._wait(logs_in)
                if data.endswith(READY):
                    logs_in.clear()
                go.sendall(data)
        self._hang_up(come)
        self._hang_up(go)

    def _hang_up(self, end: socket.socket) -> None:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def line(to_port: int) -> Iterator[Line]:
    with contextlib.ExitStack() as ends:
        made = Line(to_port, ends)
        try:
            yield made
        finally:
            made.close()


@contextlib.contextmanager
def host_that_drops() -> Iterator[int]:
    """A port whose connections never come about, as at a host that is off: its queue is full, so no SYN is answered."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(3):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                filler.connect(listener.getsockname())
        yield listener.getsockname()[1]

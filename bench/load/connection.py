"""How does a browser speak HTTP? One connection, kept while it is used, with little work for each answer."""

import asyncio
import contextlib
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

IDLE = 20.0  # seconds; the proxy keeps a connection for 30
PATIENCE = 60.0  # seconds


class Broken(Exception):
    """Raised if no whole answer came."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]  # names in small letters
    cookies: Mapping[str, str]
    body: bytes
    seconds: float


@dataclass
class Connection:
    """To the site, from this address."""

    port: int
    host: str
    name: str
    trust: ssl.SSLContext
    cookies: dict[str, str] = field(default_factory=dict)
    used_at: float = 0.0
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None

    async def ask(self, path: str, body: str | None = None, headers: Mapping[str, str] | None = None) -> Answer:
        """GET the page, or POST a form. Raises Broken."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(PATIENCE):
                reader, writer = await self._open(began)
                writer.write(self._request(path, body, headers or {}))
                status, fields, cookies, content = await _read(reader)
        except (OSError, asyncio.IncompleteReadError, ValueError, TimeoutError) as broken:
            await self.close()
            raise Broken(f"{type(broken).__name__}: {broken}") from broken
        self.used_at = time.monotonic()
        self.cookies.update(cookies)
        if fields.get("connection") == "close":
            await self.close()
        return Answer(status, fields, cookies, content, self.used_at - began)

    async def close(self) -> None:
        if self.writer is not None:
            self.writer.close()
            with contextlib.suppress(OSError, ssl.SSLError, TimeoutError):
                async with asyncio.timeout(1):
                    await self.writer.wait_closed()
        self.reader = self.writer = None

    async def _open(self, now: float) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self.reader is None or self.writer is None or self.reader.at_eof() or now - self.used_at > IDLE:
            await self.close()
            self.reader, self.writer = await asyncio.open_connection(
                "127.0.0.1", self.port, ssl=self.trust, server_hostname=self.name, local_addr=(self.host, 0)
            )
        return self.reader, self.writer

    def _request(self, path: str, body: str | None, headers: Mapping[str, str]) -> bytes:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        lines = [f"{'GET' if body is None else 'POST'} {path} HTTP/1.1", f"Host: {self.name}"]
        sent = {"Cookie": cookies, **headers} if cookies else dict(headers)
        if body is not None:
            sent |= {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body.encode()))}
            sent |= {"Origin": f"https://{self.name}", "Referer": f"https://{self.name}{path}"}
        lines += [f"{name}: {value}" for name, value in sent.items()]
        return "\r\n".join([*lines, "", body or ""]).encode()


async def _read(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], dict[str, str], bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    status, fields, cookies = int(head[0].split(" ")[1]), {}, {}
    for line in filter(None, head[1:]):
        name, _, value = line.partition(": ")
        if name.lower() == "set-cookie":
            cookie, _, content = value.partition(";")[0].partition("=")
            cookies[cookie] = content
        else:
            fields[name.lower()] = value
    if fields.get("transfer-encoding") == "chunked":
        return status, fields, cookies, await _read_chunks(reader)
    size = 0 if status in (204, 304) else int(fields["content-length"])
    return status, fields, cookies, await reader.readexactly(size)


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    chunks = []
    while size := int((await reader.readuntil(b"\r\n")).partition(b";")[0], 16):
        chunks.append(await reader.readexactly(size))
        await reader.readexactly(2)
    await reader.readexactly(2)
    return b"".join(chunks)

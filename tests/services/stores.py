"""An S3-compatible store of the tests' own: moto's server."""

import contextlib
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.services.processes import end, free_port, make_folder, wait_until_ready
from tests.services.programs import ServiceError

KEY, SECRET, BUCKET = "AKIATEST", "se/cret+1", "vvdash-objects"


@dataclass
class S3:
    """A running store, which a test can stop answering, and read and write as somebody else would."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """Its OBJECTS_URL."""
        return f"s3+http://{KEY}:{quote(SECRET, safe='')}@127.0.0.1:{self.port}/{BUCKET}"

    @cached_property
    def client(self) -> Any:
        return boto3.session.Session().client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{self.port}",
            region_name="us-east-1",
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
            config=Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 1}),
        )

    def names(self) -> set[str]:
        """The objects in it; not what says whose it is."""
        found = self.client.list_objects_v2(Bucket=BUCKET).get("Contents", ())
        return {each["Key"] for each in found} - {"owner"}

    def write(self, name: str, content: bytes) -> None:
        self.client.put_object(Bucket=BUCKET, Key=name, Body=content)

    def remove(self, name: str) -> None:
        self.client.delete_object(Bucket=BUCKET, Key=name)

    def empty(self) -> None:
        for name in [*self.names(), "owner"]:
            self.remove(name)

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """It still accepts connections while the block lasts, and answers nothing."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def is_ready(self) -> bool:
        try:
            self.client.create_bucket(Bucket=BUCKET)
        except (BotoCoreError, ClientError):
            return False
        return True


@contextlib.contextmanager
def s3() -> Iterator[S3]:
    """Run a store with an empty bucket while the block lasts. Raises ServiceError when it does not start."""
    port = free_port()
    setpriv = shutil.which("setpriv")  # should we be killed, the server is to go too
    prefix = [setpriv, "--pdeathsig=TERM"] if setpriv else []
    with make_folder() as folder, (folder / "log").open("wb") as log:
        # As we ourselves: others may not read the Python that we run.
        process = subprocess.Popen(
            [*prefix, sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        store = S3(port, process)
        try:
            if not wait_until_ready(process, store.is_ready):
                raise ServiceError(f"moto did not start: {(folder / 'log').read_text()[-300:]}")
            yield store
        finally:
            process.send_signal(signal.SIGCONT)
            end(process, signal.SIGTERM)

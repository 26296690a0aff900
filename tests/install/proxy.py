"""nginx as deploy/nginx has it, with a certificate, on ports of this machine."""

import contextlib
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.services.processes import free_port, make_folder, serve, server_user
from tests.services.programs import find_nginx
from tests.tls import make_certificate

SAMPLES = Path(__file__).resolve().parents[2] / "deploy" / "nginx"
HOST = "dashboard.example"
MAIN = """daemon off;
pid {folder}/pid;
error_log {folder}/errors warn;
worker_processes 1;
worker_rlimit_nofile 16384;
events {{ worker_connections 8192; }}
http {{
    include /etc/nginx/mime.types;
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxied;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/vvdash.conf;
}}
"""


@dataclass(frozen=True)
class Proxy:
    """Where it listens, for HTTPS and HTTP, and the certificate that a client trusts."""

    port: int
    plain: int
    trust: Path
    folder: Path


def is_open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def use_ports(text: str, *, folder: Path, port: int, plain: int, upstream: int) -> str:
    """Return the sample with the ports and folders of this machine in place of its own, and nothing else changed."""
    for old, new in {
        "listen 443 ": f"listen 127.0.0.1:{port} ",
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "127.0.0.1:8000": f"127.0.0.1:{upstream}",
        "/etc/letsencrypt/live/dashboard.example/fullchain.pem": f"{folder}/{HOST}.pem",
        "/etc/letsencrypt/live/dashboard.example/privkey.pem": f"{folder}/{HOST}.pem",
        "/etc/nginx/vvdash-proxy.conf": f"{folder}/vvdash-proxy.conf",
        "/opt/vvdash/": f"{folder}/vvdash/",
    }.items():
        assert old in text, old
        text = text.replace(old, new)
    return re.sub(r"^ *listen \[::\].*\n", "", text, flags=re.MULTILINE)


@contextlib.contextmanager
def nginx(upstream: int) -> Iterator[Proxy]:
    """Run it in front of this port while the block lasts."""
    plain = free_port()
    with make_folder() as folder:
        trust = make_certificate(folder, HOST)
        static = folder / "vvdash" / "var" / "static"
        static.mkdir(parents=True)
        shutil.copytree(SAMPLES, folder / "vvdash" / "deploy" / "nginx")
        shutil.copy(SAMPLES / "vvdash-proxy.conf", folder)
        if user := server_user():
            subprocess.run(["chown", "-R", user, folder], check=True)

        def command(port: int) -> list[str | Path]:
            sample = (SAMPLES / "vvdash.conf").read_text(encoding="utf-8")
            made = use_ports(sample, folder=folder, port=port, plain=plain, upstream=upstream)
            (folder / "vvdash.conf").write_text(made, encoding="utf-8")
            (folder / "nginx.conf").write_text(MAIN.format(folder=folder), encoding="utf-8")
            return [find_nginx(), "-p", folder, "-c", folder / "nginx.conf"]

        with serve(command, is_ready=is_open, stop=signal.SIGTERM, folder=folder) as port:
            yield Proxy(port, plain, trust, folder)

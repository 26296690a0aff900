"""The nginx of docker-compose.yml: a real one runs by the files that its container makes, with a DNS like Docker's."""

import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.install.proxy import HOST, MAIN, SAMPLES, is_open
from tests.install.test_nginx import Site, slow_bodies
from tests.services.processes import free_port, make_folder, serve, server_user
from tests.services.programs import find_nginx
from tests.tls import make_certificate

SETTINGS = {"SITE_URL": f"https://{HOST}:8443", "INSIDE": "203.0.113.0/24, 2001:db8::7"}


def write_files(into: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Do what the container does before it starts nginx."""
    environment = {"PATH": os.environ["PATH"], **settings}
    command: list[str | Path] = ["sh", SAMPLES / "in-compose.sh", into]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@contextmanager
def dns(address: str) -> Iterator[int]:
    """Answers every question for a name with this address, while the block lasts; yields the port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))

        def answer() -> None:
            while (question := listener.recvfrom(512))[0]:
                asked, who = question
                is_ipv4 = asked[-4:-2] == b"\x00\x01"
                head = asked[:2] + b"\x81\x80" + struct.pack("!HHHH", 1, int(is_ipv4), 0, 0) + asked[12:]
                found = b"\xc0\x0c\x00\x01\x00\x01" + struct.pack("!IH", 10, 4) + socket.inet_aton(address)
                listener.sendto(head + found if is_ipv4 else head, who)

        thread = threading.Thread(target=answer)
        thread.start()
        port: int = listener.getsockname()[1]
        try:
            yield port
        finally:
            listener.sendto(b"", ("127.0.0.1", port))
            thread.join()


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    plain, upstream = free_port(), free_port()
    with make_folder() as folder, dns("127.0.0.1") as names:
        trust = make_certificate(folder, HOST)
        conf = folder / "conf.d"
        conf.mkdir()
        made = write_files(conf, **SETTINGS)
        assert made.returncode == 0, made.stderr
        (folder / "nginx.conf").write_text(MAIN.format(folder=folder).replace("vvdash.conf", "conf.d/*.conf"))
        shutil.copytree(SAMPLES, folder / "deploy" / "nginx")
        if user := server_user():
            subprocess.run(["chown", "-R", user, folder], check=True)
        written = {path: path.read_text(encoding="utf-8") for path in conf.iterdir()}

        def command(port: int) -> list[str | Path]:
            for path, text in written.items():
                path.write_text(use_ports(text, folder=folder, port=port, plain=plain, names=names, upstream=upstream))
            return [find_nginx(), "-p", folder, "-c", folder / "nginx.conf"]

        with serve(command, is_ready=is_open, stop=signal.SIGTERM, folder=folder) as port:
            made_site = Site(port, plain, trust, upstream, folder)
            made_site.start_gunicorn()
            said = (folder / "errors").read_text(encoding="utf-8")
            assert "[warn]" not in said, said
            try:
                yield made_site
            finally:
                made_site.end_gunicorn()


def use_ports(text: str, *, folder: Path, port: int, plain: int, names: int, upstream: int) -> str:
    """Return a file with the ports and folders of this machine in place of the container's."""
    for old, new in {
        "listen 443 ": f"listen 127.0.0.1:{port} ",
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "127.0.0.11 ": f"127.0.0.1:{names} ",
        "web:8000": f"web:{upstream}",
        f"/etc/letsencrypt/live/{HOST}/fullchain.pem": f"{folder}/{HOST}.pem",
        f"/etc/letsencrypt/live/{HOST}/privkey.pem": f"{folder}/{HOST}.pem",
        "/opt/vvdash/": f"{folder}/",
    }.items():
        text = text.replace(old, new)
    return re.sub(r"^ *listen \[::\].*\n", "", text, flags=re.MULTILINE)


def test_a_page_and_a_static_file_come_from_gunicorn(site: Site):
    for path in ("/anytown/?q=1", "/static/app.0123.css"):
        answer, body = site.ask(path, headers={"X-Forwarded-For": "203.0.113.9"})
        assert answer.status == 200
        said = json.loads(body)
        assert said["asked"] == path
        assert (said["HTTP_X_FORWARDED_FOR"], said["HTTP_X_FORWARDED_PROTO"]) == ("127.0.0.1", "https")
        assert said["HTTP_HOST"] == HOST


def test_slow_visitors_hold_nobody_up(site: Site):
    with slow_bodies(site, 45):
        assert site.ask("/")[0].status == 200


def test_while_web_is_stopped_a_page_says_so_and_then_it_is_found_again(site: Site):
    site.end_gunicorn()
    try:
        answer, body = site.ask("/")
    finally:
        site.start_gunicorn()
    assert (answer.status, b"it may not have been saved" in body) == (503, True)
    assert site.ask("/")[0].status == 200


def test_it_is_for_the_name_and_the_networks_of_the_settings(tmp_path: Path):
    write_files(tmp_path, SITE_URL="https://towns.example/", INSIDE="203.0.113.0/24, 2001:db8::7", IPV6="/none")
    text = (tmp_path / "vvdash.conf").read_text(encoding="utf-8")

    assert "dashboard.example" not in text
    assert "server_name towns.example;" in text
    assert "/etc/letsencrypt/live/towns.example/privkey.pem" in text
    assert "allow ::1; allow 203.0.113.0/24; allow 2001:db8::7;" in text
    assert "[::]" not in text


@pytest.mark.parametrize("address", ["", "https://", "https://a;b", "http://towns.example", "https://a b"])
def test_a_name_that_is_none_is_refused(tmp_path: Path, address: str):
    made = write_files(tmp_path, SITE_URL=address)

    assert made.returncode == 2
    assert made.stderr == "SITE_URL must be the address that people open, such as https://dashboard.example.\n"
    assert list(tmp_path.iterdir()) == []


def test_no_server_writes_down_what_people_open():
    text = (SAMPLES / "vvdash.conf").read_text(encoding="utf-8")
    named = [block for block in re.split(r"^server \{", text, flags=re.MULTILINE) if "server_name " in block]

    assert [block.count("access_log off;") for block in named] == [1, 1]

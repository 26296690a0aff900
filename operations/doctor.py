"""Look at everything that an installation needs, for `manage.py doctor`: what its settings name, and how it runs.

Each look yields what it found: whether it is right, and a sentence for the operator. It yields nothing where there is
nothing to look at, and takes a few seconds at most.
"""

import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urljoin, urlsplit
from urllib.request import urlopen

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core import checks
from django.core.mail import mailers
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from core.mail.letters import make_message
from core.texts import count_of_noun
from operations.health.checks import list_checks

PATIENCE = 5  # seconds
MOST_APART = timedelta(seconds=5)  # the database's clock and ours
LEAST_LEFT = timedelta(days=14)  # certbot renews 30 days before the end
STYLES = "css/app.css"
FAILURES = "docs/run/failures.md"

type Found = Iterator[tuple[bool, str]]


def examine(only: Collection[str] | None = None, *, send_to: str = "") -> Iterator[tuple[str, bool, str]]:
    """Yield the label of what was looked at, and what was found: each of LOOKS, and each check that monitors read; or
    only those of these names. A fault of a look itself counts as wrong. Raises nothing.

    `send_to` is whom to send a test e-mail.
    """
    for name, (label, find) in LOOKS.items():
        if only is None or name in only:
            try:
                for is_right, sentence in find(send_to) if find is find_mail_server else find():
                    yield label, is_right, sentence
            except Exception as fault:  # noqa: BLE001  # whatever a program at the other end does
                yield label, False, f"It doesn’t answer: {describe(fault)}"
    wanted = settings.CHECKS.keys() if only is None else settings.CHECKS.keys() & set(only)
    for check in list_checks(timezone.now()) if wanted else ():
        if check.name in wanted:
            where = "" if check.is_well else f" See “If the check {check.name} fails” in {FAILURES}."
            yield check.label, check.is_well, f"{check.sentence}{where}"


def describe(fault: Exception) -> str:
    """Return the first line of an exception's text, as a sentence. No library that we ask puts a password into it."""
    words = getattr(fault, "strerror", None) or str(fault).strip() or type(fault).__name__
    line = words.splitlines()[0]
    return line if line.endswith(".") else f"{line}."


def find_settings() -> Found:
    wrong = _list_errors(include_deployment_checks=settings.PRODUCTION)
    if not settings.PRODUCTION:
        yield True, "PRODUCTION isn’t set: this is for trying the product out, on this machine only."
    elif not wrong:
        yield True, "They are safe."
    yield from wrong


def find_server() -> Found:
    connection.ensure_connection()  # refuses a server that is too old
    wrong = list(_find_in_postgres()) if connection.vendor == "postgresql" else []
    wrong += _list_errors(tags=[checks.Tags.database], databases=["default"])
    yield from wrong or [(True, "It answers.")]


def _find_in_postgres() -> Found:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_is_in_recovery(), current_setting('server_encoding'), current_user,"
            " has_schema_privilege(coalesce(current_schema(), 'public'), 'CREATE'), clock_timestamp()"
        )
        only_reads, encoding, role, may_create, its_time = cursor.fetchone()
    if only_reads:
        yield False, "It only reads: it is a standby. Name the server that accepts writes in DATABASE_URL."
    if encoding != "UTF8":
        yield False, f"Its encoding is {encoding}. Make it anew with --encoding UTF8."
    if not may_create:
        yield False, f"The role {role} may not make tables in it. Let that role own the database."
    if (apart := abs(timezone.now() - its_time)) > MOST_APART:
        seconds = count_of_noun(round(apart.total_seconds()), "second")
        yield False, f"Its clock and this machine’s are {seconds} apart."


def _list_errors(**which: Any) -> list[tuple[bool, str]]:
    """Return what Django's checks, and ours among them, find that is no mere warning."""
    found = [message for message in checks.run_checks(**which) if message.level >= checks.ERROR]
    return [(False, " ".join(filter(None, (str(message.msg), message.hint)))) for message in found]


def find_mail_server(send_to: str = "") -> Found:
    """Sign in to the mail server. Send an e-mail if `send_to` says to whom."""
    if "smtp" not in settings.MAILERS["default"]["BACKEND"]:
        return
    options = settings.MAILERS["default"]["OPTIONS"]
    if options["username"] and not (options["use_ssl"] or options["use_tls"]):
        yield False, "Its password travels unencrypted. Begin EMAIL_URL with smtp+tls:// or smtps://."
    if settings.DEFAULT_FROM_EMAIL.lower().endswith(".example"):
        yield False, "No mail server accepts the sender. Set EMAIL_FROM to an address of yours."
    server = mailers.default
    server.open()
    server.close()
    if send_to:
        words = "This email shows that the V+V Dashboard can send email. You needn’t do anything."
        make_message("A test (V+V Dashboard)", words, to=[send_to]).send()
        yield True, f"It has taken an email to {send_to}. Look whether it arrives."
    else:
        yield True, "It answers."


def find_time() -> Found:
    """Ask systemd whether a server of time sets this machine's clock, whichever program does it."""
    if ask := shutil.which("timedatectl"):
        said = subprocess.run(  # noqa: S603
            [ask, "show", "--property=NTPSynchronized", "--value"],
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        if said.stdout.strip() == "no":
            yield False, "No time server sets this machine’s clock. Install systemd-timesyncd or chrony."
            return
    yield True, f"It is {timezone.localtime():%H:%M:%S, %-d %B %Y}."


def find_certificate() -> Found:
    site = urlsplit(settings.SITE_URL)
    if site.scheme != "https":
        if settings.PRODUCTION:
            yield False, "SITE_URL must start with https://."
        return
    host, port = site.hostname or "", site.port or 443
    try:
        with (
            socket.create_connection((host, port), timeout=PATIENCE) as plain,
            ssl.create_default_context().wrap_socket(plain, server_hostname=host) as secure,
        ):
            certificate = secure.getpeercert() or {}
    except socket.gaierror:
        yield False, f"No name server knows {host}."
    except ssl.SSLCertVerificationError as fault:
        yield False, f"Browsers won’t trust it: {fault.verify_message.rstrip('.')}."
    except OSError as fault:
        yield False, f"Nothing answers at {host}, port {port}: {describe(fault)}"
    else:
        ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
        left = ends - timezone.now()
        until = f"until {ends:%-d %B %Y}"
        if left < LEAST_LEFT:
            yield False, f"It is valid only {until}. Renew it, and look why that isn’t done by itself."
        else:
            yield True, f"It is valid {until}."


def find_address() -> Found:
    """Open the sign-in page as a visitor does, and its styles."""
    if not settings.PRODUCTION:
        return
    try:
        staticfiles_storage.url(STYLES)
    except ValueError:
        yield False, "The static files aren’t there. Run manage.py collectstatic, and restart the web server."
        return
    page = settings.SITE_URL + reverse(settings.LOGIN_URL)
    visit = partial(urlopen, timeout=PATIENCE, context=ssl.create_default_context())
    try:
        with visit(page) as answer:
            body = answer.read().decode(errors="replace")
        styles = re.search(r'href="([^"]*/css/app\.[^"]*)"', body)
        if "csrfmiddlewaretoken" not in body or styles is None:
            yield False, f"Something else than this product answers at {page}."
            return
        with visit(urljoin(page, styles[1])):
            yield True, f"The sign-in page opens at {settings.SITE_URL}."
    except HTTPError as fault:
        yield False, f"{fault.url} answers {fault.code}. {WHY.get(fault.code, WHY_ELSE)}"
    except (OSError, HTTPException) as fault:
        yield False, f"{page} doesn’t open: {describe(getattr(fault, 'reason', fault))}"


WHY = {
    301: "It redirects for ever. Set PROXIES to the number of proxies in front of the web server.",
    302: "It redirects for ever. Set PROXIES to the number of proxies in front of the web server.",
    400: "Its host must be in ALLOWED_HOSTS of the web server.",
    403: "The proxy may not read the file, or refuses this machine.",
    404: "The proxy doesn’t pass it on, or looks for static files elsewhere.",
    502: "The web server (vvdash-web) isn’t running, or the proxy asks another port.",
    503: "The web server (vvdash-web) isn’t running, or the database doesn’t answer.",
}
WHY_ELSE = "The log of the web server (vvdash-web) says why."

# Each has its label.
LOOKS: dict[str, tuple[str, Callable[..., Found]]] = {
    "settings": ("Settings", find_settings),
    "server": ("Database server", find_server),
    "mail-server": ("Mail server", find_mail_server),
    "time": ("Time", find_time),
    "certificate": ("Certificate", find_certificate),
    "address": ("Address", find_address),
}

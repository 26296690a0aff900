"""Runs the product on hosts of their own, in network namespaces of this machine.

There are seven, as docs/run/hosts.md says: two web servers, two workers, two databases
with Patroni and a PgBouncer each, and Redis. Needs root, and the Debian packages of "script/test --all". Ctrl-C ends
them, and leaves nothing.
"""

import os
import signal
import sys
from pathlib import Path

from bench.command_line import make_parser
from tests.machines.drill import BACK_WITHIN, CABLE, PAUSE, POWER, Drill
from tests.machines.hosts import Site, site
from tests.services import ServiceError


def main() -> int:
    parser = make_parser("hosts", __doc__)
    drill = (
        "while people write all the time, lose each host in each way: killed, its cable pulled, paused; and split the "
        "network. Prints for how long nobody could save, and that nothing acknowledged is lost or doubled. It takes "
        f"about seven minutes, and exits 1 if the site wasn't back within {BACK_WITHIN:.0f} seconds"
    )
    parser.add_argument("--drill", action="store_true", help=drill)
    parser.add_argument("--postgres", type=Path, metavar="FOLDER", help="the folder of PostgreSQL's programs")
    given = parser.parse_args()
    if os.geteuid() != 0:
        parser.exit(1, "It needs root: it makes network namespaces.\n")
    try:
        with site(postgres=given.postgres) as running:
            if given.drill:
                return lose_each_host(running)
            print(describe(running), flush=True)
            signal.sigwait([signal.SIGINT, signal.SIGTERM])
    except ServiceError as missing:
        parser.exit(1, f"{missing}\n")
    return 0


def lose_each_host(running: Site) -> int:
    """Lose each host in each way. Return 1 if the site was away for too long."""
    with running.written() as written:
        drill = Drill(running, written, lambda words: print(words, flush=True))
        drill.wait_until_calm()
        for how in (POWER, CABLE, PAUSE):
            for name in ("web1", "web2"):
                drill.lose_web(name, how)
            for name in ("work1", "work2"):
                drill.lose_worker(name, how)
            drill.lose_redis(how)
            drill.lose_standby(how)
            drill.lose_primary(how)
        drill.switch_over()
        drill.freeze_etcd()
        drill.split()
        print(drill.check())
    return 1 if any(figure.anywhere > BACK_WITHIN for figure in drill.figures) else 0


def describe(running: Site) -> str:
    spaces = "".join(f"  {name:9} {host.address:12} {host.space}\n" for name, host in running.network.hosts.items())
    return (
        f"The hosts run, each in a network namespace:\n{spaces}"
        f"Run something on one: ip netns exec {running['web1'].space} bash\n"
        f"What each says is in {running.folder}. Ctrl-C ends them all."
    )


if __name__ == "__main__":
    sys.exit(main())

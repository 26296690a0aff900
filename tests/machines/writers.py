"""People who write all the time, each text once, over several web servers.

Run as `python writers.py SESSION PATH NAME=SERVER[,SERVER]…`, where a SERVER is an address with its port. A person with
two servers goes to the other one when one fails, as a load balancer would; with one they stay. They send a form until
it is accepted, and then the next one. Each answer is a line of JSON on standard output: who, which text, when it was
sent and heard, by which server, and whether it was acknowledged. It imports nothing of the product: it runs on a host
that has none of it.
"""

import http.client
import json
import re
import sys
import threading
import time
from contextlib import closing
from itertools import count
from urllib.parse import urlencode

PAUSE = 0.15  # seconds between two forms
CONNECTED, ANSWERED = 3.0, 12.0  # seconds, until it goes to another server
WORDS = threading.Lock()


class Failed(Exception):
    """No answer, or one that says that it may not have been saved."""


class Person:
    def __init__(self, name: str, servers: list[str], *, session: str, path: str) -> None:
        self.name, self.servers, self.path = name, servers, path
        self.cookies = {"sessionid": session}
        self.token = ""

    def write_on(self) -> None:
        for number in count(1):
            text = f"{self.name}-{number}"
            while not self.tries(text):
                self.servers.append(self.servers.pop(0))
                time.sleep(PAUSE)
            time.sleep(PAUSE)

    def tries(self, text: str) -> bool:
        sent, server, why = time.time(), self.servers[0], ""
        try:
            if not self.token:
                status, page, _ = self.ask(server)
                found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
                if found is None:
                    raise Failed(f"{status}, without a form")
                self.token = found[1]
            form = {"csrfmiddlewaretoken": self.token, "text": text, "rag": "green"}
            status, words, leads_to = self.ask(server, form)
            if leads_to != self.path.removesuffix("update/"):
                raise Failed(f"{status} {leads_to} {words[:60]}")
        except (OSError, http.client.HTTPException, Failed) as fault:
            why = f"{type(fault).__name__} {fault}"
        row = {"who": self.name, "text": text, "sent": sent, "heard": time.time(), "by": server, "why": why}
        with WORDS:
            sys.stdout.write(f"{json.dumps(row)}\n")
            sys.stdout.flush()
        return not why

    def ask(self, server: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = None
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode(form)
        with closing(http.client.HTTPConnection(server, timeout=CONNECTED)) as line:
            line.connect()
            line.sock.settimeout(ANSWERED)
            line.request("GET" if form is None else "POST", self.path, body, headers)
            answer = line.getresponse()
            for cookie in answer.headers.get_all("Set-Cookie", []):
                name, _, value = cookie.partition(";")[0].partition("=")
                if name == "csrftoken":
                    self.cookies[name] = value
            return answer.status, answer.read().decode(), answer.headers.get("Location", "")


def main() -> None:
    session, path, *people = sys.argv[1:]
    threads = []
    for each in people:
        name, _, servers = each.partition("=")
        person = Person(name, servers.split(","), session=session, path=path)
        threads.append(threading.Thread(target=person.write_on))
        threads[-1].start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()

"""People by the thousand, in one process: `python -m bench.load.clients` reads a plan as JSON, and prints what happened
as JSON. It knows the product only by its addresses."""

import asyncio
import json
import random
import resource
import ssl
import sys
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bench.faults.browser import Filled, fill_form, path_of
from bench.load.connection import Answer, Broken, Connection
from bench.load.day import COORDINATOR, LEAD, Area, Person

PAGE, SENT = {200}, {302}
SAID = 300  # letters of an answer that nobody expected
LOGIN = "/account/login/"


@dataclass
class Crowd:
    """All people, and what they have met so far."""

    plan: Mapping[str, Any]
    areas: list[Area]
    trust: ssl.SSLContext
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)
    # Two people of an agency who save the same return would be in each other's way.
    returns: dict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    def connect(self, person: Person) -> Connection:
        cookies = {"sessionid": person.session} if person.session else {}
        return Connection(self.plan["port"], person.host, self.plan["name"], self.trust, cookies)


@dataclass
class Visitor:
    """One person at work."""

    person: Person
    crowd: Crowd
    connection: Connection
    tags: dict[str, str] = field(default_factory=dict)  # of public pages

    @property
    def area(self) -> Area:
        return self.crowd.areas[self.person.area]

    async def live(self, until: float) -> None:
        """Do one thing after another, and think in between."""
        think, chance = self.crowd.plan["think"], self.person.chance
        await asyncio.sleep(chance.uniform(0, min(think, self.crowd.plan["seconds"] / 2)))
        while time.monotonic() < until:
            kind = self.person.choose()
            try:
                await getattr(self, kind.replace(" ", "_"))()
            except Broken as broken:
                self.crowd.errors.append(f"{self.person.email}, {kind}: {broken}")
            pause = chance.expovariate(1 / think)
            await asyncio.sleep(min(pause, max(0.0, until - time.monotonic())))  # nobody thinks after the day
        await self.connection.close()

    async def ask(
        self, kind: str, path: str, body: str | None = None, *, expected: set[int] = PAGE, **headers: str
    ) -> Answer | None:
        """Note how long it took. None if the answer isn't an expected one."""
        answer = await self.connection.ask(path, body, headers)
        self.crowd.seconds[kind].append(answer.seconds)
        if answer.status in expected and not (answer.status == 302 and LOGIN in answer.headers.get("location", "")):
            return answer
        words = f"{answer.headers.get('location', '')} {answer.body.decode(errors='replace')[:SAID]!r}"
        self.crowd.errors.append(f"{self.person.email}, {kind}: {answer.status} for {path} {words}")
        return None

    async def send(self, kind: str, form: Filled | None, page: str, typed: str) -> Answer | None:
        if form is None:
            self.crowd.errors.append(f"{self.person.email}: {page} has no form with {typed}")
            return None
        return await self.ask(kind, form.path, form.body, expected=SENT)

    # --- What people do --------------------------------------------------------------------------

    async def read(self) -> None:
        await self.ask(*self.person.choose_page(self.area))

    async def report(self) -> None:
        """Open the return, type a figure, and save the draft."""
        path = self.area.returns[self.person.agency]
        async with self.crowd.returns[path]:
            page = await self.ask("return", path)
            if page is None:
                return
            words = page.body.decode()
            box = self.person.chance.choice(self.crowd.plan["boxes"][path])
            typed = {box: str(self.person.chance.randrange(5, 60)), "then": "draft"}
            await self.send("return saved", fill_form(words, path, box, typed), path, box)

    async def plan(self) -> None:
        """Look at the plan, and at an action. A coordinator also says how it goes."""
        await self.ask("plan", self.area.pages["plan"][0])
        path = self.person.chance.choice(self.area.pages["action"])
        await self.ask("action", path)
        if self.person.part == COORDINATOR:
            page = await self.ask("update", f"{path}update/")
            if page is not None:
                text = f"Talked about it for the {self.person.chance.randrange(10**6)}th time"
                typed = {"text": text, "rag": "green", "rag_why": ""}
                form = fill_form(page.body.decode(), f"{path}update/", "text", typed)
                await self.send("update saved", form, path, "text")

    async def public(self) -> None:
        """Again, if the browser has it already."""
        path = self.person.chance.choice(self.area.pages["public"])
        if path in self.tags:
            again = {"If-None-Match": self.tags[path]}
            answer = await self.ask("public, unchanged", path, expected={200, 304}, **again)
        else:
            answer = await self.ask("public", path)
        if answer is not None and "etag" in answer.headers:
            self.tags[path] = answer.headers["etag"]

    async def sign_in(self) -> None:
        """From a new browser, with the password."""
        old, self.connection.cookies = self.connection.cookies, {}
        page = await self.ask("sign-in page", LOGIN)
        if page is None:
            return
        typed = {"login": self.person.email, "password": self.crowd.plan["password"]}
        form = fill_form(page.body.decode(), LOGIN, "password", typed)
        if form is None or (answer := await self.connection.ask(form.path, form.body)).status != 302:
            self.crowd.errors.append(f"{self.person.email} could not sign in: {form and answer.body[:SAID]!r}")
            self.connection.cookies = old
            return
        self.crowd.seconds["signed in"].append(answer.seconds)
        await self.ask("home", path_of(answer.headers["location"]), expected={200, 302})

    async def file(self) -> None:
        await self.ask(*self.person.choose_page(self.area, ["file"]))

    async def pack(self) -> None:
        """Only who may read it."""
        await self.ask(*self.person.choose_page(self.area, ["file" if self.person.part == LEAD else "pack"]))


async def live(plan: Mapping[str, Any]) -> Crowd:
    crowd = Crowd(plan, [Area(**area) for area in plan["areas"]], ssl.create_default_context(cafile=plan["trust"]))
    until = time.monotonic() + plan["seconds"]
    people = [Person(**person) for person in plan["people"]]
    await asyncio.gather(*(Visitor(each, crowd, crowd.connect(each)).live(until) for each in people))
    return crowd


def main() -> None:
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    random.seed(1)
    crowd = asyncio.run(live(json.load(sys.stdin)))
    json.dump({"seconds": crowd.seconds, "errors": crowd.errors, "cpu": time.process_time()}, sys.stdout)


if __name__ == "__main__":
    main()

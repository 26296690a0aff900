"""How do people write? Each kind of act is one or more forms, one after the other, as somebody sends them."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from bench.faults.browser import Browser, Filled, NoAnswer, fill_form, path_of
from bench.faults.model import Model, State, Write, key_of
from bench.faults.plans import FIRST_MONTH, Act
from bench.faults.towns import ACTIONS, PUBLISHED, Place
from reporting.packs.pdf import typesetting

# After two minutes, the same form means a second thing (core.forms.pages).
TRIES_WITHIN = 60.0  # seconds
PAUSE = 0.4
BUSY = (502, 503, 504)
# What a page may say in good order: others write too, and a disk that is full is not the form's fault.
EXPECTED = (
    *("has changed since you opened it", "could not be saved, so it was not issued"),
    *(typesetting.BROKEN_OFF, typesetting.TOO_LONG, typesetting.BUSY),
)
DAY_ONE = date(2020, 3, 1)
BOUNDARY = "a-boundary-of-a-form"


@dataclass
class Person:
    """Somebody who does an act, and tries again if nothing is heard of it."""

    act: Act
    place: Place
    port: int
    model: Model

    def __post_init__(self) -> None:
        self.key = key_of(self.act.number)
        self.began = time.monotonic()

    def write(self, kind: str, **where: object) -> Write:
        """A new write, with a text that nothing else has."""
        text = f"{self.key} {kind.replace(' ', '-')} was talked about on the market square"
        return self.model.add(Write(kind, self.key, text, {"town": self.place.slug, **where}))

    def do(self) -> None:
        getattr(self, self.act.kind.replace(" ", "_"))()

    # --- Kinds of acts ---------------------------------------------------------------------------

    def update(self) -> None:
        write = self.write("update")
        path = f"/{self.place.slug}/plan/{1 + self.act.number % ACTIONS}/update/"
        self.fill(write, self.place.coordinator, path, "text", {"text": write.text, "rag": "green", "rag_why": ""})

    def action(self) -> None:
        write = self.write("action")
        typed = {
            "title": write.text,
            "starts_on": "1 April 2026",
            "due_on": "31 March 2027",
            "no_measure_why": "Nobody counts it",
            **dict.fromkeys(("measure", "way", "percent", "by_month"), ""),
        }
        self.fill(write, self.place.coordinator, f"/{self.place.slug}/plan/add/", "title", typed, chooses=True)

    def challenge(self) -> None:
        write, answerer = self.write("challenge"), self.place.answerers[self.act.number % len(self.place.answerers)]
        write.where["answerer"] = answerer.email
        page = f"/{self.place.slug}/challenges/raise/?strand=prevent"
        led_to = self.fill(
            write, self.place.strategic, page, "question", {"question": write.text, "to": answerer.choice}
        )
        if led_to and self.act.number % 2:  # the others still wait for it
            write = self.write("answer")
            self.fill(write, answerer.session, led_to, "answer-text", {"answer-text": write.text})

    def meeting(self) -> None:
        held_on = DAY_ONE + timedelta(days=self.act.slot)
        write = self.write("meeting", held_on=held_on)
        typed = {"body": "board:csp", "held_on": f"{held_on:%d/%m/%Y}", "looks_at": f"{PUBLISHED}.1"}
        led_to = self.fill(write, self.place.coordinator, f"/{self.place.slug}/meetings/add/", "body", typed)
        if led_to:
            write = self.write("minutes")
            self.fill(write, self.place.coordinator, f"{led_to}record/", "notes", {"notes": write.text})

    def bundle(self) -> None:
        write = self.write("bundle")
        page = f"/{self.place.slug}/packs/"
        led_to = self.fill(
            write, self.place.coordinator, page, "month", {"month": str(PUBLISHED)}, at=f"{page}bundles/"
        )
        write.where["bundle"] = led_to.rstrip("/").rpartition("/")[2]

    def pack(self) -> None:
        write = self.write("pack")
        page = f"/{self.place.slug}/packs/make/?board=csp&month={PUBLISHED}"
        typed = {"meeting": write.text, "meeting_on": "27 November 2026"}
        self.fill(write, self.place.coordinator, page, "seen", typed)

    def report(self) -> None:
        """Save a draft, submit it, and the coordinator accepts it."""
        month, number = FIRST_MONTH + self.act.slot, self.act.number
        where = {"month": month, "agency": "police", "figure": ("arrests", 1 + number)}
        base = f"/{self.place.slug}/returns/{month}/police/"
        draft = self.write("draft", **where)
        typed = {"arrests:value": str(1 + number), "arrests:note": draft.text, "charges:value": "4"}
        typed |= {"charges:note": "Checked", "then": "check"}
        if self.fill(draft, self.place.lead, base, "arrests:value", typed):
            submitted = self.write("submitted", **where)
            if self.fill(
                submitted, self.place.lead, f"{base}check/", "revision", {}, at=f"{base}submit/", leads_to="receipt/"
            ):
                accepted = self.write("accepted", **where)
                self.fill(
                    accepted,
                    self.place.coordinator,
                    base,
                    "decision",
                    {"decision": "accept"},
                    leads_to=f"/returns/{month}/",
                )

    def figures_by_key(self) -> None:
        month, number = FIRST_MONTH + self.act.slot, self.act.number
        write = self.write("draft", month=month, agency="council", figure=("visits", 1 + number))
        figures = [{"indicator": "visits", "value": 1 + number, "note": write.text}]
        body = json.dumps({"figures": figures}).encode()
        self.call(write, "PATCH", f"{self.returns}{month}", body, "application/json")

    def file_by_key(self) -> None:
        month, number = FIRST_MONTH + self.act.slot, self.act.number
        write = self.write("draft", month=month, agency="council", figure=("visits", 1 + number))
        rows = "agency,indicator,category,month,value,state,note\n"
        rows += f"council,visits,,{month},{1 + number},,{write.text}\n"
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="return.csv"\r\n\r\n'
        body = f"{head}{rows}\r\n--{BOUNDARY}--\r\n".encode()
        path = f"{self.returns}{month}/file?apply=true"
        self.call(write, "POST", path, body, f"multipart/form-data; boundary={BOUNDARY}")

    @property
    def returns(self) -> str:
        return f"/api/v1/areas/{self.place.slug}/returns/"

    # --- Sending ---------------------------------------------------------------------------------

    def fill(
        self,
        write: Write,
        session: str,
        page: str,
        name: str,
        typed: Mapping[str, str],
        *,
        at: str = "",
        chooses: bool = False,
        leads_to: str = "",
    ) -> str:
        """Open the page, fill in its form, and send it. Return where it leads once it is saved; else nothing.

        `name` is a box of the form. With `chooses`, each list that has no choice gets its first. With `leads_to`, only
        that page says that it is saved.
        """
        browser = Browser(self.port, session)
        form = None
        for _ in range(self.act.tries):
            try:
                if form is None:
                    form = self.open(browser, write, page, name, typed, at=at, chooses=chooses)
                    time.sleep(self.act.types)
                led_to = form and self.send(browser, write, form, leads_to)
            except NoAnswer as silence:
                write.answers.append(str(silence))
                led_to = None
                if form:
                    write.state = State.UNKNOWN
            if led_to or not self.goes_on(write, form):
                return led_to or ""
            time.sleep(PAUSE)
        return ""

    def goes_on(self, write: Write, form: Filled | None) -> bool:
        """Return whether they try again: they heard nothing, or they couldn't even open the page."""
        return (form is None or write.state is State.UNKNOWN) and time.monotonic() - self.began < TRIES_WITHIN

    def open(
        self, browser: Browser, write: Write, page: str, name: str, typed: Mapping[str, str], *, at: str, chooses: bool
    ) -> Filled | None:
        shown = browser.get(page)
        if shown.status != 200:
            self.note(write, shown.status, shown.words, f"GET {page} led to {shown.location}")
            return None
        form = fill_form(shown.words, page, name, typed, chooses=chooses, at=at)
        if form is None:
            self.model.wonder(f"{page} has no form with {name}, for {write}: {shown.messages}")
        return form

    def send(self, browser: Browser, write: Write, form: Filled, leads_to: str) -> str | None:
        """Send it. Return where it leads once it is saved; None if it isn't, or nobody knows."""
        was_unknown = write.state is State.UNKNOWN
        write.state = State.UNKNOWN
        answer = browser.send(form)
        self.note(write, answer.status, answer.words, f"POST {form.path} led to {answer.location}")
        if answer.status == 302 and not answer.is_sign_in:
            led_to = path_of(answer.location)
            if led_to.endswith(leads_to):
                write.state = State.ACKNOWLEDGED
                return led_to
        if answer.status in BUSY:
            return None
        # A page that refuses what may have been saved before doesn't make it undone.
        if not was_unknown:
            write.state = State.REFUSED
            if not any(words in said for words in EXPECTED for said in answer.messages):
                self.model.wonder(f"{form.path} refused {write}: {answer.messages}")
        return None

    def note(self, write: Write, status: int, words: str, what: str) -> None:
        write.answers.append(str(status))
        if status not in (200, 302, 409, *BUSY) or "/account/login/" in what:
            self.model.wonder(f"{status} for {write}: {what} {words[:300] if status >= 400 else ''}")

    def call(self, write: Write, method: str, path: str, body: bytes, kind: str) -> None:
        """As a system does with a key: it names its request, so that it may send it again."""
        headers = {"Authorization": f"Bearer {self.place.secret}", "Content-Type": kind, "Idempotency-Key": self.key}
        for _ in range(self.act.tries):
            was_unknown, write.state = write.state is State.UNKNOWN, State.UNKNOWN
            try:
                answer = Browser(self.port, "").ask(method, path, body, headers)
            except NoAnswer as silence:
                write.answers.append(str(silence))
            else:
                self.note(write, answer.status, answer.words, f"{method} {path}")
                if answer.status == 200:
                    write.state = State.ACKNOWLEDGED
                elif answer.status not in BUSY and not was_unknown:
                    write.state = State.REFUSED
            if write.state is not State.UNKNOWN:
                return
            time.sleep(PAUSE)

// The return: keys that go down the column, reasons and notes unfolded where they are needed, totals and
// broken rules as one types, a block pasted into a box, and a warning before what was typed is left behind.
// Without this every control is a stop of Tab, the server adds up, and a block goes into a box of its own.
const form = document.querySelector("[data-return]");

if (form) {
  const rows = [...form.querySelectorAll("[data-row]")];
  const control = (row, column) => form.elements[`${row.dataset.row}:${column}`];
  const fold = (row) => row.querySelector(".vv-return__fold");

  // --- Totals: the sum of what can be read, as the server reads it ----------------------------------

  const figure = (text) => {
    const grouped = /^([0-9]{1,3}(?:[ ,\u00a0\u2009\u202f][0-9]{3})+|[0-9]+)(?:\.00?)?$/.exec(text.trim());
    return grouped && Number(grouped[1].replace(/[^0-9]/g, ""));
  };

  const shorten = (text) => ([...text].length > 30 ? `${[...text].slice(0, 29).join("")}…` : text);

  // What a total holds: it is so far while a part is blank, can't be read or comes later.
  const mark = (parts, values) => {
    if (!values.some((value) => value !== null)) return "";
    const without = parts.filter((row, index) => values[index] === null);
    const mayCome = (row) => {
      const { value, selectedOptions } = control(row, "reason");
      return !value || "later" in selectedOptions[0].dataset;
    };
    if (without.some(mayCome)) return "so far";
    return without.length ? "from those with a figure" : "in all";
  };

  const addUp = () => {
    for (const output of form.querySelectorAll("[data-total]")) {
      const parts = rows.filter((row) => row.dataset.partOf === output.dataset.total);
      const values = parts.map((row) => figure(control(row, "value").value));
      const known = values.filter((value) => value !== null);
      const sum = known.reduce((total, value) => total + value, 0);
      const [number, words] = output.children;
      number.textContent = known.length ? sum.toLocaleString("en-GB") : "";
      // A breakdown adds up to a figure of its own box.
      const { whole } = output.dataset;
      const all = whole ? figure(form.elements[`${whole}:value`].value) : null;
      const of = all === null ? "" : `of ${all.toLocaleString("en-GB")}`;
      words.textContent = known.length ? [mark(parts, values), of].filter(Boolean).join(", ") : "";
    }
  };

  // --- Ratios: as the server works them out, to a tenth ---------------------------------------------

  const workOut = () => {
    for (const output of form.querySelectorAll("[data-ratio]")) {
      const { per, sign, isPart, cases, outOf, holds } = output.dataset;
      const text = (name) => form.elements[`${name}:value`].value.trim();
      const counted = figure(text(cases));
      const whole = outOf ? figure(text(outOf)) : Number(holds) || null;
      const unreadable = [cases, outOf].filter(Boolean).map(text).find((typed) => typed && figure(typed) === null);
      const isAbove = isPart !== undefined && counted !== null && whole !== null && counted > whole;
      const isKnown = counted !== null && whole;
      output.classList.toggle("vv-question", Boolean(unreadable) || isAbove);
      if (unreadable) {
        output.textContent = `“${shorten(unreadable)}” isn’t a whole number`;
        continue;
      }
      if (isAbove) {
        output.textContent = `${counted.toLocaleString("en-GB")} is more than ${whole.toLocaleString("en-GB")}`;
        continue;
      }
      const tenths = isKnown ? Math.floor((2 * counted * per * 10 + whole) / (2 * whole)) : 0;
      const shown = (tenths / 10).toLocaleString("en-GB", { minimumFractionDigits: 1 });
      output.textContent = isKnown ? `${shown}${sign}` : "not known yet";
    }
  };

  // --- Rules across the return's own figures: as the server checks them (indicators.validation) --------

  const rules = [...form.querySelectorAll("script[type='application/json']")].flatMap((script) =>
    JSON.parse(script.textContent).map((rule) => {
      const row = rows.find((row) => row.dataset.row === rule.row);
      const message = document.createElement("p");
      message.className = rule.isStrict ? "govuk-error-message" : "vv-question";
      message.setAttribute("role", "status");
      row.querySelector("th").append(message);
      return { ...rule, row, message };
    }),
  );

  // What a side may be: a box without a figure may hold any number.
  const amount = ({ boxes, least, most }) => {
    const values = boxes.map((name) => figure(form.elements[`${name}:value`].value));
    const known = values.reduce((total, value) => total + value, 0);
    return { least: least + known, most: most === null || values.includes(null) ? null : most + known };
  };
  const isAbove = (one, other) => other.most !== null && one.least > other.most;
  const isBroken = {
    "at-most": (left, right) => isAbove(left, right),
    "at-least": (left, right) => isAbove(right, left),
    equal: (left, right) => isAbove(left, right) || isAbove(right, left),
    with: (left, right) => left.least > 0 && right.most === 0,
  };
  const words = ({ least, most }) => `${least.toLocaleString("en-GB")}${most === least ? "" : " or more"}`;

  const compare = () => {
    for (const { row, message, relation, left, right, sentence, isStrict } of rules) {
      const sides = [amount(left), amount(right)];
      const isAsked = isBroken[relation](...sides) && (isStrict || !control(row, "note").value.trim());
      const said = isAsked ? sentence.replace("{left}", words(sides[0])).replace("{right}", words(sides[1])) : "";
      // The server may have said it already, when the return was sent.
      const others = [...row.querySelectorAll("th > p:not([role])")].map((each) => each.textContent).join("\n");
      message.textContent = others.includes(said) ? "" : said;
      message.hidden = !message.textContent;
      if (message.textContent && !isStrict) fold(row).open = true;
    }
  };

  // --- Reason and note: folded until they are asked for, hold something, or are needed -------------

  const unfold = () => {
    for (const row of rows) {
      const isNoFigure = /^\D+$/.test(control(row, "value").value.trim()); // such as "-" or "n/a"
      if (isNoFigure || control(row, "reason").value || control(row, "note").value.trim()) fold(row).open = true;
    }
  };

  // A word in the box has done its work once the reason says it.
  form.addEventListener("change", (event) => {
    const row = event.target.closest("[data-row]");
    if (!row || event.target !== control(row, "reason") || !event.target.value) return;
    if (!/\d/.test(control(row, "value").value)) control(row, "value").value = "";
  });

  // --- Keys: a figure is one stop of Tab, Enter and the arrows go along the column -----------------

  const go = (row) => {
    const box = control(row, "value");
    box.focus();
    box.select();
  };

  for (const row of rows) {
    for (const summary of row.querySelectorAll("summary")) summary.tabIndex = -1; // Alt and ↓ open it
    control(row, "value").enterKeyHint = "next";
    control(row, "value").setAttribute("aria-keyshortcuts", "Alt+ArrowDown");
  }

  const unfoldAll = (row, isOpen) => {
    for (const each of row.querySelectorAll("details")) each.open = isOpen;
    if (isOpen) control(row, "reason").focus();
  };

  form.addEventListener("keydown", (event) => {
    const row = event.target.closest("[data-row]");
    // Enter, held down, would press the button that it comes to.
    if (event.key === "Enter" && event.repeat && event.target.type === "submit") event.preventDefault();
    if (!row || event.target.tagName !== "INPUT" || event.isComposing || event.ctrlKey || event.metaKey) return;
    const isArrow = event.target === control(row, "value") && /^Arrow(?:Down|Up)$/.test(event.key);
    if (!isArrow && (event.key !== "Enter" || event.altKey)) return; // a note's arrows are its own
    event.preventDefault();
    const isBack = event.key === "ArrowUp" || (event.key === "Enter" && event.shiftKey);
    const next = rows[rows.indexOf(row) + (isBack ? -1 : 1)];
    if (event.altKey) unfoldAll(row, !isBack);
    else if (next) go(next);
    else if (event.key === "Enter" && !isBack) form.querySelector("[data-after]").focus();
  });

  // --- Pasting a table or a column: the server shows what it would change, as for a file --------------

  form.addEventListener("paste", (event) => {
    const box = event.target.closest?.("[data-row] input");
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!box || !/[\n\r\t]/.test(text.trimEnd())) return; // one cell goes where any text goes
    event.preventDefault();
    form.elements.pasted.value = text;
    form.elements.start.value = box.name;
    form.requestSubmit(form.querySelector("button[value='paste']"));
  });
  for (const hint of form.querySelectorAll("[data-needs-script]")) hint.hidden = false;

  // --- Kept in this tab until they are saved: figures only, for an hour, for whoever typed them --------
  //
  // Without a network, the browser shows a page of its own in place of this one, and what was typed is gone. Words may
  // be about a person, so reasons and notes aren't kept.

  const HOUR = 60 * 60 * 1000;
  const PLACE = "vv-figures:"; // sessionStorage: this tab alone reads it, and closing the tab removes it
  const boxes = rows.map((row) => control(row, "value"));
  const key = `${PLACE}${form.dataset.person}:${form.getAttribute("action")}`;
  const onServer = boxes.map((box) => box.defaultValue);
  let lapse;

  const forget = () => sessionStorage.removeItem(key);
  const keep = () => {
    const typed = boxes.flatMap((box, at) => {
      const isNumber = !box.value.trim() || figure(box.value) !== null;
      return isNumber && box.value !== onServer[at] ? [[box.name, box.value, onServer[at]]] : [];
    });
    clearTimeout(lapse);
    if (!typed.length) return forget();
    sessionStorage.setItem(key, JSON.stringify({ at: Date.now(), typed }));
    lapse = setTimeout(forget, HOUR);
  };

  // Another person's go at once. A figure that has been saved since by somebody else stays as that person saved it.
  const bringBack = () => {
    for (const other of Object.keys(sessionStorage)) {
      const isOlder = other.startsWith(PLACE) && Date.now() - JSON.parse(sessionStorage[other]).at > HOUR;
      if (isOlder || (other.startsWith(PLACE) && !other.startsWith(`${PLACE}${form.dataset.person}:`))) {
        sessionStorage.removeItem(other);
      }
    }
    const kept = JSON.parse(sessionStorage.getItem(key) ?? "null");
    if (!kept || form.dataset.return === "unsaved") return;
    let number = 0;
    for (const [name, value, before] of kept.typed) {
      const box = form.elements[name];
      if (!box || box.defaultValue !== before || box.value === value) continue;
      box.value = value;
      number += 1;
    }
    const subject = number === 1 ? "1 figure that wasn’t saved is" : `${number} figures that weren’t saved are`;
    if (number) tell(`${subject} back in the form. Save the draft.`);
  };

  // Beside the buttons. It is read aloud as soon as it stands there.
  const message = document.createElement("p");
  message.className = "govuk-error-message";
  message.setAttribute("role", "alert");
  const tell = (words) => {
    message.textContent = words;
    if (words) form.querySelector("[data-after]").parentElement.before(message);
    else message.remove();
  };

  // Whether the server answers. A browser may believe that it is online behind a network that isn't there, and then
  // waits for minutes: the button would seem to do nothing.
  const PATIENCE = 8000; // milliseconds
  const answers = async () => {
    const options = { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(PATIENCE) };
    try {
      return navigator.onLine && (await fetch(form.dataset.answers, options)).ok;
    } catch {
      return false;
    }
  };

  // --- Leaving with something unsaved ---------------------------------------------------------------

  const snapshot = () => rows.map((row) => ["value", "reason", "note"].map((column) => control(row, column).value));
  const saved = JSON.stringify(snapshot());
  const cameBackUnsaved = form.dataset.return === "unsaved"; // what it shows has been refused
  let sending = false;
  let asking = false;
  const isUnsaved = () => !sending && (cameBackUnsaved || JSON.stringify(snapshot()) !== saved);
  const warn = (event) => {
    if (isUnsaved()) event.preventDefault();
  };
  const changed = () => {
    keep();
    addUp();
    workOut();
    compare();
    unfold();
    // Only while there is something to lose: a page that listens can't be kept for the back button.
    window.removeEventListener("beforeunload", warn);
    if (isUnsaved()) window.addEventListener("beforeunload", warn);
  };
  form.addEventListener("input", changed);
  window.addEventListener("pageshow", () => {
    form.elements.start.value = "";
    sending = false; // back at a page that a browser kept, with what was typed in it
    bringBack();
    changed();
  });
  form.addEventListener("submit", async (event) => {
    if (sending) return; // the second time round
    event.preventDefault();
    if (asking) return; // a second click
    const { submitter } = event;
    asking = true;
    const isAnswered = await answers();
    asking = false;
    if (!isAnswered) {
      tell("Not saved: you are offline. Your figures stay in this tab. Press the button again when you are online.");
      return;
    }
    sending = true;
    tell("");
    form.requestSubmit(submitter);
  });
}

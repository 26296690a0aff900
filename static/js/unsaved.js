// A form with free text asks before its page is left with something that isn't sent. The return has its own: return.js.
for (const form of document.querySelectorAll("form[method='post']:not([data-return]):has(textarea)")) {
  const read = () => JSON.stringify([...new FormData(form)].filter(([, value]) => typeof value === "string"));
  const before = read();
  const warn = (event) => event.preventDefault();
  // Only while there is something to lose: a page that listens can't be kept for the back button.
  const watch = () => {
    window.removeEventListener("beforeunload", warn);
    if (read() !== before) window.addEventListener("beforeunload", warn);
  };
  form.addEventListener("input", watch);
  form.addEventListener("submit", () => window.removeEventListener("beforeunload", warn));
}

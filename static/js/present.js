// On a wall: the arrow keys go to the month before and after, a digit to the chart of what stands out, Escape back.
// The keys of a clicker go from the month through its charts, and back. Each is a link too, so that nothing needs this
// script.
const KEYS = { ArrowLeft: "a[rel=prev]", ArrowRight: "a[rel=next]" };
const charts = [...document.querySelectorAll("a[data-key]:not([data-key='Escape'])")];
const here = charts.findIndex((link) => link.hasAttribute("aria-current")); // -1 on the month itself

const find = (key) => {
  if (key === "PageDown") return charts[here + 1] ?? (here < 0 ? null : find("Escape"));
  if (key === "PageUp") return here < 0 ? null : charts[here - 1] ?? find("Escape");
  return document.querySelector(KEYS[key] ?? `a[data-key="${CSS.escape(key)}"]`);
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  const link = find(event.key);
  if (!link) return;
  event.preventDefault();
  link.click();
});

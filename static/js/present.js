// On a wall: the arrow keys go to the month before and after, a digit to the chart of what stands out, Escape back.
// Each is a link too, so that nothing needs this script.
const KEYS = { ArrowLeft: "a[rel=prev]", ArrowRight: "a[rel=next]" };
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  const link = document.querySelector(KEYS[event.key] ?? `a[data-key="${CSS.escape(event.key)}"]`);
  if (link) link.click();
});

// A page that comes after a return was saved: the figures that static/js/return.js kept in this tab have done their work.
for (const key of Object.keys(sessionStorage)) {
  if (key.startsWith("vv-figures:") && key.endsWith(`:${document.currentScript.dataset.saved}`)) {
    sessionStorage.removeItem(key);
  }
}

// How far something is that a worker does: looks at the page again every two seconds, and shows what it says
// by then, until it is finished. Without this, and where it fails, a link looks again.
(() => {
  "use strict";

  const region = document.getElementById("progress");
  const link = document.getElementById("look-again");
  const meanwhile = document.getElementById("meanwhile");
  if (!region || !link || !meanwhile || !("unfinished" in region.dataset)) return;

  const EVERY = 2000; // milliseconds
  link.hidden = true;

  const look = async () => {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const now = page.getElementById("progress");
      if (!answer.ok || !now) throw new Error("This is another page, such as the one to sign in.");
      // What says the same isn't said again.
      if (now.innerHTML !== region.innerHTML) region.replaceChildren(...now.childNodes);
      if ("unfinished" in now.dataset) setTimeout(look, EVERY);
      else meanwhile.hidden = true;
    } catch {
      link.hidden = false;
    }
  };
  setTimeout(look, EVERY);
})();

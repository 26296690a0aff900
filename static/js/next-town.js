// Goes on making a demonstration's towns: presses the page's button again. Without this, people press it themselves.
(() => {
  "use strict";

  const form = document.getElementById("next-town");
  if (form && "goingOn" in form.dataset) form.requestSubmit();
})();

// A page that comes back with errors begins at its error summary: focus moves there, so that
// a screen reader reads it and the Tab key goes on from it. The links in it need no script:
// each goes to its control's id, and the browser moves focus there.
const summary = document.querySelector(".govuk-error-summary");
if (summary) {
  summary.tabIndex = -1;
  summary.focus();
}

// It is the answer to a form that was sent. Once the form is sent again, the browser keeps only its address: whoever goes
// back later sees that page, and isn't asked whether to send the old one again.
document.addEventListener("submit", () => history.replaceState(history.state, "", location.href));

// A page that comes back with errors begins at its error summary: focus moves there, so that
// a screen reader reads it and the Tab key goes on from it. The links in it need no script:
// each goes to its control's id, and the browser moves focus there.
const summary = document.querySelector(".govuk-error-summary");
if (summary) {
  summary.tabIndex = -1;
  summary.focus();
}

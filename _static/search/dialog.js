// @ts-check
// The search as a dialog over any page.

import { element } from "./dom.js";
import { Search } from "./search.js";

/** @type {{ dialog: HTMLDialogElement, search: Search } | undefined} */
let created;

/**
 * Open the dialog; when it closes, the focus returns to where it was.
 * @param {HTMLFormElement} box the search form of the page, whose action is the search page
 * @param {string} root address of the site's root folder
 * @param {HTMLElement | null} origin element that had the focus
 * @param {Record<string, string>} initial a query, such as the text typed while the dialog loaded, and chosen facets
 */
export function openDialog(box, root, origin, { q, ...choices }) {
  created ??= createDialog(box, root);
  const { dialog, search } = created;
  dialog.showModal();
  dialog.addEventListener("close", () => origin?.focus({ preventScroll: true }), { once: true });
  search.input.select();
  if (!q) return;
  Object.assign(search.facets.choices, choices);
  search.input.value = q;
  search.input.dispatchEvent(new Event("input"));
}

/** Add the closed dialog to the page, and start its search. @param {HTMLFormElement} box @param {string} root */
function createDialog(box, root) {
  const input = element("input", {
    class: "search-input",
    type: "search",
    name: "q",
    "aria-label": gettext("Search"),
    "aria-describedby": "search-keys",
    placeholder: gettext('Words, "a phrase", or an identifier'),
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
  });
  const search = new Search(input, root, "h3");
  const close = element("button", { type: "button", class: "search-close" }, gettext("Close"));
  const form = element("form", { class: "search-form", action: box.action, method: "get", role: "search", "aria-label": gettext("Search the notes") }, input, close);
  const page = element("a", { href: box.action }, gettext("Open as a page"));
  const keys = element("span", { id: "search-keys", "aria-hidden": "true" }, gettext("↑ ↓ to move, Enter to open, Esc to close"));
  const dialog = element(
    "dialog",
    { class: "search-dialog", "aria-labelledby": "search-dialog-title" },
    element("h2", { id: "search-dialog-title", class: "visually-hidden" }, gettext("Search")),
    form,
    search.facets.bar,
    search.body,
    element("p", { class: "search-foot" }, page, keys),
  );
  search.onAsk = () => (page.href = search.addressOn(box.action));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    let closed = false;
    dialog.addEventListener("close", () => (closed = true), { once: true });
    await search.answered();
    if (!closed) followFirst(search, box.action);
  });
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => closeOnClick(event, dialog, search));
  dialog.addEventListener("keydown", (event) => {
    search.move(event);
    closeOnEscape(event, dialog, input);
    scrollResults(event, dialog, search.body);
  });
  document.body.append(dialog);
  search.start();
  return { dialog, search };
}

/** Follow the best section of the first result; after a failure, try again or go to the search page.
 *  @param {Search} search @param {string} page address of the search page */
function followFirst(search, page) {
  const first = search.list.querySelector(".result-sections a") ?? search.list.querySelector("a");
  if (first instanceof HTMLAnchorElement) first.click();
  else if (search.offline) search.ask();
  else if (search.broken) location.assign(search.addressOn(page));
}

/** Close the dialog on a click outside it, or on a result that does not open in another tab. The history entry of the
 *  page keeps the search, so that going back restores it.
 *  @param {MouseEvent} event @param {HTMLDialogElement} dialog @param {Search} search */
function closeOnClick(event, dialog, search) {
  const result = event.target instanceof Element && event.target.closest(".search-body a");
  const inOtherTab = event.ctrlKey || event.metaKey || event.shiftKey;
  if (result && !inOtherTab) {
    const saved = { q: search.query, ...search.facets.choices };
    history.replaceState({ ...history.state, search: saved }, "");
  }
  if (event.target === dialog || (result && !inOtherTab)) dialog.close();
}

/** Close the dialog on Escape in its field; a browser would only clear the field.
 *  @param {KeyboardEvent} event @param {HTMLDialogElement} dialog @param {HTMLInputElement} input */
function closeOnEscape(event, dialog, input) {
  if (event.key !== "Escape" || event.target !== input || event.isComposing) return;
  event.preventDefault();
  dialog.close();
}

/** Scroll the results by page; a browser would scroll the page behind them.
 *  @param {KeyboardEvent} event @param {HTMLDialogElement} dialog @param {HTMLElement} body */
function scrollResults(event, dialog, body) {
  const step = { PageDown: 1, PageUp: -1 }[event.key];
  if (!step || event.target instanceof HTMLSelectElement) return;
  event.preventDefault();
  const scroller = dialog.scrollHeight > dialog.clientHeight ? dialog : body; // on a low screen the dialog itself scrolls
  scroller.scrollBy({ top: step * 0.9 * scroller.clientHeight });
}

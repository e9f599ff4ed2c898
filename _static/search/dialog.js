// @ts-check
// The search as a dialog over any page.

import { element } from "./element.js";
import { Search } from "./search.js";

/** @type {HTMLDialogElement | undefined} */
let dialog;

/**
 * Open the dialog; when it closes, the focus returns to where it was.
 * @param {HTMLFormElement} box the search form of the page, whose action is the search page
 * @param {string} root address of the site's root folder
 * @param {HTMLElement | null} origin element that had the focus
 * @param {string} typed text that was typed while the dialog loaded
 */
export function openDialog(box, root, origin, typed) {
  dialog ??= createDialog(box, root);
  dialog.showModal();
  dialog.addEventListener("close", () => origin?.focus(), { once: true });
  const input = dialog.querySelector("input");
  input?.select();
  if (!input || !typed) return;
  input.value = typed;
  input.dispatchEvent(new Event("input"));
}

/** @param {HTMLFormElement} box @param {string} root */
function createDialog(box, root) {
  const input = element("input", {
    class: "search-input",
    type: "search",
    name: "q",
    "aria-label": "Search",
    "aria-describedby": "search-keys",
    placeholder: 'Words, "a phrase", or an identifier',
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
  });
  const search = new Search(input, root, "h3");
  const close = element("button", { type: "button", class: "search-close" }, "Close");
  const form = element("form", { class: "search-form", action: box.action, method: "get", role: "search" }, input, close);
  const page = element("a", { href: box.action }, "Open as a page");
  const keys = element("span", { id: "search-keys", "aria-hidden": "true" }, "↑ ↓ to move, Enter to open, Esc to close");
  const created = element(
    "dialog",
    { class: "search-dialog", "aria-labelledby": "search-dialog-title" },
    element("h2", { id: "search-dialog-title", class: "visually-hidden" }, "Search"),
    form,
    search.facets.bar,
    search.body,
    element("p", { class: "search-foot" }, page, keys),
  );
  search.onAsk = () => (page.href = search.addressOn(box.action));
  search.onEnter = () => created.open && followFirst(search, box.action);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    search.enter();
  });
  close.addEventListener("click", () => created.close());
  created.addEventListener("click", (event) => closeOnClick(event, created));
  created.addEventListener("keydown", (event) => {
    search.move(event);
    closeOnEscape(event, created, input);
    scrollResults(event, created, search.body);
  });
  document.body.append(created);
  search.start();
  return created;
}

/** Follow the best section of the first result; without the engine try again, or go to the search page.
 *  @param {Search} search @param {string} page address of the search page */
function followFirst(search, page) {
  const first = search.list.querySelector(".result-sections a") ?? search.list.querySelector("a");
  if (first instanceof HTMLAnchorElement) first.click();
  else if (search.offline) search.ask();
  else if (search.broken) location.assign(search.addressOn(page));
}

/** Close the dialog on a click beside it or on a result, unless that opens in another tab.
 *  @param {MouseEvent} event @param {HTMLDialogElement} dialog */
function closeOnClick(event, dialog) {
  const result = event.target instanceof Element && event.target.closest(".result-list a");
  const inOtherTab = event.ctrlKey || event.metaKey || event.shiftKey;
  if (event.target === dialog || (result && !inOtherTab)) dialog.close();
}

/** Close the dialog on Escape in its field, where a browser would first empty the field.
 *  @param {KeyboardEvent} event @param {HTMLDialogElement} dialog @param {HTMLInputElement} input */
function closeOnEscape(event, dialog, input) {
  if (event.key !== "Escape" || event.target !== input || event.isComposing) return;
  event.preventDefault();
  dialog.close();
}

/** Scroll the results by page, where a browser would scroll the page behind them.
 *  @param {KeyboardEvent} event @param {HTMLDialogElement} dialog @param {HTMLElement} body */
function scrollResults(event, dialog, body) {
  const step = { PageDown: 1, PageUp: -1 }[event.key];
  if (!step || event.target instanceof HTMLSelectElement) return;
  event.preventDefault();
  const scroller = dialog.scrollHeight > dialog.clientHeight ? dialog : body; // on a low screen the dialog itself scrolls
  scroller.scrollBy({ top: step * 0.9 * scroller.clientHeight });
}

// @ts-check
// The door to the search, on every page: it loads nothing of it before it is used.

const searchForm = /** @type {HTMLFormElement | null} */ (document.querySelector("form.sidebar-search-container"));
const searchPage = /** @type {HTMLElement | null} */ (document.querySelector(".search-page"));
const served = location.protocol !== "file:";

/** The module of the search; from a folder no browser loads one. */
function loadSearch() {
  return import(new URL(searchForm?.dataset.module ?? "", document.baseURI).href);
}

/** @param {string} url */
function loadStyle(url) {
  if (document.querySelector(`link[href="${url}"]`)) return Promise.resolve();
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = url;
  const loaded = new Promise((resolve) => {
    link.addEventListener("load", resolve);
    link.addEventListener("error", resolve);
  });
  document.head.append(link);
  return loaded;
}

/** @param {string} url */
function loadScript(url) {
  const script = document.createElement("script");
  script.src = url;
  document.head.append(script);
}

/** What was typed since the search was asked for, while it loads; Escape takes it back. @type {{ text: string } | undefined} */
let typed;

async function openSearch() {
  const field = /** @type {HTMLInputElement | null} */ ((searchPage ?? searchForm)?.querySelector("input[name=q]"));
  if (field) return field.focus();
  if (!searchForm || typed !== undefined) return;
  const from = document.activeElement;
  const mine = (typed = { text: "" });
  try {
    const [search] = await Promise.all([loadSearch(), loadStyle(searchForm.dataset.style ?? "")]);
    if (typed === mine) search.openDialog(searchForm, from, mine.text);
  } catch {
    if (typed !== mine) return;
    const page = new URL(searchForm.action);
    if (mine.text) page.searchParams.set("q", mine.text);
    location.assign(page);
  } finally {
    if (typed === mine) typed = undefined;
  }
}

/** Over http the box is a button, so that what is typed is typed in one place. */
function makeSearchButton() {
  const apple = /Mac|iP(hone|ad)/.test(navigator.platform);
  const button = document.createElement("button");
  button.type = "button";
  button.className = "sidebar-search";
  button.setAttribute("aria-keyshortcuts", apple ? "Meta+K" : "Control+K");
  button.append("Search");
  const hint = document.createElement("kbd");
  hint.textContent = apple ? "⌘ K" : "Ctrl K";
  hint.setAttribute("aria-hidden", "true");
  button.append(hint);
  if (!searchPage) button.setAttribute("aria-haspopup", "dialog");
  button.addEventListener("click", openSearch);
  searchForm?.querySelector("input")?.replaceWith(button);
}

/** Keep a key for the field that is about to open. @param {KeyboardEvent} event @param {{ text: string }} before */
function keepKey(event, before) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") typed = undefined;
  else if (event.key === "Backspace") before.text = before.text.slice(0, -1);
  else if (event.key.length === 1) before.text += event.key;
  else if (event.key !== "Enter") return;
  event.preventDefault();
}

/** Ctrl or Cmd with K; a key alone would be pressed by voices and slips. @param {KeyboardEvent} event */
function onSearchKey(event) {
  if (typed !== undefined) keepKey(event, typed);
  if (event.defaultPrevented) return;
  const chord = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k";
  if (!chord) return;
  event.preventDefault();
  if (!document.querySelector("dialog[open]")) openSearch();
}

if (searchForm) {
  if (served) makeSearchButton();
  addEventListener("keydown", onSearchKey);
  if (searchPage) {
    const fallBack = () => loadScript(searchPage.dataset.fallback ?? "");
    if (served) loadSearch().then((search) => search.fillPage(searchPage, searchForm.dataset.root, fallBack)).catch(fallBack);
    else fallBack();
  }
  if (new URLSearchParams(location.search).has("highlight")) loadScript(searchForm.dataset.landing ?? "");
}

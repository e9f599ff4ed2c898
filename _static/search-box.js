// @ts-check
// The door to the search, on every page: it loads nothing of it before it is used.

const searchForm = /** @type {HTMLFormElement | null} */ (document.querySelector("form.sidebar-search-container"));
const searchPage = /** @type {HTMLElement | null} */ (document.querySelector(".search-page"));
const served = location.protocol !== "file:";

/** A module of the search; from a folder no browser loads one. @param {HTMLElement} element what names it */
function loadModule({ dataset }) {
  return import(new URL(dataset.module ?? "", document.baseURI).href);
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

/** The field of the box, and the button in its place. */
const searchField = searchForm?.querySelector("input");
const searchButton = document.createElement("button");

/** The search, once it is loaded. @type {any} */
let search;

/** While the search loads, its field takes what is typed; where it can't be loaded, Enter leads to its page. */
async function openSearch() {
  const field = searchPage?.querySelector("input") ?? searchField;
  if (!searchForm || !field) return;
  if (field.isConnected) return field.focus();
  const from = document.activeElement;
  if (!search) {
    searchButton.replaceWith(field);
    field.focus();
    try {
      const [loaded] = await Promise.all([loadModule(searchForm), loadStyle(searchForm.dataset.style ?? "")]);
      if (document.activeElement !== field) return;
      search = loaded;
    } catch {
      searchForm.dataset.module += "?"; // by the same address it would not be asked for again
      return;
    }
  }
  search.openDialog(searchForm, from, field.value);
  field.value = "";
}

/** Over http the box is a button, so that what is typed is typed in one place. */
function makeSearchButton() {
  const apple = /Mac|iP(hone|ad)/.test(navigator.platform);
  searchButton.type = "button";
  searchButton.className = "sidebar-search";
  searchButton.setAttribute("aria-keyshortcuts", apple ? "Meta+K" : "Control+K");
  searchButton.append("Search");
  const hint = document.createElement("kbd");
  hint.textContent = apple ? "⌘ K" : "Ctrl K";
  hint.setAttribute("aria-hidden", "true");
  searchButton.append(hint);
  if (!searchPage) searchButton.setAttribute("aria-haspopup", "dialog");
  searchButton.addEventListener("click", openSearch);
  searchField?.replaceWith(searchButton);
  searchField?.addEventListener("blur", () => {
    if (document.hasFocus()) searchField.replaceWith(searchButton);
  });
  searchField?.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape") return;
    searchField.value = "";
    searchField.blur();
    searchButton.focus();
  });
}

/** Ctrl or Cmd with K; a key alone would be pressed by voices and slips. @param {KeyboardEvent} event */
function onSearchKey(event) {
  const chord = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k";
  if (!chord || event.defaultPrevented) return;
  event.preventDefault();
  if (!document.querySelector("dialog[open]")) openSearch();
}

if (searchForm) {
  if (served) makeSearchButton();
  addEventListener("keydown", onSearchKey);
  if (searchPage) {
    const fallBack = () => loadScript(searchPage.dataset.fallback ?? "");
    const field = searchPage.querySelector("input");
    if (field) field.value ||= new URLSearchParams(location.search).get("q") ?? "";
    if (served) {
      const modules = [searchPage, searchForm].map(loadModule);
      Promise.all(modules).then(([page]) => page.fillPage(searchPage, searchForm.dataset.root, fallBack)).catch(fallBack);
    } else fallBack();
  }
  if (new URLSearchParams(location.search).has("highlight")) loadScript(searchForm.dataset.landing ?? "");
}

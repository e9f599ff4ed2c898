// @ts-check
// The search field of every page. It loads the rest of the search when a reader opens it.

const searchFolder = new URL(".", /** @type {HTMLScriptElement} */ (document.currentScript).src).href;
const siteRoot = new URL(document.documentElement.dataset.content_root ?? "", document.baseURI).href;
const searchForm = /** @type {HTMLFormElement | null} */ (document.querySelector("form.sidebar-search-container"));
const searchPage = /** @type {HTMLElement | null} */ (document.querySelector(".search-page"));
/** Whether the page comes from a server: browsers do not load modules from a folder. */
const served = location.protocol !== "file:";

/** The modules that the dialog and the search page import. */
const searchModules = ["search", "facets", "results", "ranking", "matching", "query", "engine", "dom"];

/**
 * Load a module in one round trip, by requesting the modules that it imports at the same time.
 *
 * A module that failed to load is requested again (https://github.com/whatwg/html/pull/10327, 2026). Older browsers fail
 * at once instead, until the next page; their field still leads to the search page.
 * @param {"dialog" | "page"} name
 */
async function loadModule(name) {
  const [loaded] = await Promise.all([name, ...searchModules].map((module) => import(`${searchFolder}${module}.js`)));
  return loaded;
}

/** @type {Promise<unknown> | undefined} */
let styleLoaded;

/** Load the stylesheet once. If it fails to load, the dialog opens without it. */
function loadStyle() {
  styleLoaded ??= new Promise((resolve) => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: `${searchFolder}search.css` });
    link.addEventListener("load", resolve);
    link.addEventListener("error", resolve);
    document.head.append(link);
  });
  return styleLoaded;
}

/** @param {"landing" | "sphinx"} name */
function loadScript(name) {
  document.head.append(Object.assign(document.createElement("script"), { src: `${searchFolder}${name}.js` }));
}

/** The field of the form; over http, the button replaces it except while the dialog loads. */
const searchField = searchForm?.querySelector("input");
const searchButton = document.createElement("button");

/** @type {typeof import("./dialog.js") | undefined} */
let dialogModule;

/** Whether the dialog is being loaded. */
let loading = false;

/**
 * Open the dialog, or focus the field of the search page. While the dialog loads, the field of the form replaces the button
 * and accepts text; if the focus leaves it, the dialog does not open. If the dialog cannot be loaded, Enter opens the search
 * page.
 * @param {Record<string, string>} [saved] the query and the chosen facets of a search to resume
 */
async function openSearch(saved) {
  const field = searchPage?.querySelector("input") ?? searchField;
  if (!searchForm || !field) return;
  if (searchPage || loading || !served) return field.focus({ preventScroll: true });
  const active = /** @type {HTMLElement | null} */ (document.activeElement);
  const origin = active === field ? searchButton : active;
  if (!dialogModule) {
    loading = true;
    searchButton.replaceWith(field);
    field.focus({ preventScroll: true });
    try {
      const [loaded] = await Promise.all([loadModule("dialog"), loadStyle()]);
      if (document.activeElement !== field) return;
      dialogModule = /** @type {typeof import("./dialog.js")} */ (loaded);
    } catch {
      return;
    } finally {
      loading = false;
    }
  }
  dialogModule.openDialog(searchForm, siteRoot, origin, saved ?? { q: field.value });
  field.value = "";
}

/** Reopen the dialog for a reader who comes back from one of its results. */
function restoreSearch() {
  const saved = history.state?.search;
  if (!saved) return;
  history.replaceState({ ...history.state, search: undefined }, "");
  openSearch(saved);
}

/** Over http, replace the field by a button, so that readers type in one place only: the dialog. */
function showSearchButton() {
  const apple = /Mac|iP(hone|ad)/.test(navigator.platform);
  searchButton.type = "button";
  searchButton.className = "sidebar-search";
  searchButton.setAttribute("aria-keyshortcuts", apple ? "Meta+K" : "Control+K");
  if (!searchPage) searchButton.setAttribute("aria-haspopup", "dialog");
  const keys = document.createElement("kbd");
  keys.textContent = apple ? "⌘ K" : "Ctrl K";
  keys.setAttribute("aria-hidden", "true");
  searchButton.append(gettext("Search"), keys);
  searchButton.addEventListener("click", () => openSearch());
  if (document.activeElement === searchField && !searchPage) openSearch();
  else searchField?.replaceWith(searchButton);
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

/** Open the search on Ctrl+K or Cmd+K; a single key could be triggered by accident or by speech input.
 *  @param {KeyboardEvent} event */
function onSearchKey(event) {
  const chord = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k";
  if (!chord || event.defaultPrevented) return;
  event.preventDefault();
  if (!document.querySelector("dialog[open]")) openSearch();
}

/** Start the search page; it uses Sphinx's search in a folder, or if this one cannot be loaded.
 *  @param {HTMLElement} container */
function startSearchPage(container) {
  const fallBack = () => loadScript("sphinx");
  const field = container.querySelector("input");
  if (field) field.value ||= new URLSearchParams(location.search).get("q") ?? "";
  if (!served) return fallBack();
  loadModule("page")
    .then((/** @type {typeof import("./page.js")} */ { fillPage }) => fillPage(container, siteRoot, fallBack))
    .catch(fallBack);
}

if (searchForm) {
  if (served) showSearchButton();
  addEventListener("keydown", onSearchKey);
  if (served) {
    addEventListener("pageshow", ({ persisted }) => persisted && restoreSearch());
    const [opened] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
    if (opened?.type === "back_forward") restoreSearch();
  }
  if (searchPage) startSearchPage(searchPage);
  if (new URLSearchParams(location.search).has("highlight")) loadScript("landing");
}

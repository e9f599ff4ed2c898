// @ts-check
// The search page. Its address contains the query and the chosen facets.

import { Search } from "./search.js";

/**
 * Show the search on the search page, and run the query of its address.
 * @param {HTMLElement} container element with the form and the results
 * @param {string} root address of the site's root folder
 * @param {() => void} fallBack load Sphinx's search if the engine cannot be loaded
 */
export function fillPage(container, root, fallBack) {
  const parameters = new URLSearchParams(location.search);
  const results = /** @type {HTMLElement} */ (container.querySelector("#search-results"));
  const input = /** @type {HTMLInputElement} */ (container.querySelector("input[name=q]"));
  const search = new Search(input, root, "h2");
  search.status.textContent = results.querySelector(".search-status")?.textContent ?? "";
  results.replaceChildren(search.facets.bar, search.body);
  if (!input.value) input.focus();

  let replaced = false;
  const replaceWithSphinx = () => {
    replaced = true;
    keepAddress(search);
    search.status.textContent = gettext("Loading the full search…");
    results.replaceChildren(search.status);
    fallBack();
  };

  const title = document.title;
  const onAsk = () => {
    keepAddress(search);
    document.title = search.query ? `${search.query} - ${title}` : title;
  };
  search.prepare = ({ overview }) => {
    if (search.onAsk === onAsk) return; // the facets of the address are chosen once, since only the index has their values
    search.facets.choose(overview, parameters);
    search.onAsk = onAsk;
    onAsk();
  };
  container.addEventListener("keydown", (event) => search.move(event));
  container.querySelector("form")?.addEventListener("submit", async (event) => {
    if (replaced) return;
    event.preventDefault();
    await search.answered();
    if (search.offline) search.ask();
    else if (search.broken) replaceWithSphinx();
    else search.list.querySelector("a")?.focus();
  });
  search.start().then(() => {
    const unchanged = search.query === (parameters.get("q") ?? "").trim();
    if (search.broken && !search.offline && unchanged) replaceWithSphinx();
  });
}

/** Write the query and the chosen facets into the address. @param {Search} search */
function keepAddress(search) {
  history.replaceState(history.state, "", search.addressOn(location.href));
}

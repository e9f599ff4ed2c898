// @ts-check
// The search over http on its page.

import { FACETS, Search, lost, pageAddress } from "./search.js";

/**
 * Make the search page answer as one types, and keep in its address what was asked.
 * @param {HTMLElement} place @param {string} root @param {() => void} fallBack load the other search, where the index can't be had
 */
export function fillPage(place, root, fallBack) {
  const input = /** @type {HTMLInputElement} */ (place.querySelector("input[name=q]"));
  const search = new Search(input, new URL(root, document.baseURI).href, "h2");
  const asked = new URLSearchParams(location.search);
  const results = document.getElementById("search-results");
  search.status.textContent = results?.querySelector(".search-status")?.textContent ?? "";
  results?.replaceChildren(search.bar, search.body);
  if (!input.value) input.focus();
  const keep = () => history.replaceState(history.state, "", pageAddress(location.href, search));
  let over = false;
  const giveUp = () => {
    keep();
    over = true;
    search.status.textContent = "Loading the full search…";
    results?.replaceChildren(search.status);
    fallBack();
  };
  /** Choose the facets that the address names, and from then on keep it. @param {any} pagefind */
  const choose = async (pagefind) => {
    const facets = Object.keys(FACETS).filter((facet) => asked.get(facet));
    const known = facets.length ? await pagefind.filters() : {};
    if (lost) begun = undefined;
    if (lost) throw lost;
    for (const facet of facets) {
      const value = asked.get(facet) ?? "";
      if (Object.hasOwn(known[facet] ?? {}, value)) search.facets[facet] = value;
    }
    search.changed = keep;
    keep();
  };
  /** @type {Promise<void> | undefined} */
  let begun;
  search.begin = (pagefind) => (begun ??= choose(pagefind));
  search.act = () => {
    if (search.offline) search.ask();
    else if (search.broken) giveUp();
    else search.list.querySelector("a")?.focus();
  };
  place.addEventListener("keydown", (event) => search.move(event));
  place.querySelector("form")?.addEventListener("submit", (event) => {
    if (over) return;
    event.preventDefault();
    search.enter();
  });
  search.start().then(() => {
    if (search.broken && !search.offline && search.query === (asked.get("q") ?? "").trim()) giveUp();
  });
}

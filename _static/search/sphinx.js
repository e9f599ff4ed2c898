// @ts-check
// Sphinx's search on the search page: from a folder, or where the engine cannot be loaded.

/** Sphinx's scripts, in the order in which they need each other. */
const SPHINX_SCRIPTS = ["documentation_options.js", "doctools.js", "sphinx_highlight.js", "language_data.js", "searchtools.js"];

/** @param {string} path address from the site's root folder */
function loadSphinxScript(path) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = (document.documentElement.dataset.content_root ?? "") + path;
    script.addEventListener("load", resolve);
    script.addEventListener("error", reject);
    document.head.append(script);
  });
}

/** Replace Sphinx's messages by those of this page, through its table of translations. */
function translateSphinx() {
  const places = [1, 2].map((count) => ngettext("{count} place found.", "{count} places found.", count));
  // @ts-expect-error: doctools.js declares it
  Object.assign(Documentation.TRANSLATIONS, {
    "Search Results": gettext("Results"),
    "Your search did not match any documents. Please make sure that all words are spelled correctly and that you've selected enough categories.":
      gettext("No note matches. Check the spelling, or use fewer words."),
    "Search finished, found one page matching the search query.": [places[0], places[1].replace("2", "${resultCount}")],
  });
}

/** Add the search terms to the links of new results, for `landing.js`, and announce the count.
 *  @param {Element} results */
function completeResults(results) {
  const query = new URLSearchParams(location.search).get("q") ?? "";
  const terms = query.match(/"[^"]+"|[^\s"]+/g)?.map((term) => term.replaceAll('"', "")) ?? [];
  /** @type {NodeListOf<HTMLAnchorElement>} */
  const links = results.querySelectorAll("li > a:not([data-complete])");
  for (const link of links) {
    const url = new URL(link.href);
    for (const term of terms) url.searchParams.append("highlight", term);
    link.href = url.href;
    link.dataset.complete = "";
  }
  results.querySelector(".search-summary")?.setAttribute("role", "status");
}

/** @param {HTMLElement} results */
async function searchWithSphinx(results) {
  new MutationObserver(() => completeResults(results)).observe(results, { childList: true, subtree: true });
  for (const script of SPHINX_SCRIPTS) {
    if (script === "searchtools.js") results.replaceChildren();
    await loadSphinxScript(`_static/${script}`);
    if (script !== "doctools.js") continue;
    if (Object.keys(siteWords).length) await loadSphinxScript("_static/translations.js").catch(() => {});
    translateSphinx();
  }
  await loadSphinxScript("searchindex.js");
  localStorage.removeItem("sphinx_highlight_terms"); // landing.js highlights them
}

{
  const results = document.getElementById("search-results");
  if (results) {
    searchWithSphinx(results).catch(() => {
      results.innerHTML = '<p class="search-status" role="alert"></p>';
      const lost = gettext("The search could not be loaded. Press Enter to try again.");
      results.children[0].textContent = lost;
    });
  }
}

// @ts-check
// Sphinx's own search on the search page: from a folder, or when the index of the other can't be loaded.

const sphinxRoot = document.documentElement.dataset.content_root ?? "";
const sphinxParts = ["documentation_options.js", "doctools.js", "sphinx_highlight.js", "language_data.js", "searchtools.js"];

/** @param {string} url */
function loadPart(url) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = sphinxRoot + url;
    script.addEventListener("load", resolve);
    script.addEventListener("error", reject);
    document.head.append(script);
  });
}

/** What Sphinx says, in the words of this page, by its own table of translations. */
function speak() {
  // @ts-ignore
  Object.assign(Documentation.TRANSLATIONS, {
    "Search Results": "Results",
    "Your search did not match any documents. Please make sure that all words are spelled correctly and that you've selected enough categories.":
      "No note matches. Check the spelling, or use fewer words.",
    "Search finished, found one page matching the search query.": ["1 place found.", "${resultCount} places found."],
  });
}

/** Say the count to a screen reader, and lead to the passage: each result takes the words along. */
function mend(/** @type {Element} */ results) {
  const words = new URLSearchParams(location.search).get("q") ?? "";
  const terms = words.match(/"[^"]+"|[^\s"]+/g)?.map((term) => term.replaceAll('"', "")) ?? [];
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (results.querySelectorAll("li > a:not([data-mended])"))) {
    const url = new URL(link.href);
    for (const term of terms) url.searchParams.append("highlight", term);
    link.href = url.href;
    link.dataset.mended = "";
  }
  results.querySelector(".search-summary")?.setAttribute("role", "status");
}

async function searchWithSphinx() {
  const results = document.getElementById("search-results");
  if (!results) return;
  new MutationObserver(() => mend(results)).observe(results, { childList: true, subtree: true });
  for (const part of sphinxParts) {
    if (part === "searchtools.js") results.replaceChildren();
    await loadPart(`_static/${part}`);
    if (part === "doctools.js") speak();
  }
  await loadPart("searchindex.js");
  localStorage.removeItem("sphinx_highlight_terms");
}

searchWithSphinx().catch(() => {
  const results = document.getElementById("search-results");
  if (results) results.innerHTML = '<p class="search-status" role="alert">The search could not be loaded. Press Enter to try again.</p>';
});

// @ts-check
// Sphinx's search on the search page: in a folder, or if the engine cannot be loaded.

/** Sphinx's scripts, in the order of their dependencies. */
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

// @ts-expect-error: searchtools.js and language_data.js declare these
const sphinx = () => ({ Search, Stemmer, stopwords });

/** The note numbers of each term in Sphinx's index. @type {Record<string, number | number[]>} */
let terms = {};

/** Keep the terms when Sphinx loads its index. */
function keepTerms() {
  const { Search } = sphinx();
  const { setIndex } = Search;
  Search.setIndex = (/** @type {{ terms: typeof terms, titleterms: typeof terms }} */ index) => {
    terms = { ...index.titleterms, ...index.terms };
    setIndex(index);
  };
}

/** The notes that Sphinx finds for a stem: those with a term that contains it. @param {string} stem */
function notesWith(stem) {
  return new Set(Object.keys(terms).filter((term) => term === stem || (stem.length > 2 && term.includes(stem))).flatMap((term) => terms[term]));
}

/**
 * Split a query for Sphinx, which finds only notes with every word: into the words of the note with most of them, by
 * number and rarity. A word that no note has is replaced by the nearest one.
 * @param {string} query
 */
function splitForSphinx(query) {
  const words = query.replace(/\bv(?=\p{N}+\.)/gu, "").match(/\p{N}+(?:\.\p{N}+){2,}|[\p{L}\p{N}_]+/gu) ?? [];
  if (!Object.keys(terms).length) return words;
  const { stopwords } = sphinx();
  const lookups = words.filter((word) => !stopwords.has(word.toLowerCase()) && !/^\p{N}+$/u.test(word)).map(wordLookup());
  /** @type {Map<number, number>} */
  const weights = new Map();
  const total = new Set(Object.values(terms).flat()).size;
  for (const { notes } of lookups) {
    for (const note of notes) weights.set(note, (weights.get(note) ?? 0) + Math.log(1 + total / notes.size));
  }
  const [best] = [...weights].reduce((most, one) => (one[1] > most[1] ? one : most), [-1, 0]);
  return best < 0 ? words : lookups.filter(({ notes }) => notes.has(best)).map(({ word }) => word);
}

/** A function that looks up the notes with a word, without its accents if need be, or with the nearest word. */
function wordLookup() {
  const { Stemmer } = sphinx();
  const stemmer = new Stemmer();
  const vocabulary = Object.keys(terms).map((word) => ({ word, notes: [terms[word]].flat().length }));
  /** @type {import("./engine.js").Nearest} */
  const nearest = Reflect.get(globalThis, "nearestWords");
  /** @param {string} word @returns {{ word: string, notes: Set<number> }} */
  const lookUp = (word) => {
    const stem = stemmer.stemWord(word.toLowerCase());
    const notes = notesWith(stem);
    const plain = word.normalize("NFD").replace(/\p{M}/gu, "");
    if (notes.size || stem.length < 5) return plain === word || notes.size ? { word, notes } : lookUp(plain);
    if (plain !== word) return lookUp(plain);
    const beginnings = [0, 1, 2, 3].map((cut) => stem.slice(0, stem.length - cut)).filter(({ length }) => length > 4);
    const near = beginnings.map((start) => nearest(vocabulary, start, false)[0]?.word).find(Boolean); // a typo can hide an ending
    return near ? { word: near, notes: notesWith(near) } : { word, notes };
  };
  return lookUp;
}

/** Replace Sphinx's messages by this page's, through its translations. */
function translateSphinx() {
  const counts = [1, 2].map((count) => ngettext("{count} result.", "{count} results.", count));
  // @ts-expect-error: doctools.js declares it
  Object.assign(Documentation.TRANSLATIONS, {
    "Search Results": gettext("Results"),
    "Your search did not match any documents. Please make sure that all words are spelled correctly and that you've selected enough categories.":
      gettext("No note matches. Check the spelling, or use fewer words."),
    "Search finished, found one page matching the search query.": [counts[0], counts[1].replace("2", "${resultCount}")],
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

/** Show which words were searched for, if the query was changed. @param {HTMLElement} results */
function showWords(results) {
  const query = new URLSearchParams(location.search).get("q") ?? "";
  const usedWords = splitForSphinx(query);
  const { stopwords } = sphinx();
  const words = query.toLowerCase().split(/[^\p{L}\p{N}_]+/u).filter((word) => word && !stopwords.has(word));
  if (words.every((word) => usedWords.some((other) => other.toLowerCase() === word))) return;
  const status = document.createElement("p");
  status.className = "search-status";
  status.textContent = gettext("No note contains every word as typed. Searched for: {words}", { words: usedWords.join(" ") });
  results.prepend(status);
}

/** Load Sphinx's search with its index; it runs the query of the address. @param {HTMLElement} results gets its results */
async function searchWithSphinx(results) {
  new MutationObserver(() => completeResults(results)).observe(results, { childList: true, subtree: true });
  Reflect.set(globalThis, "splitQuery", splitForSphinx); // Sphinx lets a language define a function of this name
  for (const script of ["search/nearest-words.js", ...SPHINX_SCRIPTS]) {
    if (script === "searchtools.js") results.replaceChildren();
    await loadSphinxScript(`_static/${script}`);
    if (script === "searchtools.js") keepTerms();
    if (script !== "doctools.js") continue;
    if (Object.keys(siteWords).length) await loadSphinxScript("_static/translations.js").catch(() => {});
    translateSphinx();
  }
  await loadSphinxScript("searchindex.js");
  showWords(results);
  localStorage.removeItem("sphinx_highlight_terms"); // landing.js highlights them
}

{
  const results = document.getElementById("search-results");
  if (results) {
    searchWithSphinx(results).catch(() => {
      results.innerHTML = '<p class="search-status" role="alert"></p>';
      results.children[0].textContent = gettext("The search could not be loaded. Press Enter to try again.");
    });
  }
}

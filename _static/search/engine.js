// @ts-check
// Load Pagefind, the search engine, and record when a file of its index is lost: Pagefind itself carries on without it.

/**
 * The part of Pagefind's interface that the search uses. A `Match` is a matching note; `data()` loads the note itself.
 * `Counts` are numbers of notes by facet and value.
 * @typedef {{ anchor?: { id: string, element: string }, title: string, excerpt: string,
 *   weighted_locations: { balanced_score: number }[] }} Section
 * @typedef {{ raw_url?: string, url: string, content: string, meta: Record<string, string>,
 *   filters: Record<string, string[]>, sub_results: Section[], anchors: { element: string, text: string }[] }} Note
 * @typedef {{ id: string, score: number, data: () => Promise<Note> }} Match
 * @typedef {Record<string, Record<string, number>>} Counts
 * @typedef {{ filters: Record<string, string> }} Options
 * @typedef {{ search: (words: string, options: Options) => Promise<{ results: Match[], filters: Counts }>,
 *   filters: () => Promise<Counts>, large: boolean }} Engine
 */

/** Pagefind's own weights rank a short note that mentions a term above the long note that defines it. */
const RANKING = { pageLength: 0.3, termSimilarity: 3, metaWeights: { title: 20 } };
/** No worker, because `watchIndex` sees only what the page itself fetches. */
const OPTIONS = { noWorker: true, excerptLength: 28, baseUrl: "/", ranking: RANKING };
/** Number of notes above which facets are loaded on request only: their files grow to 100 kB. */
const LARGE = 2500;

const originalFetch = globalThis.fetch;

/** @type {Promise<Engine> | undefined} */
let engine;

/** The first error since the engine was loaded. @type {unknown} */
let loss;

/** Suffix of Pagefind's address, longer with every attempt: a browser never asks again for a module that failed. */
let attempt = "";

/** @param {unknown} error */
export function recordLoss(error) {
  loss ??= error;
}

/** Throw the error that left the index incomplete, if any. */
export function throwIfLost() {
  if (loss) throw loss;
}

/** Load Pagefind once, and again after a loss. @param {string} root address of the site's root folder */
export function loadEngine(root) {
  if (loss) {
    engine = loss = undefined;
    attempt += "?";
  }
  engine ??= load(new URL("pagefind/", root).href);
  engine.catch(recordLoss);
  return engine;
}

/** @param {string} folder address of the index @returns {Promise<Engine>} */
async function load(folder) {
  watchIndex(folder);
  const entryLoaded = fetch(`${folder}pagefind-entry.json`).then((response) => response.json());
  const [pagefind, entry] = await Promise.all([start(folder), entryLoaded]);
  return { search: pagefind.search, filters: pagefind.filters, large: entry.languages.en.page_count > LARGE };
}

/** @param {string} folder */
async function start(folder) {
  const pagefind = await import(`${folder}pagefind.js${attempt}`);
  await pagefind.options(OPTIONS);
  await pagefind.init();
  return pagefind;
}

/** Wrap the page's `fetch` to record every file of the index that fails to load. @param {string} folder */
function watchIndex(folder) {
  globalThis.fetch = async (input, options) => {
    const url = new URL(input instanceof Request ? input.url : input, document.baseURI).href;
    if (!url.startsWith(folder)) return originalFetch(input, options);
    try {
      const response = await originalFetch(input, options);
      if (!response.ok) throw new Error(`${url}: ${response.status}`);
      return new Response(await response.arrayBuffer(), { headers: response.headers });
    } catch (error) {
      recordLoss(error);
      throw error;
    }
  };
}

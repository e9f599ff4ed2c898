// @ts-check
// Parse a query, ask the engine for matching notes, and rank them.

/** @typedef {import("./engine.js").Engine} Engine */
/** @typedef {import("./engine.js").Match} Match */
/** @typedef {import("./engine.js").Note} Note */
/** @typedef {import("./engine.js").Counts} Counts */
/** @typedef {import("./engine.js").Options} Options */
/** @typedef {{ phrases: string[], words: string[], identifiers: string[] }} Query */
/**
 * Matching notes, best first, and their numbers by facet where these are known. `loose` means that no note contains a
 * phrase, and that these contain its words.
 * @typedef {{ matches: Match[], counts?: Counts, loose: boolean }} Answer
 */

/** Number of notes that are loaded to rank them: as many as are shown first, so none is loaded for the ranking alone. */
export const EXAMINED = 8;
/** Letters that may be cut from the end of the last word while it is being typed. */
const UNFINISHED = 4;
/** Weight of an identifier or phrase in the title or in a heading; one occurrence in the text weighs 1. */
const NAMED = 6;

/** A word that is written like code: `db.models.Field`, `--conf`, `C#`, `camelCase`, `snake_case`, `run()`. */
const IDENTIFIER = /[\p{L}\p{N})][._:/\\@#=$+-]+[\p{L}\p{N}(]|^[-@$.]+[\p{L}]|[\p{L}][+#]+$|\p{Ll}\p{Lu}|_|\(\)/u;

/**
 * Split a query into quoted phrases and words; `identifiers` are the words that are written like code. A phrase whose
 * closing quote is still missing counts as words.
 * @param {string} text @returns {Query}
 */
export function parse(text) {
  const phrases = [...text.matchAll(/"([^"]+)"/g)].map(([, phrase]) => phrase.trim()).filter(Boolean);
  const rest = text.replace(/"[^"]*"/g, " ").replace('"', " ");
  const words = rest.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
  return { phrases, words, identifiers: words.filter((word) => IDENTIFIER.test(word)) };
}

/**
 * Ask the engine for the notes that match a query and the chosen values of the facets, `""` for no choice.
 *
 * Pagefind can't search for a phrase among other words. Such matches are intersected and counted here, and stay
 * uncounted where counting would load more notes than the ranking does.
 * @param {Engine} engine @param {Query} query @param {Record<string, string>} choices @returns {Promise<Answer>}
 */
export async function ask(engine, query, choices) {
  const options = { filters: Object.fromEntries(Object.entries(choices).filter(([, value]) => value)) };
  let answer = await askForWords(engine, query, options);
  if (query.identifiers.length) answer = await addPartsOfIdentifiers(engine, query, options, answer);
  answer = await requirePhrases(engine, query, options, answer);
  if (!answer.counts && answer.matches.length <= EXAMINED) answer.counts = await countFacets(answer.matches);
  return answer;
}

/** @param {Query} query the query as text, without quotes */
const textOf = ({ phrases, words }) => [...phrases, ...words].join(" ");

/**
 * Ask for all words, and cut the last one while nothing matches: the index holds stems, such as `reliabl` for
 * `reliability`, and the unfinished `reliabili` is not the beginning of one.
 * @param {Engine} engine @param {Query} query @param {Options} options @returns {Promise<Answer>}
 */
async function askForWords(engine, query, options) {
  // Pagefind drops the punctuation within a word from the index, but keeps some of it in a query: `<`, `$`, `=`.
  const text = textOf(query).replace(/[^\p{L}\p{N}\p{Pc}+#\s-]+/gu, "");
  let { results, filters } = await engine.search(text, options);
  for (let cut = 1; cut <= UNFINISHED && !results.length && /\p{L}{4}$/u.test(text.slice(0, -cut)); cut++) {
    ({ results, filters } = await engine.search(text.slice(0, -cut), options));
  }
  return { matches: results, counts: filters, loose: false };
}

/**
 * Add the notes that contain the parts of the identifiers. Pagefind indexes `db.models.Field` as a whole and by its
 * three parts, so `models.Field` is found by its parts only.
 * @param {Engine} engine @param {Query} query @param {Options} options @param {Answer} answer
 */
async function addPartsOfIdentifiers(engine, query, options, { matches, counts, loose }) {
  const byParts = await engine.search(textOf(query).replace(/[^\p{L}\p{N}+#\s]+/gu, " "), options);
  if (byParts.results.length > matches.length) counts = byParts.filters;
  const known = new Set(matches.map(({ id }) => id));
  const withParts = new Set(byParts.results.map(({ id }) => id));
  const added = byParts.results.filter(({ id }) => !known.has(id));
  // A note with the whole identifier has its parts too. Without them, only the beginning of a longer word matched.
  const first = matches.every(({ id }) => withParts.has(id)) ? EXAMINED : EXAMINED / 2;
  const half = EXAMINED / 2;
  const merged = [...matches.slice(0, first), ...added.slice(0, half), ...matches.slice(first), ...added.slice(half)];
  return { matches: merged, counts, loose };
}

/**
 * Keep the notes that contain every phrase. A phrase that none of them contains is ignored, and the answer is loose.
 * @param {Engine} engine @param {Query} query @param {Options} options @param {Answer} answer
 */
async function requirePhrases(engine, { phrases, words }, options, { matches, counts, loose }) {
  for (const phrase of phrases) {
    const { results, filters } = await engine.search(`"${phrase}"`, options);
    const ids = new Set(results.map(({ id }) => id));
    const containing = matches.filter(({ id }) => ids.has(id));
    if (containing.length) matches = containing;
    else loose = true;
    counts = phrases.length === 1 && !words.length && !loose ? filters : undefined;
  }
  return { matches, counts, loose: loose && matches.length > 0 };
}

/** Load the notes and count them by facet and value. @param {Match[]} matches */
async function countFacets(matches) {
  /** @type {Counts} */
  const counts = {};
  for (const { filters } of await Promise.all(matches.map((match) => match.data()))) {
    for (const [facet, values] of Object.entries(filters)) {
      const known = (counts[facet] ??= {});
      for (const value of values) known[value] = (known[value] ?? 0) + 1;
    }
  }
  return counts;
}

/**
 * Load the first notes and rank them by what Pagefind ignores: punctuation within words, and capitals.
 *
 * First come notes with identifiers and capitals exactly as written, then notes with the characters of phrases and
 * identifiers. Within each group the score counts: a title or heading above the text, the words of the query in the
 * title, and in their order. `unwritten` means that none of these notes has an identifier as written.
 * @param {Match[]} matches @param {Query} query
 */
export async function rank(matches, query) {
  const terms = termsOf(query);
  const examined = await Promise.all(
    matches.slice(0, EXAMINED).map(async (match) => ({ match, ...weigh(await match.data(), match.score, terms) })),
  );
  const punctuated = query.identifiers.some((identifier) => /[^\p{L}\p{N}]/u.test(identifier));
  const unwritten = punctuated && examined.length > 0 && examined.every(({ contained }) => !contained);
  examined.sort((a, b) => b.exact - a.exact || b.contained - a.contained || b.score - a.score);
  const ranked = [...examined.map(({ match }) => match), ...matches.slice(EXAMINED)];
  return { matches: ranked, literals: terms.literals, unwritten };
}

/**
 * The terms to compare a note with: `literals` are phrases and identifiers, `exact` the patterns of identifiers and
 * capitals as written, `contained` those of all literals in any case, `words` the words of the query.
 * @param {Query} query
 */
function termsOf(query) {
  const { phrases, words, identifiers } = query;
  const names = identifiers.map((identifier) => identifier.replace(/\(\)$/, ""));
  const literals = [...phrases.map((phrase) => phrase.replace(/\(\)$/, "")), ...names];
  const capitals = words.filter((word) => /^\p{Lu}{2,}$/u.test(word));
  return {
    literals,
    exact: [...names, ...capitals].map((text) => new RegExp(startOf(text) + escape(text) + endOf(text), "g")),
    contained: literals.map((text) => new RegExp(startOf(text) + escape(text), "gi")),
    words: wordsOf(textOf(query)),
    count: phrases.length + words.length,
  };
}

/** @param {string} text */
const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
/** @param {string} text the pattern of a word's start, if the text starts with a word */
const startOf = (text) => (/^\w/.test(text) ? "\\b" : "");
/** @param {string} text */
const endOf = (text) => (/\w$/.test(text) ? "\\b" : "");
/** @param {string} text @returns {string[]} */
const wordsOf = (text) => text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? [];

/**
 * Weigh a note: how many terms it has exactly, how many it contains, and its score.
 * @param {Note} note @param {number} relevance Pagefind's score @param {ReturnType<typeof termsOf>} terms
 */
function weigh({ content, meta: { title }, anchors }, relevance, terms) {
  const headings = anchors.filter(({ element }) => /^h[2-6]$/.test(element)).map(({ text }) => text);
  /** @param {RegExp} pattern */
  const weight = (pattern) => {
    const places = [[title], headings].filter((names) => names.some((name) => name.match(pattern))).length;
    return NAMED * places + Math.log2(1 + (content.match(pattern) ?? []).length);
  };
  const exact = terms.exact.map(weight).filter(Boolean);
  const contained = terms.contained.map(weight).filter(Boolean);
  const total = [...exact, ...contained].reduce((sum, one) => sum + one, 0);
  const score = Math.sqrt(relevance) * (1 + 2 * likeness(title, headings, terms.words)) * (1 + total / (terms.count || 1));
  return { exact: exact.length, contained: contained.length, score };
}

/**
 * How well the words of a query name a note: the share of them in its title, the share of the title that they make up
 * (half as much), and 2 or 1 if title or heading has all of them in their order. The last word may be unfinished.
 * @param {string} title @param {string[]} headings @param {string[]} words
 */
function likeness(title, headings, words) {
  const titleWords = wordsOf(title);
  const last = words.length - 1;
  const shared = words.filter((word, index) =>
    titleWords.some((name) => name === word || (index === last && name.startsWith(word))),
  ).length;
  /** @param {string} text */
  const inOrder = (text) => words.length > 1 && wordsOf(text).join(" ").includes(words.join(" "));
  const ordered = inOrder(title) ? 2 : headings.some(inOrder) ? 1 : 0;
  return shared / (words.length || 1) + shared / (2 * titleWords.length || 1) + ordered;
}

// @ts-check
// Look up the words of a query: the notes with each word, or with a related word.

import { piecesOf } from "./query.js";

/** @typedef {import("./engine.js").Index} Index */
/** @typedef {import("./engine.js").Entry} Entry */
/** @typedef {import("./engine.js").Posting} Posting */
/** @typedef {import("./query.js").Unit} Unit */
/**
 * A word's match in a note: `quality` is 1 for the word itself and less for a related word, `weight` grows with its
 * occurrences, and `exact` are the positions of the word itself.
 * @typedef {{ quality: number, weight: number, positions: number[],
 *   exact: number[] }} Hit
 * A word of the query with its hits by note. `terms` are the matching words; `nearest` replaces a word that no note has;
 * `inParts`: no note contains the name verbatim.
 * @typedef {{ unit: Unit, hits: Map<number, Hit>, terms: Set<string>, nearest?: string, inParts: boolean }} Match
 */

const TITLE = 1, TAG = 2, HEADING = 4, TEXT = 8, ASIDE = 16;

/** Weight of each kind of occurrence; all occurrences in the text together weigh at most `MAX_TEXT_WEIGHT`. */
const WEIGHTS = [[TITLE, 2.8], [TAG, 1.2], [HEADING, 2], [ASIDE, 0.15]];
const MAX_TEXT_WEIGHT = 2.2;

/** Boost for a word in capitals if the query has it in capitals too, and some notes do not. */
const CAPITALS_BOOST = 3;

/** Quality by kind of match; `aside` is the factor for a word that is only in a footnote, the date or the lane. */
const QUALITY = {
  stem: 0.75, start: 0.85, synonym: 0.92, longer: 0.75, sequence: 0.65, scattered: 0.4, word: 0.5, near: 0.75, far: 0.55, aside: 0.8,
};

/** Endings to replace in a word that no note has. @type {[RegExp, string][]} */
const ENDINGS = [[/ies$/, "y"], [/es$/, ""], [/s$/, ""], [/ing$/, ""], [/ing$/, "e"], [/ed$/, ""], [/d$/, ""], [/ly$/, ""]];

/** Minimum length for prefix matches. */
const MIN_PREFIX_LENGTH = 3;
/** Minimum length of a word that may have a typo. */
const MIN_TYPO_LENGTH = 5;

/** Match each word of a query; a word that no note has gets the hits of the words nearest to it.
 *  @param {Index} index @param {Unit[]} units @returns {Promise<Match[]>} */
export async function matchAll(index, units) {
  const matches = await Promise.all(units.map((unit) => matchUnit(index, unit)));
  await addSynonyms(index, matches);
  await Promise.all(matches.map((match) => match.hits.size || addNearest(index, match)));
  return matches;
}

/** Match a word or name; if it is written in capitals, notes that write it so weigh more.
 *  @param {Index} index @param {Unit} unit @returns {Promise<Match>} */
async function matchUnit(index, unit) {
  /** @type {Match} */
  const match = { unit, hits: new Map(), terms: new Set(), inParts: false };
  if (unit.names.length) await addName(index, match);
  else await addWord(index, match, unit.words[0].term);
  if (unit.capitals) {
    const written = await index.entry(unit.capitals);
    for (const note of written?.postings.keys() ?? []) {
      const hit = match.hits.get(note);
      if (hit) hit.weight *= CAPITALS_BOOST;
    }
  }
  return match;
}

/** Add the notes with a word, with its stem, or, while it is typed, with a word that begins with it.
 *  @param {Index} index @param {Match} match @param {string} word */
async function addWord(index, match, word) {
  const { unfinished } = match.unit;
  const entry = unfinished && word.length < 2 ? undefined : await index.entry(word); // a single letter is rarely the whole word
  if (entry) await addEntry(index, match, entry, 1);
  else await addOtherForm(index, match, word);
  if (!unfinished) return;
  if (word.length < MIN_PREFIX_LENGTH) return addTitles(index, match, word);
  const completions = (await index.entriesFrom(word)).filter(({ term }) => term !== word);
  for (const longer of completions) await addEntry(index, match, longer, QUALITY.start * (word.length / longer.term.length) ** 0.3);
}

/** Add the notes of the first indexed word that the given word may be a form of. @param {Index} index @param {Match} match @param {string} word */
async function addOtherForm(index, match, word) {
  for (const [ending, other] of ENDINGS) {
    const form = word.replace(ending, other);
    const entry = form !== word && form.length >= MIN_PREFIX_LENGTH && (await index.entry(form));
    if (entry) return addEntry(index, match, entry, QUALITY.stem);
  }
}

/** Add the notes of an entry, and of the words with its stem.
 *  @param {Index} index @param {Match} match @param {Entry} entry @param {number} quality */
async function addEntry(index, match, entry, quality) {
  add(index, match, entry.postings, quality);
  match.terms.add(entry.term);
  for (const other of await Promise.all(entry.family.map((word) => index.entry(word)))) {
    if (!other) continue;
    add(index, match, other.postings, quality * QUALITY.stem);
    match.terms.add(other.term);
  }
}

/** Match a stop word with the titles that contain it. @param {Index} index @param {string} word @returns {Match} */
export function matchTitles(index, word) {
  const term = word.toLowerCase();
  const unit = { text: word, words: [{ position: 0, term }], names: [], capitals: "", position: 0, unfinished: false, asking: false };
  /** @type {Match} */
  const match = { unit, hits: new Map(), terms: new Set(), inParts: false };
  for (const [note, title] of index.overview.titles.entries()) {
    if (!piecesOf(title, index.stopWords).some(({ words }) => words.some((other) => other.term === term))) continue;
    match.hits.set(note, { quality: 1, weight: 1, positions: [], exact: [] });
  }
  return match;
}

/** Add the notes with a title word that begins with `start`. @param {Index} index @param {Match} match @param {string} start */
function addTitles(index, match, start) {
  for (const [note, title] of index.overview.titles.entries()) {
    const words = title.toLowerCase().split(/[^\p{L}\p{N}]+/u);
    const matching = words.filter((word) => word.startsWith(start) && !index.stopWords.has(word));
    if (!matching.length || match.hits.has(note)) continue;
    match.hits.set(note, { quality: QUALITY.start, weight: 1, positions: [], exact: [] });
    for (const word of matching) match.terms.add(word);
  }
}

/** Add the notes that contain a name verbatim, its words in order, or its words anywhere.
 *  @param {Index} index @param {Match} match */
async function addName(index, match) {
  const { names, unfinished } = match.unit;
  for (const name of names) {
    const entry = await index.entry(name);
    if (entry) {
      add(index, match, entry.postings, 1);
      match.terms.add(name);
    }
    const isRelease = /^\p{N}+(\.\p{N}+)+$/u.test(name);
    const longer = unfinished ? await index.entriesFrom(name) : isRelease ? await index.entriesFrom(`${name}.`) : [];
    for (const { term, postings } of longer) {
      if (term === name) continue;
      add(index, match, postings, QUALITY.longer);
      match.terms.add(term);
    }
  }
  const verbatim = match.hits.size;
  const words = match.unit.words.filter(({ term }) => !verbatim || !/^\p{N}+$/u.test(term)); // a year does not match a date
  const entries = await Promise.all(words.map(({ term }) => index.entry(term)));
  if (words.length > 1) {
    const ordered = sequence(words.map(({ position }, index) => ({ position, postings: entries[index]?.postings ?? new Map() })));
    add(index, match, ordered, QUALITY.sequence);
  }
  match.inParts = !match.hits.size && entries.some(Boolean);
  for (const { term } of words) if (!verbatim || words.length > 1) match.terms.add(term);
  addParts(index, match, entries);
}

/** Add the notes with any of the words of a name, by the share of them. @param {Index} index @param {Match} match
 *  @param {(Entry | undefined)[]} entries one for each word; undefined if no note has it */
function addParts(index, match, entries) {
  /** @type {Map<number, Hit[]>} */
  const parts = new Map();
  for (const entry of entries) {
    for (const [note, posting] of entry?.postings ?? []) {
      const hit = { quality: 1, weight: weigh(index, note, posting), positions: posting.positions, exact: [] };
      parts.set(note, [...(parts.get(note) ?? []), hit]);
    }
  }
  for (const [note, hits] of parts) {
    const share = hits.length / entries.length;
    const quality = (entries.length > 1 ? QUALITY.scattered : QUALITY.word) * share ** 2;
    const weight = hits.reduce((sum, hit) => sum + hit.weight, 0) / entries.length;
    put(match, note, { quality, weight: quality * weight, positions: hits[0].positions, exact: [] });
  }
}

/** Add the synonyms that the journal defines for a word or for several.
 *  @param {Index} index @param {Match[]} matches */
async function addSynonyms(index, matches) {
  const queryTerms = matches.map(({ unit }) => unit.names[0] ?? unit.words[0].term);
  for (const group of index.overview.synonyms) {
    for (const name of group) {
      const terms = name.split(" ");
      const from = queryTerms.findIndex((_, start) => terms.every((term, index) => queryTerms[start + index] === term));
      if (from < 0) continue;
      for (const other of group) {
        if (other !== name) await addSynonym(index, matches.slice(from, from + terms.length), other.split(" "));
      }
    }
  }
}

/** Add the notes with a synonym to each of the matches; nothing if no note has one of its words.
 *  @param {Index} index @param {Match[]} matches @param {string[]} words */
async function addSynonym(index, matches, words) {
  const entries = await Promise.all(words.map((word) => index.entry(word)));
  if (!entries.every((entry) => entry !== undefined)) return;
  const postings = words.length === 1 ? entries[0].postings : sequence(entries.map(({ postings }, position) => ({ position, postings })));
  for (const match of matches) {
    add(index, match, postings, QUALITY.synonym);
    for (const word of words) match.terms.add(word);
  }
}

/** Add the words nearest to a word that no note has. @param {Index} index @param {Match} match */
async function addNearest(index, match) {
  const word = match.unit.names[0] ?? match.unit.words[0].term;
  if (word.length < MIN_TYPO_LENGTH || !/^\p{L}+$/u.test(word)) return;
  await import(new URL("nearest-words.js", import.meta.url).href);
  /** @type {import("./engine.js").Nearest} */
  const nearest = Reflect.get(globalThis, "nearestWords");
  const nearestWords = nearest(await index.vocabulary(), word, match.unit.unfinished);
  for (const { word: near, distance } of nearestWords) {
    const entry = await index.entry(near);
    if (entry) await addEntry(index, match, entry, distance <= 1 ? QUALITY.near : QUALITY.far);
  }
  match.nearest = nearestWords[0]?.word;
}

/**
 * The positions at which terms follow each other at the given distances, by note.
 * @param {{ position: number, postings: Map<number, Posting> }[]} terms
 */
export function sequence(terms) {
  /** @type {Map<number, Posting>} */
  const sequences = new Map();
  const [first, ...rest] = terms;
  for (const [note, { kinds, positions }] of first?.postings ?? []) {
    let starts = positions.map((position) => position - first.position);
    let shared = kinds;
    for (const { position, postings } of rest) {
      const posting = postings.get(note);
      const positionsThere = new Set(posting?.positions);
      starts = starts.filter((start) => positionsThere.has(start + position));
      shared &= posting?.kinds ?? 0;
      if (!starts.length) break;
    }
    if (starts.length) sequences.set(note, { kinds: shared || TEXT, positions: starts.map((start) => start + first.position) });
  }
  return sequences;
}

/** Add the notes of some postings to a match. @param {Index} index @param {Match} match @param {Map<number, Posting>} postings @param {number} quality */
function add(index, match, postings, quality) {
  for (const [note, posting] of postings) {
    const { kinds, positions } = posting;
    const noteQuality = kinds === ASIDE ? QUALITY.aside * quality : quality;
    put(match, note, { quality: noteQuality, weight: quality * weigh(index, note, posting), positions, exact: quality === 1 ? positions : [] });
  }
}

/** Add a hit to a match, or merge it with the earlier hit in the same note. @param {Match} match @param {number} note @param {Hit} hit */
function put({ hits }, note, hit) {
  const previous = hits.get(note);
  if (!previous) hits.set(note, hit);
  else {
    const [high, low] = previous.weight > hit.weight ? [previous, hit] : [hit, previous];
    const positions = previous.positions === hit.positions ? previous.positions : [...previous.positions, ...hit.positions].sort((a, b) => a - b);
    const exact = previous.exact.length ? previous.exact : hit.exact;
    hits.set(note, { quality: Math.max(previous.quality, hit.quality), weight: high.weight + low.weight / 10, positions, exact });
  }
}

/** The weight of a term's occurrences in a note; in a long note, repeated words weigh less. @param {Index} index @param {number} note @param {Posting} posting */
function weigh(index, note, { kinds, positions }) {
  const length = index.overview.lengths[note] / (index.averageLength || 1);
  const many = kinds & TEXT ? (MAX_TEXT_WEIGHT * positions.length) / (positions.length + 0.6 + 0.6 * Math.min(length, 3)) : 0;
  return WEIGHTS.reduce((sum, [kind, weight]) => (kinds & kind ? sum + weight : sum), many);
}

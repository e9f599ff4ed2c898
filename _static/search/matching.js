// @ts-check
// Look up each word of a query: the notes that have it, or a word that stands for it.

import { piecesOf } from "./query.js";

/** @typedef {import("./engine.js").Index} Index */
/** @typedef {import("./engine.js").Entry} Entry */
/** @typedef {import("./engine.js").Posting} Posting */
/** @typedef {import("./query.js").Unit} Unit */
/**
 * How a note has a word: `quality` is 1 for the word itself and less for what stands for it, `weight` counts its places,
 * and `exact` are those of the word itself.
 * @typedef {{ quality: number, weight: number, places: number[],
 *   exact: number[] }} Hit
 * A word of the query with the notes that have it. `terms` are the words found for it; `nearest` is what stands in for one
 * that no note has; `inParts` tells of a name that no note has as it is written.
 * @typedef {{ unit: Unit, hits: Map<number, Hit>, terms: Set<string>, nearest?: string, inParts: boolean }} Match
 */

const TITLE = 1, TAG = 2, HEADING = 4, TEXT = 8, ASIDE = 16;

/** Weight of a place of each kind; many places in the text weigh up to `TEXTS` together. */
const WEIGHTS = [[TITLE, 2.8], [TAG, 1.2], [HEADING, 2], [ASIDE, 0.15]];
const TEXTS = 2.2;

/** How much more a word in capitals weighs, where the query has it so too and other notes do not. */
const CAPITALS = 3;

/** How well something stands for a word of the query; `aside` is the share of what is only in a footnote, the date or the lane. */
const QUALITY = {
  stem: 0.75, start: 0.85, synonym: 0.92, longer: 0.75, sequence: 0.65, scattered: 0.4, word: 0.5, near: 0.75, far: 0.55, aside: 0.8,
};

/** Endings of a word that no note has, and what may stand in their place. @type {[RegExp, string][]} */
const ENDINGS = [[/ies$/, "y"], [/es$/, ""], [/s$/, ""], [/ing$/, ""], [/ing$/, "e"], [/ed$/, ""], [/d$/, ""], [/ly$/, ""]];

/** Letters of the shortest word of which the beginning of another is a match. */
const SHORTEST_PREFIX = 3;
/** Letters of the shortest word that may have a typo. */
const SHORTEST_TYPO = 5;

/** @param {Index} index @param {Unit[]} units @returns {Promise<Match[]>} */
export async function matchAll(index, units) {
  const matches = await Promise.all(units.map((unit) => match(index, unit)));
  await addSynonyms(index, matches);
  await Promise.all(matches.map((match) => match.hits.size || addNearest(index, match)));
  return matches;
}

/** @param {Index} index @param {Unit} unit @returns {Promise<Match>} */
async function match(index, unit) {
  /** @type {Match} */
  const match = { unit, hits: new Map(), terms: new Set(), inParts: false };
  if (unit.names.length) await addName(index, match);
  else await addWord(index, match, unit.words[0].term);
  if (unit.capitals) {
    const written = await index.entry(unit.capitals);
    for (const note of written?.postings.keys() ?? []) {
      const hit = match.hits.get(note);
      if (hit) hit.weight *= CAPITALS;
    }
  }
  return match;
}

/** Add the notes that have a word, another of its stem, or one that begins with it while it is typed.
 *  @param {Index} index @param {Match} match @param {string} word */
async function addWord(index, match, word) {
  const { unfinished } = match.unit;
  const entry = unfinished && word.length < 2 ? undefined : await index.entry(word); // a letter begins most words
  if (entry) await addEntry(index, match, entry, 1);
  else await addOtherForm(index, match, word);
  if (!unfinished) return;
  if (word.length < SHORTEST_PREFIX) return addTitles(index, match, word);
  const begun = (await index.entriesFrom(word)).filter(({ term }) => term !== word);
  for (const longer of begun) await addEntry(index, match, longer, QUALITY.start * (word.length / longer.term.length) ** 0.3);
}

/** Add the first known word that a word is a form of. @param {Index} index @param {Match} match @param {string} word */
async function addOtherForm(index, match, word) {
  for (const [ending, other] of ENDINGS) {
    const form = word.replace(ending, other);
    const entry = form !== word && form.length >= SHORTEST_PREFIX && (await index.entry(form));
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

/** Match a word that says nothing of a note with the titles that have it. @param {Index} index @param {string} word @returns {Match} */
export function matchTitles(index, word) {
  const term = word.toLowerCase();
  const unit = { text: word, words: [{ place: 0, term }], names: [], capitals: "", place: 0, unfinished: false, asking: false };
  /** @type {Match} */
  const match = { unit, hits: new Map(), terms: new Set(), inParts: false };
  for (const [note, title] of index.overview.titles.entries()) {
    if (!piecesOf(title, index.stopWords).some(({ words }) => words.some((own) => own.term === term))) continue;
    match.hits.set(note, { quality: 1, weight: 1, places: [], exact: [] });
  }
  return match;
}

/** Add the notes with a word that begins so in the title. @param {Index} index @param {Match} match @param {string} start */
function addTitles(index, match, start) {
  for (const [note, title] of index.overview.titles.entries()) {
    const words = title.toLowerCase().split(/[^\p{L}\p{N}]+/u);
    const found = words.filter((word) => word.startsWith(start) && !index.stopWords.has(word));
    if (!found.length || match.hits.has(note)) continue;
    match.hits.set(note, { quality: QUALITY.start, weight: 1, places: [], exact: [] });
    for (const word of found) match.terms.add(word);
  }
}

/** Add the notes that have a name as it is written, its words in their order, or its words anywhere.
 *  @param {Index} index @param {Match} match */
async function addName(index, match) {
  const { names, unfinished } = match.unit;
  for (const name of names) {
    const entry = await index.entry(name);
    if (entry) add(index, match, entry.postings, 1), match.terms.add(name);
    const isRelease = /^\p{N}+(\.\p{N}+)+$/u.test(name);
    const longer = unfinished ? await index.entriesFrom(name) : isRelease ? await index.entriesFrom(`${name}.`) : [];
    for (const { term, postings } of longer) {
      if (term === name) continue;
      add(index, match, postings, QUALITY.longer);
      match.terms.add(term);
    }
  }
  const written = match.hits.size;
  const words = match.unit.words.filter(({ term }) => !written || !/^\p{N}+$/u.test(term)); // a year is no part of a date
  const entries = await Promise.all(words.map(({ term }) => index.entry(term)));
  if (words.length > 1) {
    const ordered = sequence(words.map(({ place }, index) => ({ place, postings: entries[index]?.postings ?? new Map() })));
    add(index, match, ordered, QUALITY.sequence);
  }
  match.inParts = !match.hits.size && entries.some(Boolean);
  for (const { term } of words) if (!written || words.length > 1) match.terms.add(term);
  /** @type {Map<number, Hit[]>} */
  const parts = new Map();
  for (const entry of entries) {
    for (const [note, posting] of entry?.postings ?? []) {
      const hit = { quality: 1, weight: weigh(index, note, posting), places: posting.places, exact: [] };
      parts.set(note, [...(parts.get(note) ?? []), hit]);
    }
  }
  for (const [note, hits] of parts) {
    const share = hits.length / words.length;
    const quality = (words.length > 1 ? QUALITY.scattered : QUALITY.word) * share ** 2;
    const weight = hits.reduce((sum, hit) => sum + hit.weight, 0) / words.length;
    put(match, note, { quality, weight: quality * weight, places: hits[0].places, exact: [] });
  }
}

/** Add what the journal says is another word for a word, or for several.
 *  @param {Index} index @param {Match[]} matches */
async function addSynonyms(index, matches) {
  const asked = matches.map(({ unit }) => unit.names[0] ?? unit.words[0].term);
  for (const group of index.overview.synonyms) {
    for (const name of group) {
      const terms = name.split(" ");
      const from = asked.findIndex((_, start) => terms.every((term, index) => asked[start + index] === term));
      if (from < 0) continue;
      for (const other of group) {
        if (other !== name) await addSynonym(index, matches.slice(from, from + terms.length), other.split(" "));
      }
    }
  }
}

/** @param {Index} index @param {Match[]} matches @param {string[]} words */
async function addSynonym(index, matches, words) {
  const entries = await Promise.all(words.map((word) => index.entry(word)));
  if (!entries.every((entry) => entry !== undefined)) return;
  const postings = words.length === 1 ? entries[0].postings : sequence(entries.map(({ postings }, place) => ({ place, postings })));
  for (const match of matches) {
    add(index, match, postings, QUALITY.synonym);
    for (const word of words) match.terms.add(word);
  }
}

/** Add the words that are nearest to one that no note has. @param {Index} index @param {Match} match */
async function addNearest(index, match) {
  const word = match.unit.names[0] ?? match.unit.words[0].term;
  if (word.length < SHORTEST_TYPO || !/^\p{L}+$/u.test(word)) return;
  await import(new URL("nearest-words.js", import.meta.url).href);
  /** @type {import("./engine.js").Nearest} */
  const nearest = Reflect.get(globalThis, "nearestWords");
  const found = nearest(await index.vocabulary(), word, match.unit.unfinished);
  for (const { word: near, distance } of found) {
    const entry = await index.entry(near);
    if (entry) await addEntry(index, match, entry, distance <= 1 ? QUALITY.near : QUALITY.far);
  }
  match.nearest = found[0]?.word;
}

/**
 * The places where terms follow each other at their distances, by note.
 * @param {{ place: number, postings: Map<number, Posting> }[]} terms
 */
export function sequence(terms) {
  /** @type {Map<number, Posting>} */
  const found = new Map();
  const [first, ...others] = terms;
  for (const [note, { kinds, places }] of first?.postings ?? []) {
    let starts = places.map((place) => place - first.place);
    let shared = kinds;
    for (const { place, postings } of others) {
      const posting = postings.get(note);
      const known = new Set(posting?.places);
      starts = starts.filter((start) => known.has(start + place));
      shared &= posting?.kinds ?? 0;
      if (!starts.length) break;
    }
    if (starts.length) found.set(note, { kinds: shared || TEXT, places: starts.map((start) => start + first.place) });
  }
  return found;
}

/** @param {Index} index @param {Match} match @param {Map<number, Posting>} postings @param {number} quality */
function add(index, match, postings, quality) {
  for (const [note, posting] of postings) {
    const { kinds, places } = posting;
    const own = kinds === ASIDE ? QUALITY.aside * quality : quality;
    put(match, note, { quality: own, weight: quality * weigh(index, note, posting), places, exact: quality === 1 ? places : [] });
  }
}

/** @param {Match} match @param {number} note @param {Hit} hit */
function put({ hits }, note, hit) {
  const known = hits.get(note);
  if (!known) hits.set(note, hit);
  else {
    const [high, low] = known.weight > hit.weight ? [known, hit] : [hit, known];
    const places = known.places === hit.places ? known.places : [...known.places, ...hit.places].sort((a, b) => a - b);
    const exact = known.exact.length ? known.exact : hit.exact;
    hits.set(note, { quality: Math.max(known.quality, hit.quality), weight: high.weight + low.weight / 10, places, exact });
  }
}

/** What the places of a term in a note weigh: long notes repeat their words. @param {Index} index @param {number} note @param {Posting} posting */
function weigh(index, note, { kinds, places }) {
  const length = index.overview.lengths[note] / (index.averageLength || 1);
  const many = kinds & TEXT ? (TEXTS * places.length) / (places.length + 0.6 + 0.6 * Math.min(length, 3)) : 0;
  return WEIGHTS.reduce((sum, [kind, weight]) => (kinds & kind ? sum + weight : sum), many);
}

// @ts-check
// Combine the matches of a query's words, and rank the notes.

import { matchAll, matchTitles, sequence } from "./matching.js";
import { fold, parse, piecesOf } from "./query.js";

/** @typedef {import("./engine.js").Index} Index */
/** @typedef {import("./matching.js").Match} Match */
/** @typedef {import("./query.js").Query} Query */
/**
 * Notes by number, best first; `whole` are those with all the words. `loose`: no note has the phrase. `things` are the
 * lanes, tags and labs that the query names.
 * @typedef {{ notes: number[], whole: Set<number>, query: Query, matches: Match[], loose: boolean,
 *   things: Index["overview"]["things"] }} Answer
 */

/**
 * A note that matches a query; `coverage` is the share of the query that it has, by weight, and `all` whether it has all words.
 * @typedef {{ note: number, all: boolean, coverage: number, score: number }} Row
 */

/** Minimum coverage of the query by weight, relative to the best note. */
const MIN_COVERAGE = 0.5;
/** How strongly missing words, and other forms of words, lower the score. */
const COVERAGE_EXPONENT = 6;
/** Minimum weight of a word, however many notes have it. */
const MIN_RARITY = 0.2;
/** Weight of a title that contains the query verbatim. */
const VERBATIM_TITLE = 4;
/** Maximum number of lanes, tags and labs in an answer. */
const MAX_THINGS = 3;
/** Quality, relative to the best, above which a hit counts as the word itself. */
const EXACT_QUALITY = 0.9;
/** How much other word forms count toward a word's frequency; else a form in one note by chance would look rare. */
const FORMS_SHARE = 0.35;
/** Weight of a title that contains all words of the query. */
const COMPLETE_TITLE = 5;
/** Weight of three or more words at the query's distances, added to the leading notes only. */
const ALIGNED_WORDS = 3;
/** Number of leading notes. */
const LEADING_NOTES = 40;
/** Weight factor of words of the question, rather than of its subject. */
const QUESTION_FACTOR = 0.2;
/** Weight of two words by their deviation from their distance in the query; and of close words in any order. */
const PROXIMITY = [[0, 2.5], [2, 0.55], [8, 0.3], [30, 0.15]];
const ANY_ORDER = 0.45;
/** Factor for other forms of the words. */
const OTHER_FORM = 0.8;

/** The notes that match a query, ranked. @param {Index} index @param {string} text the query @returns {Promise<Answer>} */
export async function ask(index, text) {
  const query = parse(text, index.stopWords);
  const matches = await matchAll(index, query.units);
  const { allowed, loose } = await withPhrases(index, query);
  if (!matches.length && !query.phrases.length) matches.push(...query.common.map((word) => matchTitles(index, word)));
  const matched = matches.filter(({ hits }) => hits.size);
  const weights = matched.map((match) => weigh(match, index.overview.names.length));
  const candidates = matched.length ? matched.flatMap(({ hits }) => [...hits.keys()]) : (allowed ?? []);
  const rows = [...new Set(candidates)].filter((note) => !allowed || allowed.has(note)).map((note) => cover(matched, weights, note));
  const ranked = rank(index, matched, weights, rows, text);
  const whole = new Set(ranked.filter(({ all }) => all && matches.length === matched.length).map(({ note }) => note));
  return { notes: ranked.map(({ note }) => note), whole, query, matches, loose, things: thingsOf(index, matches) };
}

/** The weight of a word of the query, by its rarity among all notes and the quality of its best hit.
 *  @param {Match} match @param {number} count the number of notes */
function weigh({ unit, hits }, count) {
  const qualities = [...hits.values()].map(({ quality }) => quality);
  const best = qualities.reduce((most, quality) => Math.max(most, quality), 0);
  const exact = qualities.filter((quality) => quality >= EXACT_QUALITY * best).length;
  const all = qualities.reduce((sum, quality) => sum + (quality / best) ** 2, 0);
  const frequency = exact ** (1 - FORMS_SHARE) * all ** FORMS_SHARE;
  const rarity = Math.max(MIN_RARITY, Math.log(1 + (count - frequency + 0.5) / (frequency + 0.5)));
  return best * rarity * (unit.asking ? QUESTION_FACTOR : 1);
}

/** Score a note by the occurrences of the words, and by the share of the query that it covers.
 *  @param {Match[]} matches @param {number[]} weights @param {number} note @returns {Row} */
function cover(matches, weights, note) {
  const total = sumOf(weights);
  let covered = 0, score = 0, all = true;
  for (const [at, { hits, unit }] of matches.entries()) {
    const hit = hits.get(note);
    covered += weights[at] * (hit ? hit.quality : 0);
    score += weights[at] * (hit?.weight ?? 0);
    all &&= unit.asking || (hit !== undefined && hit.quality > 0.4);
  }
  const coverage = total ? covered / total : 1;
  return { note, all, coverage, score: score * coverage ** COVERAGE_EXPONENT };
}

/** The notes that cover enough of the query, best first. Adds to their scores what depends on the order of the words.
 *  @param {Index} index @param {Match[]} matches @param {number[]} weights @param {Row[]} rows @param {string} text the query */
function rank(index, matches, weights, rows, text) {
  const most = rows.reduce((best, { coverage }) => Math.max(best, coverage), 0);
  const ranked = rows.filter(({ coverage }) => coverage >= MIN_COVERAGE * most);
  const total = sumOf(weights);
  for (const row of ranked) {
    row.score += closeness(matches, weights, row.note) * row.coverage + likeness(index, matches, weights, row.note, text) * total;
  }
  const { dates } = index.overview;
  /** @type {(a: Row, b: Row) => number} */
  const byScore = (a, b) => b.score - a.score || dates[b.note].localeCompare(dates[a.note]) || a.note - b.note;
  ranked.sort(byScore);
  for (const row of ranked.slice(0, LEADING_NOTES)) row.score += ALIGNED_WORDS * aligned(matches, weights, row.note) * row.coverage;
  return ranked.sort(byScore);
}

/** @param {number[]} numbers */
const sumOf = (numbers) => numbers.reduce((sum, number) => sum + number, 0);

/** The lanes, tags and labs whose titles contain all words of a query, those with the fewest other words first.
 *  @param {Index} index @param {Match[]} matches */
function thingsOf({ overview, stopWords }, matches) {
  const subjects = matches.filter(({ unit }) => !unit.asking);
  const candidates = overview.things.map((thing) => {
    const pieces = piecesOf(thing[1], stopWords).filter(({ common }) => !common);
    const words = pieces.flatMap(({ names, words }) => [...names, ...words.map(({ term }) => term)]);
    const all = subjects.every(({ unit, terms }) => {
      const term = unit.names[0] ?? unit.words[0].term;
      return words.some((word) => word === term || terms.has(word) || (unit.unfinished && word.startsWith(term)));
    });
    return { thing, all, rest: pieces.length - subjects.length };
  });
  const named = candidates.filter(({ all }) => all && subjects.length).sort((a, b) => a.rest - b.rest);
  return named.slice(0, MAX_THINGS).map(({ thing }) => thing);
}

/** The notes with every phrase of the query, or undefined for all; a phrase that no note has is ignored.
 *  @param {Index} index @param {Query} query */
async function withPhrases(index, { phrases }) {
  /** @type {Set<number> | undefined} */
  let allowed;
  let loose = false;
  for (const { terms } of phrases) {
    const entries = await Promise.all(terms.map(({ term }) => index.entry(term)));
    const notes = sequence(terms.map(({ position }, at) => ({ position, postings: entries[at]?.postings ?? new Map() })));
    const both = new Set([...notes.keys()].filter((note) => !allowed || allowed.has(note)));
    if (both.size) allowed = both;
    else loose = true;
  }
  return { allowed, loose };
}

/** The greatest weight of three or more words that a note has at the query's distances; 0 if there are none.
 *  @param {Match[]} matches @param {number[]} weights @param {number} note */
function aligned(matches, weights, note) {
  /** @type {Map<number, { sum: number, count: number, last: number }>} */
  const starts = new Map();
  let best = 0;
  for (const [at, { unit, hits }] of matches.entries()) {
    for (const position of hits.get(note)?.exact ?? []) {
      const start = starts.get(position - unit.position) ?? { sum: 0, count: 0, last: -1 };
      if (start.last === at) continue;
      starts.set(position - unit.position, start);
      start.sum += weights[at];
      start.last = at;
      if (++start.count > 2) best = Math.max(best, start.sum);
    }
  }
  return best;
}

/** How close neighboring words of the query are to each other in a note. @param {Match[]} matches @param {number[]} weights @param {number} note */
function closeness(matches, weights, note) {
  let sum = 0;
  for (let at = 1; at < matches.length; at++) {
    const [before, after] = [matches[at - 1], matches[at]];
    const [first, second] = [before.hits.get(note), after.hits.get(note)];
    if (!first || !second) continue;
    const wanted = after.unit.position - before.unit.position;
    const near = Math.max(nearness(first.exact, second.exact, wanted), OTHER_FORM * nearness(first.positions, second.positions, wanted));
    sum += ((weights[at - 1] + weights[at]) / 2) * near;
  }
  return sum;
}

/** How near the positions of two words are, from 0 to 2.5. @param {number[]} first @param {number[]} second @param {number} wanted the distance in the query */
function nearness(first, second, wanted) {
  const { off, apart } = distance(first, second, wanted);
  return Math.max(PROXIMITY.find(([most]) => off <= most)?.[1] ?? 0, apart <= wanted + 2 ? ANY_ORDER : 0);
}

/**
 * The smallest deviation of two positions from the wanted distance, and their smallest distance in any order.
 * @param {number[]} first @param {number[]} second @param {number} wanted
 */
function distance(first, second, wanted) {
  let off = Infinity, apart = Infinity;
  for (let at = 0, other = 0; at < first.length; at++) {
    while (other < second.length - 1 && second[other] < first[at]) other++;
    for (const near of [second[other - 1], second[other], second[other + 1]]) {
      if (near === undefined || near === first[at]) continue;
      if (near > first[at]) off = Math.min(off, Math.abs(near - first[at] - wanted));
      apart = Math.min(apart, Math.abs(near - first[at]));
    }
  }
  return { off, apart };
}

/** How well a title matches the words of a query: the share of each in the other, and their order.
 *  @param {Index} index @param {Match[]} matches @param {number[]} weights @param {number} note @param {string} text the query */
function likeness(index, matches, weights, note, text) {
  const title = piecesOf(index.overview.titles[note], index.stopWords)
    .filter(({ common }) => !common)
    .map(({ words, names }) => [...names, ...words.map(({ term }) => term)]);
  let shared = 0, total = 0, named = 0, ordered = 0, last = -2;
  for (const [at, { terms, hits }] of matches.entries()) {
    total += weights[at];
    const position = hits.has(note) ? title.findIndex((piece) => piece.some((term) => terms.has(term))) : -1;
    if (position >= 0) {
      shared += weights[at];
      named++;
      if (position === last + 1) ordered++;
    }
    last = position < 0 ? -2 : position;
  }
  if (!named) return 0;
  const all = matches.length > 1 && named === matches.length ? COMPLETE_TITLE : 0;
  const inOrder = matches.length > 1 ? ordered / (matches.length - 1) : 0;
  const verbatim = matches.length > 1 && fold(index.overview.titles[note]).toLowerCase().includes(fold(text.trim()).toLowerCase());
  return (shared / total) ** 2 * (0.8 + 0.8 * Math.min(1, named / title.length) + 0.6 * inOrder + (verbatim ? VERBATIM_TITLE : 0) + all);
}

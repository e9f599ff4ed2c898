// @ts-check
// Split text into the terms of the index, as _ext/fieldnotes/search/terms.py does, and parse a query.

/**
 * A term of a piece of text: `place` counts the words of the piece, and `start` and `end` are its characters in the text.
 * @typedef {{ place: number, term: string, start: number, end: number }} Term
 * A piece: the words that it is made of, and the names that it has as a whole, if it is more than one word.
 * `capitals` is its form in capitals, if it is written so. `size` is the number of places; `common` marks a stop word.
 * @typedef {{ text: string, start: number, end: number, words: Term[], names: string[], capitals: string, size: number,
 *   common: boolean }} Piece
 */

const PIECE =
  /(?:(?<![\p{L}\p{N}_-])(?:--?|[@$.])(?=[\p{L}_]))?[\p{L}\p{N}_]+(?:(?:[.:@#$+-]{1,2}|['’])[\p{L}\p{N}_]+)*(?:\+{1,2}|#)?/gu;
const INNER_WORD = /(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})|[^\p{L}\p{N}]+/gu;
const VERSION = /(?<![\p{L}\p{N}_.])v?(\p{N}+(?:\.\p{N}+)+[\p{L}\p{N}_]*)/gu;
const NUMBER = /^v?\p{N}{1,3}$/u;
const LONGEST = 48;

/** The text without accents, character for character. @param {string} text */
export function fold(text) {
  return text.normalize("NFC").replace(/[^\0-\x7f]/g, (char) => char.normalize("NFD")[0]);
}

/** The pieces of a text. @param {string} text @param {Set<string>} stopWords @returns {Piece[]} */
export function piecesOf(text, stopWords) {
  return [...fold(text).matchAll(PIECE)].map((match) => analyze(match[0], match.index, stopWords));
}

/** @param {string} piece @param {number} start @param {Set<string>} stopWords @returns {Piece} */
function analyze(piece, start, stopWords) {
  const name = piece.replace(/['’](?:s$)?/g, "");
  const end = start + piece.length;
  const whole = name.toLowerCase();
  /** @type {(from: number, to: number) => { start: number, end: number }} */
  const place = (from, to) => (name === piece ? { start: start + from, end: start + to } : { start, end });
  let words = innerWords(name).map(([from, to]) => ({ term: whole.slice(from, to), ...place(from, to) }));
  const single = words.length === 1 && words[0].term === whole;
  if (!single) words = words.filter(({ term }) => term.length > 1 && !NUMBER.test(term));
  const size = Math.max(1, words.length);
  const versions = single ? [] : [...whole.matchAll(VERSION)].map(([, version]) => version);
  const names = single ? [] : [...new Set([whole, ...versions])].filter((name) => name.length <= LONGEST);
  const terms = words.map((word, place) => ({ ...word, place }));
  const capitals = /^\p{Lu}{2,}$/u.test(name) ? name : "";
  return { text: piece, start, end, words: terms, names, capitals, size, common: terms.every(({ term }) => stopWords.has(term)) && !names.length };
}

/** Where the words of a name start and end. @param {string} name */
function innerWords(name) {
  /** @type {[number, number][]} */
  const words = [];
  let start = 0;
  for (const separator of [...name.matchAll(INNER_WORD), { index: name.length, 0: "" }]) {
    if (separator.index > start) words.push([start, separator.index]);
    start = separator.index + separator[0].length;
  }
  return words;
}

/**
 * A word of the query, or a name with the words in it. `place` counts the words of the query, stop words included.
 * `unfinished` is the last one, while it is typed; `asking` belongs to the question, not to what is asked for.
 * @typedef {{ text: string, words: { place: number, term: string }[], names: string[], capitals: string, place: number,
 *   unfinished: boolean, asking: boolean }} Unit
 * A phrase: its terms, each with its distance from the first.
 * @typedef {{ text: string, terms: { place: number, term: string }[] }} Phrase
 * `common` are words that say nothing of a note; `cut` tells that the query is longer than what is asked of it.
 * @typedef {{ units: Unit[], phrases: Phrase[], common: string[], cut: boolean }} Query
 */

/** Number of characters of a query that are asked. */
const ASKED = 400;

/** Words with which people ask, in a query that has stop words as well. */
const ASKING = new Set(
  ("anybody anyone avoid best better cause deal difference does explain find fix get give happen help know like make mean meaning need" +
    " possible prevent properly reason show someone stop tell thing try understand use used using want way work works would").split(" "),
);

/**
 * Parse a query. A phrase stands in quotes, straight or curly; one whose closing quote is still missing is words.
 * @param {string} text @param {Set<string>} stopWords @returns {Query}
 */
export function parse(text, stopWords) {
  const asked = text.slice(0, ASKED).replace(/[“”„‟«»＂]/g, '"');
  const pieces = piecesOf(asked, stopWords);
  /** @type {Query} */
  const query = { units: [], phrases: [], common: [], cut: text.trim().length > ASKED };
  let place = 0;
  for (const { words, names, capitals, size, text, end, common } of pieces) {
    const telling = words.filter(({ term }) => !stopWords.has(term));
    if (common) query.common.push(text);
    else query.units.push({ text, words: telling, names, capitals, place, unfinished: end === asked.length, asking: false });
    place += size;
  }
  const isAsking = (/** @type {Unit} */ { words, names }) => !names.length && words.every(({ term }) => ASKING.has(term));
  if (query.common.length && !query.units.every(isAsking)) for (const unit of query.units) unit.asking = isAsking(unit);
  for (const [, phrase] of asked.matchAll(/"([^"]+)"/g)) {
    const terms = sequenceOf(piecesOf(phrase, stopWords));
    if (terms.length) query.phrases.push({ text: phrase.trim(), terms });
  }
  return query;
}

/** The terms of pieces that follow each other. @param {Piece[]} pieces */
function sequenceOf(pieces) {
  /** @type {{ place: number, term: string }[]} */
  const terms = [];
  let place = 0;
  for (const { words, names, size } of pieces) {
    const own = words.length ? words : names.slice(0, 1).map((term) => ({ term, place: 0 }));
    for (const word of own) terms.push({ term: word.term, place: place + word.place });
    place += size;
  }
  return terms;
}

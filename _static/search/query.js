// @ts-check
// Split text into the terms of the index, as _ext/fieldnotes/search/terms.py does, and parse a query.

/**
 * A term in a piece of text: `position` counts the words of the piece before it, `start` and `end` are its offsets in the text.
 * @typedef {{ position: number, term: string, start: number, end: number }} Term
 * A piece of text: its words, and the names of the whole piece if it is more than one word. `capitals` is the piece if it
 * is written in capitals. `size` is the number of positions that it takes; `common` marks a stop word.
 * @typedef {{ text: string, start: number, end: number, words: Term[], names: string[], capitals: string, size: number,
 *   common: boolean }} Piece
 */

const PIECE =
  /(?:(?<![\p{L}\p{N}_-])(?:--?|[@$.])(?=[\p{L}_]))?[\p{L}\p{N}_]+(?:(?:[.:@#$+-]{1,2}|['’])[\p{L}\p{N}_]+)*(?:\+{1,2}|#)?/gu;
const INNER_WORD = /(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})|[^\p{L}\p{N}]+/gu;
const VERSION = /(?<![\p{L}\p{N}_.])v?(\p{N}+(?:\.\p{N}+)+[\p{L}\p{N}_]*)/gu;
const NUMBER = /^v?\p{N}{1,3}$/u;
const MAX_NAME_LENGTH = 48;

/** Remove accents; the offsets of characters stay those of the composed text. @param {string} text */
export function fold(text) {
  return text.normalize("NFC").replace(/[^\0-\x7f]/g, (char) => char.normalize("NFD")[0]);
}

/** Split a text into pieces. @param {string} text @param {Set<string>} stopWords @returns {Piece[]} */
export function piecesOf(text, stopWords) {
  return [...fold(text).matchAll(PIECE)].map((match) => analyze(match[0], match.index, stopWords));
}

/** @param {string} piece @param {number} start @param {Set<string>} stopWords @returns {Piece} */
function analyze(piece, start, stopWords) {
  const name = piece.replace(/['’](?:s$)?/g, "");
  const end = start + piece.length;
  const whole = name.toLowerCase();
  /** @type {(from: number, to: number) => { start: number, end: number }} */
  const offsets = (from, to) => (name === piece ? { start: start + from, end: start + to } : { start, end });
  let words = innerWords(name).map(([from, to]) => ({ term: whole.slice(from, to), ...offsets(from, to) }));
  const single = words.length === 1 && words[0].term === whole;
  if (!single) words = words.filter(({ term }) => term.length > 1 && !NUMBER.test(term));
  const size = Math.max(1, words.length);
  const versions = single ? [] : [...whole.matchAll(VERSION)].map(([, version]) => version);
  const names = single ? [] : [...new Set([whole, ...versions])].filter((name) => name.length <= MAX_NAME_LENGTH);
  const terms = words.map((word, position) => ({ ...word, position }));
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
 * A word of the query, or a name with its words. `position` counts the words of the query before it, stop words included.
 * `unfinished` marks the last one while it is typed; `asking` marks a word of the question rather than of its subject.
 * @typedef {{ text: string, words: { position: number, term: string }[], names: string[], capitals: string, position: number,
 *   unfinished: boolean, asking: boolean }} Unit
 * A phrase: its terms, each with its distance from the first.
 * @typedef {{ text: string, terms: { position: number, term: string }[] }} Phrase
 * `common` are stop words; `cut`: the query was too long, and only its beginning is used.
 * @typedef {{ units: Unit[], phrases: Phrase[], common: string[], cut: boolean }} Query
 */

/** Maximum query length in characters. */
const MAX_QUERY_LENGTH = 400;

/** Words that belong to the question, in a query that also has stop words. */
const QUESTION_WORDS = new Set(
  ("anybody anyone avoid best better cause deal difference does explain find fix get give happen help know like make mean meaning need" +
    " possible prevent properly reason show someone stop tell thing try understand use used using want way work works would").split(" "),
);

/**
 * Parse a query. A phrase is in straight or curly quotes; without its closing quote, it is read as words.
 * @param {string} text @param {Set<string>} stopWords @returns {Query}
 */
export function parse(text, stopWords) {
  const normalized = text.slice(0, MAX_QUERY_LENGTH).replace(/[“”„‟«»＂]/g, '"');
  const pieces = piecesOf(normalized, stopWords);
  /** @type {Query} */
  const query = { units: [], phrases: [], common: [], cut: text.trim().length > MAX_QUERY_LENGTH };
  let position = 0;
  for (const { words, names, capitals, size, text, end, common } of pieces) {
    const contentWords = words.filter(({ term }) => !stopWords.has(term));
    if (common) query.common.push(text);
    else query.units.push({ text, words: contentWords, names, capitals, position, unfinished: end === normalized.length, asking: false });
    position += size;
  }
  const isAsking = (/** @type {Unit} */ { words, names }) => !names.length && words.every(({ term }) => QUESTION_WORDS.has(term));
  if (query.common.length && !query.units.every(isAsking)) for (const unit of query.units) unit.asking = isAsking(unit);
  for (const [, phrase] of normalized.matchAll(/"([^"]+)"/g)) {
    const terms = sequenceOf(piecesOf(phrase, stopWords));
    if (terms.length) query.phrases.push({ text: phrase.trim(), terms });
  }
  return query;
}

/** The terms of consecutive pieces, with their positions. @param {Piece[]} pieces */
function sequenceOf(pieces) {
  /** @type {{ position: number, term: string }[]} */
  const terms = [];
  let position = 0;
  for (const { words, names, size } of pieces) {
    const pieceTerms = words.length ? words : names.slice(0, 1).map((term) => ({ term, position: 0 }));
    for (const word of pieceTerms) terms.push({ term: word.term, position: position + word.position });
    position += size;
  }
  return terms;
}

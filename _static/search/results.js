// @ts-check
// Render results: a card for each note with its best sections, and the other pages that match the query.

import { element } from "./dom.js";
import { piecesOf } from "./query.js";

/** Labels of the index's kinds of pages. @type {Record<string, string>} */
const KINDS = { Lane: gettext("Lane"), Tag: gettext("Tag"), Lab: gettext("Lab"), Author: gettext("Author"), Page: gettext("Page"), Term: gettext("Term") };

/** @typedef {import("./engine.js").Index} Index */
/** @typedef {import("./engine.js").Section} Section */
/** @typedef {import("./ranking.js").Answer} Answer */
/**
 * A matching word in a text, and the number of the query's word that it matches.
 * @typedef {{ start: number, end: number, unit: number }} Mark
 */

/** Sections per card, and the maximum if more are needed to show every word. */
const SECTIONS_PER_CARD = 2;
const MAX_SECTIONS = 4;
/** Characters of an excerpt's main passage, and of each other passage. */
const EXCERPT_LENGTH = 220;
const PASSAGE_LENGTH = 70;
/** Weight factor of an aside, such as a footnote. */
const ASIDE_FACTOR = 0.3;
/** Weight factor of words of the question. */
const QUESTION_FACTOR = 0.1;
/** Weight factor of words in a heading. */
const HEADING_FACTOR = 0.5;

/**
 * Render the card of a note: title, lane, date and tags, and an empty list for its sections.
 * @param {Index} index @param {number} note @param {"h2" | "h3"} heading element of the title
 */
export function renderCard(index, note, heading) {
  const { overview } = index;
  const title = element("a", { href: addressOf(index, note, "", []) }, overview.titles[note]);
  const tags = overview.tags[note].map((tag) => overview.tagTitles[tag]);
  const facts = [overview.laneTitles[overview.lanes[note]], dateText(overview.dates[note]), tags.join(", ")];
  return element(
    "li",
    { class: "result", "data-note": String(note) },
    element(heading, { class: "result-title" }, title),
    element("p", { class: "result-facts" }, facts.filter(Boolean).join(" · ")),
    element("ul", { class: "result-sections" }),
  );
}

/**
 * Load a note and show its best sections on its card, each with an excerpt that shows every matching word; none if the note
 * cannot be loaded. The link of the card gets the matching words, for `landing.js`.
 * @param {HTMLElement} card @param {Index} index @param {Answer} answer
 */
export async function fillCard(card, index, answer) {
  const list = card.querySelector(".result-sections");
  if (!list) return;
  const note = Number(card.dataset.note);
  const sections = await index.sections(note).catch(() => []);
  const literals = literalsIn(sections, answer);
  const shownUnits = new Set(answer.matches.flatMap(({ unit }, at) => (unit.asking ? [at] : [])));
  const shown = sections
    .map((section) => ({ section, ...weigh(section, index, answer) }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .filter(({ marks }, at) => { // the first sections, then each that shows a further word
      const { size } = shownUnits;
      for (const { unit } of marks) shownUnits.add(unit);
      return at < SECTIONS_PER_CARD || shownUnits.size > size;
    })
    .slice(0, MAX_SECTIONS)
    .map(({ section, marks }) => renderSection(index, note, section, marks, literals));
  list.replaceChildren(...shown);
  const link = card.querySelector("a");
  const words = new Set([...list.querySelectorAll("mark")].map((mark) => mark.textContent ?? ""));
  if (link) link.href = addressOf(index, note, "", literals.length ? literals : [...words]);
}

/** The phrases and names of the query that a note contains verbatim.
 *  @param {Section[]} sections @param {Answer} answer */
function literalsIn(sections, { query }) {
  const text = sections.map(([, heading, text]) => `${heading}\n${text}`).join("\n").toLowerCase();
  const names = query.units.filter(({ names }) => names.length).map(({ text }) => text);
  return [...query.phrases.map(({ text }) => text), ...names].filter((literal) => text.includes(literal.toLowerCase()));
}

/** The weight of a section for the query, and the matching words in its text. @param {Section} section @param {Index} index @param {Answer} answer */
function weigh([, heading, text, aside], index, { matches }) {
  const marks = marksIn(text, index, matches);
  const named = marksIn(heading, index, matches);
  /** @param {Mark[]} words @param {number} factor */
  const sum = (words, factor) =>
    [...new Set(words.map(({ unit }) => unit))].reduce((weight, unit) => weight + factor * rarity(index, matches[unit]), 0);
  const many = Math.log1p(marks.length) / 50;
  return { marks, weight: (sum(marks, 1) + sum(named, HEADING_FACTOR) + many * (marks.length ? 1 : 0)) * (aside ? ASIDE_FACTOR : 1) };
}

/** @param {Index} index @param {import("./matching.js").Match} match */
const rarity = (index, { hits, unit }) => Math.log(1.5 + index.overview.names.length / (hits.size + 1)) * (unit.asking ? QUESTION_FACTOR : 1);

/** @param {string} text @param {Index} index @param {Answer["matches"]} matches @returns {Mark[]} */
function marksIn(text, index, matches) {
  /** @param {string} term */
  const unitOf = (term) => matches.findIndex(({ terms }) => terms.has(term));
  return piecesOf(text, index.stopWords).flatMap(({ start, end, names, words }) => {
    const whole = names.map(unitOf).find((unit) => unit >= 0);
    if (whole !== undefined) return [{ start, end, unit: whole }];
    return words.map((word) => ({ start: word.start, end: word.end, unit: unitOf(word.term) })).filter(({ unit }) => unit >= 0);
  });
}

/** @param {Index} index @param {number} note @param {Section} section @param {Mark[]} marks @param {string[]} literals */
function renderSection(index, note, [id, heading, text], marks, literals) {
  const excerpt = excerptOf(text.normalize("NFC"), marks);
  const terms = excerpt.filter((part) => part instanceof HTMLElement).map((mark) => mark.textContent ?? "");
  const href = addressOf(index, note, id, literals.length ? literals : terms);
  const title = heading ? [element("span", { class: "result-section" }, heading)] : [];
  return element("li", {}, element("a", { href }, ...title, element("span", { class: "result-excerpt" }, ...excerpt)));
}

/**
 * An excerpt that shows every matching word of a text: the passage with most of them, and the first occurrence of each
 * other one.
 * @param {string} text @param {Mark[]} marks
 */
function excerptOf(text, marks) {
  const best = densest(marks);
  const pieces = [best ? around(text, best.start, best.end, EXCERPT_LENGTH) : around(text, 0, 0, EXCERPT_LENGTH)];
  for (const mark of marks) {
    if (marks.some((other) => other.unit === mark.unit && pieces.some(([from, to]) => from <= other.start && other.end <= to))) continue;
    pieces.push(around(text, mark.start, mark.end, PASSAGE_LENGTH));
  }
  pieces.sort((a, b) => a[0] - b[0]);
  /** @type {(string | HTMLElement)[]} */
  const parts = [];
  let last = 0;
  for (const [from, to] of pieces) {
    let at = Math.max(from, last);
    if (at > last) parts.push(last ? " … " : "… ");
    for (const mark of marks.filter(({ start, end }) => start >= at && end <= to)) {
      if (mark.start < at) continue;
      parts.push(text.slice(at, mark.start), element("mark", {}, text.slice(mark.start, mark.end)));
      at = mark.end;
    }
    parts.push(text.slice(at, to));
    last = Math.max(last, to);
  }
  return last < text.length ? [...parts, " …"] : parts;
}

/** The shortest of the passages with the most words of the query. @param {Mark[]} marks */
function densest(marks) {
  let best;
  for (let first = 0; first < marks.length; first++) {
    const units = new Set();
    for (let last = first; last < marks.length; last++) {
      const { start } = marks[first];
      const { end, unit } = marks[last];
      if (last > first && end - start > EXCERPT_LENGTH) break;
      if (units.has(unit)) continue;
      units.add(unit);
      const longer = best && units.size === best.units && end - start >= best.end - best.start;
      if (!best || units.size > best.units || (units.size === best.units && !longer)) best = { start, end, units: units.size };
    }
  }
  return best;
}

/** A stretch of whole words around a passage.
 *  @param {string} text @param {number} start @param {number} end @param {number} size @returns {[number, number]} */
function around(text, start, end, size) {
  const spare = Math.max(0, size - (end - start));
  let from = Math.max(0, start - Math.round(spare / 3));
  let to = Math.min(text.length, from + Math.max(size, end - start));
  const line = text.lastIndexOf("\n", start - 1) + 1;
  if (line > from) from = line;
  while (from > line && from > 0 && !/\s/.test(text[from - 1])) from--;
  to = Math.min(text.length, Math.max(to, from + size));
  while (to < text.length && !/\s/.test(text[to])) to++;
  return [from, to];
}

/** Render the other pages that match: lanes, tags, labs, and terms with their definitions. @param {string} root @param {Answer["things"]} things */
export function renderThings(root, things) {
  return things.map(([kind, title, path, definition]) => {
    const link = element("a", { href: new URL(path, root).href }, element("span", { class: "thing-kind" }, KINDS[kind] ?? kind), ` ${title}`);
    return element("li", {}, link, ...(definition ? [element("p", {}, definition)] : []));
  });
}

/** A date in words, such as 3 January 2026. @param {string} date */
function dateText(date) {
  const { lang } = document.documentElement;
  return new Date(date).toLocaleDateString(lang === "en" ? "en-GB" : lang, { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
}

/** The address of a section, with the terms that `landing.js` highlights there; an `id` of `""` is the note itself.
 *  @param {Index} index @param {number} note @param {string} id @param {string[]} terms */
function addressOf(index, note, id, terms) {
  const url = index.address(note);
  for (const term of new Set(terms)) url.searchParams.append("highlight", term);
  url.hash = id;
  return url.href;
}

// @ts-check
// Render results: a card for each note, with the sections that match best.

import { element } from "./element.js";

/** @typedef {import("./engine.js").Note} Note */
/** @typedef {import("./engine.js").Section} Section */

/** Number of sections on a card. */
const SECTIONS = 2;

/**
 * Render the card of a note: title, lane, date and tags, and the best sections with their excerpts.
 * @param {string} root address of the site's root folder
 * @param {Note} note
 * @param {string[]} literals phrases and identifiers, which are highlighted as a whole where the note has them
 * @param {"h2" | "h3"} heading element of the title
 */
export function renderCard(root, note, literals, heading) {
  const content = note.content.toLowerCase();
  const terms = literals.filter((literal) => content.includes(literal.toLowerCase()));
  const title = element("a", { href: addressOf(root, note, "", terms) }, note.meta.title);
  const facts = [note.meta.lane, note.meta.date, (note.filters.tag ?? []).join(", ")].filter(Boolean);
  const sections = note.sub_results.toSorted((a, b) => weight(b) - weight(a)).slice(0, SECTIONS);
  return element(
    "li",
    { class: "result" },
    element(heading, { class: "result-title" }, title),
    element("p", { class: "result-facts" }, facts.join(" · ")),
    element("ul", { class: "result-sections" }, ...sections.map((section) => renderSection(root, note, section, terms))),
  );
}

/** @param {string} root @param {Note} note @param {Section} section @param {string[]} terms */
function renderSection(root, note, { anchor, title, excerpt }, terms) {
  const text = parseExcerpt(excerpt);
  const id = anchor && anchor.element !== "h1" ? anchor.id : undefined;
  const href = addressOf(root, note, id ?? "", terms.length ? terms : markedWords(text));
  const heading = id === undefined ? [] : [element("span", { class: "result-section" }, title)];
  const link = element("a", { href }, ...heading, element("span", { class: "result-excerpt" }, text));
  return element("li", {}, link);
}

/** @param {Section} section */
function weight({ weighted_locations }) {
  return weighted_locations.reduce((sum, { balanced_score }) => sum + balanced_score, 0);
}

/** Parse Pagefind's excerpt: escaped text in which `<mark>` is the only element. @param {string} html */
function parseExcerpt(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

/** The marked words of an excerpt, without the punctuation around them. @param {DocumentFragment} excerpt */
function markedWords(excerpt) {
  return [...excerpt.querySelectorAll("mark")].map((mark) =>
    (mark.textContent ?? "").replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ""),
  );
}

/** The address of a section, with the terms that `landing.js` highlights there; an `id` of `""` is the note itself.
 *  @param {string} root @param {Note} note @param {string} id @param {string[]} terms */
function addressOf(root, note, id, terms) {
  const url = new URL((note.raw_url ?? note.url).replace(/^\//, ""), root);
  for (const term of new Set(terms)) url.searchParams.append("highlight", term);
  url.hash = id;
  return url.href;
}

// @ts-check
// Highlight the search terms on the page that a result leads to, and go to the passage that has most of them.

const PASSAGES = "p, li, dt, dd, pre, td, th, h1, h2, h3, h4, figcaption";
const NOT_TEXT = ".trail, .note-line, .tags";

/** @typedef {{ element: HTMLElement, ranges: Range[] }} Passage */

/** Match any of the terms, longest first, as whole words only. @param {string[]} terms */
function patternOf(terms) {
  const patterns = terms
    .toSorted((a, b) => b.length - a.length)
    .map((term) => {
      const text = term.trim().replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\s+/g, "\\s+");
      const start = /^[\p{L}\p{N}]/u.test(term) ? "(?<![\\p{L}\\p{N}])" : "";
      const end = /[\p{L}\p{N}]$/u.test(term) ? "(?![\\p{L}\\p{N}])" : "";
      return start + text + end;
    });
  return new RegExp(patterns.join("|"), "giu");
}

/** Find a pattern in the text of an element, across the boundaries of its child elements.
 *  @param {Element} element @param {RegExp} pattern @returns {Range[]} */
function rangesIn(element, pattern) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  /** Text nodes with the position at which each starts. @type {[Node, number][]} */
  const nodes = [];
  let text = "";
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    nodes.push([node, text.length]);
    text += node.nodeValue;
  }
  /** @type {(position: number) => [Node, number]} */
  const locate = (position) => {
    const [node, start] = nodes.findLast(([, start]) => start <= position) ?? nodes[0];
    return [node, position - start];
  };
  return [...text.matchAll(pattern)].map((match) => {
    const range = document.createRange();
    range.setStart(...locate(match.index));
    const [last, offset] = locate(match.index + match[0].length - 1);
    range.setEnd(last, offset + 1);
    return range;
  });
}

/** Remove the search terms from the address, so that readers copy it without them, and return them. */
function takeTerms() {
  const url = new URL(location.href);
  const terms = url.searchParams.getAll("highlight").filter((term) => term.trim());
  url.searchParams.delete("highlight");
  history.replaceState(history.state, "", url);
  return terms;
}

/** Highlight the matches until Escape is pressed. @param {Range[]} ranges */
function highlight(ranges) {
  if (!("highlights" in CSS)) return;
  CSS.highlights.set("search-terms", new Highlight(...ranges));
  addEventListener("keydown", ({ key }) => {
    if (key === "Escape") CSS.highlights.delete("search-terms");
  });
}

/** The passage with the most distinct terms, by their number and length; a heading only if no text has a term.
 *  @param {Passage[]} passages @returns {Passage | undefined} */
function bestOf(passages) {
  const texts = passages.filter(({ element }) => !/^H\d$/.test(element.tagName));
  const weights = (texts.length ? texts : passages).map((passage) => {
    const distinct = new Set(passage.ranges.map((range) => range.toString().toLowerCase()));
    return { passage, weight: [...distinct].join("").length + distinct.size };
  });
  return weights.toSorted((a, b) => b.weight - a.weight)[0]?.passage;
}

/** Whether the reader scrolled while this script loaded. Without a target, the browser leaves the page at its top; a target
 *  is in the upper half of the window. @param {Element} section the target of the address */
function hasScrolled(section) {
  if (!scrollY) return false;
  if (!location.hash) return true;
  const { top } = section.getBoundingClientRect();
  return top < 0 || top > innerHeight / 2;
}

/** Open the collapsed blocks around a passage and mark it; unless the reader has scrolled, focus it and bring it into view.
 *  @param {HTMLElement} element @param {Element} section the target of the address */
function revealPassage(element, section) {
  if (!element.hasAttribute("tabindex")) element.setAttribute("tabindex", "-1");
  element.classList.add("landed");
  for (let closed = element.closest("details"); closed; closed = closed.parentElement?.closest("details") ?? null) {
    closed.open = true;
  }
  if (hasScrolled(section)) return;
  element.focus({ preventScroll: true });
  const { top, bottom } = element.getBoundingClientRect();
  const scrollMargin = parseFloat(getComputedStyle(element).scrollMarginTop); // the height of the masthead, which covers it
  if (top < scrollMargin || bottom > innerHeight) element.scrollIntoView({ block: "center", behavior: "instant" });
}

/** Highlight the terms of the address in the text, and reveal the best passage of the section that the address leads to. */
function land() {
  const terms = takeTerms();
  const article = document.querySelector("article");
  if (!article || !terms.length) return;
  const pattern = patternOf(terms);
  const passages = [.../** @type {NodeListOf<HTMLElement>} */ (article.querySelectorAll(PASSAGES))]
    .filter((element) => !element.querySelector(PASSAGES) && !element.closest(NOT_TEXT))
    .map((element) => ({ element, ranges: rangesIn(element, pattern) }))
    .filter(({ ranges }) => ranges.length);
  highlight(passages.flatMap(({ ranges }) => ranges));
  const section = document.getElementById(decodeURIComponent(location.hash.slice(1))) ?? article;
  const best = bestOf(passages.filter(({ element }) => section.contains(element)));
  if (best) revealPassage(best.element, section);
}

land();

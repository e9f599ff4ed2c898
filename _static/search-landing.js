// @ts-check
// Show what a search has found on the page that it leads to: mark it, and go to the passage that has most of it.

const BLOCKS = "p, li, dt, dd, pre, td, th, h1, h2, h3, h4, figcaption";
const ASIDE = ".trail, .note-line, .tags";

/** The terms, as one expression: the longest first, and none that begins or ends inside a word. */
function wanted(/** @type {string[]} */ terms) {
  const parts = terms
    .toSorted((a, b) => b.length - a.length)
    .map((term) => {
      const text = term.trim().replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\s+/g, "\\s+");
      return (/^[\p{L}\p{N}]/u.test(term) ? "(?<![\\p{L}\\p{N}])" : "") + text + (/[\p{L}\p{N}]$/u.test(term) ? "(?![\\p{L}\\p{N}])" : "");
    });
  return new RegExp(parts.join("|"), "giu");
}

/** Where the terms stand in an element, over the borders of those within it. @returns {Range[]} */
function rangesIn(/** @type {Element} */ element, /** @type {RegExp} */ terms) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  /** @type {[Text, number][]} */
  const nodes = [];
  let text = "";
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    nodes.push([/** @type {Text} */ (node), text.length]);
    text += node.nodeValue;
  }
  /** @type {(at: number) => [Text, number]} */
  const place = (at) => {
    const [node, start] = nodes.findLast(([, start]) => start <= at) ?? nodes[0];
    return [node, at - start];
  };
  return [...text.matchAll(terms)].map((match) => {
    const range = document.createRange();
    range.setStart(...place(match.index));
    const [last, at] = place(match.index + match[0].length - 1);
    range.setEnd(last, at + 1);
    return range;
  });
}

function land() {
  const address = new URL(location.href);
  const terms = address.searchParams.getAll("highlight").filter((term) => term.trim());
  address.searchParams.delete("highlight");
  history.replaceState(history.state, "", address);
  const article = document.querySelector("article");
  if (!article || !terms.length) return;
  const section = document.getElementById(decodeURIComponent(address.hash.slice(1))) ?? article;
  const expression = wanted(terms);
  const found = [...article.querySelectorAll(BLOCKS)]
    .filter((block) => !block.querySelector(BLOCKS) && !block.closest(ASIDE))
    .map((block) => ({ block, ranges: rangesIn(block, expression) }))
    .filter(({ ranges }) => ranges.length);
  if ("highlights" in CSS) {
    CSS.highlights.set("found", new Highlight(...found.flatMap(({ ranges }) => ranges)));
    addEventListener("keydown", (event) => {
      if (event.key === "Escape") CSS.highlights.delete("found");
    });
  }
  /** @param {Range[]} ranges */
  const worth = (ranges) => {
    const distinct = new Set(ranges.map((range) => range.toString().toLowerCase()));
    return [...distinct].join("").length + distinct.size;
  };
  const here = found.filter(({ block }) => section.contains(block));
  const text = here.filter(({ block }) => !/^H\d$/.test(block.tagName));
  const best = (text.length ? text : here).reduce(
    (/** @type {typeof found[0] | undefined} */ a, b) => (a && worth(a.ranges) >= worth(b.ranges) ? a : b),
    undefined,
  );
  if (!best) return;
  const { block } = best;
  if (!block.hasAttribute("tabindex")) block.setAttribute("tabindex", "-1");
  block.classList.add("landed");
  for (let at = block.closest("details"); at; at = at.parentElement?.closest("details") ?? null) at.open = true;
  // On a slow network this comes late: who is reading already is left there, and what is in sight stays.
  const start = section.getBoundingClientRect().top;
  if (scrollY && (!address.hash || start < 0 || start > innerHeight / 2)) return;
  /** @type {HTMLElement} */ (block).focus({ preventScroll: true });
  const { top, bottom } = block.getBoundingClientRect();
  const bar = parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop);
  if (top < bar || bottom > innerHeight) block.scrollIntoView({ block: "center", behavior: "instant" });
}

land();

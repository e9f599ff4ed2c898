// @ts-check
// Show in the right margin the list entry of each source next to the first link to it, and what the first lab number of a
// section measures. Hidden from screen readers: the links and the list contain the same.

{
  const article = document.querySelector("article");
  const margin = document.createElement("div");
  margin.className = "sidenotes";
  margin.ariaHidden = "true";

  /** Pixels between two sidenotes, and the maximum between a link and its sidenote. */
  const GAP = 14, MAX_OFFSET = 140;
  /** Blocks that may extend into the margin. */
  const WIDE = "aside.footnote-list, figure, .table-wrapper, .literal-block-wrapper, div[class*='highlight-']";

  /** A paragraph for the margin, and the link that it explains. @typedef {{ link: Element, paragraph: HTMLElement }} Sidenote */

  /** @param {Element} link @param {(Node | string)[]} content @returns {Sidenote} */
  function sidenote(link, ...content) {
    const paragraph = document.createElement("p");
    paragraph.append(...content);
    return { link, paragraph };
  }

  /** The text of a node in bold. @param {Node} node */
  function strong({ textContent }) {
    const name = document.createElement("b");
    name.textContent = textContent;
    return name;
  }

  /** The list entry of a source, without links. @param {Element} source */
  function entry(source) {
    const parts = [...source.childNodes].flatMap((part) => (part instanceof HTMLParagraphElement ? [...part.childNodes] : [part]));
    return parts.map((part) => (part instanceof HTMLAnchorElement ? strong(part) : (part.textContent ?? "")));
  }

  /** Sidenotes for the first link to each source, and for the first number of each section. @param {Element} article */
  function sidenotesOf(article) {
    /** @type {Map<string, Element>} */
    const sources = new Map();
    for (const source of article.querySelectorAll("section#sources li")) {
      for (const link of source.querySelectorAll("a")) sources.set(link.href, source);
    }
    const seen = new Set();
    /** @type {Sidenote[]} */
    const sidenotes = [];
    for (const link of article.querySelectorAll("a.external, a.lab-datum")) {
      const section = link.closest("section");
      if (!(link instanceof HTMLAnchorElement) || section?.id === "sources") continue;
      const source = sources.get(link.href) ?? sources.get(link.href.replace(/#.*/, ""));
      const subject = link.matches(".lab-datum") ? section : source;
      if (!subject || seen.has(subject)) continue;
      seen.add(subject);
      const measured = gettext(", from a lab: {what}", { what: link.title });
      sidenotes.push(subject === section ? sidenote(link, strong(link), measured) : sidenote(link, ...entry(subject)));
    }
    return sidenotes;
  }

  /** Place each sidenote next to its link, or below what is already there; hide one that would be too far below.
   *  @param {Element} article @param {Sidenote[]} sidenotes */
  function place(article, sidenotes) {
    const { top: start, right: edge } = article.getBoundingClientRect();
    const taken = [...article.querySelectorAll(WIDE)]
      .map((block) => block.getBoundingClientRect())
      .filter(({ right }) => right > edge + 1)
      .map(({ top, bottom }) => ({ top: top - start, bottom: bottom - start }));
    // Read every position before writing any: otherwise the browser would lay out the page again for each.
    const wanted = sidenotes.map(({ link, paragraph }) => ({
      paragraph,
      wish: link.getBoundingClientRect().top - start,
      height: paragraph.offsetHeight,
    }));
    let last = -GAP; // so that the first one needs no gap
    for (const { paragraph, wish, height } of wanted) {
      let top = Math.max(wish, last + GAP);
      for (const block of taken) if (block.top < top + height + GAP && block.bottom + GAP > top) top = block.bottom + GAP;
      const fits = top - wish <= MAX_OFFSET;
      paragraph.style.visibility = fits ? "" : "hidden";
      paragraph.style.top = `${top}px`;
      if (fits) last = top + height;
    }
  }

  if (article && document.documentElement.dir !== "rtl") {
    const sidenotes = sidenotesOf(article);
    margin.append(...sidenotes.map(({ paragraph }) => paragraph));
    article.append(margin);
    new ResizeObserver(() => margin.checkVisibility() && place(article, sidenotes)).observe(article);
  }
}

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

  /** @typedef {{ link: Element, note: HTMLElement }} Sidenote */

  /** @param {Element} link @param {(Node | string)[]} content @returns {Sidenote} */
  function sidenote(link, ...content) {
    const note = document.createElement("p");
    note.append(...content);
    return { link, note };
  }

  /** @param {Node} node */
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
  function notesOf(article) {
    /** @type {Map<string, Element>} */
    const sources = new Map();
    for (const source of article.querySelectorAll("section#sources li")) {
      for (const link of source.querySelectorAll("a")) sources.set(link.href, source);
    }
    const seen = new Set();
    /** @type {Sidenote[]} */
    const notes = [];
    for (const link of article.querySelectorAll("a.external, a.lab-datum")) {
      const section = link.closest("section");
      if (!(link instanceof HTMLAnchorElement) || section?.id === "sources") continue;
      const source = sources.get(link.href) ?? sources.get(link.href.replace(/#.*/, ""));
      const subject = link.matches(".lab-datum") ? section : source;
      if (!subject || seen.has(subject)) continue;
      seen.add(subject);
      const measured = gettext(", from a lab: {what}", { what: link.title });
      notes.push(subject === section ? sidenote(link, strong(link), measured) : sidenote(link, ...entry(subject)));
    }
    return notes;
  }

  /** Place each sidenote next to its link, or below what is already there; hide one that would be too far below.
   *  @param {Element} article @param {Sidenote[]} notes */
  function place(article, notes) {
    const { top: start, right: edge } = article.getBoundingClientRect();
    const taken = [...article.querySelectorAll(WIDE)]
      .map((block) => block.getBoundingClientRect())
      .filter(({ right }) => right > edge + 1)
      .map(({ top, bottom }) => ({ top: top - start, bottom: bottom - start }));
    const wanted = notes.map(({ link, note }) => ({ note, top: link.getBoundingClientRect().top - start, height: note.offsetHeight }));
    let last = -GAP;
    for (const { note, top: wish, height } of wanted) {
      let top = Math.max(wish, last + GAP);
      for (const block of taken) if (block.top < top + height + GAP && block.bottom + GAP > top) top = block.bottom + GAP;
      const fits = top - wish <= MAX_OFFSET;
      note.style.visibility = fits ? "" : "hidden";
      note.style.top = `${top}px`;
      if (fits) last = top + height;
    }
  }

  if (article && document.documentElement.dir !== "rtl") {
    const notes = notesOf(article);
    margin.append(...notes.map(({ note }) => note));
    article.append(margin);
    new ResizeObserver(() => margin.checkVisibility() && place(article, notes)).observe(article);
  }
}

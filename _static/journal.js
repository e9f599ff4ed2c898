// @ts-check

/** Translations by their English texts, from the page's head; an English page has none.
 *  @type {Record<string, string | Record<string, string>>} */
const siteWords = JSON.parse(document.getElementById("words")?.textContent ?? "{}");

/** Translate a text, and fill in the values of the names in braces. Every script can call this.
 *  @param {string} text in English @param {Record<string, string | number>} values */
function gettext(text, values = {}) {
  return filled(siteWords[text] ?? text, values);
}

/** Translate a text in the form for a count, and fill it in for `{count}`.
 *  @param {string} one in English @param {string} many in English @param {number} count
 *  @param {Record<string, string | number>} values */
function ngettext(one, many, count, values = {}) {
  const { lang } = document.documentElement;
  /** @type {any} */
  const forms = siteWords[one] ?? { one, other: many };
  const form = forms[new Intl.PluralRules(lang).select(count)] ?? forms.other;
  return filled(form, { ...values, count: count.toLocaleString(lang) });
}

/** @param {any} text @param {Record<string, string | number>} values @returns {string} */
function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (/** @type {string} */ _, /** @type {string} */ name) => values[name]);
}
// Make scrolling blocks and numbers accessible by keyboard, announce changes to screen readers, open the collapsed blocks
// around the target of an address, and close menus automatically. Every page works without this script.

const liveRegion = document.createElement("p");
liveRegion.className = "visually-hidden";
liveRegion.setAttribute("role", "status");
document.body.append(liveRegion);

/** Announce a text to screen readers. Every script can call this. @param {string} text */
function announce(text) {
  liveRegion.textContent = "";
  setTimeout(() => (liveRegion.textContent = text), 100); // otherwise a repeated text would not be announced
}

/** The text of a heading, without its link. @param {Element | null | undefined} heading */
function textOf(heading) {
  const parts = [...(heading?.childNodes ?? [])].filter((part) => !(part instanceof HTMLAnchorElement && part.matches(".headerlink")));
  return parts.map((part) => part.textContent).join("").trim();
}

/** Label tables without a caption by their section: screen readers list tables by label. */
function labelTables() {
  for (const table of document.querySelectorAll("article table:not(:has(> caption), [aria-label])")) {
    table.setAttribute("aria-label", textOf(table.closest("section")?.querySelector("h1, h2, h3, h4")));
  }
}

/** Make blocks that scroll sideways focusable, and only those, labeled by their caption or section. Measuring a block that
 *  is not laid out yet is expensive: it counts as scrolling until it comes near. */
function markScrollers() {
  for (const block of document.querySelectorAll("article :is(pre, .table-wrapper, .formula, math, table, .drawn)")) {
    const isLaidOut = block.checkVisibility({ contentVisibilityAuto: true });
    if (!isLaidOut && !block.matches("pre, .table-wrapper")) continue;
    const scrolls = !isLaidOut || block.scrollWidth > block.clientWidth;
    if (scrolls) block.setAttribute("tabindex", "0");
    else block.removeAttribute("tabindex");
    if (!block.matches("pre, .table-wrapper, .formula")) continue;
    const name = textOf(block.querySelector("caption") ?? block.closest("section")?.querySelector("h1, h2, h3, h4"));
    for (const [attribute, value] of [["role", "group"], ["aria-label", name]]) {
      if (scrolls && value) block.setAttribute(attribute, value);
      else block.removeAttribute(attribute);
    }
  }
}

/** Set `aria-current` on the current entry of the contents, which Furo marks only with a class. */
function markCurrentEntry() {
  const contents = document.querySelector(".toc-tree");
  if (!contents) return;
  new MutationObserver(() => {
    contents.querySelector("[aria-current]")?.removeAttribute("aria-current");
    const current = [...contents.querySelectorAll(".scroll-current > a")].pop();
    current?.setAttribute("aria-current", "true");
  }).observe(contents, { subtree: true, attributeFilter: ["class"] });
}

/** Announce the theme that the button has chosen. */
function announceTheme() {
  const button = document.querySelector(".theme-toggle");
  button?.addEventListener("click", () => {
    setTimeout(() => {
      const shown = [...button.children].find((icon) => icon.checkVisibility());
      announce(shown?.getAttribute("aria-label") ?? "");
    });
  });
}

/** Make the lab numbers of a block a single Tab stop; arrow keys move between them. */
function groupNumbers() {
  const numbers = [...document.querySelectorAll("article a.lab-datum")];
  for (const [block, group] of Map.groupBy(numbers, (number) => number.closest("table, p, li, dd"))) {
    for (const number of group.slice(1)) number.setAttribute("tabindex", "-1");
    block?.addEventListener("keydown", (event) => {
      const place = group.findIndex((number) => number === event.target);
      const step = event instanceof KeyboardEvent ? { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key] : 0;
      const next = place < 0 || !step ? undefined : group[place + step];
      if (!(next instanceof HTMLElement)) return;
      event.preventDefault();
      group[place].setAttribute("tabindex", "-1");
      next.setAttribute("tabindex", "0");
      next.focus();
    });
  }
}

/** Remove the links of headings from the Tab order if the contents have them too. */
function skipHeadingLinks() {
  const listed = new Set([...document.querySelectorAll(".toc-tree a")].map((link) => link.getAttribute("href")));
  for (const link of document.querySelectorAll("article .headerlink")) {
    if (listed.has(link.getAttribute("href"))) link.setAttribute("tabindex", "-1");
  }
}

/** Load the sidenotes once the page has a margin for them. @param {string} folder address of this script's folder */
function loadSidenotes(folder) {
  const wide = matchMedia("(min-width: 78em)");
  if (!document.querySelector("article :is(section#sources, a.lab-datum)")) return;
  const load = () => {
    if (!wide.matches) return;
    wide.removeEventListener("change", load);
    const script = document.createElement("script");
    script.src = new URL("sidenotes.js", folder).href;
    document.head.append(script);
  };
  wide.addEventListener("change", load);
  load();
}

/** Let readers stop and restart the animation of the map, which also ends automatically. */
function controlSignals() {
  const map = document.querySelector(".systems-map");
  if (!(map instanceof HTMLElement)) return;
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "signals";
  let isRunning = map.getAnimations({ subtree: true }).length > 0;
  const updateLabel = () => (button.textContent = isRunning ? gettext("Stop the animation") : gettext("Play the animation"));
  button.addEventListener("click", () => {
    isRunning = !isRunning;
    map.dataset.signals = isRunning ? "run" : "stop";
    updateLabel();
  });
  map.addEventListener("animationend", () => {
    isRunning = map.getAnimations({ subtree: true }).some((signal) => signal.playState === "running");
    updateLabel();
  });
  updateLabel();
  map.querySelector("figcaption")?.after(button);
}

/** Open the collapsed blocks around the target of the address. Not every browser does. */
function openCollapsed() {
  const place = document.querySelector(":target");
  const details = place?.closest("details:not([open])");
  if (!(place && details instanceof HTMLDetailsElement)) return;
  details.open = true;
  openCollapsed(); // the next one around it
  place.scrollIntoView();
}

/** Close an open menu when one of its links is followed. @param {MouseEvent} event */
function closeMenuOnLink({ target }) {
  const link = target instanceof Element ? target.closest("a") : null;
  const menu = link?.closest("[popover]");
  if (menu instanceof HTMLElement && menu.matches(":popover-open")) menu.hidePopover();
}

/** Close an open menu when the focus leaves it, so that it does not cover the focus. @param {FocusEvent} event */
function closeMenuOnLeave({ target }) {
  const menu = document.querySelector(":popover-open");
  if (!(menu instanceof HTMLElement && target instanceof Element)) return;
  if (!menu.contains(target) && !target.matches("[popovertarget]")) menu.hidePopover();
}

markScrollers();
openCollapsed();
markCurrentEntry();
announceTheme();
labelTables();
groupNumbers();
skipHeadingLinks();
controlSignals();
loadSidenotes(document.currentScript instanceof HTMLScriptElement ? document.currentScript.src : document.baseURI);
addEventListener("hashchange", openCollapsed);
addEventListener("resize", markScrollers);
addEventListener("contentvisibilityautostatechange", markScrollers, true);
addEventListener("toggle", markScrollers, true); // a block within closed details has no width
addEventListener("click", closeMenuOnLink);
addEventListener("focusin", closeMenuOnLeave);

// @ts-check

/** The words of the site's language by the English ones, from the page's head; an English page has none.
 *  @type {Record<string, string | Record<string, string>>} */
const siteWords = JSON.parse(document.getElementById("words")?.textContent ?? "{}");

/** A text in the site's language, with values in the place of names in braces. Every script has this function.
 *  @param {string} text in English @param {Record<string, string | number>} values */
function gettext(text, values = {}) {
  return filled(siteWords[text] ?? text, values);
}

/** The text for a count, which stands in the place of `{count}`.
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
// Keyboard access to scrolling blocks and numbers, what is told to those who do not see it, folds that an address opens, and
// menus that close by themselves. Every page works without this script.

const liveRegion = document.createElement("p");
liveRegion.className = "visually-hidden";
liveRegion.setAttribute("role", "status");
document.body.append(liveRegion);

/** Tell those who do not see it what has happened. Every script has this function. @param {string} text */
function announce(text) {
  liveRegion.textContent = "";
  setTimeout(() => (liveRegion.textContent = text), 100); // else the same text would be told only once
}

/** The heading that a block stands below, without its link. @param {Element | null | undefined} heading */
function textOf(heading) {
  const parts = [...(heading?.childNodes ?? [])].filter((part) => !(part instanceof HTMLAnchorElement && part.matches(".headerlink")));
  return parts.map((part) => part.textContent).join("").trim();
}

/** Name the tables without a caption after their section: screen readers list tables by name. */
function nameTables() {
  for (const table of document.querySelectorAll("article table:not(:has(> caption), [aria-label])")) {
    table.setAttribute("aria-label", textOf(table.closest("section")?.querySelector("h1, h2, h3, h4")));
  }
}

/** Make blocks that scroll sideways reachable by keyboard, and only those, under the name of what they are part of. The size
 *  of one that is not laid out yet would be asked for at a price: it is taken to scroll until it comes near. */
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

/** Tell those who do not see it which part of the contents is read. Furo marks it with a class. */
function tellCurrentPart() {
  const contents = document.querySelector(".toc-tree");
  if (!contents) return;
  new MutationObserver(() => {
    contents.querySelector("[aria-current]")?.removeAttribute("aria-current");
    const current = [...contents.querySelectorAll(".scroll-current > a")].pop();
    current?.setAttribute("aria-current", "true");
  }).observe(contents, { subtree: true, attributeFilter: ["class"] });
}

/** Say which theme the button has chosen, as its picture does. */
function tellTheme() {
  const button = document.querySelector(".theme-toggle");
  button?.addEventListener("click", () => {
    setTimeout(() => {
      const shown = [...button.children].find((icon) => icon.checkVisibility());
      announce(shown?.getAttribute("aria-label") ?? "");
    });
  });
}

/** Make the numbers of labs in one block a single stop of the Tab key; the arrows lead from one to the next. */
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

/** Leave links of headings, which the contents have too, to the pointer. */
function skipHeadingLinks() {
  const listed = new Set([...document.querySelectorAll(".toc-tree a")].map((link) => link.getAttribute("href")));
  for (const link of document.querySelectorAll("article .headerlink")) {
    if (listed.has(link.getAttribute("href"))) link.setAttribute("tabindex", "-1");
  }
}

/** Load the notes for the margin, once there is one. @param {string} folder address of this script's folder */
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

/** Let a reader stop the signals on the map, which end by themselves, and start them again. */
function controlSignals() {
  const map = document.querySelector(".systems-map");
  if (!(map instanceof HTMLElement)) return;
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "signals";
  let flow = map.getAnimations({ subtree: true }).length > 0;
  const name = () => (button.textContent = flow ? gettext("Stop the signals") : gettext("Let the signals run"));
  button.addEventListener("click", () => {
    flow = !flow;
    map.dataset.signals = flow ? "run" : "stop";
    name();
  });
  map.addEventListener("animationend", () => {
    flow = map.getAnimations({ subtree: true }).some((signal) => signal.playState === "running");
    name();
  });
  name();
  map.querySelector("figcaption")?.after(button);
}

/** Open the folds around the place that the address names. Not every browser does. */
function openFolds() {
  const place = document.querySelector(":target");
  const fold = place?.closest("details:not([open])");
  if (!(place && fold instanceof HTMLDetailsElement)) return;
  fold.open = true;
  openFolds(); // one around it
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
openFolds();
tellCurrentPart();
tellTheme();
nameTables();
groupNumbers();
skipHeadingLinks();
controlSignals();
loadSidenotes(document.currentScript instanceof HTMLScriptElement ? document.currentScript.src : document.baseURI);
addEventListener("hashchange", openFolds);
addEventListener("resize", markScrollers);
addEventListener("contentvisibilityautostatechange", markScrollers, true);
addEventListener("toggle", markScrollers, true); // a block within details has no width while they are closed
addEventListener("click", closeMenuOnLink);
addEventListener("focusin", closeMenuOnLeave);

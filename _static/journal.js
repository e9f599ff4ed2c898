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
// Keyboard access to scrolling blocks, folds that an address opens, and menus that close by themselves. Every page works without this script.

/** Make blocks that scroll sideways reachable by keyboard, and only those. */
function markScrollers() {
  for (const block of document.querySelectorAll("article :is(pre, .table-wrapper, .formula, math, table, .drawn)")) {
    if (block.scrollWidth > block.clientWidth) block.setAttribute("tabindex", "0");
    else block.removeAttribute("tabindex");
  }
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
addEventListener("hashchange", openFolds);
addEventListener("resize", markScrollers);
addEventListener("toggle", markScrollers, true); // a block within details has no width while they are closed
addEventListener("click", closeMenuOnLink);
addEventListener("focusin", closeMenuOnLeave);

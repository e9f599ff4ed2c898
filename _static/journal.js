// @ts-check
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

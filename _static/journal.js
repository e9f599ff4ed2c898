// @ts-check
// Keyboard access to scrolling blocks, and menus that close by themselves. Every page works without this script.

/** Make blocks that scroll sideways reachable by keyboard, and only those. */
function markScrollers() {
  for (const block of document.querySelectorAll("article pre, article .table-wrapper, article .formula")) {
    if (block.scrollWidth > block.clientWidth) block.setAttribute("tabindex", "0");
    else block.removeAttribute("tabindex");
  }
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
addEventListener("resize", markScrollers);
addEventListener("toggle", markScrollers, true); // a block within details has no width while they are closed
addEventListener("click", closeMenuOnLink);
addEventListener("focusin", closeMenuOnLeave);

// @ts-check
// What the pages cannot do without a script. They work without it.

/** What scrolls sideways must be reachable by keyboard; what does not should not stop it. */
function markScrollers() {
  for (const box of document.querySelectorAll("article pre, article .table-wrapper, article div.math")) {
    if (box.scrollWidth > box.clientWidth) box.setAttribute("tabindex", "0");
    else box.removeAttribute("tabindex");
  }
}

/** A link in a menu leads away from it. @param {MouseEvent} event */
function closeMenu(event) {
  const target = event.target instanceof Element ? event.target : null;
  const menu = target?.closest("a") && target.closest("[popover]");
  if (menu instanceof HTMLElement && menu.matches(":popover-open")) menu.hidePopover();
}

/** What the focus goes to must not lie below a menu. @param {FocusEvent} event */
function leaveMenu({ target }) {
  const menu = document.querySelector(":popover-open");
  if (!(menu instanceof HTMLElement && target instanceof Element)) return;
  if (!menu.contains(target) && !target.matches("[popovertarget]")) menu.hidePopover();
}

markScrollers();
addEventListener("resize", markScrollers);
addEventListener("toggle", markScrollers, true);
addEventListener("click", closeMenu);
addEventListener("focusin", leaveMenu);

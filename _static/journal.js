// @ts-check
// What the pages cannot do without a script. They work without it.

/** What scrolls sideways must be reachable by keyboard; what does not should not stop it. */
function markScrollers() {
  for (const box of document.querySelectorAll("article pre, article .table-wrapper")) {
    if (box.scrollWidth > box.clientWidth) box.setAttribute("tabindex", "0");
    else box.removeAttribute("tabindex");
  }
}

/** Furo's two asides have no names of their own. */
function nameAsides() {
  document.querySelector(".sidebar-drawer")?.setAttribute("aria-label", "Journal");
  document.querySelector(".toc-drawer")?.setAttribute("aria-label", "On this page");
}

/** Escape closes the menus of narrow screens. @param {KeyboardEvent} event */
function closeMenus(event) {
  if (event.key !== "Escape") return;
  for (const toggle of document.querySelectorAll("input.sidebar-toggle")) {
    if (toggle instanceof HTMLInputElement && toggle.checked) {
      toggle.checked = false;
      toggle.focus();
    }
  }
}

nameAsides();
markScrollers();
addEventListener("resize", markScrollers);
addEventListener("keydown", closeMenus);

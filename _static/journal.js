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

/** The switches of the menus are labels of hidden inputs, which no key reaches: put buttons in their place. */
function makeSwitches() {
  for (const label of document.querySelectorAll("label.nav-overlay-icon, label.toc-overlay-icon:not(.no-toc)")) {
    if (!(label instanceof HTMLLabelElement) || !(label.control instanceof HTMLInputElement)) continue;
    const toggle = label.control;
    const button = document.createElement("button");
    button.type = "button";
    button.className = label.className;
    button.setAttribute("aria-label", toggle.getAttribute("aria-label") ?? "");
    button.setAttribute("aria-expanded", "false");
    button.append(...label.childNodes);
    button.addEventListener("click", () => toggle.click());
    toggle.addEventListener("change", () => button.setAttribute("aria-expanded", String(toggle.checked)));
    label.replaceWith(button);
  }
}

/** Escape closes the menus of narrow screens. @param {KeyboardEvent} event */
function closeMenus(event) {
  if (event.key !== "Escape") return;
  for (const toggle of document.querySelectorAll("input.sidebar-toggle")) {
    if (toggle instanceof HTMLInputElement && toggle.checked) toggle.click();
  }
}

makeSwitches();
nameAsides();
markScrollers();
addEventListener("resize", markScrollers);
addEventListener("toggle", markScrollers, true);
addEventListener("keydown", closeMenus);

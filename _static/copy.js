// @ts-check
// A button on each block of code, which copies it without prompts, output and line numbers, and says that it did.

{
  const NOT_COPIED = ".linenos, .gp, .go";
  const ICON = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M8 8h12v12H8zM16 8V4H4v12h4"/></svg>';

  /** @param {HTMLElement} block @param {HTMLButtonElement} button */
  async function copy(block, button) {
    const code = /** @type {HTMLElement} */ (block.cloneNode(true));
    for (const part of code.querySelectorAll(NOT_COPIED)) part.remove();
    let said = gettext("Copied");
    try {
      await navigator.clipboard.writeText((code.textContent ?? "").trimEnd());
    } catch {
      getSelection()?.selectAllChildren(block); // for the keys of the browser, which may do it where a script may not
      said = gettext("Not copied: the code is selected");
    }
    button.dataset.said = said;
    announce(said);
    setTimeout(() => delete button.dataset.said, 2000);
  }

  for (const block of document.querySelectorAll("div.highlight pre")) {
    if (!(block instanceof HTMLElement)) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copybtn";
    button.ariaLabel = gettext("Copy the code");
    button.innerHTML = ICON;
    button.addEventListener("click", () => copy(block, button));
    block.after(button);
  }
}

// @ts-check
// Add a button to each code block that copies the code without prompts, output and line numbers.

{
  const NOT_COPIED = ".linenos, .gp, .go";
  const ICON = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M8 8h12v12H8zM16 8V4H4v12h4"/></svg>';

  /** @param {HTMLElement} block @param {HTMLButtonElement} button */
  async function copy(block, button) {
    const code = /** @type {HTMLElement} */ (block.cloneNode(true));
    for (const part of code.querySelectorAll(NOT_COPIED)) part.remove();
    let message = gettext("Copied");
    try {
      await navigator.clipboard.writeText((code.textContent ?? "").trimEnd());
    } catch {
      getSelection()?.selectAllChildren(block); // so that the reader can press Ctrl+C
      message = gettext("Could not copy; the code is selected");
    }
    button.dataset.said = message;
    announce(message);
    setTimeout(() => delete button.dataset.said, 2000);
  }

  for (const block of document.querySelectorAll("div.highlight pre")) {
    if (!(block instanceof HTMLElement)) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copybtn";
    button.ariaLabel = gettext("Copy code");
    button.innerHTML = ICON;
    button.addEventListener("click", () => copy(block, button));
    block.after(button);
  }
}

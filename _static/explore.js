// @ts-check
// Let a reader choose among the states that a lab has measured. Nothing is computed here: every answer stands in the page. The
// choice is kept in the address, so that a link to it shows the same.

/** @typedef {{ axes: string[], states: Record<string, string> }} Answer */

/** @param {HTMLFormElement} form */
function explore(form) {
  /** @type {Record<string, Answer>} */
  const answers = JSON.parse(form.querySelector("script")?.textContent ?? "{}");
  const options = [...form.querySelectorAll("input")];
  const address = new URLSearchParams(location.search);
  for (const option of options) if (address.get(option.name) === option.value) option.checked = true;

  /** Texts of a map that show the first choice, and show another one with it. */
  const texts = options.filter((option) => option.defaultChecked).flatMap(({ name, value }) => {
    const first = labelOf(form, name, value);
    return [...document.querySelectorAll(".systems-map :is(text, span)")]
      .filter((element) => !element.childElementCount && element.textContent?.includes(first))
      .map((element) => ({ element, name, first, text: element.textContent ?? "" }));
  });

  const show = () => {
    const chosen = Object.fromEntries(options.filter((option) => option.checked).map(({ name, value }) => [name, value]));
    for (const [name, { axes, states }] of Object.entries(answers)) {
      const place = form.elements.namedItem(name);
      if (place instanceof HTMLOutputElement) place.value = states[axes.map((axis) => chosen[axis]).join(" ")];
    }
    for (const { element, name, first, text } of texts) {
      element.textContent = text.replace(first, labelOf(form, name, chosen[name]));
    }
  };

  form.addEventListener("change", () => {
    const url = new URL(location.href);
    for (const option of options) {
      if (option.checked && !option.defaultChecked) url.searchParams.set(option.name, option.value);
      if (option.checked && option.defaultChecked) url.searchParams.delete(option.name);
    }
    history.replaceState(history.state, "", url);
    show();
  });
  form.hidden = false;
  show();
}

/** @param {HTMLFormElement} form @param {string} name @param {string} value */
function labelOf(form, name, value) {
  return form.querySelector(`input[name="${name}"][value="${value}"]`)?.parentElement?.textContent?.trim() ?? "";
}

for (const form of document.querySelectorAll("form.exploration")) if (form instanceof HTMLFormElement) explore(form);

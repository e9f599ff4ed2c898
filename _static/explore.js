// @ts-check
// Let readers choose among the measured states of a lab. Nothing is computed: every answer is in the page. The address
// contains the choice, so that it can be shared.

/** @typedef {{ axes: string[], states: Record<string, string> }} Answer */

/** Show a form with the choices of the address, and update the results and the address after each change of a choice.
 *  @param {HTMLFormElement} form */
function explore(form) {
  /** @type {Record<string, Answer>} */
  const answers = JSON.parse(form.querySelector("script")?.textContent ?? "{}");
  const radios = [...form.querySelectorAll("input")].filter((input) => input.type === "radio");
  const ranges = [...form.querySelectorAll("input")].filter((input) => input.type === "range");

  /** @returns {Record<string, string>} the chosen keys, by the names of the axes */
  const choices = () => Object.fromEntries([
    ...radios.filter((radio) => radio.checked).map(({ name, value }) => [name, value]),
    ...ranges.map((range) => [range.name, optionsOf(range)[Number(range.value)].dataset.key]),
  ]);

  form.reset();
  const initial = choices();
  restoreChoices(radios, ranges);

  /** Texts of the map that contain the label of an initial choice, and change with the choice. */
  const texts = radios.filter((radio) => radio.defaultChecked).flatMap(({ name, value }) => {
    const label = labelOf(form, name, value);
    return [...document.querySelectorAll(".systems-map :is(text, span)")]
      .filter((element) => !element.childElementCount && element.textContent?.includes(label))
      .map((element) => ({ element, name, label, text: element.textContent ?? "" }));
  });

  const showResults = () => {
    const chosen = choices();
    for (const [name, { axes, states }] of Object.entries(answers)) {
      const output = form.elements.namedItem(name);
      if (output instanceof HTMLOutputElement) output.value = states[axes.map((axis) => chosen[axis]).join(" ")];
    }
    for (const range of ranges) {
      const { label } = optionsOf(range)[Number(range.value)];
      range.setAttribute("aria-valuetext", label);
      const shown = range.parentElement?.querySelector("span");
      if (shown) shown.textContent = label;
    }
    for (const { element, name, label, text } of texts) {
      element.textContent = text.replace(label, () => labelOf(form, name, chosen[name]));
    }
  };

  form.addEventListener("input", showResults);
  form.addEventListener("change", () => {
    const url = new URL(location.href);
    for (const [name, key] of Object.entries(choices())) {
      if (key === initial[name]) url.searchParams.delete(name);
      else url.searchParams.set(name, key);
    }
    history.replaceState(history.state, "", url);
  });
  form.hidden = false;
  showResults();
}

/** Select what the address gives; an unknown key is ignored. @param {HTMLInputElement[]} radios @param {HTMLInputElement[]} ranges */
function restoreChoices(radios, ranges) {
  const parameters = new URLSearchParams(location.search);
  for (const radio of radios) if (parameters.get(radio.name) === radio.value) radio.checked = true;
  for (const range of ranges) {
    const option = optionsOf(range).find(({ dataset }) => dataset.key === parameters.get(range.name));
    if (option) range.value = option.value;
  }
}

/** The positions of a slider. @param {HTMLInputElement} range */
function optionsOf(range) {
  return [...(range.list?.options ?? [])];
}

/** The label of a choice; `""` if there is none. @param {HTMLFormElement} form @param {string} name @param {string} value */
function labelOf(form, name, value) {
  return form.querySelector(`input[name="${name}"][value="${value}"]`)?.parentElement?.textContent?.trim() ?? "";
}

for (const form of document.querySelectorAll("form.exploration")) if (form instanceof HTMLFormElement) explore(form);

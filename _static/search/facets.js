// @ts-check
// The facets of a search: lists that narrow the results by lane, tag and year.

import { element } from "./element.js";
import { throwIfLost } from "./engine.js";
import { ask } from "./ranking.js";

/** @typedef {import("./engine.js").Engine} Engine */
/** @typedef {import("./ranking.js").Query} Query */

/** Each facet, with the label of its first option, which chooses nothing. */
const FACETS = { lane: "All lanes", tag: "All tags", year: "All years" };
const OFFER = "Narrow by lane, tag or year";

/** The lists, and for a large journal the button that loads them. */
export class Facets {
  /** @param {() => void} onChoice called after a choice @param {() => Promise<void>} load fill the lists on request */
  constructor(onChoice, load) {
    /** The chosen value of each facet; `""` for none. @type {Record<string, string>} */
    this.choices = { lane: "", tag: "", year: "" };
    this.load = load;
    this.open = false;
    this.button = element("button", { type: "button", class: "search-narrow", hidden: "" }, OFFER);
    this.button.addEventListener("click", () => this.loadAndOpen());
    this.lists = Object.entries(FACETS).map(([facet, all]) => {
      const select = element("select", { "aria-label": facet, disabled: "" }, new Option(all, ""));
      select.addEventListener("change", () => {
        this.choices[facet] = select.value;
        onChoice();
      });
      return { facet, all, select };
    });
    const controls = [this.button, ...this.lists.map(({ select }) => select)];
    this.bar = element("div", { class: "search-facets", role: "group", "aria-label": "Narrow" }, ...controls);
  }

  /** The chosen values. */
  get chosen() {
    return Object.values(this.choices).filter(Boolean);
  }

  /**
   * Choose the values that an address names, if the index has them.
   * @param {Engine} engine @param {URLSearchParams} named
   */
  async choose(engine, named) {
    const facets = Object.keys(FACETS).filter((facet) => named.get(facet));
    const values = facets.length ? await engine.filters() : {};
    throwIfLost();
    for (const facet of facets) {
      const value = named.get(facet) ?? "";
      if (Object.hasOwn(values[facet] ?? {}, value)) this.choices[facet] = value;
    }
  }

  /**
   * Show the lists with the values and counts of an answer. In a large journal show the button instead, until it is
   * pressed or a value is chosen.
   * @param {Engine} engine @param {Query} query @param {() => boolean} isCurrent
   */
  async update(engine, query, isCurrent) {
    this.show(this.open || !engine.large || this.chosen.length > 0);
    if (this.open) await this.fill(engine, query, isCurrent);
  }

  /** @param {boolean} open whether the lists are shown, rather than the button */
  show(open) {
    this.open = open;
    this.button.hidden = open;
    for (const { select } of this.lists) select.hidden = !open;
  }

  /** Load the lists and put them in the place of the button; it stays if they cannot be loaded. */
  async loadAndOpen() {
    this.button.textContent = "Loading lanes, tags and years…";
    try {
      await this.load();
    } catch {
      return;
    } finally {
      this.button.textContent = OFFER;
    }
    this.show(true);
    this.lists[0].select.focus();
  }

  /**
   * Fill the lists with the values and the number of matching notes for each. The numbers of a facet ignore its own
   * choice: they say what another choice would give.
   * @param {Engine} engine @param {Query} query @param {() => boolean} isCurrent
   */
  async fill(engine, query, isCurrent) {
    const values = await engine.filters();
    const counts = await Promise.all(
      this.lists.map(async ({ facet }) => {
        const answer = await ask(engine, query, { ...this.choices, [facet]: "" });
        return answer.counts && (answer.counts[facet] ?? {});
      }),
    );
    throwIfLost();
    if (!isCurrent()) return;
    for (const [index, { facet, all, select }] of this.lists.entries()) {
      const options = optionsOf(Object.keys(values[facet] ?? {}), counts[index], facet, this.choices[facet]);
      select.replaceChildren(new Option(all, ""), ...options);
      select.value = this.choices[facet];
      select.disabled = false;
    }
  }
}

/**
 * The options of a facet: years from the latest, other values from the most frequent. Values without a match are left
 * out, except for the chosen one.
 * @param {string[]} values @param {Record<string, number> | undefined} counts undefined if unknown
 * @param {string} facet @param {string} chosen
 */
function optionsOf(values, counts, facet, chosen) {
  /** @param {string} value */
  const count = (value) => counts?.[value] ?? 0;
  /** @type {(a: string, b: string) => number} */
  const order = facet === "year" ? (a, b) => b.localeCompare(a) : (a, b) => count(b) - count(a) || a.localeCompare(b);
  return values
    .filter((value) => !counts || count(value) || value === chosen)
    .sort(order)
    .map((value) => new Option(counts ? `${value} (${count(value)})` : value, value));
}

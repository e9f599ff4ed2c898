// @ts-check
// The facets of a search: menus that filter the results by lane, tag and year, and one that sorts them.

import { element } from "./dom.js";

/** @typedef {import("./engine.js").Overview} Overview */

/** The facets, each with the label of its first option, which does not filter. */
const UNFILTERED = { lane: gettext("All lanes"), tag: gettext("All tags"), year: gettext("All years") };
const FACETS = Object.keys(UNFILTERED);

/** The values of a note by facet. @param {Overview} overview @param {number} note @returns {Record<string, string[]>} */
function valuesOf(overview, note) {
  return {
    lane: [overview.laneTitles[overview.lanes[note]]],
    tag: overview.tags[note].map((tag) => overview.tagTitles[tag]),
    year: [overview.dates[note].slice(0, 4)],
  };
}

/** @type {Record<string, string>} */
const LABELS = { lane: gettext("lane"), tag: gettext("tag"), year: gettext("year"), sort: gettext("sort order") };

export class Facets {
  /** @param {() => void} onChoice called after a choice */
  constructor(onChoice) {
    /** The chosen value of each facet, and `sort`; `""` for none. @type {Record<string, string>} */
    this.choices = { lane: "", tag: "", year: "", sort: "" };
    this.filters = Object.entries(UNFILTERED).map(([facet, label]) => ({
      facet,
      label,
      select: this.createSelect(facet, onChoice, new Option(label, "")),
    }));
    const best = new Option(gettext("Best first"), "");
    this.sortSelect = this.createSelect("sort", onChoice, best, new Option(gettext("Newest first"), "date"));
    const selects = [...this.filters.map(({ select }) => select), this.sortSelect];
    this.bar = element("div", { class: "search-facets", role: "group", "aria-label": gettext("Filters") }, ...selects);
  }

  /** Create a menu that updates `choices`; `fill` enables it.
   *  @param {string} name @param {() => void} onChoice @param {HTMLOptionElement[]} options */
  createSelect(name, onChoice, ...options) {
    const select = element("select", { "aria-label": LABELS[name], disabled: "" }, ...options);
    select.addEventListener("change", () => {
      this.choices[name] = select.value;
      onChoice();
    });
    return select;
  }

  /** The chosen values of the facets, without the sort order. */
  get chosen() {
    return FACETS.map((facet) => this.choices[facet]).filter(Boolean);
  }

  /** Choose the values and the sort order that an address gives; a value that no note has is ignored.
   *  @param {Overview} overview @param {URLSearchParams} parameters */
  choose(overview, parameters) {
    const valuesByNote = overview.names.map((_, note) => valuesOf(overview, note));
    for (const facet of FACETS) {
      const value = parameters.get(facet) ?? "";
      if (valuesByNote.some((values) => values[facet].includes(value))) this.choices[facet] = value;
    }
    this.choices.sort = parameters.get("sort") === "date" ? "date" : "";
  }

  /** The notes that have the chosen values, in the chosen order.
   *  @param {Overview} overview @param {number[]} notes @param {string} [ignored] a facet whose choice is ignored */
  narrow(overview, notes, ignored) {
    const active = FACETS.filter((facet) => facet !== ignored && this.choices[facet]);
    const kept = notes.filter((note) => active.every((facet) => valuesOf(overview, note)[facet].includes(this.choices[facet])));
    const { dates } = overview;
    return this.choices.sort ? kept.toSorted((a, b) => dates[b].localeCompare(dates[a])) : kept;
  }

  /**
   * Fill the menus with the values and the number of matching notes for each, and enable them. The numbers of a facet
   * ignore its own choice: they show what another choice would give.
   * @param {Overview} overview @param {number[]} notes
   */
  fill(overview, notes) {
    for (const { facet, label, select } of this.filters) {
      /** @type {Map<string, number>} */
      const counts = new Map(this.choices[facet] ? [[this.choices[facet], 0]] : []);
      for (const note of this.narrow(overview, notes, facet)) {
        for (const value of valuesOf(overview, note)[facet]) counts.set(value, (counts.get(value) ?? 0) + 1);
      }
      const options = [...counts].sort(facet === "year" ? ([a], [b]) => b.localeCompare(a) : byCount);
      select.replaceChildren(new Option(label, ""), ...options.map(([value, count]) => new Option(`${value} (${count})`, value)));
      select.value = this.choices[facet];
      select.disabled = false;
    }
    this.sortSelect.value = this.choices.sort;
    this.sortSelect.disabled = false;
  }
}

/** @param {[string, number]} a @param {[string, number]} b */
const byCount = ([a, first], [b, second]) => second - first || a.localeCompare(b);

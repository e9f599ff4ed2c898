// @ts-check
// One index over several sites. Loaded only if `fieldnotes_search_sites` names other sites.

import { Index } from "./engine.js";

/** @typedef {import("./engine.js").Entry} Entry */
/** @typedef {import("./engine.js").Overview} Overview */
/** A note of the joined index: its name, its site, and its number there. @typedef {{ name: string, site: number, number: number }} Place */

/** Notes are numbered in the order of their names, as in one site. */
export class JoinedIndex extends Index {
  /** @param {Index[]} sites */
  constructor(sites) {
    const notes = sites.flatMap(({ overview }, site) => overview.names.map((name, number) => ({ name, site, number })));
    notes.sort((a, b) => (a.name < b.name ? -1 : 1));
    super(joinOverviews(sites, notes), sites[0].load, sites[0].root);
    this.sites = sites;
    this.notes = notes;
    /** The number of each note, by its site and its number there. @type {number[][]} */
    this.numbers = sites.map(() => []);
    for (const [note, { site, number }] of notes.entries()) this.numbers[site][number] = note;
  }

  /** @param {string} term */
  async entry(term) {
    return this.join(term, await Promise.all(this.sites.map((site) => site.entry(term))));
  }

  /** @param {string} prefix */
  async entriesFrom(prefix) {
    const entriesBySite = await Promise.all(this.sites.map((site) => site.entriesFrom(prefix)));
    const byTerm = entriesBySite.map((entries) => new Map(entries.map((entry) => [entry.term, entry])));
    const terms = [...new Set(byTerm.flatMap((entries) => [...entries.keys()]))].sort();
    return terms.flatMap((term) => this.join(term, byTerm.map((entries) => entries.get(term))) ?? []);
  }

  /** @param {string} term @param {(Entry | undefined)[]} entries one per site @returns {Entry | undefined} */
  join(term, entries) {
    if (!entries.some(Boolean)) return undefined;
    /** @type {Entry["postings"]} */
    const postings = new Map();
    for (const [site, entry] of entries.entries()) {
      for (const [number, posting] of entry?.postings ?? []) postings.set(this.numbers[site][number], posting);
    }
    return { term, family: [...new Set(entries.flatMap((entry) => entry?.family ?? []))].sort(), postings };
  }

  async vocabulary() {
    /** @type {Map<string, number>} */
    const words = new Map();
    for (const { word, notes } of (await Promise.all(this.sites.map((site) => site.vocabulary()))).flat()) {
      words.set(word, Math.max(notes, words.get(word) ?? 0));
    }
    return [...words].sort().map(([word, notes]) => ({ word, notes }));
  }

  /** @param {number} note */
  sections(note) {
    const { site, number } = this.notes[note];
    return this.sites[site].sections(number);
  }

  /** @param {number} note */
  address(note) {
    const { site, number } = this.notes[note];
    return this.sites[site].address(number);
  }
}

/** @param {Index[]} sites the first is the site of the search @param {Place[]} notes @returns {Overview} */
function joinOverviews(sites, notes) {
  const overviews = sites.map(({ overview }) => overview);
  const laneTitles = [...new Set(overviews.flatMap(({ laneTitles }) => laneTitles))];
  const tagTitles = [...new Set(overviews.flatMap(({ tagTitles }) => tagTitles))];
  /** @type {Map<string, Overview["things"][0]>} */
  const things = new Map();
  for (const { overview, root } of [...sites].reverse()) {
    for (const [kind, title, path, ...rest] of overview.things) {
      things.set(`${kind} ${title}`, [kind, title, new URL(path, root).href, ...rest]);
    }
  }
  return {
    ...overviews[0],
    names: notes.map(({ name }) => name),
    titles: notes.map(({ site, number }) => overviews[site].titles[number]),
    dates: notes.map(({ site, number }) => overviews[site].dates[number]),
    lengths: notes.map(({ site, number }) => overviews[site].lengths[number]),
    lanes: notes.map(({ site, number }) => laneTitles.indexOf(overviews[site].laneTitles[overviews[site].lanes[number]])),
    tags: notes.map(({ site, number }) => overviews[site].tags[number].map((tag) => tagTitles.indexOf(overviews[site].tagTitles[tag]))),
    laneTitles,
    tagTitles,
    things: [...things.values()],
  };
}

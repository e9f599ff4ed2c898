// @ts-check
// One index over those of several sites. Loaded only if `fieldnotes_search_sites` names other sites.

import { Index } from "./engine.js";

/** @typedef {import("./engine.js").Entry} Entry */
/** @typedef {import("./engine.js").Overview} Overview */
/** A note of the joined index: its name, and the site and the number that it has there. @typedef {{ name: string, at: number, own: number }} Place */

/** Notes are numbered in the order of their names, as in one site. */
export class JoinedIndex extends Index {
  /** @param {Index[]} sites */
  constructor(sites) {
    const notes = sites.flatMap(({ overview }, at) => overview.names.map((name, own) => ({ name, at, own })));
    notes.sort((a, b) => (a.name < b.name ? -1 : 1));
    super(joinOverviews(sites, notes), sites[0].load, sites[0].root);
    this.sites = sites;
    this.notes = notes;
    /** The number of each note, by its site and its number there. @type {number[][]} */
    this.numbers = sites.map(() => []);
    for (const [note, { at, own }] of notes.entries()) this.numbers[at][own] = note;
  }

  /** @param {string} term */
  async entry(term) {
    return this.join(term, await Promise.all(this.sites.map((site) => site.entry(term))));
  }

  /** @param {string} prefix */
  async entriesFrom(prefix) {
    const found = await Promise.all(this.sites.map((site) => site.entriesFrom(prefix)));
    const byTerm = found.map((entries) => new Map(entries.map((entry) => [entry.term, entry])));
    const terms = [...new Set(byTerm.flatMap((entries) => [...entries.keys()]))].sort();
    return terms.flatMap((term) => this.join(term, byTerm.map((entries) => entries.get(term))) ?? []);
  }

  /** @param {string} term @param {(Entry | undefined)[]} entries those of each site @returns {Entry | undefined} */
  join(term, entries) {
    if (!entries.some(Boolean)) return undefined;
    /** @type {Entry["postings"]} */
    const postings = new Map();
    for (const [at, entry] of entries.entries()) {
      for (const [own, posting] of entry?.postings ?? []) postings.set(this.numbers[at][own], posting);
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
    const { at, own } = this.notes[note];
    return this.sites[at].sections(own);
  }

  /** @param {number} note */
  address(note) {
    const { at, own } = this.notes[note];
    return this.sites[at].address(own);
  }
}

/** @param {Index[]} sites the first is the one that the search is on @param {Place[]} notes @returns {Overview} */
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
    titles: notes.map(({ at, own }) => overviews[at].titles[own]),
    dates: notes.map(({ at, own }) => overviews[at].dates[own]),
    lengths: notes.map(({ at, own }) => overviews[at].lengths[own]),
    lanes: notes.map(({ at, own }) => laneTitles.indexOf(overviews[at].laneTitles[overviews[at].lanes[own]])),
    tags: notes.map(({ at, own }) => overviews[at].tags[own].map((tag) => tagTitles.indexOf(overviews[at].tagTitles[tag]))),
    laneTitles,
    tagTitles,
    things: [...things.values()],
  };
}

// @ts-check
// One search, in the dialog or on the search page: its field, facets, results and status.

import { element } from "./dom.js";
import { forgetIndex, loadIndex } from "./engine.js";
import { Facets } from "./facets.js";
import { ask } from "./ranking.js";
import { fillCard, renderCard, renderThings } from "./results.js";

/** @typedef {import("./engine.js").Index} Index */
/** @typedef {import("./ranking.js").Answer} Answer */

/** Number of notes shown at once. */
const PAGE_SIZE = 8;
/** Number of tags suggested if no note matches. */
const MAX_SUGGESTED_TAGS = 8;
/** Milliseconds without a key before a query runs. */
const TYPING_PAUSE = 120;
/** Milliseconds without another answer before the excerpts of the visible notes are loaded. */
const READING_PAUSE = 300;
/** Milliseconds before the status says that the search is running. */
const SLOW_AFTER = 400;
/** Milliseconds before a search fails. */
const TIMEOUT = 30_000;
/** Milliseconds without a key or an answer before the status is announced to screen readers. */
const ANNOUNCE_AFTER = 1000;

/** A search and its view: the page shows `facets.bar` and `body`, and provides the field. */
export class Search {
  /**
   * @param {HTMLInputElement} input the field
   * @param {string} root address of the site's root folder
   * @param {"h2" | "h3"} heading element of a result's title
   */
  constructor(input, root, heading) {
    this.input = input;
    this.root = root;
    this.heading = heading;
    /** Called when a query starts, before its answer. @type {() => void} */
    this.onAsk = () => {};
    /** Prepares the search before its first answer. @type {(index: Index) => void} */
    this.prepare = () => {};

    this.status = element("p", { class: "search-status", "aria-hidden": "true" });
    this.liveRegion = element("p", { class: "visually-hidden", role: "status" });
    this.things = element("ul", { class: "result-things", role: "list", "aria-label": gettext("Pages") });
    this.list = element("ol", { class: "result-list", role: "list", "aria-label": gettext("Results") });
    this.more = element("button", { type: "button", class: "search-more", hidden: "" }, gettext("More notes"));
    this.body = element("div", { class: "search-body" }, this.status, this.liveRegion, this.things, this.list, this.more);
    this.facets = new Facets(() => this.ask());
    this.watch = new IntersectionObserver((entries) => this.fillVisible(entries));

    /** Cards that are filled or being filled. @type {WeakMap<HTMLElement, Promise<void>>} */
    this.filling = new WeakMap();
    this.shown = PAGE_SIZE;
    /** Number of queries so far; an answer to an earlier one is dropped. */
    this.turn = 0;
    /** The last answer, and its notes after filtering. @type {{ index: Index, answer: Answer, notes: number[] } | undefined} */
    this.shownAnswer = undefined;
    /** Whether the last query failed, and whether the browser was offline then. */
    this.broken = this.offline = false;
    /** The answer to the last query, or the pause before it runs. @type {Promise<unknown>} */
    this.settled = Promise.resolve();
    this.announceTimer = this.typingTimer = this.readingTimer = 0;

    this.more.addEventListener("click", () => this.showMore());
    input.addEventListener("input", () => this.onInput());
  }

  get query() {
    return this.input.value.trim();
  }

  /** Run the query when typing pauses. */
  onInput() {
    if (!this.body.isConnected) return; // Sphinx's search has replaced this one
    clearTimeout(this.typingTimer);
    clearTimeout(this.readingTimer);
    this.cancelAnnouncement();
    this.settled = new Promise((resolve) => {
      this.typingTimer = window.setTimeout(() => resolve(this.ask()), TYPING_PAUSE);
    });
  }

  /** Load the index, and run the query if there is one. @returns {Promise<unknown>} */
  start() {
    if (this.query) return this.ask();
    return loadIndex(this.root).then(
      () => this.query || this.showStatus(""),
      (error) => this.fail(error),
    );
  }

  /** Run the query and show its answer, unless another query starts meanwhile. @returns {Promise<void>} */
  ask() {
    return (this.settled = this.askAndShow());
  }

  /** Run the query, and show its answer or failure; an answer that comes after another query is dropped. */
  async askAndShow() {
    const turn = ++this.turn;
    this.shown = PAGE_SIZE;
    this.onAsk();
    if (!this.query) {
      this.clear();
      this.showStatus("");
      return;
    }
    try {
      const { index, answer } = await this.wait(this.find(), turn);
      if (turn !== this.turn) return;
      this.shownAnswer = { index, answer, notes: this.facets.narrow(index.overview, answer.notes) };
      this.broken = this.offline = false;
      this.show(0);
      this.facets.fill(index.overview, answer.notes);
    } catch (error) {
      if (turn === this.turn) this.fail(error);
    }
  }

  /** Find the matching notes; if a file of the index is missing, reload the index and try again. */
  async find() {
    const { query } = this;
    for (let again = false; ; again = true) {
      try {
        const index = await loadIndex(this.root);
        this.prepare(index);
        return { index, answer: await ask(index, query) };
      } catch (error) {
        forgetIndex();
        if (again) throw error;
      }
    }
  }

  /**
   * Wait for an answer; report a slow one in the status, and reject after `TIMEOUT`.
   * @template T @param {Promise<T>} answer @param {number} turn @returns {Promise<T>}
   */
  async wait(answer, turn) {
    const slowTimer = setTimeout(() => {
      if (turn === this.turn) this.showStatus(gettext("Searching…"));
    }, SLOW_AFTER);
    let timeoutTimer = 0;
    /** @type {Promise<never>} */
    const timeout = new Promise((_, reject) => (timeoutTimer = window.setTimeout(reject, TIMEOUT, "no answer")));
    try {
      return await Promise.race([answer, timeout]);
    } finally {
      clearTimeout(slowTimer);
      clearTimeout(timeoutTimer);
    }
  }

  /** Show the results from position `from` on: below the earlier ones, or, from 0, in place of them. The focus moves to the
   *  first new result if it was in the results. @param {number} from */
  show(from) {
    if (!this.shownAnswer) return;
    const { index, answer, notes } = this.shownAnswer;
    const cards = notes.slice(from, this.shown).map((note) => renderCard(index, note, this.heading));
    const focused = this.body.contains(document.activeElement);
    if (from) this.list.append(...cards);
    else {
      this.watch.disconnect();
      this.list.replaceChildren(...cards);
      const things = notes.length || answer.things.length ? answer.things : mostUsedTags(index);
      this.things.replaceChildren(...renderThings(this.root, things));
    }
    this.more.hidden = notes.length <= this.shown;
    if (focused) (cards[0]?.querySelector("a") ?? this.input).focus();
    this.showStatus(summarize(this.shownAnswer, this.facets.chosen));
    clearTimeout(this.readingTimer);
    this.readingTimer = window.setTimeout(() => {
      this.fill(cards[0]);
      for (const card of cards) this.watch.observe(card);
    }, READING_PAUSE);
  }

  /** Fill the visible cards. @param {IntersectionObserverEntry[]} entries */
  fillVisible(entries) {
    for (const { target } of entries.filter(({ isIntersecting }) => isIntersecting)) {
      this.watch.unobserve(target);
      this.fill(/** @type {HTMLElement} */ (target));
    }
  }

  /** Load the sections of a card, once. @param {HTMLElement | null | undefined} card */
  async fill(card) {
    if (!card || !this.shownAnswer) return;
    if (!this.filling.has(card)) this.filling.set(card, fillCard(card, this.shownAnswer.index, this.shownAnswer.answer));
    await this.filling.get(card);
  }

  /** Show the next results below the earlier ones. */
  showMore() {
    const { shown } = this;
    this.shown += PAGE_SIZE;
    this.show(shown);
  }

  /** Report a failure in the status, and clear the results, so that Enter starts Sphinx's search instead of opening one of
   *  them. @param {unknown} error for the console */
  fail(error) {
    console.debug(error);
    this.broken = true;
    this.offline = !navigator.onLine;
    this.shownAnswer = undefined;
    if (this.body.contains(document.activeElement)) this.input.focus();
    this.clear();
    if (this.offline) this.showStatus(gettext("You are offline. Press Enter to try again."));
    else this.showStatus(gettext("The quick search could not be loaded. Press Enter for the full search."));
  }

  /** Remove the results, but not the status. */
  clear() {
    clearTimeout(this.readingTimer);
    this.things.replaceChildren();
    this.list.replaceChildren();
    this.more.hidden = true;
  }

  /** Show a status at once, and announce it to screen readers if nothing follows. @param {string} text */
  showStatus(text) {
    this.cancelAnnouncement();
    this.status.textContent = text;
    this.announceTimer = window.setTimeout(() => (this.liveRegion.textContent = text), ANNOUNCE_AFTER);
  }

  cancelAnnouncement() {
    clearTimeout(this.announceTimer);
    this.liveRegion.textContent = "";
  }

  /** Wait until the last query is answered and its first result has its sections. */
  async answered() {
    let awaited;
    do {
      awaited = this.settled;
      await awaited;
    } while (awaited !== this.settled);
    await this.fill(this.list.querySelector("li"));
  }

  /** Move the focus with the arrow keys: from the field through the results, and back. @param {KeyboardEvent} event */
  move(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.isComposing || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const active = /** @type {HTMLElement} */ (document.activeElement);
    if (active instanceof HTMLSelectElement || !this.body.isConnected) return;
    event.preventDefault();
    /** @type {HTMLElement[]} */
    const stops = [this.input, ...this.body.querySelectorAll("a"), ...(this.more.hidden ? [] : [this.more])];
    const next = stops.indexOf(active) + step;
    stops[Math.min(Math.max(next, 0), stops.length - 1)].focus();
  }

  /** The address of this search on the search page. @param {string} page address of the search page */
  addressOn(page) {
    const url = new URL(page, document.baseURI);
    for (const [name, value] of Object.entries({ q: this.query, ...this.facets.choices })) {
      if (value) url.searchParams.set(name, value);
      else url.searchParams.delete(name);
    }
    return url.href;
  }
}

/** The tags with the most notes. @param {Index} index @returns {Answer["things"]} */
function mostUsedTags({ overview }) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const tag of overview.tags.flat()) counts.set(overview.tagTitles[tag], (counts.get(overview.tagTitles[tag]) ?? 0) + 1);
  const tags = overview.things.filter(([kind, title]) => kind === "Tag" && counts.has(title));
  return tags.sort(([, a], [, b]) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0)).slice(0, MAX_SUGGESTED_TAGS);
}

/** The status of an answer. @param {NonNullable<Search["shownAnswer"]>} shownAnswer @param {string[]} chosen values of the facets */
function summarize({ answer, notes }, chosen) {
  const { matches, query, loose } = answer;
  const unknown = matches.filter(({ hits }) => !hits.size).map(({ unit }) => gettext("“{word}”", { word: unit.text }));
  const replaced = matches
    .filter(({ nearest }) => nearest)
    .map(({ unit, nearest }) => gettext("“{nearest}” instead of “{word}”", { nearest: nearest ?? "", word: unit.text }));
  const whole = notes.filter((note) => answer.whole.has(note)).length;
  const count = ngettext("{count} note", "{count} notes", notes.length);
  const beginning = gettext("The query was too long; only its beginning was used.");
  const cut = query.cut ? `${beginning} ` : "";
  if (!notes.length) {
    const facets = gettext("in {facets}", { facets: chosen.join(", ") });
    const within = chosen.length ? ` ${facets}` : "";
    if (!query.units.length && !query.phrases.length) return cut + gettext("Nearly every note contains these words{within}; add a more specific word.", { within });
    if (answer.things.length) return cut + gettext("No note matches{within}; these pages do.", { within });
    return cut + gettext("No note matches{within}. Check the spelling, use fewer words, or pick a tag.", { within });
  }
  if (loose) return cut + gettext("No note contains this phrase; showing {count} with its words", { count });
  const or = gettext(" or ");
  if (unknown.length) return cut + gettext("No note contains {words}; showing {count} for the other words", { words: unknown.join(or), count });
  if (replaced.length) return cut + gettext("No exact match; showing {count} for {words}", { words: replaced.join(", "), count });
  if (matches.some(({ inParts }) => inParts)) return cut + gettext("No exact match; showing {count} with parts of it", { count });
  if (whole === notes.length || matches.length === 1) return cut + count;
  return cut + (whole ? gettext("{whole} of {count} contain all the words", { whole, count }) : gettext("No note contains all the words; showing {count} with some of them", { count }));
}

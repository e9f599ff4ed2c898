// @ts-check
// One search, in the dialog or on the search page: its field, facets, results and status.

import { element } from "./element.js";
import { loadEngine, recordLoss, throwIfLost } from "./engine.js";
import { Facets } from "./facets.js";
import { EXAMINED, ask, parse, rank } from "./ranking.js";
import { renderCard } from "./results.js";

/** @typedef {import("./engine.js").Engine} Engine */
/** @typedef {import("./ranking.js").Query} Query */
/** @typedef {import("./ranking.js").Answer & Awaited<ReturnType<typeof rank>>} Answer */

/** Number of notes that are shown at once. */
const SHOWN = EXAMINED;
/** Milliseconds without a key after which a query is asked. */
const TYPING_PAUSE = 120;
/** Milliseconds after which the status says that an answer is awaited. */
const SLOW = 400;
/** Milliseconds after which a search fails. */
const TIMEOUT = 30_000;
/** Milliseconds without a key or an answer after which a screen reader is told the status. */
const QUIET = 1000;

/** A search and its view: `facets.bar` and `body` are elements for a page to show, beside the field that it has. */
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
    /** Called when a query is asked, before its answer. @type {() => void} */
    this.onAsk = () => {};
    /** Called on Enter, after the answer to the last query. @type {() => void} */
    this.onEnter = () => {};
    /** Prepares the search before its first query. @type {(engine: Engine) => Promise<void> | undefined} */
    this.prepare = () => undefined;

    this.status = element("p", { class: "search-status", "aria-hidden": "true" });
    this.spoken = element("p", { class: "visually-hidden", role: "status" });
    this.list = element("ol", { class: "result-list", role: "list", "aria-label": "Results" });
    this.more = element("button", { type: "button", class: "search-more", hidden: "" }, "More notes");
    this.body = element("div", { class: "search-body" }, this.status, this.spoken, this.list, this.more);
    this.facets = new Facets(
      () => this.ask(),
      async () => this.fillFacets(await loadEngine(this.root)),
    );

    this.shown = SHOWN;
    /** Number of queries asked; an answer to an earlier one is dropped. */
    this.turn = 0;
    /** @type {Answer | undefined} */
    this.answer = undefined;
    /** Whether the last query failed, and whether the browser was offline then. */
    this.broken = this.offline = false;
    /** The answer to the last query, or the pause before it is asked. @type {Promise<unknown>} */
    this.settled = Promise.resolve();
    this.speakingTimer = this.typingTimer = 0;

    this.more.addEventListener("click", () => this.showMore());
    input.addEventListener("input", () => this.onInput());
  }

  get query() {
    return this.input.value.trim();
  }

  /** Ask a query when typing pauses. */
  onInput() {
    if (!this.body.isConnected) return; // Sphinx's search has replaced this one
    clearTimeout(this.typingTimer);
    this.silence();
    this.settled = new Promise((resolve) => {
      this.typingTimer = window.setTimeout(() => resolve(this.ask()), TYPING_PAUSE);
    });
  }

  /** Load the engine, and ask the query if there is one. @returns {Promise<unknown>} */
  start() {
    if (this.query) return this.ask();
    return loadEngine(this.root).then(
      () => this.query || this.say(""),
      (error) => this.fail(error),
    );
  }

  /** Ask the query and show its answer, unless another one is asked meanwhile. @returns {Promise<void>} */
  ask() {
    return (this.settled = this.askAndShow());
  }

  async askAndShow() {
    const turn = ++this.turn;
    this.shown = SHOWN;
    this.onAsk();
    if (!this.query) {
      this.clear();
      this.say("");
      return;
    }
    try {
      const { engine, query, answer } = await this.wait(this.find(), turn);
      if (turn !== this.turn) return;
      this.answer = answer;
      this.broken = this.offline = false;
      await this.show(turn, 0);
      // Without its facets the answer is still valid; the next query loads them again.
      this.facets.update(engine, query, () => turn === this.turn).catch(() => {});
    } catch (error) {
      if (turn === this.turn) this.fail(error);
    }
  }

  /** Find the matching notes, best first. */
  async find() {
    const query = parse(this.query);
    const engine = await loadEngine(this.root);
    await this.prepare(engine);
    const answer = await ask(engine, query, this.facets.choices);
    const ranked = await rank(answer.matches, query);
    throwIfLost();
    return { engine, query, answer: { ...answer, ...ranked } };
  }

  /**
   * Wait for an answer; say so when it is slow, and reject when it does not come.
   * @template T @param {Promise<T>} answer @param {number} turn @returns {Promise<T>}
   */
  async wait(answer, turn) {
    const slowTimer = setTimeout(() => {
      if (turn === this.turn) this.say("Searching…");
    }, SLOW);
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

  /** Show the results from a position on, below those before it. @param {number} turn @param {number} from */
  async show(turn, from) {
    if (!this.answer) return;
    const { matches, literals } = this.answer;
    const notes = await Promise.all(matches.slice(from, this.shown).map((match) => match.data()));
    if (turn !== this.turn) return;
    const cards = notes.map((note) => renderCard(this.root, note, literals, this.heading));
    const focused = this.body.contains(document.activeElement);
    if (from) this.list.append(...cards);
    else this.list.replaceChildren(...cards);
    this.more.hidden = matches.length <= this.shown;
    if (focused) (cards[0]?.querySelector("a") ?? this.input).focus();
    this.say(summarize(this.answer, this.facets.chosen));
  }

  async showMore() {
    const { turn, shown } = this;
    this.shown += SHOWN;
    try {
      await this.wait(this.show(turn, shown), turn);
    } catch (error) {
      if (turn === this.turn) this.fail(error);
    }
  }

  /** @param {Engine} engine @returns {Promise<void>} */
  fillFacets(engine) {
    const { turn } = this;
    return this.facets.fill(engine, parse(this.query), () => turn === this.turn);
  }

  /** Clear the results, so that Enter leads to Sphinx's search rather than to one of them. @param {unknown} error */
  fail(error) {
    recordLoss(error);
    this.broken = true;
    this.offline = !navigator.onLine;
    this.answer = undefined;
    if (this.body.contains(document.activeElement)) this.input.focus();
    this.clear();
    if (this.offline) this.say("You are offline. Press Enter to try again.");
    else this.say("The quick search could not be loaded. Press Enter for the full one.");
  }

  clear() {
    this.list.replaceChildren();
    this.more.hidden = true;
  }

  /** Show a status at once, and tell a screen reader when nothing follows it. @param {string} text */
  say(text) {
    this.silence();
    this.status.textContent = text;
    this.speakingTimer = window.setTimeout(() => (this.spoken.textContent = text), QUIET);
  }

  silence() {
    clearTimeout(this.speakingTimer);
    this.spoken.textContent = "";
  }

  /** Handle Enter once the last query is answered. */
  async enter() {
    let awaited;
    do {
      awaited = this.settled;
      await awaited;
    } while (awaited !== this.settled);
    this.onEnter();
  }

  /** Move the focus with the arrow keys: from the field through the results, and back. @param {KeyboardEvent} event */
  move(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.isComposing || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const active = /** @type {HTMLElement} */ (document.activeElement);
    if (active instanceof HTMLSelectElement || !this.body.isConnected) return;
    event.preventDefault();
    /** @type {HTMLElement[]} */
    const stops = [this.input, ...this.list.querySelectorAll("a"), ...(this.more.hidden ? [] : [this.more])];
    const next = stops.indexOf(active) + step;
    stops[Math.min(Math.max(next, 0), stops.length - 1)].focus();
  }

  /** The address at which the search page shows this search. @param {string} page address of the search page */
  addressOn(page) {
    const url = new URL(page, document.baseURI);
    for (const [name, value] of Object.entries({ q: this.query, ...this.facets.choices })) {
      if (value) url.searchParams.set(name, value);
      else url.searchParams.delete(name);
    }
    return url.href;
  }
}

/** The status of an answer. @param {Answer} answer @param {string[]} chosen values of the facets */
function summarize({ matches, loose, unwritten }, chosen) {
  const notes = `${matches.length} ${matches.length === 1 ? "note" : "notes"}`;
  if (!matches.length) {
    const within = chosen.length ? ` in ${chosen.join(", ")}` : "";
    return `No note matches${within}. Check the spelling, or use fewer words.`;
  }
  if (loose) return `No note has this phrase; ${notes} with its words`;
  if (!unwritten) return notes;
  const none = matches.length > EXAMINED ? "None of the first notes" : "No note";
  return `${none} has this as it is written; ${notes} with its words`;
}

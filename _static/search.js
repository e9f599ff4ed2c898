// @ts-check
// The search over http: it asks Pagefind, and shows what that finds, in a dialog.

/**
 * @typedef {{ anchor?: { id: string, element: string }, title: string, excerpt: string,
 *   weighted_locations: { balanced_score: number }[] }} Section
 * @typedef {{ raw_url?: string, url: string, content: string, meta: Record<string, string>,
 *   filters: Record<string, string[]>, sub_results: Section[], anchors: { element: string, text: string }[] }} Found
 * @typedef {{ id: string, score: number, data: () => Promise<Found> }} Hit
 * @typedef {Record<string, Record<string, number>>} Counts
 * @typedef {Record<string, string>} Facets
 */

export const FACETS = { lane: "All lanes", tag: "All tags", year: "All years" };
const SHOWN = 8;
/** Notes that are looked into, to put the best first: those that are shown, so that none is loaded for this alone. */
const LOOKED = SHOWN;
const SECTIONS = 2;
/** Letters that may be taken from the end of a word that is still being typed. */
const UNFINISHED = 4;
const PAUSE = 120;
/** Milliseconds after which it is said that an answer is being waited for, and after which it is given up. */
const PATIENCE = 400;
const LIMIT = 30_000;
/** Milliseconds without a letter or an answer after which what was found is read out. */
const CALM = 1000;
/** What it is worth that a title or a heading has an identifier or a phrase; one place in the text is worth 1. */
const NAMED = 6;
/** Pagefind's own weights prefer a short note that mentions a thing to the long one that defines it. */
const RANKING = { pageLength: 0.3, termSimilarity: 3, metaWeights: { title: 20 } };
const OPTIONS = { excerptLength: 28, baseUrl: "/", ranking: RANKING };

/** @type {Promise<any> | undefined} */
let engine;

/** Notes above which the facets, of up to 100 kB, are loaded when they are asked for. */
const LARGE = 2500;
let large = false;

/** What kept a file of the index from being loaded: Pagefind itself goes on without it. @type {unknown} */
export let lost;
const load = globalThis.fetch;

/** Keep note of the files of the index that can't be loaded. @param {string} folder the index */
function watch(folder) {
  globalThis.fetch = async (input, options) => {
    const url = new URL(input instanceof Request ? input.url : input, document.baseURI).href;
    if (!url.startsWith(folder)) return load(input, options);
    try {
      const response = await load(input, options);
      if (!response.ok) throw new Error(`${url}: ${response.status}`);
      return new Response(await response.arrayBuffer(), { headers: response.headers });
    } catch (error) {
      lost = error;
      throw error;
    }
  };
}

/** What makes its address another each time: a browser does not ask again for a module that it failed to load. */
let again = "";

/** Pagefind, loaded once, and anew after a file of it was lost. @param {string} root where the site begins */
function loadEngine(root) {
  if (lost) {
    engine = lost = undefined;
    again += "?";
  }
  engine ??= (async () => {
    const folder = new URL("pagefind/", root).href;
    watch(folder);
    const asked = fetch(`${folder}pagefind-entry.json`).then((answer) => answer.json());
    const [pagefind, entry] = await Promise.all([import(`${folder}pagefind.js${again}`), asked]);
    await pagefind.destroy();
    await pagefind.options({ noWorker: true, ...OPTIONS });
    large = entry.languages.en.page_count > LARGE;
    await pagefind.init("en");
    return pagefind;
  })();
  engine.catch((error) => (lost ??= error));
  return engine;
}

/**
 * What a query asks for: phrases in quotes, of which one still open is words, and what is written as code is.
 * @param {string} query
 */
export function parse(query) {
  const phrases = [...query.matchAll(/"([^"]+)"/g)].map(([, phrase]) => phrase.trim()).filter(Boolean);
  const rest = query.replace(/"[^"]*"/g, " ").replace('"', " ");
  const words = rest.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const codes = words.filter((word) =>
    /[\p{L}\p{N})][._:/\\@#=$+-]+[\p{L}\p{N}(]|^[-@$.]+[\p{L}]|[\p{L}][+#]+$|\p{Ll}\p{Lu}|_|\(\)/u.test(word),
  );
  return { phrases, words, codes };
}

/** Count the notes of each facet by looking into them. @param {Hit[]} hits @returns {Promise<Counts>} */
async function countsOf(hits) {
  /** @type {Counts} */
  const counts = {};
  for (const { filters } of await Promise.all(hits.map((hit) => hit.data()))) {
    for (const [facet, values] of Object.entries(filters)) {
      const known = (counts[facet] ??= {});
      for (const value of values) known[value] = (known[value] ?? 0) + 1;
    }
  }
  return counts;
}

/**
 * Ask for the notes of a query, best first, and for the number of notes of each facet. Pagefind cannot ask for a phrase
 * among other words: what both find is counted here, and left uncounted where that would load more notes than are
 * looked into anyway. `loose` says that no note has a phrase, and that these have its words.
 * @param {any} pagefind @param {string} query @param {Facets} facets
 * @returns {Promise<{ hits: Hit[], counts?: Counts, loose: boolean }>}
 */
async function ask(pagefind, query, facets) {
  const { phrases, words, codes } = parse(query);
  const options = { filters: Object.fromEntries(Object.entries(facets).filter(([, value]) => value)) };
  const all = [...phrases, ...words].join(" ");
  // Pagefind leaves the signs within a word out of the index, and some of them in the question: `<`, `$`, `=`.
  const plain = all.replace(/[^\p{L}\p{N}\p{Pc}+#\s-]+/gu, "");
  let found = await pagefind.search(plain, options);
  // A word is indexed by its stem, `reliability` as `reliabl`, of which `reliabili` is not the beginning.
  for (let cut = 1; cut <= UNFINISHED && !found.results.length && /\p{L}{4}$/u.test(plain.slice(0, -cut)); cut++) {
    found = await pagefind.search(plain.slice(0, -cut), options);
  }
  /** @type {Hit[]} */
  let hits = found.results;
  let counts = found.filters;
  let loose = false;
  if (codes.length) {
    // Pagefind has `db.models.Field` whole and in its three parts, so `models.Field` is only found by its parts.
    const parts = await pagefind.search(all.replace(/[^\p{L}\p{N}+#\s]+/gu, " "), options);
    if (parts.results.length > hits.length) counts = parts.filters;
    const [known, having] = [hits, parts.results].map((all) => new Set(all.map((/** @type {Hit} */ { id }) => id)));
    const others = parts.results.filter((/** @type {Hit} */ hit) => !known.has(hit.id));
    // What has it whole has its parts; what has not was found by a beginning of it alone.
    const sure = hits.every(({ id }) => having.has(id)) ? LOOKED : LOOKED / 2;
    hits = [...hits.slice(0, sure), ...others.slice(0, LOOKED / 2), ...hits.slice(sure), ...others.slice(LOOKED / 2)];
  }
  for (const phrase of phrases) {
    const exact = await pagefind.search(`"${phrase}"`, options);
    const ids = new Set(exact.results.map((/** @type {Hit} */ hit) => hit.id));
    const both = hits.filter(({ id }) => ids.has(id));
    if (both.length) hits = both;
    else loose = true;
    counts = phrases.length === 1 && !words.length && !loose ? exact.filters : undefined;
  }
  if (!counts && hits.length <= LOOKED) counts = await countsOf(hits);
  return { hits, counts, loose: loose && hits.length > 0 };
}

/** @param {string} text @returns {string[]} */
const wordsOf = (text) => text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? [];

/** Find a text where no word begins before it; `whole`, as it is written, and where none goes on. */
function pattern(/** @type {string} */ text, /** @type {boolean} */ whole) {
  const signs = text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const [before, after] = [/^\w/, /\w$/].map((edge) => (edge.test(text) ? "\\b" : ""));
  return new RegExp(before + signs + (whole ? after : ""), whole ? "g" : "gi");
}

/**
 * Look into the best notes, for Pagefind knows words, and neither the signs between them nor capitals. Put those first
 * that have identifiers and capitals as they are written, then those that have the characters of phrases and identifiers:
 * in their title or a heading rather than often, and often rather than once. Of what is left, those come first with the
 * query's words in their title, and few others there, or all of them in this order in it, or else in a heading.
 * `unwritten` says that none of them has an identifier as it is written.
 * @param {Hit[]} hits @param {string} query
 */
async function look(hits, query) {
  const { phrases, words, codes } = parse(query);
  const literals = [...phrases, ...codes].map((text) => text.replace(/\(\)$/, ""));
  const capitals = words.filter((word) => /^\p{Lu}{2,}$/u.test(word));
  const exact = [...literals.slice(phrases.length), ...capitals].map((text) => pattern(text, true));
  const begun = literals.map((text) => pattern(text, false));
  const asked = wordsOf([...phrases, ...words].join(" "));
  const near = await Promise.all(
    hits.slice(0, LOOKED).map(async (hit) => {
      const { content, meta: { title }, anchors } = await hit.data();
      const headings = anchors.filter(({ element }) => /^h[2-6]$/.test(element)).map(({ text }) => text);
      const weigh = (/** @type {RegExp} */ sought) =>
        NAMED * [[title], headings].filter((names) => names.some((name) => name.match(sought))).length +
        Math.log2(1 + (content.match(sought) ?? []).length);
      const weights = [exact, begun].map((patterns) => patterns.map(weigh));
      const [asWritten, has] = weights.map((all) => all.filter(Boolean).length);
      const worth = weights.flat().reduce((sum, weight) => sum + weight, 0) / (phrases.length + words.length);
      const named = wordsOf(title);
      const shared = asked.filter((word, index) =>
        named.some((name) => name === word || (index === asked.length - 1 && name.startsWith(word))),
      ).length;
      const inOrder = (/** @type {string} */ text) => asked.length > 1 && wordsOf(text).join(" ").includes(asked.join(" "));
      const headed = inOrder(title) ? 2 : headings.some(inOrder) ? 1 : 0;
      const share = shared / (asked.length || 1) + shared / (2 * named.length || 1) + headed;
      return { hit, asWritten, has, score: Math.sqrt(hit.score) * (1 + 2 * share) * (1 + worth) };
    }),
  );
  const signed = codes.some((code) => /[^\p{L}\p{N}]/u.test(code));
  const unwritten = signed && near.length > 0 && near.every(({ has }) => !has);
  near.sort((a, b) => b.asWritten - a.asWritten || b.has - a.has || b.score - a.score);
  return { hits: [...near.map(({ hit }) => hit), ...hits.slice(LOOKED)], literals, unwritten };
}

/** @param {string} tag @param {Record<string, string>} [attributes] @param {(Node | string)[]} children */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Pagefind's excerpt: text, its signs escaped, and marks. @param {string} html */
function excerpt(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

/** @param {Section} section */
const worth = (section) => section.weighted_locations.reduce((sum, { balanced_score }) => sum + balanced_score, 0);

/** The address of a place in a note, with the words to be marked there. */
function address(/** @type {string} */ root, /** @type {Found} */ found, /** @type {string} */ id, /** @type {string[]} */ terms) {
  const url = new URL((found.raw_url ?? found.url).replace(/^\//, ""), root);
  for (const term of new Set(terms)) url.searchParams.append("highlight", term);
  url.hash = id;
  return url.href;
}

/** The words of an excerpt that were marked, as they stand there. @param {DocumentFragment} text */
function marked(text) {
  return [...text.querySelectorAll("mark")].map((mark) =>
    (mark.textContent ?? "").replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ""),
  );
}

/** @param {string} root @param {Found} found @param {string[]} literals @param {string} heading */
function card(root, found, literals, heading) {
  const content = found.content.toLowerCase();
  const exact = literals.filter((literal) => content.includes(literal.toLowerCase()));
  const sections = found.sub_results
    .toSorted((a, b) => worth(b) - worth(a))
    .slice(0, SECTIONS)
    .map((section) => {
      const text = excerpt(section.excerpt);
      const top = !section.anchor || section.anchor.element === "h1";
      const href = address(root, found, top ? "" : section.anchor?.id ?? "", exact.length ? exact : marked(text));
      const place = top ? [] : [make("span", { class: "found-section" }, section.title)];
      return make("li", {}, make("a", { href }, ...place, make("span", { class: "found-text" }, text)));
    });
  const title = make("a", { href: address(root, found, "", exact) }, found.meta.title);
  const line = [found.meta.lane, found.meta.date, (found.filters.tag ?? []).join(", ")].filter(Boolean).join(" · ");
  return make(
    "li",
    { class: "found" },
    make(heading, { class: "found-title" }, title),
    make("p", { class: "found-line" }, line),
    make("ul", { class: "found-sections" }, ...sections),
  );
}

/** A search: its field, its facets, its results, and what is said of them. */
export class Search {
  /** @param {HTMLInputElement} input @param {string} root @param {string} heading the element of a note's title */
  constructor(input, root, heading) {
    this.input = input;
    this.root = root;
    this.heading = heading;
    this.shown = SHOWN;
    this.turn = 0;
    /** @type {Facets} */
    this.facets = { lane: "", tag: "", year: "" };
    this.status = make("p", { class: "search-status", "aria-hidden": "true" });
    this.spoken = make("p", { class: "visually-hidden", role: "status" });
    this.speaking = 0;
    this.list = make("ol", { class: "found-list", role: "list", "aria-label": "Results" });
    this.more = make("button", { type: "button", class: "search-more", hidden: "" }, "More notes");
    this.body = make("div", { class: "search-body" }, this.status, this.spoken, this.list, this.more);
    this.selects = Object.entries(FACETS).map(([facet, all]) => {
      const select = /** @type {HTMLSelectElement} */ (make("select", { "aria-label": all.slice(4).replace(/s$/, ""), disabled: "" }));
      select.append(new Option(all, ""));
      select.addEventListener("change", () => {
        this.facets[facet] = select.value;
        this.ask();
      });
      return { facet, all, select };
    });
    this.faceted = false;
    this.narrow = make("button", { type: "button", class: "search-narrow", hidden: "" }, "Narrow by lane, tag or year");
    this.narrow.addEventListener("click", () => this.offerFacets());
    this.bar = make("div", { class: "search-facets", role: "group", "aria-label": "Narrow" }, this.narrow, ...this.selects.map(({ select }) => select));
    /** @type {Promise<unknown>} */
    this.settled = Promise.resolve();
    /** @type {{ hits: Hit[], counts?: Counts, loose: boolean, literals: string[], unwritten: boolean } | undefined} */
    this.result = undefined;
    this.broken = this.offline = false;
    /** @type {() => void} */
    this.changed = () => {};
    /** What comes before the first question. @type {(pagefind: any) => Promise<void> | undefined} */
    this.begin = () => undefined;
    /** What Enter does. @type {() => void} */
    this.act = () => {};
    this.more.addEventListener("click", () => this.showMore());
    let timer = 0;
    input.addEventListener("input", () => {
      if (!this.body.isConnected) return; // Sphinx's search has taken its place
      clearTimeout(timer);
      this.hush();
      this.settled = new Promise((resolve) => {
        timer = setTimeout(() => resolve(this.ask()), PAUSE);
      });
    });
  }

  get query() {
    return this.input.value.trim();
  }

  /** Show it now, and have it read out when nothing follows it. @param {string} text */
  say(text) {
    this.hush();
    this.status.textContent = text;
    this.speaking = setTimeout(() => (this.spoken.textContent = text), CALM);
  }

  hush() {
    clearTimeout(this.speaking);
    this.spoken.textContent = "";
  }

  /** Enter: it waits for the answer to what was last asked. */
  async enter() {
    for (let awaited; awaited !== this.settled; ) await (awaited = this.settled);
    this.act();
  }

  /** Load the engine, and ask if there is something to ask. */
  start() {
    if (this.query) return this.ask();
    return loadEngine(this.root).then(() => this.query || this.say(""), (error) => this.fail(error));
  }

  /** Ask anew, and show it, unless something else was asked for meanwhile. */
  ask() {
    return (this.settled = this.answer());
  }

  async answer() {
    const turn = ++this.turn;
    this.shown = SHOWN;
    this.changed();
    if (!this.query) {
      this.list.replaceChildren();
      this.more.hidden = true;
      this.say("");
      return;
    }
    try {
      const { pagefind, ...result } = await this.wait(this.find(), turn);
      if (turn !== this.turn) return;
      this.result = result;
      this.broken = this.offline = false;
      await this.show(turn, 0);
      this.faceted ||= !large || Object.values(this.facets).some(Boolean);
      this.showFacets(this.faceted);
      // Without its facets the answer still holds; the next question loads anew what was lost.
      if (this.faceted) this.fillFacets(pagefind, turn).catch(() => {});
    } catch (error) {
      if (turn === this.turn) this.fail(error);
    }
  }

  /** The notes, the best first. */
  async find() {
    const { query } = this;
    const pagefind = await loadEngine(this.root);
    await this.begin(pagefind);
    const result = await ask(pagefind, query, this.facets);
    const looked = await look(result.hits, query);
    if (lost) throw lost;
    return { pagefind, ...result, ...looked };
  }

  /** Wait: after a while that is said, and at last it is given up. @param {Promise<any>} answer @param {number} turn */
  async wait(answer, turn) {
    const slow = setTimeout(() => {
      if (turn === this.turn) this.say("Searching…");
    }, PATIENCE);
    let late = 0;
    try {
      return await Promise.race([answer, new Promise((_, reject) => (late = setTimeout(reject, LIMIT, "no answer")))]);
    } finally {
      clearTimeout(slow);
      clearTimeout(late);
    }
  }

  /** @param {number} turn @param {number} from */
  async show(turn, from) {
    if (!this.result) return;
    const { hits, literals, loose, unwritten } = this.result;
    const found = await Promise.all(hits.slice(from, this.shown).map((hit) => hit.data()));
    if (turn !== this.turn) return;
    const cards = found.map((one) => card(this.root, one, literals, this.heading));
    const held = this.body.contains(document.activeElement);
    if (from) this.list.append(...cards);
    else this.list.replaceChildren(...cards);
    this.more.hidden = hits.length <= this.shown;
    if (held) (cards[0]?.querySelector("a") ?? this.input).focus();
    const number = hits.length;
    const said = `${number} ${number === 1 ? "note" : "notes"}`;
    const choice = Object.values(this.facets).filter(Boolean).join(", ");
    if (!number) this.say(`No note matches${choice && ` in ${choice}`}. Check the spelling, or use fewer words.`);
    else if (loose) this.say(`No note has this phrase; ${said} with its words`);
    else if (unwritten) {
      const none = number > LOOKED ? "None of the first notes" : "No note";
      this.say(`${none} has this as it is written; ${said} with its words`);
    } else this.say(said);
  }

  async showMore() {
    const from = this.shown;
    this.shown += SHOWN;
    const turn = this.turn;
    try {
      await this.wait(this.show(turn, from), turn);
    } catch (error) {
      if (turn === this.turn) this.fail(error);
    }
  }

  /** Show the facets, or in their place the button that loads them. */
  showFacets(/** @type {boolean} */ shown) {
    this.narrow.hidden = shown;
    for (const { select } of this.selects) select.hidden = !shown;
  }

  async offerFacets() {
    const offer = this.narrow.textContent;
    this.narrow.textContent = "Loading lanes, tags and years…";
    try {
      await this.fillFacets(await loadEngine(this.root), this.turn);
    } catch {
      return; // it may be asked for again
    } finally {
      this.narrow.textContent = offer;
    }
    this.faceted = true;
    this.showFacets(true);
    this.selects[0].select.focus();
  }

  /**
   * Put the values of the facets, and how many of the notes found have each, into their lists. The numbers of a facet
   * are those without its own choice: what another choice would give.
   */
  async fillFacets(/** @type {any} */ pagefind, /** @type {number} */ turn) {
    const all = await pagefind.filters();
    const counts = await Promise.all(
      this.selects.map(async ({ facet }) => {
        const { counts } = await ask(pagefind, this.query, { ...this.facets, [facet]: "" });
        return counts && (counts[facet] ?? {});
      }),
    );
    if (turn !== this.turn || lost) return;
    for (const [index, { facet, all: none, select }] of this.selects.entries()) {
      const known = counts[index];
      const count = (/** @type {string} */ value) => known?.[value] ?? 0;
      const values = Object.keys(all[facet] ?? {}).filter((value) => !known || count(value) || value === this.facets[facet]);
      values.sort(facet === "year" ? (a, b) => b.localeCompare(a) : (a, b) => count(b) - count(a) || a.localeCompare(b));
      const options = values.map((value) => new Option(known ? `${value} (${count(value)})` : value, value));
      select.replaceChildren(new Option(none, ""), ...options);
      select.value = this.facets[facet];
      select.disabled = false;
    }
  }

  /** Nothing of an earlier answer stays, so that Enter leads to the other search. @param {unknown} error */
  fail(error) {
    lost ??= error;
    this.broken = true;
    this.offline = !navigator.onLine;
    this.result = undefined;
    if (this.body.contains(document.activeElement)) this.input.focus();
    this.list.replaceChildren();
    this.more.hidden = true;
    this.say(this.offline ? "You are offline. Press Enter to try again." : "The quick search could not be loaded. Press Enter for the full one.");
  }

  /** Up and down go from the field through what was found, and back. @param {KeyboardEvent} event */
  move(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.isComposing || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const active = /** @type {HTMLElement} */ (document.activeElement);
    if (active instanceof HTMLSelectElement || !this.body.isConnected) return;
    const stops = [this.input, ...this.list.querySelectorAll("a"), ...(this.more.hidden ? [] : [this.more])];
    const next = stops.indexOf(active) + step;
    event.preventDefault();
    /** @type {HTMLElement} */ (stops[Math.min(Math.max(next, 0), stops.length - 1)]).focus();
  }
}

/** @type {HTMLDialogElement | undefined} */
let dialog;

/**
 * Open the search as a dialog; closed, it gives the focus back to where it was.
 * @param {HTMLFormElement} box @param {HTMLElement | null} from @param {string} typed what was typed while it loaded
 */
export function openDialog(box, from, typed) {
  dialog ??= makeDialog(box);
  dialog.showModal();
  dialog.addEventListener("close", () => from?.focus(), { once: true });
  const input = dialog.querySelector("input");
  input?.select();
  if (!input || !typed) return;
  input.value = typed;
  input.dispatchEvent(new Event("input"));
}

/** @param {HTMLFormElement} box */
function makeDialog(box) {
  const root = new URL(box.dataset.root ?? "", document.baseURI).href;
  const input = /** @type {HTMLInputElement} */ (
    make("input", { class: "search-input", type: "search", name: "q", "aria-label": "Search", "aria-describedby": "search-keys", placeholder: "Words, \"a phrase\", or an identifier", autocomplete: "off", autocapitalize: "off", spellcheck: "false" })
  );
  const search = new Search(input, root, "h3");
  const close = make("button", { type: "button", class: "search-close" }, "Close");
  const page = /** @type {HTMLAnchorElement} */ (make("a", { class: "search-whole", href: box.action }, "Open as a page"));
  const form = make("form", { class: "search-form", action: box.action, method: "get", role: "search" }, input, close);
  const dialog = /** @type {HTMLDialogElement} */ (
    make(
      "dialog",
      { class: "search-dialog", "aria-labelledby": "search-dialog-title" },
      make("h2", { id: "search-dialog-title", class: "visually-hidden" }, "Search"),
      form,
      search.bar,
      search.body,
      make("p", { class: "search-foot" }, page, make("span", { id: "search-keys", "aria-hidden": "true" }, "↑ ↓ to move, Enter to open, Esc to close")),
    )
  );
  search.changed = () => (page.href = pageAddress(box.action, search));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    search.enter();
  });
  search.act = () => {
    if (!dialog.open) return;
    const first = search.list.querySelector(".found-sections a") ?? search.list.querySelector("a");
    if (first instanceof HTMLAnchorElement) first.click();
    else if (search.offline) search.ask();
    else if (search.broken) location.assign(pageAddress(box.action, search));
  };
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    const link = event.target instanceof Element && event.target.closest(".found-list a");
    const aside = event.ctrlKey || event.metaKey || event.shiftKey;
    if (event.target === dialog || (link && !aside)) dialog.close();
  });
  dialog.addEventListener("keydown", (event) => {
    search.move(event);
    if (event.key === "Escape" && event.target === input && !event.isComposing) {
      event.preventDefault(); // it would empty the field first
      dialog.close();
    }
    const step = { PageDown: 1, PageUp: -1 }[event.key];
    if (!step || event.target instanceof HTMLSelectElement) return;
    event.preventDefault(); // the page behind would scroll
    const scroller = dialog.scrollHeight > dialog.clientHeight ? dialog : search.body;
    scroller.scrollBy({ top: step * 0.9 * scroller.clientHeight });
  });
  document.body.append(dialog);
  search.start();
  return dialog;
}

/** The address at which the search page shows this search. */
export function pageAddress(/** @type {string} */ action, /** @type {Search} */ search) {
  const url = new URL(action, document.baseURI);
  for (const [name, value] of Object.entries({ q: search.query, ...search.facets })) {
    if (value) url.searchParams.set(name, value);
    else url.searchParams.delete(name);
  }
  return url.href;
}

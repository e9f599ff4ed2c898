// @ts-check
// Load the files of the index. _ext/fieldnotes/search/inverted_index.py writes and describes them.

/**
 * The overview of the journal. Notes are identified by their index in these lists.
 * @typedef {{ names: string[], ending: string, titles: string[], dates: string[], lanes: number[], tags: number[][], lengths: number[],
 *   laneTitles: string[], tagTitles: string[], things: [kind: string, title: string, path: string, definition?: string][],
 *   sites: string[], synonyms: string[][], shards: [first: string, name: string][], words: string, stop: string }} Overview
 * The part of a note below one heading; `aside` marks footnotes, sources and labels.
 * @typedef {[id: string, heading: string, text: string, aside: 0 | 1]} Section
 * The occurrences of a term in a note: their kinds as bits, and their positions.
 * @typedef {{ kinds: number, positions: number[] }} Posting
 * A term of the index, with the words of the same stem, and its postings by note.
 * @typedef {{ term: string, family: string[], postings: Map<number, Posting> }} Entry
 * A word of the index; `notes` grows with the number of notes that have it.
 * @typedef {{ word: string, notes: number }} VocabularyWord
 * @typedef {(vocabulary: VocabularyWord[], word: string, unfinished: boolean) => { word: string, distance: number }[]} Nearest
 */

/** Maximum number of files for a prefix; its completions are in adjacent files. */
const MAX_PREFIX_FILES = 2;

/** An index. Each file is loaded once, and again after a failure. */
export class Index {
  /**
   * @param {Overview} overview
   * @param {(path: string) => Promise<any>} load load and parse a file of the index
   * @param {string} root address of the site's root folder
   */
  constructor(overview, load, root) {
    this.overview = overview;
    this.load = load;
    this.root = root;
    this.stopWords = new Set(overview.stop.split(" "));
    this.averageLength = overview.lengths.reduce((sum, length) => sum + length, 0) / (overview.lengths.length || 1);
    /** @type {Map<string, Promise<any>>} */
    this.files = new Map();
  }

  /** Load a file, or return it if it is loaded already.
   *  @template T @param {string} path @param {(content: any) => T} read @returns {Promise<T>} */
  file(path, read) {
    let file = this.files.get(path);
    if (!file) {
      file = this.load(path).then(read);
      file.catch(() => this.files.delete(path));
      this.files.set(path, file);
    }
    return file;
  }

  /** The number of the file for a term. @param {string} term */
  shardOf(term) {
    const { shards } = this.overview;
    let low = 0;
    for (let high = shards.length; high - low > 1; ) {
      const middle = (low + high) >> 1;
      if (shards[middle][0] <= term) low = middle;
      else high = middle;
    }
    return low;
  }

  /** @param {number} number @returns {Promise<Map<string, Entry>>} */
  shard(number) {
    return this.file(this.overview.shards[number][1], (content) => new Map(content.map(readEntry)));
  }

  /** @param {string} term @returns {Promise<Entry | undefined>} */
  async entry(term) {
    if (!this.overview.shards.length) return undefined;
    return (await this.shard(this.shardOf(term))).get(term);
  }

  /** The terms that begin with a prefix; for a short prefix, only those in the first files.
   *  @param {string} prefix @returns {Promise<Entry[]>} */
  async entriesFrom(prefix) {
    const first = this.shardOf(prefix);
    const last = Math.min(this.shardOf(`${prefix}\uffff`), first + MAX_PREFIX_FILES - 1);
    if (!this.overview.shards.length) return [];
    const shards = await Promise.all(range(first, last).map((number) => this.shard(number)));
    return shards.flatMap((shard) => [...shard.values()].filter(({ term }) => term.startsWith(prefix)));
  }

  /** All words; `notes` is the bit length of the number of notes with each. @returns {Promise<VocabularyWord[]>} */
  vocabulary() {
    return this.file(this.overview.words, ([words, sizes]) =>
      words.split(" ").map((/** @type {string} */ word, /** @type {number} */ index) => ({ word, notes: +sizes[index] })),
    );
  }

  /** The sections of a note. @param {number} note @returns {Promise<Section[]>} */
  sections(note) {
    return this.file(`notes/${this.overview.names[note]}`, (content) => content);
  }

  /** The address of a note. @param {number} note */
  address(note) {
    return new URL(`notes/${this.overview.names[note]}${this.overview.ending}`, this.root);
  }
}

/** @param {number} first @param {number} last */
const range = (first, last) => Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** @param {[term: string, family: string, numbers: number[]]} content @returns {[string, Entry]} */
function readEntry([term, family, numbers]) {
  /** @type {Map<number, Posting> | undefined} */
  let postings;
  return [
    term,
    {
      term,
      family: family ? family.split(" ") : [],
      get postings() {
        return (postings ??= decode(numbers));
      },
    },
  ];
}

/** @param {number[]} numbers */
function decode(numbers) {
  /** @type {Map<number, Posting>} */
  const postings = new Map();
  let note = 0;
  for (let at = 0; at < numbers.length; ) {
    note += numbers[at++];
    const kinds = numbers[at++];
    const count = numbers[at++];
    let position = 0;
    const positions = [];
    for (let index = 0; index < count; index++) positions.push((position += numbers[at++]));
    postings.set(note, { kinds, positions });
  }
  return postings;
}

/** @type {Promise<Index> | undefined} */
let loaded;

/** Load the index once, and again after a failure. @param {string} root address of the site's root folder */
export function loadIndex(root) {
  if (!loaded) {
    loaded = openIndex(root).then(joinOthers);
    loaded.catch(forgetIndex);
  }
  return loaded;
}

/** @param {string} root */
async function openIndex(root) {
  /** @param {string} path */
  const load = async (path) => unpack(await fetchFile(new URL(`search-index/${path}`, root)));
  return new Index(await load("overview"), load, root);
}

/** Join an index with those of the sites that it lists; skip one that cannot be loaded.
 *  @param {Index} index @returns {Promise<Index>} */
async function joinOthers(index) {
  const roots = index.overview.sites.map((site) => new URL(site, index.root).href).filter((root) => root !== index.root);
  if (!roots.length) return index;
  const { JoinedIndex } = await import(new URL("joined-index.js", import.meta.url).href);
  const others = await Promise.all(roots.map((root) => openIndex(root).catch(() => [])));
  return new JoinedIndex([index, ...others.flat()]);
}

/** Load the index again for the next query: after a change, its files have other names. */
export function forgetIndex() {
  loaded = undefined;
}

/** Fetch a file. One with a digest in its name never changes; all others are revalidated. @param {URL} url */
async function fetchFile(url) {
  const response = await fetch(url, { cache: /-[0-9a-f]{8}$/.test(url.pathname) ? "default" : "no-cache" });
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.arrayBuffer();
}

/** @param {ArrayBuffer} data */
export function unpack(data) {
  return new Response(new Blob([data]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
}

// @ts-check
// Find the indexed words nearest to a word that no note has. Loaded only for such a word, as a module or as a plain
// script, since browsers do not load modules from a folder.

/** @typedef {import("./engine.js").VocabularyWord} VocabularyWord */

/** @typedef {(vocabulary: VocabularyWord[], word: string, unfinished: boolean) => { word: string, distance: number }[]} Nearest */

{
  /** Maximum number of replacements for a word. */
  const MAX_WORDS = 4;

  /**
   * The words at the smallest edit distance: at most one in a short word, two in a word of eight letters or more. Those with
   * the same first letter come first, then those in most notes. An unfinished word is compared with prefixes too.
   * @param {VocabularyWord[]} vocabulary @param {string} word @param {boolean} unfinished
   */
  function nearest(vocabulary, word, unfinished) {
    const limit = word.length < 8 ? 1 : 2;
    /** @type {{ word: string, distance: number, notes: number, same: boolean }[]} */
    const near = [];
    for (const { word: candidate, notes } of vocabulary) {
      if (candidate.length < word.length - limit || (!unfinished && candidate.length > word.length + limit)) continue;
      const { whole, start } = distances(word, candidate, limit);
      const distance = Math.min(whole, unfinished ? start + 0.5 : Infinity);
      if (distance <= limit + (unfinished ? 0.5 : 0)) near.push({ word: candidate, distance, notes, same: candidate[0] === word[0] });
    }
    near.sort((a, b) => a.distance - b.distance || +b.same - +a.same || b.notes - a.notes);
    return near.filter(({ distance }) => distance === near[0].distance).slice(0, MAX_WORDS);
  }

  /**
   * The edit distance between two words, and between the first and the nearest prefix of the second; a transposition
   * counts once. A distance above the limit is Infinity.
   * @param {string} word @param {string} candidate @param {number} limit
   */
  function distances(word, candidate, limit) {
    /** @type {number[]} */
    let before = [];
    let last = Array.from({ length: word.length + 1 }, (_, index) => index);
    let start = word.length;
    for (let row = 1; row <= candidate.length; row++) {
      const next = [row];
      let least = row;
      for (let at = 1; at <= word.length; at++) {
        const same = candidate[row - 1] === word[at - 1];
        next[at] = Math.min(last[at] + 1, next[at - 1] + 1, last[at - 1] + (same ? 0 : 1));
        if (row > 1 && at > 1 && candidate[row - 1] === word[at - 2] && candidate[row - 2] === word[at - 1]) {
          next[at] = Math.min(next[at], before[at - 2] + 1);
        }
        least = Math.min(least, next[at]);
      }
      start = Math.min(start, next[word.length]);
      [before, last] = [last, next];
      if (least > limit + 1) return { whole: Infinity, start: start <= limit ? start : Infinity };
    }
    const whole = last[word.length];
    return { whole: whole <= limit ? whole : Infinity, start: start <= limit ? start : Infinity };
  }

  Reflect.set(globalThis, "nearestWords", nearest);
}

// @ts-check
// Rank the results of Sphinx's search: titles with the most words of the query come first, the shortest of them before
// the others. Sphinx copies this into language_data.js. The weights are its defaults.

var Scorer = {
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
  /**
   * The final score of a result. A result for a section, which has an anchor, comes after the note itself.
   * @param {[docname: string, title: string, anchor: string, description: string | null, score: number]} result
   */
  score([, title, anchor, , score]) {
    /** @type {(text: string) => Set<string>} */
    const wordsOf = (text) => new Set(text.toLowerCase().match(/[\p{L}\p{N}_]+/gu));
    const queryWords = wordsOf(new URLSearchParams(location.search).get("q") ?? "");
    const titleWords = wordsOf(title);
    const shared = [...queryWords].filter((word) => titleWords.has(word)).length;
    if (!shared) return score;
    return score + (40 * shared) / queryWords.size + (10 * shared) / titleWords.size - (anchor ? 2 : 0);
  },
};

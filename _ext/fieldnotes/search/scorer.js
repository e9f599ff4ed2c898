// Rank the results of Sphinx's own search: first the titles with the most words of the query, and of these the shortest.
// Sphinx copies this into language_data.js. The weights are its defaults.
var Scorer = {
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
  score: ([, title, anchor, , score]) => {
    const words = (text) => new Set(text.toLowerCase().match(/[\p{L}\p{N}_]+/gu));
    const asked = words(new URLSearchParams(location.search).get("q") ?? "");
    const named = words(title);
    const found = [...asked].filter((word) => named.has(word)).length;
    return found ? score + (40 * found) / asked.size + (10 * found) / named.size - (anchor ? 2 : 0) : score;
  },
};

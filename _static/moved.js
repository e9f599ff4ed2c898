// @ts-check
// Redirect from a former address of a note, keeping the query and the fragment. Without scripts, a <meta> redirects.

const target = document.currentScript?.dataset.to;
if (target) location.replace(target + location.search + location.hash);

// @ts-check
// A former address of a note: go to the present one, to the same place in it. Without scripts the page's header does it.

const to = document.currentScript?.dataset.to;
if (to) location.replace(to + location.search + location.hash);

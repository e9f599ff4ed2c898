// @ts-check
// The table of tags: columns that sort, and a field that filters. Without a script it is sorted by name, and whole.

/** @param {HTMLTableElement} table @param {HTMLInputElement} field @param {HTMLElement} status
 *  @param {HTMLButtonElement} more */
function enlivenTags(table, field, status, more) {
  /** Rows that are shown until the reader asks for more: laying out ten thousand takes seconds. */
  const AT_FIRST = 300;
  const body = table.tBodies[0];
  const heads = [...table.tHead?.rows[0].cells ?? []];
  const rows = [...body.rows].map((row, place) => ({
    row,
    name: fold(row.cells[0].textContent ?? ""),
    // Names are compared by the place in which they come, so that their order is that of the page without a script.
    values: [...row.cells].map((cell, column) => (column ? Number(cell.textContent) || 0 : place)),
  }));
  let timer = 0;
  let whole = false;

  /** Text as it is compared: without case and accents. @param {string} text */
  function fold(text) {
    return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  }

  /** @param {number} count */
  function tags(count) {
    return `${count.toLocaleString("en")} ${count === 1 ? "tag" : "tags"}`;
  }

  /** Show the rows that fit: the first of them, or all once they were asked for. */
  function show() {
    const words = fold(field.value).split(/\s+/);
    const fitting = rows.filter(({ name }) => words.every((word) => name.includes(word)));
    const shown = whole ? fitting : fitting.slice(0, AT_FIRST);
    body.replaceChildren(...shown.map(({ row }) => row));
    more.hidden = shown.length === fitting.length;
    more.textContent = `Show all ${tags(fitting.length)}`;
    const query = field.value.trim();
    if (!query) status.textContent = tags(rows.length);
    else if (fitting.length) status.textContent = `${fitting.length.toLocaleString("en")} of ${tags(rows.length)}`;
    else status.textContent = `No tag fits “${query}”.`;
  }

  /** Numbers begin with the largest; tags with equal ones stay in the order of their names.
   *  @param {number} column @param {boolean} descending */
  function sort(column, descending) {
    const sign = descending ? -1 : 1;
    rows.sort((one, other) => sign * (one.values[column] - other.values[column]) || one.values[0] - other.values[0]);
    for (const head of heads) head.removeAttribute("aria-sort");
    heads[column].setAttribute("aria-sort", descending ? "descending" : "ascending");
  }

  /** Keep the state in the address, so that it can be sent to someone; not at each key, which browsers limit. */
  function keep() {
    clearTimeout(timer);
    timer = window.setTimeout(() => {
      const url = new URL(location.href);
      const column = heads.findIndex((head) => head.hasAttribute("aria-sort"));
      const descending = heads[column].getAttribute("aria-sort") === "descending";
      /** @type {[string, string | undefined][]} */
      const state = [
        ["q", field.value.trim()],
        ["sort", column || descending ? heads[column].dataset.sort : ""],
        ["order", descending === column > 0 ? "" : descending ? "descending" : "ascending"],
      ];
      for (const [name, value] of state) {
        url.searchParams.delete(name);
        if (value) url.searchParams.append(name, value);
      }
      history.replaceState(history.state, "", url);
    }, 300);
  }

  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => {
      const now = head.getAttribute("aria-sort");
      sort(column, now ? now === "ascending" : column > 0);
      show();
      keep();
    });
    head.append(button);
  });
  field.addEventListener("input", () => {
    show();
    keep();
  });

  more.addEventListener("click", () => {
    whole = true;
    show();
    body.rows[AT_FIRST].cells[0].querySelector("a")?.focus();
  });

  const asked = new URLSearchParams(location.search);
  const column = heads.findIndex((head) => head.dataset.sort === (asked.get("sort") ?? "tag"));
  const order = asked.get("order") ?? (column > 0 ? "descending" : "ascending");
  field.value = asked.get("q") ?? "";
  if (column >= 0) sort(column, order === "descending");
  show();
}

{
  const table = document.querySelector(".tag-table");
  const field = document.querySelector("#tag-filter");
  const status = document.querySelector(".tag-filter [role=status]");
  const more = document.querySelector(".tag-more");
  if (
    table instanceof HTMLTableElement && field instanceof HTMLInputElement &&
    status instanceof HTMLElement && more instanceof HTMLButtonElement
  ) {
    enlivenTags(table, field, status, more);
    field.parentElement?.removeAttribute("hidden");
  }
}

// @ts-check
// Sort and filter the table of tags. Without this script the page shows all tags, sorted by name.

/** Number of rows shown until the reader requests all: laying out ten thousand takes seconds. */
const FIRST_ROWS = 300;
/** Milliseconds without a change before the address is updated: browsers limit the rate. */
const ADDRESS_PAUSE = 300;

/** Normalize text for comparison: without case and accents. @param {string} text */
function foldCase(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/** @param {number} count */
function countTags(count) {
  return ngettext("{count} tag", "{count} tags", count);
}

/** The table with its filter. The address contains its state, so that it can be shared. */
class TagTable {
  /** @param {HTMLTableElement} table @param {HTMLInputElement} field @param {HTMLElement} status
   *  @param {HTMLButtonElement} more */
  constructor(table, field, status, more) {
    this.body = table.tBodies[0];
    this.field = field;
    this.status = status;
    this.more = more;
    this.showsAll = false;
    this.addressTimer = 0;
    this.heads = [...(table.tHead?.rows[0].cells ?? [])];
    this.rows = [...this.body.rows].map((row, position) => ({
      row,
      name: foldCase(row.cells[0].textContent ?? ""),
      // Names are compared by position, to keep the page's own order.
      values: [...row.cells].map((cell, column) => (column ? Number(cell.textContent) || 0 : position)),
    }));
    this.heads.forEach((head, column) => this.addSortButton(head, column));
    field.addEventListener("input", () => this.changed());
    more.addEventListener("click", () => this.showAll());
    this.readAddress();
    this.show();
  }

  /** Column by which the table is sorted. */
  get column() {
    return this.heads.findIndex((head) => head.hasAttribute("aria-sort"));
  }

  get descending() {
    return this.heads[this.column].getAttribute("aria-sort") === "descending";
  }

  /** Sort by a column on a click, largest number first; on another click, in the opposite order.
   *  @param {HTMLElement} head @param {number} column */
  addSortButton(head, column) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => {
      this.sort(column, column === this.column ? !this.descending : column > 0);
      this.changed();
    });
    head.append(button);
  }

  /** Sort the rows; tags with equal numbers stay sorted by name. @param {number} column @param {boolean} descending */
  sort(column, descending) {
    const sign = descending ? -1 : 1;
    this.rows.sort((a, b) => sign * (a.values[column] - b.values[column]) || a.values[0] - b.values[0]);
    for (const head of this.heads) head.removeAttribute("aria-sort");
    this.heads[column].setAttribute("aria-sort", descending ? "descending" : "ascending");
  }

  /** Show the rows that match the filter. */
  show() {
    const words = foldCase(this.field.value).split(/\s+/);
    const matching = this.rows.filter(({ name }) => words.every((word) => name.includes(word)));
    const shown = this.showsAll ? matching : matching.slice(0, FIRST_ROWS);
    this.body.replaceChildren(...shown.map(({ row }) => row));
    this.more.hidden = shown.length === matching.length;
    this.more.textContent = gettext("Show all {tags}", { tags: countTags(matching.length) });
    const query = this.field.value.trim();
    const number = matching.length.toLocaleString(document.documentElement.lang);
    if (!query) this.status.textContent = countTags(this.rows.length);
    else if (matching.length) this.status.textContent = ngettext("{number} of {count} tag", "{number} of {count} tags", this.rows.length, { number });
    else this.status.textContent = gettext("No tag matches “{query}”.", { query });
  }

  /** Show all rows that match, and focus the first one that was hidden. */
  showAll() {
    this.showsAll = true;
    this.show();
    this.body.rows[FIRST_ROWS].cells[0].querySelector("a")?.focus();
  }

  /** Show the rows after a change, and update the address. */
  changed() {
    this.show();
    clearTimeout(this.addressTimer);
    this.addressTimer = window.setTimeout(() => this.writeAddress(), ADDRESS_PAUSE);
  }

  readAddress() {
    const state = new URLSearchParams(location.search);
    const column = this.heads.findIndex((head) => head.dataset.sort === (state.get("sort") ?? "tag"));
    const order = state.get("order") ?? (column > 0 ? "descending" : "ascending");
    this.field.value = state.get("q") ?? "";
    if (column >= 0) this.sort(column, order === "descending");
  }

  writeAddress() {
    const { column, descending } = this;
    const url = new URL(location.href);
    /** @type {[string, string | undefined][]} */
    const state = [
      ["q", this.field.value.trim()],
      ["sort", column || descending ? this.heads[column].dataset.sort : ""],
      ["order", descending === column > 0 ? "" : descending ? "descending" : "ascending"],
    ];
    for (const [name, value] of state) {
      url.searchParams.delete(name);
      if (value) url.searchParams.append(name, value);
    }
    history.replaceState(history.state, "", url);
  }
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
    new TagTable(table, field, status, more);
    field.parentElement?.removeAttribute("hidden");
  }
}

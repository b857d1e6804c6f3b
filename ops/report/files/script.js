"use strict";
// Without this script the page is whole; it adds a search, and what screen readers and printers need besides.

/** Who a name of the table "Who" stands for, so that a search for an ARN finds the lines of that name. */
const identities = new Map(
  Array.from(document.querySelectorAll(".who tbody tr"), (row) => [row.cells[0].textContent.trim(), row.textContent]),
);

for (const form of document.querySelectorAll("form[data-rows]")) {
  const groups = Array.from(document.getElementById(form.dataset.rows).querySelectorAll("details"));
  const said = form.querySelector("[role=status]");
  const input = form.querySelector("input");
  let rows;
  let opened;
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  input.addEventListener("input", () => {
    // Read when somebody searches for the first time: a page of ten thousand rows opens without that.
    rows ??= groups.map((group) => Array.from(group.querySelectorAll("tbody tr"), (row) => [row, words(row)]));
    opened ??= groups.map((group) => group.open);
    const wanted = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    let all = 0;
    groups.forEach((group, index) => {
      let inside = 0;
      for (const [row, text] of rows[index]) {
        const fits = wanted.every((word) => text.includes(word));
        row.hidden = !fits;
        inside += fits;
      }
      all += rows[index].length;
      found += inside;
      group.hidden = wanted.length > 0 && inside === 0;
      group.open = wanted.length > 0 ? inside > 0 : opened[index];
    });
    if (wanted.length === 0) opened = undefined;
    said.textContent = wanted.length === 0 ? "" : `${found.toLocaleString("en")} of ${all.toLocaleString("en")} lines`;
  });
}

function words(row) {
  const name = row.cells[0].firstChild.textContent.trim();
  return `${row.textContent} ${identities.get(name) ?? ""}`.toLowerCase();
}

// A table whose rows are shown as cards is no table to some screen readers, unless it is said.
const roles = { TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TR: "row", TD: "cell" };
if (matchMedia("screen and (max-width: 47.99rem)").matches) {
  for (const each of document.querySelectorAll("table, thead, tbody, tr, td")) each.setAttribute("role", roles[each.tagName]);
  for (const each of document.querySelectorAll("th")) {
    each.setAttribute("role", each.scope === "col" ? "columnheader" : "rowheader");
  }
}

// On paper everything is unfolded.
let folded = [];
addEventListener("beforeprint", () => {
  folded = Array.from(document.querySelectorAll("details:not([open])"));
  for (const each of folded) each.open = true;
});
addEventListener("afterprint", () => {
  for (const each of folded) each.open = false;
});

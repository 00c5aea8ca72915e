/** Search and order of the findings page. Without it the page is complete, worst first. */
export const SCRIPT = `
const rows = [...document.querySelectorAll("#findings tbody tr")];
const search = document.querySelector("#search");
const { compare } = new Intl.Collator("en", { numeric: true });
const textOf = (row, column) => row.cells[column].dataset.sort ?? row.cells[column].textContent;

search.form.hidden = false;
search.form.addEventListener("submit", (event) => event.preventDefault());
search.addEventListener("input", () => {
  const words = search.value.toLowerCase().split(/\\s+/);
  for (const row of rows) {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
  }
  const shown = rows.filter((row) => !row.hidden).length;
  document.querySelector("#found").textContent = shown + " of " + rows.length + " rows";
});

document.querySelectorAll("#findings th").forEach((heading, column, all) => {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...heading.childNodes);
  heading.append(button);
  button.addEventListener("click", () => {
    const order = heading.ariaSort === "ascending" ? "descending" : "ascending";
    all.forEach((one) => one.removeAttribute("aria-sort"));
    heading.ariaSort = order;
    const sign = order === "ascending" ? 1 : -1;
    rows.sort((a, b) => sign * compare(textOf(a, column), textOf(b, column)));
    rows[0].parentNode.append(...rows);
  });
});
`;

import Table from "cli-table3";

/**
 * A plain table as text, indented, without lines.
 * @param right indexes of the columns that are numbers
 */
export function table(head: string[], rows: (string | number)[][], right: number[]): string {
  const built = new Table({
    head,
    style: { head: [], border: [], compact: true, "padding-left": 0, "padding-right": 2 },
    colAligns: head.map((_, i) => (right.includes(i) ? "right" : "left")),
    chars: Object.fromEntries(
      [
        "top",
        "top-mid",
        "top-left",
        "top-right",
        "bottom",
        "bottom-mid",
        "bottom-left",
        "bottom-right",
        "left",
        "left-mid",
        "mid",
        "mid-mid",
        "right",
        "right-mid",
        "middle",
      ].map((part) => [part, ""]),
    ),
  });
  built.push(...rows);
  return built
    .toString()
    .split("\n")
    .map((line) => `  ${line.trimEnd()}`)
    .join("\n");
}

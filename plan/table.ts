import { stripVTControlCharacters } from "node:util";
import Table from "cli-table3";

/** Spaces before a table, and between its columns. */
const GAP = 2;
/** Least width of a column that is narrowed. */
const NARROWEST = 8;

/** Widths of the columns in a terminal of the given width: the widest are narrowed until all fit. */
function widthsIn(terminal: number, cells: string[][]): number[] {
  const widths = (cells[0] ?? []).map((_, i) =>
    Math.max(...cells.map((row) => stripVTControlCharacters(row[i] ?? "").length)),
  );
  const room = terminal - GAP * widths.length;
  let over = widths.reduce((sum, width) => sum + width, 0) - room;
  while (over > 0 && Math.max(...widths) > NARROWEST) {
    const widest = widths.indexOf(Math.max(...widths));
    widths[widest] = (widths[widest] ?? 0) - 1;
    over--;
  }
  return widths;
}

/** A text in lines of at most the given width, broken at spaces where there are some. */
export function wrapped(text: string, width: number): string {
  return stripVTControlCharacters(text).length <= width
    ? text
    : text.replace(new RegExp(`(.{1,${width}})(?: +|$)|(.{${width}})`, "g"), "$1$2\n").trimEnd();
}

/** Columns of the terminal; undefined where there is none. */
export function terminalWidth(): number | undefined {
  return process.stdout.isTTY ? process.stdout.columns || 80 : undefined;
}

/**
 * A plain table as text, indented, without lines. It fits a terminal: longer cells continue on the next line. In a file
 * or a pipe each row is one line.
 * @param right indexes of the columns that are numbers
 * @param terminal columns of the terminal, undefined where there is none
 */
export function table(
  head: string[],
  rows: (string | number)[][],
  right: number[],
  terminal: number | undefined = terminalWidth(),
): string {
  const cells = [head, ...rows.map((row) => row.map(String))];
  const widths = terminal === undefined ? [] : widthsIn(terminal, cells);
  const [fittedHead = [], ...fittedRows] = cells.map((row) =>
    row.map((cell, i) => wrapped(cell, widths[i] ?? Infinity)),
  );
  const built = new Table({
    head: fittedHead,
    style: { head: [], border: [], compact: true, "padding-left": 0, "padding-right": GAP },
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
  built.push(...fittedRows);
  return built
    .toString()
    .split("\n")
    .map((line) => `${" ".repeat(GAP)}${line.trimEnd()}`)
    .join("\n");
}

/** A text in lines that fit a terminal, indented, with deeper indented continuations. */
export function fitted(text: string, indent: number, terminal: number | undefined = terminalWidth()): string {
  const lines =
    terminal === undefined ? [text] : wrapped(text, Math.max(NARROWEST, terminal - indent - GAP)).split("\n");
  return lines.map((line, i) => " ".repeat(i === 0 ? indent : indent + GAP) + line).join("\n");
}

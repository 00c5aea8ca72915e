/** GitHub and GitLab refuse longer comments (65,536 and 1,000,000 characters); room is left for what a workflow adds. */
export const MAX_COMMENT = 64_000;

/** A part of a comment. */
export interface Part {
  /** Lines that are always there. */
  lines: string[];
  /** Lines that are cut, at the end, if all parts do not fit. Default none. */
  cuttable?: string[];
  /** Lines behind those. Default none. */
  end?: string[];
  /** What is said where lines are cut, in front of `end`. */
  cut?: (count: number) => string;
}

const lengthOf = (lines: readonly string[]) => lines.reduce((sum, line) => sum + line.length + 1, 0);
/** Room for the sentence about what is cut. */
const NOTE = 120;

/**
 * Puts parts together within one budget. What can be cut is cut from the last part first, so the order is by weight.
 */
export function fitTogether(parts: readonly Part[], budget = MAX_COMMENT): string {
  const fixed = ({ lines, end = [], cuttable = [] }: Part) =>
    lengthOf(lines) + lengthOf(end) + (cuttable.length === 0 ? 0 : NOTE) + 1;
  let room = budget - parts.reduce((sum, part) => sum + fixed(part), 0);
  return parts
    .flatMap(
      ({ lines, cuttable = [], end = [], cut = (count) => `… ${count} more lines do not fit here.` }) => {
        let kept = 0;
        while (kept < cuttable.length && room >= (cuttable[kept]?.length ?? 0) + 1) {
          room -= (cuttable[kept]?.length ?? 0) + 1;
          kept++;
        }
        // No later part gets the room that this one lacks: the reader sees where the cut begins.
        room = kept < cuttable.length ? 0 : room;
        return [
          ...lines,
          ...cuttable.slice(0, kept),
          ...(kept < cuttable.length ? [cut(cuttable.length - kept)] : []),
          ...end,
          "",
        ];
      },
    )
    .join("\n");
}

/** A text in one line of code. */
export function code(text: string): string {
  return `\`${text.replaceAll("`", "'").replaceAll("|", "\\|")}\``;
}

/** A sentence as text that Markdown does not format. */
export function plain(text: string): string {
  return text.replace(/[\\`*_[\]<>~|#]/g, "\\$&");
}

/** A part that is folded until somebody opens it. */
export function folded(summary: string, lines: string[], cut?: Part["cut"]): Part {
  return {
    lines: [`<details><summary>${summary}</summary>`, ""],
    cuttable: lines,
    end: ["", "</details>"],
    ...(cut === undefined ? {} : { cut }),
  };
}

/** An alert of GitHub's and GitLab's. https://docs.github.com/get-started/writing-on-github/getting-started-with-writing-and-formatting-on-github/basic-writing-and-formatting-syntax#alerts */
export function alert(kind: "CAUTION" | "WARNING" | "IMPORTANT", title: string, lines: string[]): Part {
  return {
    lines: [`> [!${kind}]`, `> **${title}**`, ">"],
    cuttable: lines.flatMap((line) => line.split("\n")).map((line) => `> ${line}`.trimEnd()),
    cut: (count) => `> - … and ${count} more of this kind, for which a comment has no room`,
  };
}

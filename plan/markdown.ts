import markdownTable from "markdown-table";
import { assumptionsInWords } from "./cost";
import type { PlanReport } from "./report";
import type { PlannedResource } from "./run";
import { replacedText, replacesText, short, typeName, usd } from "./words";

/** GitHub refuses longer comments; what is over is cut, the summary never. */
const MAX_COMMENT = 64_000;

function list(title: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : [`### ${title}`, "", ...lines, ""];
}

function code(text: string): string {
  return `\`${text.replaceAll("`", "'").replaceAll("|", "\\|")}\``;
}

/** A sentence as text that Markdown does not format. */
function plain(text: string): string {
  return text.replace(/[\\`*_[\]<>~|#]/g, "\\$&");
}

function item(resource: PlannedResource): string {
  return `- ${code(resource.name)} ${typeName(resource.type)}${resource.protect ? " **protected**" : ""}`;
}

function changes(report: PlanReport): string[] {
  if (report.against === undefined) {
    return [];
  }
  const { added, changed, removed } = report.against.diff;
  return [
    ...list("Removed", removed.map(item)),
    ...list(
      "Changed",
      changed.map(({ resource, renamedFrom, fields, replaced }) =>
        [
          `${item(resource)}${renamedFrom === undefined ? "" : ` (was ${code(renamedFrom)})`}${replaced === false ? "" : ` **${replacedText(replaced)}**`}`,
          ...fields.map(
            ({ field, before, after, replaces }) =>
              `  - ${code(field)}: ${code(short(before))} → ${code(short(after))}${replaces === false ? "" : ` **(${replacesText(replaces)})**`}`,
          ),
        ].join("\n"),
      ),
    ),
    ...list("Added", added.map(item)),
  ];
}

/** A plan as Markdown for a pull request: the summary first, then only what differs where something was compared. */
export function renderMarkdown(report: PlanReport, options: { policies: boolean }): string {
  const { against, cost } = report;
  const summary = [
    `## Plan for ${report.project} ${report.stack}`,
    "",
    against === undefined
      ? `**${report.total} resources**, ${report.protected.length} protected, about **${usd(cost.total)}** a month.`
      : `Against ${code(against.revision)}: **${against.diff.added.length} added, ${against.diff.changed.length} changed, ${against.diff.removed.length} removed**${against.newStack ? " (the stack is new)" : ""}; about ${usd(cost.total)} a month, before ${usd(against.costBefore)}.`,
    "",
    ...(against?.changes ?? []).map(({ risk, sentence }) =>
      risk === undefined ? `- ${plain(sentence)}` : `- **${risk}**: ${plain(sentence)}`,
    ),
    "",
    ...report.findings.map(
      ({ policy, level, message }) =>
        `> **${level === "mandatory" ? "Mandatory" : "Advisory"} policy** ${code(policy)}: ${message}`,
    ),
    ...report.limits.findings.map(
      ({ standing, name, message, source }) =>
        `> **${standing === "refused" ? "AWS limit exceeded" : "Above a default quota"}** ${code(name)}: ${message} ([AWS](${source})).`,
    ),
    ...report.warnings.map((warning) => `> ${warning.replaceAll("\n", "\n> ")}`),
    "",
  ];
  const details = [
    ...changes(report),
    ...(against === undefined
      ? [
          markdownTable(
            [
              ["type", "count"],
              ...Object.entries(report.counts).map(([type, count]) => [typeName(type), String(count)]),
            ],
            {
              align: ["l", "r"],
            },
          ),
          "",
        ]
      : []),
    "<details><summary>Cost estimate</summary>",
    "",
    markdownTable(
      [
        ["item", "quantity", "unit", "USD each", "price in", "USD/month"],
        ...cost.lines.map((line) => [
          line.item,
          String(line.quantity),
          line.unit,
          String(line.price),
          line.priceRegion,
          line.usd.toFixed(2),
        ]),
      ],
      { align: ["l", "r", "l", "r", "l", "r"] },
    ),
    "",
    `List prices of ${cost.asOf} in the regions shown; ${[assumptionsInWords(cost.assumptions), ...cost.notes].join("; ")}.`,
    "",
    ...cost.leftOut.map((what) => `- not included: ${what}`),
    "",
    "</details>",
    ...(options.policies
      ? report.documents.flatMap(({ of, document }) => [
          "",
          `<details><summary>${code(of)}</summary>`,
          "",
          "```json",
          JSON.stringify(document, null, 2),
          "```",
          "",
          "</details>",
        ])
      : []),
  ];
  const text = [...summary, ...details].join("\n");
  const cut = "\n\n… cut: the whole plan is longer than a comment may be.\n";
  return text.length <= MAX_COMMENT
    ? `${text}\n`
    : text.slice(0, MAX_COMMENT - cut.length).replace(/\n[^\n]*$/, "") + cut;
}

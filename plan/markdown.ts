import markdownTable from "markdown-table";
import { RISKS, type Change, type Risk } from "./changes/change";
import { alert, code, fitTogether, folded, plain, type Part } from "./comment";
import { assumptionsInWords, type CostEstimate } from "./cost";
import { changedResource, differsInDashboard } from "./difference";
import type { PlanReport } from "./report";
import type { PlannedResource } from "./run";
import { risksOf, signedUsd, type Summary } from "./summary";
import { typeName, usd } from "./words";

/** A stack that could not be planned. */
export interface FailedPlan {
  stack: string;
  /** The error as the command reports it. */
  problem: string;
}

/** All that a comment is about. */
export interface PlanResults {
  reports: readonly PlanReport[];
  failed: readonly FailedPlan[];
  /** What the reports come to; undefined where nothing was compared. */
  summary: Summary | undefined;
}

const TITLES: Record<Risk, string> = {
  deletes: "Images or protected resources would be deleted",
  access: "Wider access",
  protection: "Less protection",
  scanning: "Less scanning, or fewer alerts",
  cost: "Higher cost",
};

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? "" : "s"}`;

function failures(failed: readonly FailedPlan[]): Part[] {
  return failed.map(({ stack, problem }) =>
    alert("CAUTION", `${plain(stack)} cannot be planned, so nothing is said about it`, [
      "```text",
      ...problem.trim().replaceAll("```", "'''").split("\n"),
      "```",
    ]),
  );
}

function risks({ changes }: Summary): Part[] {
  return RISKS.flatMap((risk) => {
    const lines = changes.flatMap((change) => (change.risk === risk ? [`- ${plain(change.sentence)}`] : []));
    return lines.length === 0 ? [] : [alert(risk === "deletes" ? "CAUTION" : "WARNING", TITLES[risk], lines)];
  });
}

/** What stops an update, whatever the change. */
function refusals(reports: readonly PlanReport[]): Part[] {
  const lines = reports.flatMap(({ stack, findings, limits }) => [
    ...findings.flatMap(({ level, policy, message }) =>
      level === "mandatory" ? [`- ${plain(stack)}: policy ${code(policy)}: ${plain(message)}`] : [],
    ),
    ...limits.findings.flatMap(({ standing, name, message, source }) =>
      standing === "refused"
        ? [`- ${plain(stack)}: ${code(name)}: ${plain(message)} ([AWS](${source}))`]
        : [],
    ),
  ]);
  return lines.length === 0
    ? []
    : [alert("CAUTION", "A mandatory policy or a limit of AWS stops the update", lines)];
}

/** What is said of each stack besides what changes. */
function remarks(reports: readonly PlanReport[]): Part[] {
  const lines = reports.flatMap(({ stack, findings, limits, warnings }) => [
    ...findings.flatMap(({ level, policy, message }) =>
      level === "advisory" ? [`- ${plain(stack)}: advisory policy ${code(policy)}: ${plain(message)}`] : [],
    ),
    ...limits.findings.flatMap(({ standing, name, message, source }) =>
      standing === "quota"
        ? [`- ${plain(stack)}: above a default quota: ${code(name)}: ${plain(message)} ([AWS](${source}))`]
        : [],
    ),
    ...warnings.map((warning) => `- ${plain(warning).replaceAll("\n", "\n  ")}`),
  ]);
  return lines.length === 0 ? [] : [folded(counted(lines.length, "remark"), lines)];
}

function repositoriesOf(changes: readonly Change[]): Part[] {
  const many = new Map(
    changes.flatMap(({ sentence, repositories }): [string, string][] => {
      const [subject = "", ...rest] = sentence.split(": ");
      return repositories.length === 0 ||
        repositories.every((name) => subject.includes(name)) ||
        rest.length === 0
        ? []
        : [[repositories.join(", "), subject]];
    }),
  );
  return [...many].map(([names, subject]) => folded(`The ${subject}`, [names]));
}

function item(resource: PlannedResource): string {
  return `- ${code(resource.name)} ${typeName(resource.type)}${resource.protect ? " **protected**" : ""}`;
}

function list(title: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : [`**${title}**`, "", ...lines, ""];
}

function resources({ stack, against }: PlanReport): Part[] {
  if (against === undefined) {
    return [];
  }
  const { added, changed, removed } = against.diff;
  const lines = [
    ...list("Removed", removed.map(item)),
    ...list(
      "Changed",
      changed.flatMap((change) => {
        const graphs = differsInDashboard(change);
        const { notes, fields } = changedResource(change, 400);
        return [
          `${item(change.resource)}${notes.map((note) => ` **${plain(note)}**`).join("")}${graphs === 0 ? "" : ` (${graphs} graphs and texts)`}`,
          ...fields.map(
            ({ field, values, set, note }) =>
              `  - ${code(field)}: ${values.map(code).join(set ? ", " : " → ")}${note === undefined ? "" : ` **(${note})**`}`,
          ),
        ];
      }),
    ),
    ...list("Added", added.map(item)),
  ];
  return lines.length === 0
    ? []
    : [
        folded(
          `Resources of ${stack}: ${added.length} added, ${changed.length} changed, ${removed.length} removed`,
          lines,
          (count) =>
            `\n… ${count} more lines do not fit in a comment: plan --stack ${stack} --against <revision> shows them.`,
        ),
      ];
}

function costPart(stack: string, cost: CostEstimate): Part {
  const rows = [
    ["item", "quantity", "unit", "USD each", "price in", "USD/month"],
    ...cost.lines.map((line) => [
      line.item,
      line.quantity.toLocaleString("en-US"),
      line.unit,
      String(line.price),
      line.priceRegion,
      line.usd.toFixed(2),
    ]),
  ];
  return folded(`Cost estimate of ${stack}: about ${usd(cost.total)} a month`, [
    ...markdownTable(rows, { align: ["l", "r", "l", "r", "l", "r"] }).split("\n"),
    "",
    `List prices of ${cost.asOf} in the regions shown; ${[assumptionsInWords(cost.assumptions), ...cost.notes].join("; ")}.`,
    "",
    ...cost.leftOut.map((what) => `- not included: ${what}`),
  ]);
}

function policyDocuments({ documents }: PlanReport): Part[] {
  return documents.map(({ of, document }) =>
    folded(`<code>${of}</code>`, ["```json", ...JSON.stringify(document, null, 2).split("\n"), "```"]),
  );
}

function comparedParts(reports: readonly PlanReport[], summary: Summary): Part[] {
  const others = summary.changes.filter(({ risk }) => risk === undefined);
  const rows = summary.stacks.map(({ stack, newStack, added, changed, removed, cost, costBefore }) => [
    newStack ? `${stack} (new)` : stack,
    ...[added, changed, removed].map((count) => count.toLocaleString("en-US")),
    usd(cost),
    signedUsd(cost - costBefore),
  ]);
  const differing = reports.filter(({ stack }) => !summary.unchanged.includes(stack));
  return [
    ...risks(summary),
    ...refusals(reports),
    {
      lines: [
        ...(rows.length === 0
          ? []
          : markdownTable([["stack", "added", "changed", "removed", "a month", "difference"], ...rows], {
              align: ["l", "r", "r", "r", "r", "r"],
            }).split("\n")),
        ...(summary.unchanged.length === 0 ? [] : ["", `Unchanged: ${summary.unchanged.join(", ")}.`]),
      ],
    },
    ...(others.length === 0
      ? []
      : [
          {
            lines: [`### What ${others.length < summary.changes.length ? "else " : ""}changes`, ""],
            cuttable: others.map(({ sentence }) => `- ${plain(sentence)}`),
          },
        ]),
    ...remarks(differing),
    ...repositoriesOf(summary.changes),
    ...differing.flatMap(resources),
    ...differing.map(({ stack, cost }) => costPart(stack, cost)),
  ];
}

function declaredParts(reports: readonly PlanReport[]): Part[] {
  return [
    ...refusals(reports),
    ...reports.flatMap(({ stack, total, protected: kept, cost, counts }): Part[] => [
      {
        lines: [
          `### ${stack}`,
          "",
          `**${counted(total, "resource")}**, ${kept.length} protected, about **${usd(cost.total)}** a month.`,
        ],
      },
      folded(
        "Resources by type",
        markdownTable(
          [
            ["type", "count"],
            ...Object.entries(counts).map(([type, count]) => [typeName(type), String(count)]),
          ],
          { align: ["l", "r"] },
        ).split("\n"),
      ),
      costPart(stack, cost),
    ]),
    ...remarks(reports),
  ];
}

function title({ reports, failed, summary }: PlanResults): string {
  const project = reports[0]?.project ?? "the stacks";
  if (summary === undefined) {
    return `## Plan for ${project}`;
  }
  const count = summary.changes.filter(({ risk }) => risk !== undefined).length;
  const what =
    count > 0
      ? counted(count, "risk")
      : summary.stacks.length === 0
        ? "nothing changes"
        : failed.length === 0
          ? "no risks found"
          : "no risks";
  return `## Plan for ${project}: ${
    failed.length === 0 ? what : `${counted(failed.length, "stack")} cannot be planned; ${what} in the others`
  }`;
}

/**
 * Plans as Markdown for one comment of a pull request, risks first. Its first line names the risks for a workflow, which
 * can set labels by them.
 */
export function renderMarkdown(results: PlanResults, options: { policies: boolean }): string {
  const { reports, failed, summary } = results;
  const revision = summary?.revision.replace(/^([0-9a-f]{12})[0-9a-f]{28}$/, "$1");
  return fitTogether([
    {
      lines: [
        ...(summary === undefined ? [] : [`<!-- risks: ${[...risksOf(summary), ""].join(" ")}-->`]),
        title(results),
        ...(revision === undefined ? [] : ["", `Compared with ${code(revision)}, offline.`]),
      ],
    },
    ...failures(failed),
    ...(summary === undefined ? declaredParts(reports) : comparedParts(reports, summary)),
    ...(options.policies ? reports.flatMap(policyDocuments) : []),
  ]);
}

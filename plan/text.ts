import colors from "picocolors";
import { assumptionsInWords, type CostEstimate } from "./cost";
import type { FieldChange } from "./diff";
import type { LimitFinding, Measured } from "./limits";
import type { PolicyFinding } from "./policies";
import type { PlanReport, TreeNode } from "./report";
import type { PlannedResource } from "./run";
import { table } from "./table";
import { labelOf, replacedText, replacesText, short, typeName, usd } from "./words";

function flags({ protect, retainOnDelete }: PlannedResource): string {
  const words = [...(protect ? ["protected"] : []), ...(retainOnDelete ? ["retained"] : [])];
  return words.length === 0 ? "" : ` ${colors.yellow(`[${words.join(", ")}]`)}`;
}

function branch(nodes: TreeNode[], indent: string): string[] {
  return nodes.flatMap((node, i) => {
    const last = i === nodes.length - 1;
    const label = labelOf(node.resource);
    const what = node.resource.custom
      ? `${typeName(node.resource.type)} ${node.resource.name}${label === "" || label === node.resource.name ? "" : colors.dim(` ${label}`)}`
      : colors.bold(`${node.resource.name} (${typeName(node.resource.type)})`) +
        (node.resource.remote ? colors.dim(" what it makes is listed by a real preview only") : "");
    return [
      `${indent}${last ? "└─ " : "├─ "}${what}${flags(node.resource)}`,
      ...branch(node.children, `${indent}${last ? "   " : "│  "}`),
    ];
  });
}

function costText(cost: CostEstimate): string {
  return [
    colors.bold(`Cost: about ${usd(cost.total)} a month`) +
      ` (list prices of ${cost.asOf} in the regions shown, entered by hand)`,
    table(
      ["item", "quantity", "unit", "USD each", "price in", "USD/month"],
      cost.lines.map((line) => [
        line.item,
        line.quantity.toLocaleString("en-US"),
        line.unit,
        line.price,
        line.priceRegion,
        line.usd.toFixed(2),
      ]),
      [1, 3, 5],
    ),
    `  ${assumptionsInWords(cost.assumptions)}`,
    ...cost.notes.map((note) => `  note: ${note}`),
    ...cost.leftOut.map((what) => `  not included: ${what}`),
  ].join("\n");
}

function findingsText(findings: PolicyFinding[]): string {
  const of = (level: PolicyFinding["level"]) => findings.filter((finding) => finding.level === level);
  return [
    colors.bold(`Policy pack: ${of("mandatory").length} mandatory, ${of("advisory").length} advisory`),
    ...findings.map(({ policy, level, message }) =>
      (level === "mandatory" ? colors.red : colors.yellow)(`  ${level} ${policy}: ${message}`),
    ),
  ].join("\n");
}

function limitsText({ findings, unknown }: Measured): string {
  const of = (standing: LimitFinding["standing"]) =>
    findings.filter((finding) => finding.standing === standing);
  return [
    colors.bold(`AWS limits: ${of("refused").length} exceeded, ${of("quota").length} above a default quota`),
    ...findings.map(({ standing, name, message, source }) =>
      (standing === "refused" ? colors.red : colors.yellow)(`  ${name}: ${message} (${source})`),
    ),
    ...(unknown.length === 0 ? [] : [`  known only to the update, and not counted: ${unknown.join(", ")}`]),
  ].join("\n");
}

/** A dashboard shows every repository, so its lines would hide what else differs. */
function isOfDashboard({ field }: FieldChange): boolean {
  return field.startsWith("dashboardBody");
}

/** What differs from another run, in lines. */
export function diffText(against: NonNullable<PlanReport["against"]>, costNow: number): string {
  const line = (sign: string, resource: PlannedResource) =>
    `  ${sign} ${typeName(resource.type)} ${resource.name}${flags(resource)}`;
  const { revision, newStack, changes, unsaid } = against;
  const { added, changed, removed } = against.diff;
  const delta = costNow - against.costBefore;
  return [
    colors.bold(
      `Against ${revision}: ${added.length} added, ${changed.length} changed, ${removed.length} removed`,
    ) + `, ${delta < 0 ? "-" : "+"}${usd(Math.abs(delta))} a month${newStack ? "; the stack is new" : ""}`,
    ...changes.map(({ risk, sentence }) =>
      risk === undefined ? `  ${sentence}` : colors.red(`  ! ${risk}: ${sentence}`),
    ),
    ...(unsaid === undefined ? [] : [colors.red(`  ! not in words: ${unsaid}`)]),
    ...removed.map((resource) => colors.red(line("-", resource))),
    ...changed.flatMap(({ resource, renamedFrom, fields, replaced }) => [
      colors.yellow(line(replaced === false ? "~" : "±", resource)) +
        (renamedFrom === undefined ? "" : ` (was ${renamedFrom})`) +
        (replaced === false ? "" : colors.red(` ${replacedText(replaced)}`)),
      ...fields
        .filter((change) => !isOfDashboard(change))
        .map(
          ({ field, before, after, replaces }) =>
            `      ${field}: ${short(before)} => ${short(after)}${replaces === false ? "" : colors.red(` (${replacesText(replaces)})`)}`,
        ),
      ...(fields.some(isOfDashboard)
        ? [`      dashboardBody: ${fields.filter(isOfDashboard).length} graphs and texts`]
        : []),
    ]),
    ...added.map((resource) => colors.green(line("+", resource))),
  ].join("\n");
}

/** A plan as text for a terminal. */
export function renderText(report: PlanReport, options: { policies: boolean }): string {
  const { against } = report;
  const parts = [
    colors.bold(`${report.project} ${report.stack}`) +
      `: account ${report.accountId}, ${report.region}; what the program declares, offline`,
    ...report.warnings.map((warning) => colors.yellow(`warning: ${warning}`)),
    findingsText(report.findings),
    limitsText(report.limits),
    branch(report.tree, "").join("\n"),
    colors.bold(`Resources: ${report.total}`) +
      "\n" +
      table(
        ["type", "count"],
        Object.entries(report.counts).map(([type, count]) => [typeName(type), count]),
        [1],
      ),
    colors.bold(`Protected: ${report.protected.length}`) +
      (report.protected.length === 0 ? "" : `\n  ${report.protected.join(", ")}`),
    costText(report.cost),
    ...(options.policies
      ? [
          colors.bold(`Policy documents: ${report.documents.length}`),
          ...report.documents.map(({ of, document }) => `${of}\n${JSON.stringify(document, null, 2)}`),
        ]
      : []),
    // Last, where a terminal shows it.
    ...(against === undefined ? [] : [diffText(against, report.cost.total)]),
  ];
  return `${parts.join("\n\n")}\n`;
}

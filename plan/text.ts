import colors from "picocolors";
import { assumptionsInWords, type CostEstimate } from "./cost";
import type { LimitFinding, Measured } from "./limits";
import type { PolicyFinding } from "./policies";
import type { PlanReport, TreeNode } from "./report";
import { diffText, flags } from "./difference-text";
import { fitted, table } from "./table";
import { labelOf, typeName, usd } from "./words";

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
    fitted(assumptionsInWords(cost.assumptions), 2),
    ...cost.notes.map((note) => fitted(`note: ${note}`, 2)),
    ...cost.leftOut.map((what) => fitted(`not included: ${what}`, 2)),
  ].join("\n");
}

function findingsText(findings: PolicyFinding[]): string {
  const of = (level: PolicyFinding["level"]) => findings.filter((finding) => finding.level === level);
  return [
    colors.bold(`Policy pack: ${of("mandatory").length} mandatory, ${of("advisory").length} advisory`),
    ...findings.map(({ policy, level, message }) =>
      (level === "mandatory" ? colors.red : colors.yellow)(fitted(`${level} ${policy}: ${message}`, 2)),
    ),
  ].join("\n");
}

function limitsText({ findings, unknown }: Measured): string {
  const of = (standing: LimitFinding["standing"]) =>
    findings.filter((finding) => finding.standing === standing);
  return [
    fitted(
      colors.bold(
        `AWS limits: ${of("refused").length} exceeded, ${of("quota").length} above a default quota`,
      ),
      0,
    ),
    ...findings.map(({ standing, name, message, source }) =>
      (standing === "refused" ? colors.red : colors.yellow)(fitted(`${name}: ${message} (${source})`, 2)),
    ),
    ...(unknown.length === 0
      ? []
      : [fitted(`known only to the update, and not counted: ${unknown.join(", ")}`, 2)]),
  ].join("\n");
}

/** What a stack declares in all: the tree, and its sums. */
function declaredText(report: PlanReport): string[] {
  return [
    branch(report.tree, "").join("\n"),
    colors.bold(`Resources: ${report.total}`) +
      "\n" +
      table(
        ["type", "count"],
        Object.entries(report.counts).map(([type, count]) => [typeName(type), count]),
        [1],
      ),
    colors.bold(`Protected: ${report.protected.length}`) +
      (report.protected.length === 0 ? "" : `\n${fitted(report.protected.join(", "), 2)}`),
    costText(report.cost),
  ];
}

/** A plan as text for a terminal: what is declared, or where another revision was compared with, what differs. */
export function renderText(report: PlanReport, options: { policies: boolean }): string {
  const { against } = report;
  const parts = [
    fitted(
      `${colors.bold(`${report.project} ${report.stack}`)}: account ${report.accountId}, ${report.region}; what the program declares, offline`,
      0,
    ),
    ...report.warnings.map((warning) => colors.yellow(fitted(`warning: ${warning}`, 0))),
    findingsText(report.findings),
    limitsText(report.limits),
    ...(against === undefined ? declaredText(report) : []),
    ...(options.policies
      ? [
          colors.bold(`Policy documents: ${report.documents.length}`),
          ...report.documents.map(({ of, document }) => `${of}\n${JSON.stringify(document, null, 2)}`),
        ]
      : []),
    ...(against === undefined ? [] : [diffText(against)]),
  ];
  return `${parts.join("\n\n")}\n`;
}

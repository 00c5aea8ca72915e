import type { PolicyPackConfig } from "@pulumi/policy";
import { estimateCost, type Assumptions, type CostEstimate } from "./cost";
import { diffRuns, parsed, type PlanDiff } from "./diff";
import { measure, type Measured } from "./limits";
import { policyFindings, type PolicyFinding } from "./policies";
import type { PlannedResource, ProgramRun } from "./run";

/** A resource in its place below its parent. */
export interface TreeNode {
  resource: PlannedResource;
  children: TreeNode[];
}

/** One policy document or event pattern that a stack declares. */
export interface DocumentOf {
  /** Logical name and input, such as `payments-api-policy.policy`. */
  of: string;
  document: unknown;
}

/** Everything a plan shows of one stack. */
export interface PlanReport {
  project: string;
  stack: string;
  accountId: string;
  region: string;
  warnings: string[];
  /** Resources below the stack, grouped by component. */
  tree: TreeNode[];
  /** Resources that a provider makes, by type. */
  counts: Record<string, number>;
  /** Resources that a provider makes. */
  total: number;
  /** Logical names of what is protected. */
  protected: string[];
  /** What the policy pack says, mandatory rules first. */
  findings: PolicyFinding[];
  /** How the finished resources stand to AWS's limits. */
  limits: Measured;
  cost: CostEstimate;
  documents: DocumentOf[];
  outputs: Record<string, unknown>;
  /** Where another revision was compared with. */
  against?: { revision: string; newStack: boolean; diff: PlanDiff; costBefore: number };
}

const DOCUMENTS = ["policy", "assumeRolePolicy", "eventPattern", "lifecyclePolicy"];

function treeOf(resources: PlannedResource[]): TreeNode[] {
  const nodes = new Map(
    resources.map((resource) => [resource.urn, { resource, children: [] as TreeNode[] }]),
  );
  const roots: TreeNode[] = [];
  for (const node of nodes.values()) {
    const parent = node.resource.parent === undefined ? undefined : nodes.get(node.resource.parent);
    (parent?.children ?? roots).push(node);
  }
  // Registrations of siblings arrive in no fixed order; a plan reads the same each time.
  for (const { children } of nodes.values()) {
    children.sort(
      (a, b) =>
        Number(a.resource.custom) - Number(b.resource.custom) ||
        a.resource.name.localeCompare(b.resource.name),
    );
  }
  return roots;
}

/** What a report shows beyond the run itself. */
export interface ReportOptions {
  /** Another revision to compare with; its run is undefined where it has no such stack. */
  before?: { revision: string; run: ProgramRun | undefined };
  /** Config of the policy pack. Default none. */
  policyConfig?: PolicyPackConfig;
}

/** Puts a run in the form that is shown, in text, Markdown or JSON. */
export function reportOf(
  run: ProgramRun,
  assumptions: Assumptions,
  { before, policyConfig }: ReportOptions = {},
): PlanReport {
  const made = run.resources.filter(({ custom }) => custom);
  const counts: Record<string, number> = {};
  for (const { type } of [...made].sort((a, b) => a.type.localeCompare(b.type))) {
    counts[type] = (counts[type] ?? 0) + 1;
  }
  const empty: ProgramRun = { ...run, resources: [], outputs: {}, warnings: [] };
  return {
    project: run.project,
    stack: run.stack,
    accountId: run.accountId,
    region: run.region,
    warnings: run.warnings,
    tree: treeOf(run.resources),
    counts,
    total: made.length,
    protected: made
      .filter(({ protect }) => protect)
      .map(({ name }) => name)
      .sort(),
    findings: policyFindings(run, policyConfig).sort(
      (a, b) => Number(a.level === "advisory") - Number(b.level === "advisory"),
    ),
    limits: measure(made, run.region),
    cost: estimateCost(run, assumptions),
    documents: made.flatMap(({ name, inputs }) =>
      DOCUMENTS.flatMap((key) => {
        const value = inputs[key];
        return typeof value === "string" ? [{ of: `${name}.${key}`, document: parsed(value) ?? value }] : [];
      }),
    ),
    outputs: run.outputs,
    ...(before === undefined
      ? {}
      : {
          against: {
            revision: before.revision,
            newStack: before.run === undefined,
            diff: diffRuns(before.run ?? empty, run),
            costBefore: estimateCost(before.run ?? empty, assumptions).total,
          },
        }),
  };
}

/** The physical name of a resource, or what else tells it apart. */
export function labelOf({ inputs }: PlannedResource): string {
  return (
    [inputs.name, inputs.bucket, inputs.serviceName, inputs.endpoint, inputs.prefix, inputs.scanType].find(
      (value): value is string => typeof value === "string" && value !== "",
    ) ?? ""
  );
}

/** Type token as people write it: `aws.ecr.Repository`. */
export function typeName(token: string): string {
  const [pkg = "", module = "", type = ""] = token.split(":");
  return pkg === "ecr-platform" ? type : [pkg, module.split("/")[0], type].join(".");
}

/** How reports describe a resource that is, or may be, replaced. */
export function replacedText(replaced: true | "maybe"): string {
  return replaced === "maybe" ? "may be replaced" : "replaced";
}

/** How reports describe a changed input that replaces its resource, or may replace it. */
export function replacesText(replaces: true | "maybe"): string {
  return replaces === "maybe" ? "may replace" : "replaces";
}

/** A value in one line of at most so many characters. */
export function short(value: unknown, limit = 80): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "(none)");
  return text.length > limit ? `${text.slice(0, limit - 3)}...` : text;
}

/** USD with two decimals. */
export function usd(amount: number): string {
  return `${amount.toFixed(2)} USD`;
}

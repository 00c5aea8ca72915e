import type { PolicyPackConfig } from "@pulumi/policy";
import type { Settings } from "../config/settings";
import type { Change } from "./changes/change";
import { changesOf } from "./changes/changes";
import { estimateCost, type Assumptions, type CostEstimate } from "./cost";
import { parsed } from "./comparable";
import { diffRuns, type PlanDiff } from "./diff";
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
  against?: Against;
}

/** How a stack differs from another revision of it. */
export interface Against {
  revision: string;
  newStack: boolean;
  diff: PlanDiff;
  /** USD a month. */
  costBefore: number;
  /** What the difference means, in words, risks first. */
  changes: Change[];
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

/** Another revision of a stack. */
export interface Before {
  revision: string;
  /** Undefined where the revision has no such stack. */
  run: ProgramRun | undefined;
  /** Its settings; undefined where it has no such stack, or where `unsaid` says why they are not known. */
  settings?: Settings | undefined;
  unsaid?: string;
  /** What today's program declares with the revision's config, where the program itself differs. */
  byProgram?: ProgramRun;
}

/** What a report shows beyond the run itself. */
export interface ReportOptions {
  /** Another revision to compare with. */
  before?: Before;
  /** The stack's settings, for the words about what differs. Default none: the words are about the resources only. */
  settings?: Settings | undefined;
  /** Config of the policy pack. Default none. */
  policyConfig?: PolicyPackConfig;
}

/** Puts a run in the form that is shown, in text, Markdown or JSON. */
export function reportOf(
  run: ProgramRun,
  assumptions: Assumptions,
  { before, settings, policyConfig }: ReportOptions = {},
): PlanReport {
  const made = run.resources.filter(({ custom }) => custom);
  const cost = estimateCost(run, assumptions);
  const counts: Record<string, number> = {};
  for (const { type } of [...made].sort((a, b) => a.type.localeCompare(b.type))) {
    counts[type] = (counts[type] ?? 0) + 1;
  }
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
    cost,
    documents: made.flatMap(({ name, inputs }) =>
      DOCUMENTS.flatMap((key) => {
        const value = inputs[key];
        return typeof value === "string" ? [{ of: `${name}.${key}`, document: parsed(value) ?? value }] : [];
      }),
    ),
    outputs: run.outputs,
    ...(before === undefined ? {} : { against: againstOf(run, cost, before, settings) }),
  };
}

function againstOf(run: ProgramRun, cost: CostEstimate, before: Before, settings?: Settings): Against {
  const { revision, unsaid, byProgram } = before;
  const old: ProgramRun = before.run ?? { ...run, resources: [], outputs: {}, warnings: [] };
  const diff = diffRuns(old, run);
  const costBefore = estimateCost(old, cost.assumptions);
  return {
    revision,
    newStack: before.run === undefined,
    diff,
    costBefore: costBefore.total,
    changes: changesOf({
      stack: run.stack,
      ...(settings === undefined || (before.run !== undefined && before.settings === undefined)
        ? {}
        : { settings: { before: before.settings, after: settings } }),
      ...(unsaid === undefined ? {} : { unsaid }),
      diff,
      ...(byProgram === undefined ? {} : { program: diffRuns(old, byProgram) }),
      cost: { before: costBefore, after: cost },
    }),
  };
}

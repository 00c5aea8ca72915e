import microdiff from "microdiff";
import type { dashboardBody, DashboardMetric } from "../documents/dashboard";
import { replaces, type Replaces } from "./replacements";
import type { PlannedResource, ProgramRun } from "./run";

/** One field that differs. */
export interface FieldChange {
  /** Path below the inputs, such as `policy.Statement[0].Action`. */
  field: string;
  /** Absent where the field was not there. */
  before?: unknown;
  after?: unknown;
  /** Whether this change replaces the resource. */
  replaces: Replaces;
}

/** A resource that is in both runs and differs. */
export interface ResourceChange {
  resource: PlannedResource;
  /** The name it had before, where it is renamed by an alias. */
  renamedFrom?: string;
  fields: FieldChange[];
  replaced: Replaces;
}

type Danger = "would be replaced" | "may be replaced" | "would be deleted";

/** What differs between two runs of a stack's program. */
export interface PlanDiff {
  added: PlannedResource[];
  changed: ResourceChange[];
  removed: PlannedResource[];
  /** What would lose something protected: shown first, and counted by the exit code. */
  dangers: { urn: string; name: string; type: string; what: Danger }[];
}

/**
 * A dashboard by the titles of its widgets, and what each shows by name: in lists, one more line in alphabetical
 * order would show as a change of all behind it.
 */
function byTitle(body: Partial<ReturnType<typeof dashboardBody>>): object {
  const named = (metric: DashboardMetric): [string, unknown] => [
    metric.filter((part) => typeof part === "string").join(" "),
    metric.find((part) => typeof part === "object") ?? true,
  ];
  return Object.fromEntries(
    (body.widgets ?? []).map(({ properties: { metrics = [], alarms = [], ...properties }, ...place }, i) => [
      properties.title ?? `text ${i}`,
      {
        ...place,
        ...properties,
        shows: {
          ...Object.fromEntries(metrics.map(named)),
          ...Object.fromEntries(alarms.map((arn) => [arn, true])),
        },
      },
    ]),
  );
}

/** Inputs with policies and patterns parsed, so that a change inside one shows as that field. */
function comparable(inputs: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(inputs).map(([key, value]) => {
      const structure = typeof value === "string" ? (parsed(value) ?? value) : value;
      return [
        key,
        key === "dashboardBody" && typeof structure === "object" && structure !== null
          ? byTitle(structure)
          : structure,
      ];
    }),
  );
}

/** The structure that a text holds as JSON, or undefined. */
export function parsed(text: string): object | undefined {
  if (!/^\s*[[{]/.test(text)) {
    return undefined;
  }
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}

function fieldName(path: readonly (string | number)[]): string {
  return path
    .map((part, i) => (typeof part === "number" ? `[${part}]` : i === 0 ? part : `.${part}`))
    .join("");
}

/** Whether a change of an input replaces a resource; a component only groups others. */
function replacedBy(
  { type, custom, remote, replaceOnChanges = [] }: PlannedResource,
  input: string,
): Replaces {
  return replaceOnChanges.includes(input) || ((custom || remote) && replaces(type, input));
}

/** The gravest of several changes. */
function gravest(fields: FieldChange[]): Replaces {
  const all = fields.map((field) => field.replaces);
  return all.includes(true) || (all.includes("maybe") && "maybe");
}

function compare(before: PlannedResource, after: PlannedResource): FieldChange[] {
  const fields = microdiff(comparable(before.inputs), comparable(after.inputs)).map(
    (difference): FieldChange => {
      const change = {
        field: fieldName(difference.path),
        replaces: replacedBy(after, String(difference.path[0])),
      };
      switch (difference.type) {
        case "CREATE":
          return { ...change, after: difference.value };
        case "REMOVE":
          return { ...change, before: difference.oldValue };
        case "CHANGE":
          return { ...change, before: difference.oldValue, after: difference.value };
      }
    },
  );
  const options = (["protect", "retainOnDelete"] as const)
    .filter((option) => before[option] !== after[option])
    .map((option) => ({
      field: `(${option})`,
      before: before[option],
      after: after[option],
      replaces: false,
    }));
  return [...fields, ...options];
}

/**
 * What would be added, changed and removed. A resource is the same where its URN is, or where an alias of
 * the new one names an old one of its type.
 */
export function diffRuns(before: ProgramRun, after: ProgramRun): PlanDiff {
  const old = new Map(before.resources.map((resource) => [resource.urn, resource]));
  const added: PlannedResource[] = [];
  const changed: ResourceChange[] = [];
  for (const resource of after.resources) {
    const same =
      old.get(resource.urn) ??
      [...old.values()].find(({ type, name }) => type === resource.type && resource.aliases.includes(name));
    if (same === undefined) {
      added.push(resource);
      continue;
    }
    old.delete(same.urn);
    const fields = compare(same, resource);
    const renamed = same.name === resource.name ? {} : { renamedFrom: same.name };
    if (fields.length > 0 || same.name !== resource.name) {
      changed.push({ resource, ...renamed, fields, replaced: gravest(fields) });
    }
  }
  const removed = [...old.values()];
  const protectedBefore = new Set(before.resources.filter(({ protect }) => protect).map(({ urn }) => urn));
  const danger = ({ urn, name, type }: PlannedResource, what: Danger) =>
    protectedBefore.has(urn) ? [{ urn, name, type, what }] : [];
  return {
    added,
    changed,
    removed,
    dangers: [
      ...removed.flatMap((resource) => danger(resource, "would be deleted")),
      ...changed.flatMap(({ resource, replaced }) =>
        replaced === false
          ? []
          : danger(resource, replaced === true ? "would be replaced" : "may be replaced"),
      ),
    ],
  };
}

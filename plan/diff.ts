import microdiff, { type Difference } from "microdiff";
import { asWritten, comparable, elementOf, fieldName } from "./comparable";
import { replaces, type Replaces } from "./replacements";
import type { PlannedResource, ProgramRun } from "./run";

/** One field that differs. */
export interface FieldChange {
  /** Path below the inputs, such as `policy.Statement[PullForAccounts].Action`. */
  field: string;
  /** Absent where the field was not there. Of a set: the elements that are gone. */
  before?: unknown;
  /** Absent where the field is not there any more. Of a set: the elements that came. */
  after?: unknown;
  /** Whether it is a list whose order means nothing, of which only the elements that differ are here. */
  set?: true;
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

/** Differences of elements by their set, each as one change. */
function changesOfSets(type: PlannedResource, differences: readonly Difference[]): FieldChange[] {
  const sets = new Map<string, FieldChange & { before: string[]; after: string[] }>();
  for (const { path, type: kind } of differences) {
    const element = elementOf(path);
    const field = fieldName(path.slice(0, -1));
    const replaced = replacedBy(type, String(path[0]));
    const change = sets.get(field) ?? { field, set: true, before: [], after: [], replaces: replaced };
    if (element !== undefined) {
      change[kind === "REMOVE" ? "before" : "after"].push(element);
    }
    sets.set(field, change);
  }
  return [...sets.values()];
}

function changeOf(type: PlannedResource, difference: Difference): FieldChange {
  return {
    field: fieldName(difference.path),
    ...(difference.type === "CREATE" ? {} : { before: asWritten(difference.oldValue) }),
    ...(difference.type === "REMOVE" ? {} : { after: asWritten(difference.value) }),
    replaces: replacedBy(type, String(difference.path[0])),
  };
}

function compare(before: PlannedResource, after: PlannedResource): FieldChange[] {
  const differences = microdiff(comparable(before.inputs), comparable(after.inputs));
  const ofSets = differences.filter(({ path }) => elementOf(path) !== undefined);
  const fields = [
    ...differences.filter((one) => !ofSets.includes(one)).map((one) => changeOf(after, one)),
    ...changesOfSets(after, ofSets),
  ];
  // The provider compares texts and lists as they are written.
  const reordered = Object.keys(after.inputs).filter(
    (input) =>
      differences.every(({ path }) => path[0] !== input) &&
      JSON.stringify(before.inputs[input]) !== JSON.stringify(after.inputs[input]),
  );
  const orders = reordered.map((input) => ({
    field: input,
    before: "(the same)",
    after: "(in another order)",
    replaces: replacedBy(after, input),
  }));
  const options = (["protect", "retainOnDelete"] as const)
    .filter((option) => before[option] !== after[option])
    .map((option) => ({
      field: `(${option})`,
      before: before[option],
      after: after[option],
      replaces: false,
    }));
  return [...fields, ...orders, ...options];
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
      // Of thousands of added resources, few have aliases.
      (resource.aliases.length === 0
        ? undefined
        : [...old.values()].find(
            ({ type, name }) => type === resource.type && resource.aliases.includes(name),
          ));
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

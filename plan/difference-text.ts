import colors from "picocolors";
import type { Change } from "./changes/change";
import { changedResource, differsInDashboard } from "./difference";
import type { ResourceChange } from "./diff";
import type { Against } from "./report";
import type { PlannedResource } from "./run";
import { signedUsd, type Summary } from "./summary";
import { fitted } from "./table";
import { typeName, usd } from "./words";

/** What is said of a resource besides its name. */
export function flags({ protect, retainOnDelete }: PlannedResource): string {
  const words = [...(protect ? ["protected"] : []), ...(retainOnDelete ? ["retained"] : [])];
  return words.length === 0 ? "" : ` ${colors.yellow(`[${words.join(", ")}]`)}`;
}

function line(sign: string, resource: PlannedResource, rest = ""): string {
  return fitted(`${sign} ${typeName(resource.type)} ${resource.name}${flags(resource)}${rest}`, 2);
}

function changedText(change: ResourceChange): string[] {
  const graphs = differsInDashboard(change);
  const { notes, fields } = changedResource(change, 160);
  const rest = [...notes, ...(graphs === 0 ? [] : [`(${graphs} graphs and texts)`])];
  return [
    (change.replaced === false ? colors.yellow : colors.red)(
      line(change.replaced === false ? "~" : "±", change.resource, rest.map((words) => ` ${words}`).join("")),
    ),
    ...fields.map(({ field, values, set, note }) => {
      const words = `${field}: ${values.join(set ? ", " : " => ")}`;
      return note === undefined ? fitted(words, 6) : colors.red(fitted(`${words} (${note})`, 6));
    }),
  ];
}

/** The resources that differ from another run, in lines. */
export function diffText({ revision, newStack, diff: { added, changed, removed } }: Against): string {
  return [
    colors.bold(
      `Against ${revision}: ${added.length} added, ${changed.length} changed, ${removed.length} removed`,
    ) + (newStack ? "; the stack is new" : ""),
    ...removed.map((resource) => colors.red(line("-", resource))),
    ...changed.flatMap(changedText),
    ...added.map((resource) => colors.green(line("+", resource))),
  ].join("\n");
}

function sentences(changes: readonly Change[]): string[] {
  return changes.map(({ risk, sentence }) =>
    risk === undefined ? fitted(sentence, 2) : colors.red(fitted(`${risk}: ${sentence}`, 2)),
  );
}

/** What a change means for all stacks, in lines: the risks last, where a terminal shows them. */
export function summaryText({ revision, changes, stacks, unchanged }: Summary): string {
  const risks = changes.filter(({ risk }) => risk !== undefined);
  const others = changes.filter(({ risk }) => risk === undefined);
  return [
    ...(unchanged.length === 0 ? [] : [fitted(`Unchanged since ${revision}: ${unchanged.join(", ")}`, 0)]),
    ...(others.length === 0 ? [] : [colors.bold("What changes"), ...sentences(others)]),
    ...stacks.map(({ stack, costBefore, cost }) =>
      fitted(`${stack}: about ${usd(cost)} a month, ${signedUsd(cost - costBefore)}`, 0),
    ),
    ...(stacks.length === 0 ? [] : [colors.bold(`Risks: ${risks.length}`), ...sentences(risks)]),
  ].join("\n");
}

import { mergeChanges, RISKS, type Change, type Risk } from "./changes/change";
import type { PlanReport } from "./report";
import { usd } from "./words";

/** What a change means for one stack, in numbers. */
export interface StackSummary {
  stack: string;
  newStack: boolean;
  added: number;
  changed: number;
  removed: number;
  /** USD a month. */
  costBefore: number;
  cost: number;
}

/** What a change means for all stacks that were planned. */
export interface Summary {
  revision: string;
  /** Each thing once for all stacks, risks first. */
  changes: Change[];
  /** Stacks in which something differs. */
  stacks: StackSummary[];
  /** Stacks in which nothing does. */
  unchanged: string[];
}

/** By how many USD a month a change may raise the estimate of all stacks together, without being a risk. */
export interface CostLimit {
  maxCostIncrease?: number;
}

/** What several stacks' reports against one revision come to; undefined if there are none. */
export function summaryOf(
  reports: readonly PlanReport[],
  { maxCostIncrease = Infinity }: CostLimit = {},
): Summary | undefined {
  const compared = reports.flatMap(({ stack, cost, against }) =>
    against === undefined ? [] : [{ stack, cost: cost.total, against }],
  );
  const [first] = compared;
  if (first === undefined) {
    return undefined;
  }
  const stacks = compared.map(({ stack, cost, against: { newStack, diff, costBefore } }) => ({
    stack,
    newStack,
    added: diff.added.length,
    changed: diff.changed.length,
    removed: diff.removed.length,
    costBefore,
    cost,
  }));
  const increase = stacks.reduce((sum, { cost, costBefore }) => sum + cost - costBefore, 0);
  const differs = ({ newStack, added, changed, removed }: StackSummary) =>
    newStack || added + changed + removed > 0;
  const overLimit: Omit<Change, "sentence">[] =
    increase > maxCostIncrease
      ? [
          {
            kind: "cost",
            risk: "cost",
            what: `the estimate rises by ${usd(increase)} a month, more than ${usd(maxCostIncrease)} (--max-cost-increase)`,
            stacks: stacks.filter(differs).map(({ stack }) => stack),
            repositories: [],
          },
        ]
      : [];
  return {
    revision: first.against.revision,
    changes: mergeChanges([...overLimit, ...compared.flatMap(({ against }) => against.changes)]),
    stacks: stacks.filter(differs),
    unchanged: stacks.filter((one) => !differs(one)).map(({ stack }) => stack),
  };
}

/** The risks of a change, the gravest first. */
export function risksOf({ changes }: Summary): Risk[] {
  return RISKS.filter((risk) => changes.some((change) => change.risk === risk));
}

/** A difference in USD with its sign. */
export function signedUsd(difference: number): string {
  return `${difference < 0 ? "-" : "+"}${usd(Math.abs(difference))}`;
}

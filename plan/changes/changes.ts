import type { Settings } from "../../config/settings";
import type { CostEstimate } from "../cost";
import type { PlanDiff } from "../diff";
import { accessStatements } from "./access";
import { alertStatements } from "./alerts";
import { changesIn, type Change, type Statement } from "./change";
import { cleanUpOfStack } from "./clean-up";
import { costStatements } from "./cost";
import { networkStatements } from "./network";
import { repositoryStatements } from "./repositories";
import { lossStatements, programStatements } from "./resources";
import { scanningStatements, unscanned } from "./scanning";
import { stackStatements } from "./stack";

/**
 * What a change of a stack's config means, in words. What it leaves out, such as descriptions and tags, is in the
 * resources that differ.
 * @param before undefined if the stack is new
 */
export function settingsStatements(before: Settings | undefined, after: Settings): Statement[] {
  return [
    ...repositoryStatements(before, after),
    ...accessStatements(before, after),
    ...networkStatements(before, after),
    ...(before === undefined
      ? unscanned(after)
      : [
          ...cleanUpOfStack(before, after),
          ...scanningStatements(before, after),
          ...alertStatements(before, after),
          ...stackStatements(before, after),
        ]),
  ];
}

/** What there is to compare of a stack. */
export interface Compared {
  stack: string;
  /** Settings before and after. Default none: the words are about the resources only. */
  settings?: { before: Settings | undefined; after: Settings };
  /** Why the settings cannot be compared. Default they can. */
  unsaid?: string;
  diff: PlanDiff;
  /** The difference that today's program makes with the config as it was. Default none: the program is the same. */
  program?: PlanDiff;
  cost: { before: CostEstimate; after: CostEstimate };
}

/** What changes in a stack, risks first: by its config, by the program, and what its resources lose. */
export function changesOf({ stack, settings, unsaid, diff, program, cost }: Compared): Change[] {
  const config = settings === undefined ? [] : settingsStatements(settings.before, settings.after);
  const told = new Set(
    config.flatMap(({ risk, repository }) =>
      risk === "deletes" && repository !== undefined ? [repository] : [],
    ),
  );
  return changesIn(stack, [
    ...(unsaid === undefined
      ? []
      : [
          {
            kind: "program" as const,
            risk: "access" as const,
            what: `who gets access, and what else the config changes, is not said here: ${unsaid}`,
          },
        ]),
    ...lossStatements(diff, told),
    ...config,
    ...(program === undefined ? [] : programStatements(program)),
    ...costStatements(cost.before, cost.after),
  ]);
}

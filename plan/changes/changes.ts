import type { Settings } from "../../config/settings";
import type { PlanDiff } from "../diff";
import { accessStatements } from "./access";
import { alertStatements } from "./alerts";
import { changesIn, type Change, type Statement } from "./change";
import { cleanUpOfStack } from "./clean-up";
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
  /** Settings before and after; undefined if the words about the config cannot be said. */
  settings?: { before: Settings | undefined; after: Settings };
  diff: PlanDiff;
  /** The difference that today's program makes with the config as it was; undefined if the program is the same. */
  program?: PlanDiff;
}

/** What changes in a stack, risks first: by its config, by the program, and what its resources lose. */
export function changesOf({ stack, settings, diff, program }: Compared): Change[] {
  const config = settings === undefined ? [] : settingsStatements(settings.before, settings.after);
  const told = new Set(
    config.flatMap(({ risk, repository }) =>
      risk === "deletes" && repository !== undefined ? [repository] : [],
    ),
  );
  return changesIn(stack, [
    ...lossStatements(diff, told),
    ...config,
    ...(program === undefined ? [] : programStatements(program)),
  ]);
}

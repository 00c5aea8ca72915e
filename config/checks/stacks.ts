import type { Settings } from "../settings";
import type { Finding } from "./report";

/** What there is once an account and region (or an account), by the config part that owns it. */
const ONCE: {
  key: string;
  per: "account and region" | "account";
  /** The value by which a stack owns it; undefined where it does not. */
  owned: (settings: Settings) => unknown;
  fix: string;
}[] = [
  {
    key: "scanning.manage",
    per: "account and region",
    owned: ({ scanning }) => scanning.manage || undefined,
    fix: "set scanning.manage: false in one of the two",
  },
  {
    key: "registry.manage",
    per: "account and region",
    owned: ({ registry }) =>
      (registry.manage &&
        registry.replication.length + registry.replicateFrom.length + registry.pullThroughCache.length > 0) ||
      undefined,
    fix: "set registry.manage: false in one of the two",
  },
  {
    key: "audit.manage",
    per: "account",
    owned: ({ audit }) => audit.manage || undefined,
    fix: "set audit.manage: false in one of the two, and give it audit.trailArn",
  },
  {
    key: "costs.monthlyBudget",
    per: "account",
    owned: ({ costs }) => (costs.manage ? costs.monthlyBudget : undefined),
    fix: "leave it out in one of the two",
  },
  {
    key: "registry.githubOidcProvider",
    per: "account",
    owned: ({ registry: { githubOidcProvider } }) =>
      githubOidcProvider === "create" ? githubOidcProvider : undefined,
    fix: "set it to existing in one of the two",
  },
];

/** A problem between two stacks, and the stack whose file is to be changed. */
export interface StackFinding {
  stack: string;
  finding: Finding;
}

/** What stacks of one account say of each other: one owner for what there is once, and one for each repository. */
export function checkStacks(stacks: readonly Settings[]): StackFinding[] {
  return stacks.flatMap((settings, i) =>
    stacks.slice(0, i).flatMap((earlier): StackFinding[] => {
      const { accountId, region } = settings.place;
      if (earlier.place.accountId !== accountId) {
        return [];
      }
      const here = earlier.place.region === region;
      const problem = (key: string, value: unknown, rule: string, fix: string): StackFinding => ({
        stack: settings.stack,
        finding: { severity: "error", key, value, rule, fix },
      });
      const both = ONCE.filter(
        ({ per, owned }) =>
          (per === "account" || here) && owned(settings) !== undefined && owned(earlier) !== undefined,
      ).map(({ key, per, owned, fix }) =>
        problem(
          key,
          owned(settings),
          `one stack owns it in an ${per}, and ${earlier.stack} does in ${accountId} already`,
          fix,
        ),
      );
      const namesOf = (one: Settings) =>
        one.teams.flatMap(({ repositories }) => repositories.map(({ name }) => name));
      const twice = here ? namesOf(settings).filter((name) => namesOf(earlier).includes(name)) : [];
      return twice.length === 0
        ? both
        : [
            ...both,
            problem(
              "environment",
              settings.environment,
              `a repository has one owner, and ${earlier.stack} declares ${twice.slice(0, 3).join(", ")} in the same registry`,
              "give the stacks different environments",
            ),
          ];
    }),
  );
}

import type { Settings } from "../settings";
import type { Advice } from "../../documents/values";

/** What exists once per account, or once per account and region, by the key that owns it. */
const ONCE: {
  key: string;
  per: "account and region" | "account";
  /** Whether a stack owns it. */
  owned: (settings: Settings) => boolean;
  fix: string;
}[] = [
  {
    key: "scanning.manage",
    per: "account and region",
    owned: ({ scanning }) => scanning.manage,
    fix: "set scanning.manage: false in one of the two",
  },
  {
    key: "registry.manage",
    per: "account and region",
    owned: ({ registry }) =>
      registry.manage &&
      registry.replication.length + registry.replicateFrom.length + registry.pullThroughCache.length > 0,
    fix: "set registry.manage: false in one of the two",
  },
  {
    key: "findings.scope",
    per: "account and region",
    owned: ({ findings }) => findings.manage && findings.scope === "account",
    fix: "set findings.scope: environment in one of the two, or everything alerts twice",
  },
  {
    key: "audit.manage",
    per: "account",
    owned: ({ audit }) => audit.manage,
    fix: "set audit.manage: false in one of the two, and give it audit.trailArn",
  },
  {
    key: "costs.monthlyBudget",
    per: "account",
    owned: ({ costs }) => costs.manage && costs.monthlyBudget !== undefined,
    fix: "leave it out in one of the two",
  },
  {
    key: "registry.githubOidcProvider",
    per: "account",
    owned: ({ registry }) => registry.githubOidcProvider === "create",
    fix: "set it to existing in one of the two",
  },
];

/** A problem between two stacks, with the key to change in one of them. */
export interface StackProblem extends Advice {
  stack: string;
  key: string;
}

/** Problems between stacks of one account: two owners of what exists once, or of one repository. */
export function checkStacks(stacks: readonly Settings[]): StackProblem[] {
  return stacks.flatMap((settings, i) =>
    stacks.slice(0, i).flatMap((earlier): StackProblem[] => {
      const { accountId, region } = settings.place;
      if (earlier.place.accountId !== accountId) {
        return [];
      }
      const here = earlier.place.region === region;
      const both = ONCE.filter(
        ({ per, owned }) => (per === "account" || here) && owned(settings) && owned(earlier),
      ).map(({ key, per, fix }) => ({
        stack: settings.stack,
        key,
        rule: `one stack owns it in an ${per}, and ${earlier.stack} does in ${accountId} already`,
        fix,
      }));
      const namesOf = (one: Settings) =>
        one.teams.flatMap(({ repositories }) => repositories.map(({ name }) => name));
      const twice = here ? namesOf(settings).filter((name) => namesOf(earlier).includes(name)) : [];
      return twice.length === 0
        ? both
        : [
            ...both,
            {
              stack: settings.stack,
              key: "environment",
              rule: `a repository has one owner, and ${earlier.stack} declares ${twice.slice(0, 3).join(", ")} in the same registry`,
              fix: "give the stacks different environments",
            },
          ];
    }),
  );
}

import type { Settings } from "../settings";
import type { Finding } from "./report";

/** What there is once an account and region (or an account), by the config part that owns it. */
const ONCE: { key: string; per: "account and region" | "account"; owned: (settings: Settings) => boolean }[] =
  [
    { key: "scanning.manage", per: "account and region", owned: ({ scanning }) => scanning.manage },
    {
      key: "registry.manage",
      per: "account and region",
      owned: ({ registry }) =>
        registry.manage &&
        registry.replication.length + registry.replicateFrom.length + registry.pullThroughCache.length > 0,
    },
    { key: "audit.manage", per: "account", owned: ({ audit }) => audit.manage },
    {
      key: "costs.monthlyBudget",
      per: "account",
      owned: ({ costs }) => costs.manage && costs.monthlyBudget !== undefined,
    },
    {
      key: "registry.githubOidcProvider",
      per: "account",
      owned: ({ registry }) => registry.githubOidcProvider === "create",
    },
  ];

/** A problem between two stacks, and the stack whose file is to be changed. */
export interface StackFinding extends Finding {
  stack: string;
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
      const both = ONCE.filter(
        ({ per, owned }) => (per === "account" || here) && owned(settings) && owned(earlier),
      ).map(({ key, per }): StackFinding => ({
        stack: settings.stack,
        severity: "error",
        key,
        value: key.endsWith("manage") ? true : undefined,
        rule: `one stack owns it in an ${per}, and ${earlier.stack} does in ${accountId} already`,
        fix: key.endsWith("manage")
          ? `set ${key}: false in one of the two`
          : key === "registry.githubOidcProvider"
            ? "set it to existing in one of the two"
            : "set costs.manage: false in one of the two",
      }));
      const names = new Set(
        earlier.teams.flatMap(({ repositories }) => repositories.map(({ name }) => name)),
      );
      const twice = here
        ? settings.teams
            .flatMap(({ repositories }) => repositories.map(({ name }) => name))
            .filter((name) => names.has(name))
        : [];
      return [
        ...both,
        ...(twice.length === 0
          ? []
          : [
              {
                stack: settings.stack,
                severity: "error" as const,
                key: "environment",
                value: settings.environment,
                rule: `a repository has one owner, and ${earlier.stack} declares ${twice.slice(0, 3).join(", ")} in the same registry`,
                fix: "give the stacks different environments",
              },
            ]),
      ];
    }),
  );
}

import { cleansUp, usesStackKey, watchesCosts, type Settings } from "../settings";
import type { Advice } from "../../documents/values";

/**
 * What exists once per account, per account and region, or per environment of these, by the key that owns it. What a
 * stack makes once has a name that begins with the project and the environment.
 */
const ONCE: {
  key: string;
  per: "account and region" | "account" | "environment";
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
  {
    key: "repositories.encryption",
    per: "environment",
    owned: usesStackKey,
    fix: "write the ARN of the other stack's key, its output repositoryKeyArn, in one of the two",
  },
  {
    key: "findings.manage",
    per: "environment",
    owned: ({ findings }) => findings.manage,
    fix: "set findings.manage: false in one of the two, and findings.topicArn to the other's output alertTopicArn",
  },
  {
    key: "operations.manage",
    per: "environment",
    owned: ({ operations }) => operations.manage,
    fix: "set operations.manage: false in one of the two: the other one measures and cleans up all repositories of the environment",
  },
  {
    key: "audit.alerts",
    per: "environment",
    owned: ({ audit }) => audit.alerts,
    fix: "set audit.alerts: false in one of the two",
  },
  {
    key: "network.manage",
    per: "environment",
    owned: ({ network }) => network !== undefined,
    fix: "leave network out in one of the two",
  },
  {
    key: "costs.manage",
    per: "environment",
    owned: watchesCosts,
    fix: "set costs.manage: false in one of the two",
  },
];

/** What a clean-up of all shards of an environment would not know: it has the rules of the stack that it is in. */
function unknownCleanUp(owner: Settings, other: Settings): StackProblem[] {
  const json = ({ cleanUp }: { cleanUp: unknown }) => JSON.stringify(cleanUp);
  if (!cleansUp(owner)) {
    return [];
  }
  if (json(other.defaults) !== json(owner.defaults)) {
    return [
      {
        stack: other.stack,
        key: "repositories.cleanUp",
        rule: `the clean-up of ${owner.environment} is in ${owner.stack}, and has other rules`,
        fix: `write repositories.cleanUp as in ${owner.stack}`,
      },
    ];
  }
  return other.teams.flatMap(({ repositories }, t) =>
    repositories.every((repository) => json(repository) === json(owner.defaults))
      ? []
      : [
          {
            stack: other.stack,
            key: `teams[${t}].name`,
            rule: `the clean-up of ${owner.environment} is in ${owner.stack}, and would not know this team's cleanUp`,
            fix: `move the team to ${owner.stack}, or remove its cleanUp`,
          },
        ],
  );
}

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
      const shards = here && earlier.environment === settings.environment;
      const applies = { account: true, "account and region": here, environment: shards };
      const both = ONCE.filter(({ per, owned }) => applies[per] && owned(settings) && owned(earlier)).map(
        ({ key, per, fix }) => ({
          stack: settings.stack,
          key,
          rule: `one stack owns it in an ${per}, and ${earlier.stack} does in ${accountId} already`,
          fix,
        }),
      );
      const namesOf = (one: Settings) =>
        one.teams.flatMap(({ repositories }) => repositories.map(({ name }) => name));
      const twice = here ? namesOf(settings).filter((name) => namesOf(earlier).includes(name)) : [];
      const cleanUp = shards
        ? [...unknownCleanUp(earlier, settings), ...unknownCleanUp(settings, earlier)]
        : [];
      return twice.length === 0
        ? [...both, ...cleanUp]
        : [
            ...both,
            ...cleanUp,
            {
              stack: settings.stack,
              key: "environment",
              rule: `a repository has one owner, and ${earlier.stack} declares ${twice.slice(0, 3).join(", ")} in the same registry`,
              fix: "give the stacks different environments, or let teamsFrom of only one match the team's file",
            },
          ];
    }),
  );
}

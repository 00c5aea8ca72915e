import assert from "node:assert/strict";
import type { Command } from "commander";
import { callerPolicy, PULL_ACTIONS, PUSH_ACTIONS } from "../../documents/repository-policy";
import { principalsInWords } from "../../plan/changes/access";
import { grantsOf, type Grant } from "../../plan/changes/grants";
import { table } from "../../plan/table";
import { contextOf, repositoriesOf } from "../context";
import { stackOption } from "../options";
import { print } from "../output";

/** The config key that a grant comes from. */
const KEYS: Record<Grant["principal"]["type"], string> = {
  account: "sharing.accounts",
  organization: "sharing.organization",
  unit: "sharing.organizationPaths",
  principal: "sharing.principals, sharing.pushPrincipals",
  lambda: "sharing.lambda",
  workflows: "githubRoles",
};

const ACTIONS: Record<Grant["action"], string> = {
  pull: "pull",
  push: "push",
  import: "pull through the cache",
  replicate: "replicate into it",
};

/** `access`: who may use a repository, by the stack's config. */
export function configure(command: Command, directory: string): void {
  command
    .argument("<repository>", "its name, or <team>/<service>")
    .addOption(stackOption(directory, "the stack that has the repository"))
    .option("--json", "print JSON")
    .action((name: string, options: { stack: string; json?: boolean }) => {
      const { settings } = contextOf(directory, options);
      const [found] = repositoriesOf(settings, { repository: [name] });
      assert.ok(found, "a repository that the stack does not have is refused above");
      const { name: repository, url } = found.settings;
      const grants = grantsOf(settings).filter(
        (one) => one.repository === repository || one.repository === "*",
      );
      const pushes = grants.some(
        ({ action, principal }) => action === "push" && principal.type === "principal",
      );
      const policies = {
        pull: callerPolicy(settings.place, [repository], { Sid: "Pull", Action: PULL_ACTIONS }),
        ...(pushes
          ? {
              push: callerPolicy(settings.place, [repository], {
                Sid: "PushAndPull",
                Action: [...PULL_ACTIONS, ...PUSH_ACTIONS],
              }),
            }
          : {}),
      };
      print(options.json, { repository, url, grants, policies }, () =>
        [
          `${repository} (${url}), as stack ${options.stack} declares it`,
          "",
          table(["who", "may", "only if", "config key"], rowsOf(grants, settings.place.accountId), []),
          "",
          "A role needs an IAM policy of its own as well. (The push roles of workflows have it; Lambda needs none.) To pull:",
          JSON.stringify(policies.pull, null, 2),
          ...(policies.push === undefined ? [] : ["To push:", JSON.stringify(policies.push, null, 2)]),
          "Not considered: service control policies, permissions boundaries, and the policies of VPC endpoints on the way.",
        ].join("\n"),
      );
    });
}

/** One row per principal, with all that it may do. */
function rowsOf(grants: readonly Grant[], accountId: string): string[][] {
  const groups = new Map<string, Grant[]>();
  for (const grant of grants) {
    const key = JSON.stringify([grant.principal, grant.organization]);
    groups.set(key, [...(groups.get(key) ?? []), grant]);
  }
  return [
    [`roles and users of account ${accountId}`, "what their IAM policies allow", "", ""],
    ...[...groups.values()].map((same) => [
      principalsInWords(same.slice(0, 1).map(({ principal }) => principal)),
      same.map(({ action }) => ACTIONS[action]).join(", "),
      same[0]?.organization === undefined ? "" : `in organization ${same[0].organization}`,
      KEYS[same[0]?.principal.type ?? "account"],
    ]),
  ];
}

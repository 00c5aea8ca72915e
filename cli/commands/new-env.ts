import * as fs from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import type { Command } from "commander";
import { isMap, isSeq, visit, type Document, type YAMLMap } from "yaml";
import { accountId, email, regionName, slug } from "../../config/formats";
import { unexplain } from "../../config/diagnostics";
import { DEFAULT_ASSUMPTIONS } from "../../plan/cost";
import { reportOf, usd } from "../../plan/report";
import { runProgram } from "../../plan/run";
import { readStackConfig } from "../../plan/stack-file";
import { ask } from "../ask";
import { print } from "../output";
import { StackEditor, stackFileOf } from "../stack-editor";

interface NewEnvOptions {
  from: string;
  account?: string;
  region?: string;
  contact?: string;
  dryRun?: boolean;
  json?: boolean;
}

/** Ids of one account's network, which mean nothing in another. */
const OF_ONE_ACCOUNT = [
  ["ecr-platform:network", "existing"],
  ["ecr-platform:network", "allowedSecurityGroups"],
  ["ecr-platform:network", "allowedPrefixLists"],
];

function isSecret(node: unknown): boolean {
  return isMap(node) && node.items.length === 1 && node.has("secure");
}

/**
 * Leaves out encrypted values, and list elements that would lack something without theirs.
 * @returns whether the node lacks something now
 */
function dropSecrets(node: unknown, key: string, told: (key: string) => void): boolean {
  if (isSeq(node)) {
    node.items = node.items.filter((item, i) => !dropSecrets(item, `${key}[${i}]`, told));
    return false;
  }
  let lacks = false;
  for (const { key: name, value } of isMap(node) ? [...node.items] : []) {
    const inner = key === "" ? String(name).replace("ecr-platform:", "") : `${key}.${String(name)}`;
    if (isSecret(value)) {
      told(inner);
      (node as YAMLMap).delete(name);
      lacks = true;
    } else {
      lacks = dropSecrets(value, inner, told) || lacks;
    }
  }
  return lacks;
}

/**
 * Makes another environment's file of a stack's: account and region in every ARN, without what only the first one has.
 * @returns what was left out, with the reason
 */
function retarget(document: Document, to: { account: string; region: string; contact?: string }): string[] {
  const left: string[] = [];
  const oldAccount = String(document.getIn(["config", "ecr-platform:accountId"]));
  const oldRegion = String(document.getIn(["config", "aws:region"]));
  for (const key of ["encryptionsalt", "secretsprovider", "encryptedkey"]) {
    if (document.has(key)) {
      document.delete(key);
      left.push(`${key}: secrets are encrypted for one stack`);
    }
  }
  dropSecrets(document.get("config"), "", (key) => {
    left.push(`${key}: a secret, encrypted for one stack; set it with pulumi config set --secret`);
  });
  visit(document, {
    Scalar(key, node) {
      if (key !== "key" && typeof node.value === "string") {
        node.value = node.value
          .replaceAll(oldAccount, to.account)
          .replaceAll(`:${oldRegion}:`, `:${to.region}:`);
      }
    },
  });
  document.setIn(["config", "aws:region"], to.region);
  if (to.contact !== undefined) {
    document.setIn(["config", "ecr-platform:contact"], to.contact);
  }
  const vpc = document.getIn(["config", "ecr-platform:network", "vpc"]);
  if (isMap(vpc) && !vpc.has("cidr")) {
    document.deleteIn(["config", "ecr-platform:network"]);
    left.push("network: a VPC of the other account; see docs/getting-started.md, Bringing the network");
  }
  for (const path of OF_ONE_ACCOUNT) {
    if (document.hasIn(["config", ...path])) {
      document.deleteIn(["config", ...path]);
      left.push(`${path.join(".").replace("ecr-platform:", "")}: ids of the other account`);
    }
  }
  return left;
}

/** `new-env`: a stack file for a new environment, made of one that there is. */
export function configure(command: Command, directory: string): void {
  command
    .argument("<name>", "the environment, and its stack")
    .option("--from <stack>", "the stack to begin with", "dev")
    .option("--account <id>", "the AWS account, twelve digits")
    .option("--region <name>", "the region. Default that of --from")
    .option("--contact <mail>", "the registry's owners. Default those of --from")
    .option("--dry-run", "only show what would be written")
    .option("--json", "print JSON")
    .action(async (name: string, options: NewEnvOptions) => {
      const refuse = (value: string, { rule, fix }: { rule: string; fix: string }) => {
        throw new pulumi.RunError(`${value}: ${rule}\nfix: ${fix}`);
      };
      if (fs.existsSync(stackFileOf(directory, name))) {
        throw new pulumi.RunError(`Pulumi.${name}.yaml exists already\nfix: edit it, or choose another name`);
      }
      if (!fs.existsSync(stackFileOf(directory, options.from))) {
        throw new pulumi.RunError(
          `Pulumi.${options.from}.yaml does not exist\nfix: name a stack that has a file by --from`,
        );
      }
      const editor = new StackEditor(directory, name, options.from);
      const answers = await ask<"account">(
        options.account === undefined
          ? { account: { flag: "--account", message: "AWS account, twelve digits" } }
          : {},
      );
      const account = options.account ?? answers.account ?? "";
      const region = options.region ?? String(editor.document.getIn(["config", "aws:region"]));
      for (const [value, format] of [
        [name, slug],
        [account, accountId],
        [region, regionName],
        ...(options.contact === undefined ? [] : [[options.contact, email] as const]),
      ] as const) {
        const checked = format.safeParse(value);
        if (!checked.success) {
          refuse(value, unexplain(checked.error.issues[0]?.message ?? ""));
        }
      }
      const left = retarget(editor.document, {
        account,
        region,
        ...(options.contact === undefined ? {} : { contact: options.contact }),
      });
      await editor.write();
      try {
        const run = await runProgram(directory, readStackConfig(directory, name));
        const { total, cost, warnings } = reportOf(run, DEFAULT_ASSUMPTIONS);
        if (options.dryRun === true) {
          editor.restore();
        }
        print(
          options.json,
          {
            stack: name,
            file: options.dryRun === true ? null : editor.file,
            leftOut: left,
            resources: total,
            usdPerMonth: cost.total,
            warnings,
          },
          () =>
            [
              `${options.dryRun === true ? "would write" : "wrote"} Pulumi.${name}.yaml: account ${account}, ${region}, ${total} resources, about ${usd(cost.total)} a month`,
              ...left.map((one) => `  left out  ${one}`),
              `  kept      as in ${options.from}: teams, sharing, subscriptions, what clean-up looks at; see that they fit`,
              ...warnings.map((warning) => `  warning   ${warning}`),
              ...(options.dryRun === true
                ? []
                : [
                    "Next: look at the file, then",
                    `  npm run plan -- --stack ${name}`,
                    `  npx ecr-platform doctor --stack ${name}`,
                    `  pulumi stack init ${name}`,
                  ]),
            ].join("\n"),
        );
      } catch (error) {
        editor.restore();
        throw error;
      }
    });
}

import type { Command } from "commander";
import { resourcePrefix } from "../../aws/arns";
import { GITHUB_REPOSITORY, githubRepositoryProblem } from "../../config/formats";
import { unexplain } from "../../documents/values";
import { partitionOf } from "../../config/settings";
import { deploymentPolicies, deploymentTrusts } from "../../documents/deployment-permissions";
import { declaredTypes, runProgram } from "../../plan/run";
import { readStackConfig } from "../../plan/stack-file";
import { UserError } from "../../plan/user-error";
import { stackOption } from "../options";
import { printText } from "../output";

interface PermissionOptions {
  stack: string;
  repository?: string;
  stateBucket?: string;
  stateKey?: string;
}

function githubRepository(text: string): string {
  if (!GITHUB_REPOSITORY.test(text)) {
    const { rule, fix } = unexplain(githubRepositoryProblem(text));
    throw new UserError(`--repository ${text}: ${rule}`, fix.replaceAll("repository: ", ""));
  }
  return text;
}

/** `permissions`: the IAM policies that deploying a stack takes. */
export function configure(command: Command, directory: string): void {
  command
    .addOption(stackOption(directory, "the stack"))
    .option(
      "--repository <owner/name>",
      "the GitHub repository whose workflows assume the roles, by name or as owner@id/name@id",
      githubRepository,
    )
    .option("--state-bucket <name>", "the S3 bucket of the backend")
    .option("--state-key <arn>", "the KMS key of the stack's secrets")
    .action(async (options: PermissionOptions) => {
      if ((options.stateBucket === undefined) !== (options.stateKey === undefined)) {
        throw new UserError(
          "--state-bucket and --state-key go together",
          "give both, for a backend in S3, or neither",
        );
      }
      await printPermissions(directory, options);
    });
}

async function printPermissions(directory: string, options: PermissionOptions): Promise<void> {
  const run = await runProgram(directory, readStackConfig(directory, options.stack));
  const place = { partition: partitionOf(run.region), region: run.region, accountId: run.accountId };
  const policies = deploymentPolicies(
    { place, prefix: resourcePrefix(run.project, run.environment), environment: run.environment },
    declaredTypes(run.resources),
    options.stateBucket === undefined || options.stateKey === undefined
      ? undefined
      : { bucketArn: `arn:${place.partition}:s3:::${options.stateBucket}`, keyArn: options.stateKey },
  );
  const trust =
    options.repository === undefined
      ? {}
      : { trust: deploymentTrusts(place, options.repository, options.stack) };
  printText(JSON.stringify({ ...policies, ...trust }, null, 2));
}

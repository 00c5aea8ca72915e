import * as path from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { GITHUB_REPOSITORY, githubRepositoryProblem } from "../../config/formats";
import { unexplain } from "../../config/report";
import { partitionOf } from "../../config/settings";
import { deploymentPolicies, deploymentTrusts } from "../../documents/deployment-permissions";
import { runProgram } from "../../plan/run";
import { readStackConfig } from "../../plan/stack-file";
import { endWithReader, reportError } from "../report-error";

interface PermissionOptions {
  stack: string;
  repository?: string;
  stateBucket?: string;
  stateKey?: string;
}

function githubRepository(text: string): string {
  if (!GITHUB_REPOSITORY.test(text)) {
    const { rule, fix } = unexplain(githubRepositoryProblem(text));
    throw new InvalidArgumentError(`${rule}. Fix: ${fix.replaceAll("repository: ", "")}`);
  }
  return text;
}

const command = new Command("permissions")
  .description(
    "Print the IAM policies of the roles that deploy a stack, made from the resources that it declares: JSON with the lists preview and update, and trust policies for GitHub Actions.",
  )
  .option("-s, --stack <name>", "the stack", "dev")
  .option(
    "--repository <owner/name>",
    "the GitHub repository whose workflows assume the roles, by name or as owner@id/name@id",
    githubRepository,
  )
  .option("--state-bucket <name>", "the S3 bucket of the backend")
  .option("--state-key <arn>", "the KMS key of the stack's secrets");

async function main(): Promise<void> {
  const options = command.parse().opts<PermissionOptions>();
  if ((options.stateBucket === undefined) !== (options.stateKey === undefined)) {
    command.error("error: --state-bucket and --state-key go together");
  }
  const directory = path.resolve(__dirname, "../..");
  const run = await runProgram(directory, readStackConfig(directory, options.stack));
  const place = { partition: partitionOf(run.region), region: run.region, accountId: run.accountId };
  const policies = deploymentPolicies(
    { place, prefix: `${run.project}-${run.environment}`, environment: run.environment },
    [...new Set(run.resources.filter(({ custom, remote }) => custom || remote).map(({ type }) => type))],
    options.stateBucket === undefined || options.stateKey === undefined
      ? undefined
      : { bucketArn: `arn:${place.partition}:s3:::${options.stateBucket}`, keyArn: options.stateKey },
  );
  const trust =
    options.repository === undefined
      ? {}
      : { trust: deploymentTrusts(place, options.repository, options.stack) };
  process.stdout.write(`${JSON.stringify({ ...policies, ...trust }, null, 2)}\n`);
}

endWithReader();
main().catch((error: unknown) => {
  reportError(error);
  process.exitCode = 1;
});

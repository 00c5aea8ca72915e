import * as pulumi from "@pulumi/pulumi";

/** One repository as other stacks see it. */
export interface RepositoryOutput {
  /** `<team>-<service>-<env>` */
  name: string;
  arn: string;
  /** What `docker push` and task definitions take, without a tag. */
  url: string;
}

/**
 * What a stack of this platform exports: an interface that other stacks build on. A part that a stack does
 * not own is absent.
 */
export interface PlatformOutputs {
  /** Host name of the private registry. */
  registry: string;
  /** Repositories by `<team>/<service>`. */
  repositories: Record<string, RepositoryOutput>;
  /** ARN of the stack's KMS key for repositories. */
  repositoryKeyArn?: string;
  /** `ENHANCED` or `BASIC`. */
  scanType?: string;
  /** ARN of the platform's alert topic. */
  alertTopicArn?: string;
  /** ARNs of the teams' alert topics, by team. */
  teamAlertTopicArns?: Record<string, string>;
  vpcId?: string;
  /** Endpoint ids by service, such as `ecr.api`. */
  endpointIds?: Record<string, string>;
  /** The prefix list that clients' security groups allow on port 443, for image layers. */
  s3PrefixListId?: string;
  /** ARNs of the push roles, by `<team>/<role>`. */
  githubRoleArns?: Record<string, string>;
  trailArn?: string;
  trailBucket?: string;
  /** Budgets: `ecr`, and `team/<name>`. */
  budgetNames?: Record<string, string>;
  costTopicArn?: string;
  /** The function that publishes what ECR does not measure. */
  metricsFunctionName?: string;
  /** The function that deletes what nothing needs; invoked by hand with `{"dryRun": true, …}` it only reports. */
  cleanUpFunctionName?: string;
  /** Bucket of the clean-up's reports. */
  reportBucket?: string;
  /** Address of the CloudWatch dashboard in the console. */
  dashboardUrl?: string;
  /** Shell commands to log in and push, as hints for people. */
  hints: { login: string; push: string };
}

/** Whether every stack has an output, or only one that owns the part. */
export const OUTPUTS: Record<keyof PlatformOutputs, "required" | "optional"> = {
  registry: "required",
  repositories: "required",
  repositoryKeyArn: "optional",
  scanType: "optional",
  alertTopicArn: "optional",
  teamAlertTopicArns: "optional",
  vpcId: "optional",
  endpointIds: "optional",
  s3PrefixListId: "optional",
  githubRoleArns: "optional",
  trailArn: "optional",
  trailBucket: "optional",
  budgetNames: "optional",
  costTopicArn: "optional",
  metricsFunctionName: "optional",
  cleanUpFunctionName: "optional",
  reportBucket: "optional",
  dashboardUrl: "optional",
  hints: "required",
};

/**
 * The outputs of a stack of this platform, typed, for a program that refers to it:
 * `platformOutputs(new pulumi.StackReference("acme/ecr-platform/prod")).apply((o) => o.repositories["payments/api"])`.
 */
export function platformOutputs(stack: pulumi.StackReference): pulumi.Output<PlatformOutputs> {
  return pulumi
    .output(
      Object.fromEntries(
        Object.entries(OUTPUTS).map(([key, presence]) => [
          key,
          presence === "required" ? stack.requireOutput(key) : stack.getOutput(key),
        ]),
      ),
    )
    .apply((values) => values as unknown as PlatformOutputs);
}

import { arnOf, githubProviderArn, iamArn, type Place } from "../arns";
import { budgets } from "./budgets";
import { chatbot } from "./chatbot";
import { cloudtrail } from "./cloudtrail";
import { cloudwatch } from "./cloudwatch";
import { costexplorer } from "./costexplorer";
import { ec2 } from "./ec2";
import { ecr } from "./ecr";
import { iam } from "./iam";
import { inspector2 } from "./inspector2";
import { kms } from "./kms";
import { lambda } from "./lambda";
import { s3 } from "./s3";
import { scheduler } from "./scheduler";
import { securityhub } from "./securityhub";
import { sns } from "./sns";
import { sqs } from "./sqs";
import { vpc } from "./vpc";
import type { ResourceType } from "./resource-type";

/** Where a stack's resources lie, by which the deploying roles are narrowed. */
export interface DeploymentScope {
  place: Place;
  /** First part of the physical names of the stack's own resources. */
  prefix: string;
  /** Last part of every repository's name. */
  environment: string;
}

/** The account in every region: keys, topics and alarms of costs stand in the billing region. */
const anyRegion = (place: Place): Place => ({ ...place, region: "*" });

/** ARNs of the resources that actions are narrowed to, by the names that rows use. */
export const SCOPES: Readonly<Record<string, (scope: DeploymentScope) => string[]>> = {
  any: () => ["*"],
  alarm: ({ place, prefix }) => [arnOf(anyRegion(place), "cloudwatch", `alarm:${prefix}-*`)],
  dashboard: ({ place, prefix }) => [
    `arn:${place.partition}:cloudwatch::${place.accountId}:dashboard/${prefix}-*`,
  ],
  function: ({ place, prefix }) => [arnOf(place, "lambda", `function:${prefix}-*`)],
  schedule: ({ place, prefix }) => [arnOf(place, "scheduler", `schedule/default/${prefix}-*`)],
  alias: ({ place, prefix }) => [arnOf(anyRegion(place), "kms", `alias/${prefix}-*`)],
  bucket: ({ place, prefix }) => [`arn:${place.partition}:s3:::${prefix}-*`],
  key: ({ place }) => [arnOf(anyRegion(place), "kms", "key/*")],
  logGroup: ({ place, prefix }) => [arnOf(place, "logs", `log-group:/${prefix}/*`)],
  oidcProvider: ({ place }) => [githubProviderArn(place)],
  queue: ({ place, prefix }) => [arnOf(place, "sqs", `${prefix}-*`)],
  // Repositories of a cache have its prefix and a slash in their names; those of teams have none.
  cachedRepository: ({ place }) => [arnOf(place, "ecr", "repository/*/*")],
  repository: ({ place, environment }) => [arnOf(place, "ecr", `repository/*-${environment}`)],
  role: ({ place, prefix, environment }) => [
    iamArn(place, `role/${prefix}-*`),
    iamArn(place, `role/*-${environment}-push`),
  ],
  rule: ({ place, prefix }) => [arnOf(place, "events", `rule/${prefix}-*`)],
  serviceLinkedRole: ({ place }) => [iamArn(place, "role/aws-service-role/*")],
  topic: ({ place, prefix }) => [arnOf(anyRegion(place), "sns", `${prefix}-*`)],
  trail: ({ place, prefix }) => [arnOf(place, "cloudtrail", `trail/${prefix}-*`)],
  upstreamSecret: ({ place }) => [arnOf(place, "secretsmanager", "secret:ecr-pullthroughcache/*")],
};

/** One row per resource type that the components declare, by its Pulumi type token. */
export const RESOURCE_TYPES: Readonly<Record<string, ResourceType>> = {
  ...budgets,
  ...chatbot,
  ...cloudtrail,
  ...cloudwatch,
  ...costexplorer,
  ...ec2,
  ...ecr,
  ...iam,
  ...inspector2,
  ...kms,
  ...lambda,
  ...s3,
  ...scheduler,
  ...securityhub,
  ...sns,
  ...sqs,
  ...vpc,
};

/** The file that holds the row of a resource type, by the module in its token. */
export function resourceTypeFile(type: string): string {
  return `aws/resource-types/${type.split(/[:/]/)[1] ?? ""}.ts`;
}

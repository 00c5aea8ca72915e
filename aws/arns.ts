import { shortName } from "./names";

/** Where a stack lives: what every ARN it writes is made of. */
export interface Place {
  /** `aws`, `aws-cn` or `aws-us-gov`. */
  partition: string;
  region: string;
  /** Twelve digits. */
  accountId: string;
}

/** DNS suffix of a partition's service endpoints. */
export function dnsSuffix(partition: string): string {
  return partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com";
}

/** Console host of a region. */
export function consoleHost(place: Place): string {
  return place.partition === "aws-cn"
    ? `${place.region}.console.amazonaws.cn`
    : place.partition === "aws-us-gov"
      ? "console.amazonaws-us-gov.com"
      : `${place.region}.console.aws.amazon.com`;
}

/** An ARN of a regional service in this place, such as `arnOf(place, "sns", "alerts")`. */
export function arnOf(place: Place, service: string, resource: string): string {
  return `arn:${place.partition}:${service}:${place.region}:${place.accountId}:${resource}`;
}

/** An ARN of IAM, which has no region. */
export function iamArn(place: Pick<Place, "partition" | "accountId">, resource: string): string {
  return `arn:${place.partition}:iam::${place.accountId}:${resource}`;
}

/** Host of GitHub's OIDC issuer. https://docs.github.com/actions/concepts/security/openid-connect */
export const GITHUB_ISSUER = "token.actions.githubusercontent.com";

/** ARN of GitHub's OIDC provider in an account, which can have one per URL. */
export function githubProviderArn(place: Pick<Place, "partition" | "accountId">): string {
  return iamArn(place, `oidc-provider/${GITHUB_ISSUER}`);
}

/** ARN of a repository. */
export function repositoryArn(place: Place, repositoryName: string): string {
  return arnOf(place, "ecr", `repository/${repositoryName}`);
}

/** First part of the names of a stack's own resources. */
export function resourcePrefix(project: string, environment: string): string {
  return `${project}-${environment}`;
}

/** The region in which the partition publishes estimated charges, and to whose topics budgets and cost anomalies are sent. */
export function billingRegion({ partition, region }: Place): string {
  return partition === "aws" ? "us-east-1" : region;
}

/** Name of the role of a function of the platform, or of its schedule. */
export function functionRoleName(place: Place, prefix: string, of: string): string {
  return shortName(`${prefix}-${place.region}-${of}`, 64);
}

/** ARN of the role of a function of the platform. */
export function functionRoleArn(place: Place, prefix: string, of: string): string {
  return iamArn(place, `role/${functionRoleName(place, prefix, of)}`);
}

/** Names of a function of the platform, and of where it logs and leaves the runs that failed. */
export function functionNames(
  prefix: string,
  source: string,
): { functionName: string; logGroupName: string; queueName: string } {
  return {
    functionName: shortName(`${prefix}-${source}`, 64),
    logGroupName: `/${prefix}/${source}`,
    queueName: shortName(`${prefix}-${source}-dead-letters`, 80),
  };
}

/** What a topic of the platform is for: alerts, the same for chat channels, a team's alerts, or costs of a region. */
export type TopicPurpose = "alerts" | "chat" | `alerts-${string}` | `costs-${string}`;

/** Name of a topic of the platform. */
export function topicName(prefix: string, topic: TopicPurpose): string {
  return shortName(`${prefix}-${topic}`, 256);
}

/** Name of the bucket of the clean-up's reports. */
export function reportBucketName(place: Place, prefix: string): string {
  return shortName(`${prefix}-reports-${place.accountId}-${place.region}`, 63);
}

/** Host name of the account's private registry. */
export function registryHost(place: Place): string {
  return `${place.accountId}.dkr.ecr.${place.region}.${dnsSuffix(place.partition)}`;
}

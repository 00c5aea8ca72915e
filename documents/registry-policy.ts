import { arnOf, iamArn, type Place } from "../aws/arns";
import { policyOf, type PolicyDocument } from "./iam";
import { cacheSharing, pullerStatements, type SharingSettings } from "./repository-policy";

/**
 * The registry policy, or undefined if it grants nothing. It lets other accounts replicate into this registry, and
 * lets everyone in `sharing` pull through its caches, which imports the image and, at the first pull, creates the
 * repository. These actions are in the scope of both versions of a registry policy (REGISTRY_POLICY_SCOPE).
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions-create-replication.html
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-iam.html
 * @param sharing who the repositories are shared with by default
 */
export function registryPolicy(
  place: Place,
  organizationId: string | undefined,
  registry: { replicateFrom: string[]; pullThroughCache: { prefix: string }[] },
  sharing: SharingSettings,
): PolicyDocument | undefined {
  const { replicateFrom, pullThroughCache } = registry;
  const policy = policyOf(
    replicateFrom.length > 0
      ? {
          Sid: "ReplicationFromAccounts",
          Effect: "Allow",
          Principal: { AWS: replicateFrom.map((accountId) => iamArn({ ...place, accountId }, "root")) },
          Action: ["ecr:CreateRepository", "ecr:ReplicateImage"],
          Resource: arnOf(place, "ecr", "repository/*"),
        }
      : undefined,
    ...(pullThroughCache.length > 0
      ? pullerStatements(place, organizationId, cacheSharing(sharing), {
          sid: "PullThroughCache",
          actions: ["ecr:BatchImportUpstreamImage", "ecr:CreateRepository"],
          resources: pullThroughCache.map(({ prefix }) => arnOf(place, "ecr", `repository/${prefix}/*`)),
        })
      : []),
  );
  return policy.Statement.length === 0 ? undefined : policy;
}

/**
 * What ECR may do when it creates a repository from a template with tags or a KMS key.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates-iam.html
 */
export function creationRolePolicy(place: Place, kmsKeyArn: string | undefined): PolicyDocument {
  return policyOf(
    {
      Sid: "CreateRepositories",
      Effect: "Allow",
      Action: ["ecr:CreateRepository", "ecr:ReplicateImage", "ecr:TagResource"],
      Resource: arnOf(place, "ecr", "repository/*"),
    },
    kmsKeyArn === undefined
      ? undefined
      : {
          Sid: "EncryptRepositories",
          Effect: "Allow",
          Action: ["kms:CreateGrant", "kms:DescribeKey", "kms:RetireGrant"],
          Resource: kmsKeyArn,
        },
  );
}

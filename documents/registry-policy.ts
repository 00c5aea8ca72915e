import { arnOf, iamArn, type Place } from "./arns";
import { policyOf, type PolicyDocument } from "./iam";

/**
 * The registry policy that lets other accounts replicate into this registry.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions-create-replication.html
 */
export function registryPolicy(place: Place, sources: string[]): PolicyDocument {
  return policyOf({
    Sid: "ReplicationFromAccounts",
    Effect: "Allow",
    Principal: { AWS: sources.map((accountId) => iamArn({ ...place, accountId }, "root")) },
    Action: ["ecr:CreateRepository", "ecr:ReplicateImage"],
    Resource: arnOf(place, "ecr", "repository/*"),
  });
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

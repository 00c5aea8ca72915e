import { passRole, serviceLinkedRole, type ResourceType } from "./resource-type";

/**
 * Amazon ECR.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
 */
export const ecr: Record<string, ResourceType> = {
  "aws:ecr/accountSetting:AccountSetting": {
    read: { any: ["ecr:GetAccountSetting"] },
    write: { any: ["ecr:PutAccountSetting"] },
    replace: ["name"],
    update: ["value"],
  },
  "aws:ecr/lifecyclePolicy:LifecyclePolicy": {
    read: { repository: ["ecr:GetLifecyclePolicy"] },
    write: { repository: ["ecr:DeleteLifecyclePolicy", "ecr:PutLifecyclePolicy"] },
    replace: ["policy", "repository"],
    update: [],
  },
  "aws:ecr/pullThroughCacheRule:PullThroughCacheRule": {
    read: { any: ["ecr:DescribePullThroughCacheRules"] },
    write: {
      any: [
        "ecr:CreatePullThroughCacheRule",
        "ecr:DeletePullThroughCacheRule",
        "ecr:UpdatePullThroughCacheRule",
      ],
      ...serviceLinkedRole,
      upstreamSecret: ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
    },
    replace: ["ecrRepositoryPrefix", "upstreamRegistryUrl"],
    update: ["credentialArn"],
  },
  "aws:ecr/pullTimeUpdateExclusion:PullTimeUpdateExclusion": {
    read: { any: ["ecr:ListPullTimeUpdateExclusions"] },
    write: { any: ["ecr:DeregisterPullTimeUpdateExclusion", "ecr:RegisterPullTimeUpdateExclusion"] },
    replace: ["principalArn"],
    update: [],
  },
  "aws:ecr/registryPolicy:RegistryPolicy": {
    read: { any: ["ecr:GetRegistryPolicy"] },
    write: { any: ["ecr:DeleteRegistryPolicy", "ecr:PutRegistryPolicy"] },
    replace: [],
    update: ["policy"],
  },
  "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration": {
    read: { any: ["ecr:GetRegistryScanningConfiguration"] },
    // ECR calls Inspector in the caller's name, whoever enables Inspector in the account.
    // https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced-iam.html
    write: {
      any: [
        "ecr:PutRegistryScanningConfiguration",
        "inspector2:Disable",
        "inspector2:Enable",
        "inspector2:ListAccountPermissions",
      ],
      ...serviceLinkedRole,
    },
    replace: [],
    update: ["rules", "scanType"],
  },
  "aws:ecr/replicationConfiguration:ReplicationConfiguration": {
    read: { any: ["ecr:DescribeRegistry"] },
    write: { any: ["ecr:PutReplicationConfiguration"], ...serviceLinkedRole },
    replace: [],
    update: ["replicationConfiguration"],
  },
  "aws:ecr/repository:Repository": {
    read: { repository: ["ecr:DescribeRepositories", "ecr:ListTagsForResource"] },
    write: {
      repository: [
        "ecr:CreateRepository",
        "ecr:DeleteRepository",
        "ecr:PutImageTagMutability",
        "ecr:TagResource",
        "ecr:UntagResource",
      ],
      // ECR makes a grant on the key in the name of whoever creates the repository.
      key: ["kms:CreateGrant", "kms:DescribeKey", "kms:RetireGrant"],
    },
    replace: ["encryptionConfigurations", "name"],
    update: ["forceDelete", "imageTagMutability", "imageTagMutabilityExclusionFilters"],
    keep: "its images are deleted with it",
  },
  "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate": {
    read: { any: ["ecr:DescribeRepositoryCreationTemplates"] },
    write: {
      any: [
        "ecr:CreateRepositoryCreationTemplate",
        "ecr:DeleteRepositoryCreationTemplate",
        "ecr:UpdateRepositoryCreationTemplate",
      ],
      // What a template lets ECR do is asked of whoever writes it.
      // https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates-create.html
      cachedRepository: ["ecr:CreateRepository", "ecr:PutLifecyclePolicy", "ecr:SetRepositoryPolicy"],
      ...passRole,
      ...serviceLinkedRole,
    },
    replace: ["prefix"],
    update: [
      "appliedFors",
      "customRoleArn",
      "description",
      "encryptionConfigurations",
      "imageTagMutability",
      "imageTagMutabilityExclusionFilters",
      "lifecyclePolicy",
      "repositoryPolicy",
      "resourceTags",
    ],
  },
  "aws:ecr/repositoryPolicy:RepositoryPolicy": {
    read: { repository: ["ecr:GetRepositoryPolicy"] },
    write: { repository: ["ecr:DeleteRepositoryPolicy", "ecr:SetRepositoryPolicy"] },
    replace: ["repository"],
    update: ["policy"],
  },
};

import type { Template, TemplateResource } from "./template";

/** What a rule refuses. */
export interface Finding {
  rule: string;
  /** Logical id of the template's resource. */
  id: string;
  /** Path of the property, where the rule names one. */
  path: string;
  message: string;
}

/** A disagreement with a rule, or with how it reads a template. */
export interface Exception {
  rule: string;
  /** CloudFormation's type of the resources that it is about. */
  type: string;
  /** What else must hold of a resource and the finding, so that the exception is no wider than its reason. */
  where?: (properties: Record<string, unknown>, finding: Finding) => boolean;
  reason: string;
  /** Where the reason is documented. */
  source: string;
}

/** Whether a lifecycle policy ends with a rule on any image for each of the storage classes. */
function endsWithBothStorageClasses({ LifecyclePolicy }: Record<string, unknown>): boolean {
  const text =
    typeof LifecyclePolicy === "string"
      ? LifecyclePolicy
      : (LifecyclePolicy as { LifecyclePolicyText: string }).LifecyclePolicyText;
  const { rules } = JSON.parse(text) as {
    rules: { selection: { tagStatus: string; storageClass?: string } }[];
  };
  const classes = rules.slice(-2).map(({ selection }) => [selection.tagStatus, selection.storageClass]);
  return JSON.stringify(classes) === '[["any",null],["any","archive"]]';
}

/** Exceptions to the rules of cdk-preflight and @aws/cloudformation-validate. */
export const RULE_EXCEPTIONS: readonly Exception[] = [
  {
    rule: "F3006",
    type: "AWS::Budgets::Budget",
    reason:
      "CloudFormation has the type in some regions only; the API has one endpoint for all regions of a partition, which the provider uses",
    source: "https://docs.aws.amazon.com/general/latest/gr/billing.html",
  },
  ...["AWS::ECR::Repository", "AWS::ECR::RepositoryCreationTemplate"].map((type) => ({
    rule: "pf-ecr-lifecycle-rule-priority",
    type,
    where: endsWithBothStorageClasses,
    reason: "AWS's guide has a policy with a last rule on any image for each of the storage classes",
    source: "https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_examples.html",
  })),
  {
    rule: "F3033",
    type: "AWS::ECR::Repository",
    where: (_, { path, message }) => path.startsWith("Properties.Tags.") && message.startsWith("length 256 "),
    reason: "CloudFormation's schema takes 255 characters in the value of a tag; ECR's API takes 256",
    source: "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_Tag.html",
  },
];

/** Exceptions to checkov's policies. https://www.checkov.io/5.Policy%20Index/cloudformation.html */
export const CHECKOV_EXCEPTIONS: readonly Exception[] = [
  {
    rule: "CKV_AWS_18",
    type: "AWS::S3::Bucket",
    reason:
      "CloudTrail's and the clean-up's bucket: only the service and one role write, nobody else is granted anything, and server access logs would need one more bucket that is not logged itself",
    source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html",
  },
  {
    rule: "CKV_AWS_27",
    type: "AWS::SQS::Queue",
    where: ({ SqsManagedSseEnabled }) => SqsManagedSseEnabled === true,
    reason: "encrypted with a key that SQS manages, which the check does not read",
    source:
      "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-sqs-sse-queue.html",
  },
  {
    rule: "CKV_AWS_32",
    type: "AWS::ECR::Repository",
    where: ({ RepositoryPolicyText }) => everyStatementIsLimited(RepositoryPolicyText),
    reason: "principal * with a condition on the organization or the account, which the check does not read",
    source:
      "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalorgpaths",
  },
  {
    rule: "CKV_AWS_51",
    type: "AWS::ECR::Repository",
    where: ({ ImageTagMutability }) => ImageTagMutability === "IMMUTABLE_WITH_EXCLUSION",
    reason: "immutable but for the tags that the stack lists with a written reason (imageTags.reason)",
    source: "https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html",
  },
  {
    rule: "CKV_AWS_51",
    type: "AWS::ECR::Repository",
    where: ({ ImageTagMutability }) => ImageTagMutability === "MUTABLE",
    reason: "imageTags.immutable: false, which the config refuses in production",
    source: "https://docs.aws.amazon.com/securityhub/latest/userguide/ecr-controls.html#ecr-2",
  },
  {
    rule: "CKV_AWS_115",
    type: "AWS::Lambda::Function",
    reason:
      "started by a schedule, one run at a time; reserved concurrency would be refused in accounts whose quota is still 10",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html",
  },
  {
    rule: "CKV_AWS_117",
    type: "AWS::Lambda::Function",
    reason: "calls AWS's APIs only and needs no resource of a VPC",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html",
  },
  {
    rule: "CKV_AWS_136",
    type: "AWS::ECR::Repository",
    where: ({ EncryptionConfiguration }) =>
      (EncryptionConfiguration as { EncryptionType: string }).EncryptionType === "AES256",
    reason: "encryption: AES256, a choice of the stack; the default is a key of its own",
    source: "https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html",
  },
  {
    rule: "CKV_AWS_163",
    type: "AWS::ECR::Repository",
    reason: "scanning is configured per registry; the setting of a repository is deprecated in its favor",
    source: "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageScanningConfiguration.html",
  },
  {
    rule: "CKV_AWS_173",
    type: "AWS::Lambda::Function",
    reason:
      "the variables are the names of a bucket and a topic; Lambda encrypts them at rest with its own key anyway",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html",
  },
];

function everyStatementIsLimited(policy: unknown): boolean {
  const { Statement } = policy as { Statement: { Principal: unknown; Condition?: Record<string, object> }[] };
  const limits = /^aws:(PrincipalOrgID|PrincipalOrgPaths|PrincipalAccount|SourceAccount)$/i;
  return Statement.every(
    ({ Principal, Condition = {} }) =>
      Principal !== "*" ||
      Object.values(Condition).some((keys) => Object.keys(keys).some((key) => limits.test(key))),
  );
}

/** Findings sorted into those that an exception covers and those that are refusals. */
export function judge(
  findings: readonly Finding[],
  { Resources }: Template,
  exceptions: readonly Exception[],
): { refused: Finding[]; excepted: { finding: Finding; exception: Exception }[] } {
  const covering = (finding: Finding) => {
    const resource: TemplateResource | undefined = Resources[finding.id];
    return exceptions.find(
      (one) =>
        one.rule === finding.rule &&
        one.type === resource?.Type &&
        (one.where === undefined || one.where(resource.Properties, finding)),
    );
  };
  return {
    refused: findings.filter((finding) => covering(finding) === undefined),
    excepted: findings.flatMap((finding) => {
      const exception = covering(finding);
      return exception === undefined ? [] : [{ finding, exception }];
    }),
  };
}

import { type Change, named, set, remove, add, document, allow, untagged, open } from "./changes";

/** One fault in the prod stack a row: the policy that must find it, and what it must say. */
export const FAULTS: [policy: string, what: string, change: Change, says: RegExp][] = [
  [
    "immutable-tags",
    "tags that move",
    set("payments-api", { imageTagMutability: "MUTABLE" }),
    /payments-api is MUTABLE/,
  ],
  [
    "immutable-tags",
    "tags of which some move, without a reason",
    set("payments-api", { imageTagMutability: "IMMUTABLE_WITH_EXCLUSION" }),
    /no tag MutableTags says why/,
  ],
  [
    "immutable-tags",
    "no word about mutability, which is AWS's MUTABLE",
    (run) => delete named(run, "payments-api").inputs.imageTagMutability,
    /payments-api is MUTABLE/,
  ],
  [
    "repository-lifecycle",
    "no lifecycle policy",
    remove("data-notebook-lifecycle"),
    /data-notebook has no lifecycle policy/,
  ],
  [
    "repository-lifecycle",
    "an empty lifecycle policy",
    set("data-notebook-lifecycle", { policy: '{"rules": []}' }),
    /without rules/,
  ],
  ["registry-scanning", "no scanning rule", set("scanning-configuration", { rules: [] }), /scans nothing/],
  [
    "registry-scanning",
    "a filter that misses a repository",
    set("scanning-configuration", {
      rules: [
        {
          scanFrequency: "CONTINUOUS_SCAN",
          repositoryFilters: [
            { filter: "payments-*" },
            { filter: "storefront" },
            { filter: "*notebook-prod" },
          ],
        },
      ],
    }),
    /not data-etl-runner-prod\. Fix/,
  ],
  [
    "scanning-declared",
    "no scanning configuration",
    remove("scanning-configuration"),
    /no registry scanning configuration/,
  ],
  [
    "repository-name",
    "a foreign name",
    set("payments-api", { name: "my_repo" }),
    /is named my_repo; by its tags/,
  ],
  [
    "repository-customer-key",
    "S3's own key",
    set("payments-api", { encryptionConfigurations: [{ encryptionType: "AES256" }] }),
    /not encrypted with a customer-managed key/,
  ],
  [
    "repository-not-public",
    "a public repository",
    add("aws:ecrpublic/repository:Repository", "shop-window"),
    /shop-window .* is public/,
  ],
  [
    "no-public-principal",
    "everyone as principal",
    allow({ Principal: "*" }),
    /statement Open allows ecr:BatchGetImage/,
  ],
  [
    "no-public-principal",
    "everyone among accounts",
    allow({ Principal: { AWS: ["111122223333", "*"] } }),
    /Open/,
  ],
  [
    "no-public-principal",
    "a condition that does not limit",
    allow({ Principal: "*", Condition: { StringLike: { "aws:PrincipalOrgID": "*" } } }),
    /Open/,
  ],
  [
    "no-public-principal",
    "a condition on ARNs of any account",
    allow({ Principal: "*", Condition: { ArnLike: { "aws:PrincipalArn": "arn:aws:iam::*:role/ci" } } }),
    /Open/,
  ],
  [
    "no-public-principal",
    "a condition that holds where the key is absent",
    allow({ Principal: "*", Condition: { StringEqualsIfExists: { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } } }),
    /Open/,
  ],
  [
    "no-public-principal",
    "a creation template that opens its repositories to everyone",
    document("registry-template-docker-hub", "repositoryPolicy", (statements) => [
      ...statements,
      { ...open, Principal: "*" },
    ]),
    /registry-template-docker-hub: statement Open/,
  ],
  [
    "no-public-principal",
    "everyone but one",
    allow({ NotPrincipal: { AWS: "111122223333" } }),
    /everyone but those it names/,
  ],
  [
    "no-public-principal",
    "a role that everyone assumes",
    document("findings-chat-role", "assumeRolePolicy", (statements) => [
      ...statements,
      { Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole" },
    ]),
    /findings-chat-role: statement \(without Sid\)/,
  ],
  [
    "federated-roles-bound",
    "tokens of any repository",
    document("github-payments-release", "assumeRolePolicy", ([statement]) => {
      delete statement.Condition;
    }),
    /whatever its sub/,
  ],
  [
    "federated-roles-bound",
    "tokens of any owner",
    document("github-payments-release", "assumeRolePolicy", ([statement]) => {
      statement.Condition = {
        StringEquals: { "token.actions.githubusercontent.com:aud": "sts.amazonaws.com" },
        StringLike: { "token.actions.githubusercontent.com:sub": "repo:acme*" },
      };
    }),
    /whatever its sub/,
  ],
  [
    "federated-roles-bound",
    "tokens with any repository id",
    document("github-payments-release", "assumeRolePolicy", ([statement]) => {
      statement.Condition = {
        StringEquals: { "token.actions.githubusercontent.com:aud": "sts.amazonaws.com" },
        StringLike: {
          "token.actions.githubusercontent.com:repository_id": "*",
          "token.actions.githubusercontent.com:sub": "repo:*:ref:refs/heads/main",
        },
      };
    }),
    /whatever its sub/,
  ],
  [
    "tls-only",
    "a bucket that takes plain HTTP",
    document("audit-bucket-policy", "policy", (statements) =>
      statements.filter(({ Effect }) => Effect !== "Deny"),
    ),
    /audit-bucket takes plain HTTP/,
  ],
  [
    "tls-only",
    "a topic without a policy",
    remove("findings-topic-policy"),
    /findings-topic takes plain HTTP/,
  ],
  [
    "tls-only",
    "a denial with a way around",
    document("findings-routes-dead-letters-policy", "policy", (statements) => {
      for (const statement of statements.filter(({ Effect }) => Effect === "Deny")) {
        statement.Condition.StringEquals = { "aws:PrincipalAccount": "444455556666" };
      }
    }),
    /findings-routes-dead-letters takes plain HTTP/,
  ],
  [
    "tls-only",
    "a subscription over plain HTTP",
    add("aws:sns/topicSubscription:TopicSubscription", "plain", { protocol: "http" }),
    /plain delivers over plain HTTP/,
  ],
  [
    "encrypted-at-rest",
    "a topic without a key",
    (run) => delete named(run, "findings-topic").inputs.kmsMasterKeyId,
    /findings-topic is not encrypted/,
  ],
  [
    "encrypted-at-rest",
    "a topic with AWS's own key",
    set("findings-topic", { kmsMasterKeyId: "alias/aws/sns" }),
    /findings-topic is not encrypted/,
  ],
  [
    "encrypted-at-rest",
    "a queue without encryption",
    set("findings-routes-dead-letters", { sqsManagedSseEnabled: false }),
    /findings-routes-dead-letters is not/,
  ],
  [
    "buckets-locked-down",
    "a bucket that takes public policies",
    set("audit-bucket-access", { blockPublicPolicy: false }),
    /set blockPublicPolicy\./,
  ],
  [
    "buckets-locked-down",
    "a bucket without encryption",
    remove("audit-bucket-encryption"),
    /not encrypted with a KMS/,
  ],
  [
    "key-rotation",
    "a key that never rotates",
    set("repositories-key", { enableKeyRotation: false }),
    /never rotates/,
  ],
  [
    "private-endpoints",
    "an endpoint without private DNS",
    set("network-ecr-dkr", { privateDnsEnabled: false }),
    /network-ecr-dkr has no private DNS/,
  ],
  [
    "private-endpoints",
    "an endpoint without a policy",
    (run) => delete named(run, "network-ecr-api").inputs.policy,
    /network-ecr-api has no policy/,
  ],
  [
    "private-endpoints",
    "an endpoint with the default security group",
    (run) => delete named(run, "network-ecr-api").inputs.securityGroupIds,
    /default security group/,
  ],
  [
    "endpoint-policy-limited",
    "an endpoint through which everything passes",
    set("network-logs", {
      policy: JSON.stringify({
        Statement: { Sid: "All", Effect: "Allow", Principal: "*", Action: "*", Resource: "*" },
      }),
    }),
    /network-logs: statement All/,
  ],
  [
    "endpoints-not-open",
    "an ingress rule for everyone",
    set("network-from-10.32.0.0/16", { cidrIpv4: "0.0.0.0/0" }),
    /lets every address in/,
  ],
  ["no-nat", "a NAT gateway", add("aws:ec2/natGateway:NatGateway", "out"), /out is a NAT gateway/],
  ["pull-path", "no endpoint for layers", remove("network-s3"), /no endpoint for s3/],
  ["owner-tags", "a topic without a contact", untagged, /findings-topic lacks the tags Contact/],
  [
    "production-protected",
    "an unprotected repository",
    (run) => {
      named(run, "payments-api").protect = false;
    },
    /payments-api is not protected: its images are deleted with it/,
  ],
  [
    "production-protected",
    "a repository that goes with its images",
    set("payments-api", { forceDelete: true }),
    /deleted with its images/,
  ],
  [
    "trail-tamper-proof",
    "a trail of one region",
    set("audit-trail", { isMultiRegionTrail: false }),
    /lacks isMultiRegionTrail/,
  ],
  [
    "trail-tamper-proof",
    "a trail that is off",
    set("audit-trail", { enableLogging: false }),
    /lacks enableLogging/,
  ],
  [
    "trail-tamper-proof",
    "a bucket without a lock",
    remove("audit-bucket-lock"),
    /log files that can be deleted/,
  ],
  [
    "budget-present",
    "no forecast",
    (run) => {
      run.resources = run.resources.filter(({ type }) => type !== "aws:budgets/budget:Budget");
    },
    /no budget in this stack/,
  ],
];

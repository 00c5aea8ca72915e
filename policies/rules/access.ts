import { belongings, given, statementsOf, text, type ReadStatement } from "./reading";
import type { Rule } from "./rule";

/** Resources that hold a policy about who may use something, and the input that holds it. */
const POLICIES: Record<string, string> = {
  "aws:ecr/registryPolicy:RegistryPolicy": "policy",
  "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate": "repositoryPolicy",
  "aws:ecr/repositoryPolicy:RepositoryPolicy": "policy",
  "aws:iam/role:Role": "assumeRolePolicy",
  "aws:kms/key:Key": "policy",
  "aws:s3/bucketPolicy:BucketPolicy": "policy",
  "aws:sns/topicPolicy:TopicPolicy": "policy",
  "aws:sqs/queuePolicy:QueuePolicy": "policy",
};

/** Condition keys that tell callers apart by account, organization, network or identity. */
const LIMITING = [
  "aws:principalaccount",
  "aws:principalarn",
  "aws:principalorgid",
  "aws:principalorgpaths",
  "aws:sourceaccount",
  "aws:sourcearn",
  "aws:sourceorgid",
  "aws:sourcevpc",
  "aws:sourcevpce",
  "kms:calleraccount",
];

/** Operators that hold only where the key is present and has one of the values. */
const POSITIVE = /^(foranyvalue:)?(string(equals|equalsignorecase|like)|arn(equals|like))$/;

function isAnyone(statement: ReadStatement): boolean {
  return statement.principals.some(
    ({ kind, names }) => (kind === "*" || kind === "AWS") && names.some((name) => name.includes("*")),
  );
}

/** Whether a condition value tells anything apart: an ARN does by its account. */
function tellsApart(value: string): boolean {
  return value.startsWith("arn:") ? !/[*?]/.test(value.split(":")[4] ?? "*") : !/^[*?:]*$/.test(value);
}

function isLimited({ conditions }: ReadStatement): boolean {
  return conditions.some(
    ({ operator, key, values }) =>
      POSITIVE.test(operator) && LIMITING.includes(key) && values.length > 0 && values.every(tellsApart),
  );
}

/** Where a plain HTTP request is refused: what is asked over HTTP, and the policy that must deny it. */
const OVER_HTTP = [
  {
    type: "aws:s3/bucket:Bucket",
    ownName: "bucket",
    policy: "aws:s3/bucketPolicy:BucketPolicy",
    key: "bucket",
    actions: ["*", "s3:*"],
  },
  {
    type: "aws:sns/topic:Topic",
    ownName: "arn",
    policy: "aws:sns/topicPolicy:TopicPolicy",
    key: "arn",
    // Topic policies take no sns:*.
    actions: ["*", "sns:Publish"],
  },
  {
    type: "aws:sqs/queue:Queue",
    ownName: "url",
    policy: "aws:sqs/queuePolicy:QueuePolicy",
    key: "queueUrl",
    actions: ["*", "sqs:*"],
  },
];

function deniesPlainHttp(statement: ReadStatement, actions: string[]): boolean {
  return (
    statement.effect === "Deny" &&
    isAnyone(statement) &&
    statement.actions.some((action) => actions.includes(action)) &&
    // A further condition would let some requests through.
    statement.conditions.length === 1 &&
    statement.conditions.some(
      ({ operator, key, values }) =>
        operator === "bool" && key === "aws:securetransport" && values.join() === "false",
    )
  );
}

/** Rules on who may use what, and how. */
export const accessRules: Rule[] = [
  {
    name: "no-public-principal",
    displayName: "Nothing is open to everyone",
    description:
      "A policy that allows every principal also names the account, organization, network or identity it is for (IAM Access Analyzer's meaning of public; Security Hub KMS.5, SNS.4, SQS.3).",
    enforcementLevel: "mandatory",
    severity: "critical",
    validateResource: ({ type, props, name }, report) => {
      const key = POLICIES[type];
      for (const statement of (key === undefined ? undefined : statementsOf(props, key)) ?? []) {
        if (statement.effect !== "Allow") {
          continue;
        }
        if (statement.notPrincipal) {
          report(
            `${name}: statement ${statement.sid} allows everyone but those it names (NotPrincipal). Fix: name who is allowed.`,
          );
        } else if (isAnyone(statement) && !isLimited(statement)) {
          report(
            `${name}: statement ${statement.sid} allows ${statement.actions.join(", ")} to every principal, in any ` +
              "account. Fix: name accounts, or require aws:PrincipalOrgID (organizationId in the stack's config).",
          );
        }
      }
    },
  },
  {
    name: "federated-roles-bound",
    displayName: "Federated roles name who assumes them",
    description:
      "A role that an OIDC provider's tokens assume requires the token's subject and audience; without them every repository on GitHub may.",
    enforcementLevel: "mandatory",
    severity: "critical",
    validateResource: ({ type, props, name }, report) => {
      for (const statement of (type === "aws:iam/role:Role" && statementsOf(props, "assumeRolePolicy")) ||
        []) {
        const federated = statement.principals.find(({ kind }) => kind === "Federated");
        if (statement.effect !== "Allow" || !statement.actions.includes("sts:AssumeRoleWithWebIdentity")) {
          continue;
        }
        const bound = (claim: string, anything: RegExp) =>
          statement.conditions.some(
            ({ operator, key, values }) =>
              POSITIVE.test(operator) &&
              key.endsWith(`:${claim}`) &&
              values.length > 0 &&
              !values.some((value) => anything.test(value)),
          );
        // The id identifies one repository, so the subject need not contain its owner.
        const anySubject = bound("repository_id", /[*?]/) ? /^[*?:]*$/ : /^([*?:]*$|repo:[^/]*\*)/;
        for (const claim of [
          ...(bound("sub", anySubject) ? [] : ["sub"]),
          ...(bound("aud", /^[*?:]*$/) ? [] : ["aud"]),
        ]) {
          report(
            `${name}: statement ${statement.sid} lets any token of ${federated?.names.join(", ") ?? "the provider"} in, whatever ` +
              `its ${claim}. Fix: require it, as githubRoles do.`,
          );
        }
      }
    },
  },
  {
    name: "tls-only",
    displayName: "Plain HTTP is refused",
    description:
      "Buckets, topics and queues of the stack refuse requests that do not come over TLS (Security Hub S3.5), and subscriptions take none.",
    enforcementLevel: "mandatory",
    severity: "high",
    validateStack: ({ resources }, report) => {
      for (const kind of OVER_HTTP) {
        const policiesOf = belongings(resources, kind.policy, kind.key, kind.ownName);
        for (const owner of resources.filter(({ type }) => type === kind.type)) {
          const documents = policiesOf(owner);
          const unknown = documents.some(
            ({ props }) => given(props, "policy") && text(props, "policy") === undefined,
          );
          const denies = documents
            .flatMap(({ props }) => statementsOf(props, "policy") ?? [])
            .some((statement) => deniesPlainHttp(statement, kind.actions));
          if (!unknown && !denies) {
            report(
              `${owner.name} takes plain HTTP. Fix: a policy that denies ${kind.actions.at(-1)} to everyone where ` +
                "aws:SecureTransport is false.",
              owner.urn,
            );
          }
        }
      }
      for (const { type, props, name, urn } of resources) {
        if (type === "aws:sns/topicSubscription:TopicSubscription" && text(props, "protocol") === "http") {
          report(`${name} delivers over plain HTTP. Fix: protocol: https.`, urn);
        }
      }
    },
  },
];

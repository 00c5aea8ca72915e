import type { Place } from "../aws/arns";
import { LIMITS } from "../aws/limits";
import { RESOURCE_TYPES, resourceTypeFile, SCOPES, type DeploymentScope } from "../aws/resource-types";
import { workflowTrust } from "./github-role";
import { policyOf, type PolicyDocument, type Statement } from "./iam";

/** A backend in S3 and the KMS key that encrypts the stack's secrets, as ARNs. */
export interface StateBackend {
  bucketArn: string;
  keyArn: string;
}

function stateStatements({ bucketArn, keyArn }: StateBackend, write: boolean): Statement[] {
  return [
    {
      Sid: "ListState",
      Effect: "Allow",
      Action: ["s3:GetBucketLocation", "s3:ListBucket"],
      Resource: bucketArn,
    },
    {
      Sid: "State",
      Effect: "Allow",
      // A preview writes nothing; an update writes state, history and its lock.
      Action: ["s3:GetObject", ...(write ? ["s3:DeleteObject", "s3:PutObject"] : [])],
      Resource: `${bucketArn}/.pulumi/*`,
    },
    {
      Sid: "StateSecrets",
      Effect: "Allow",
      Action: ["kms:Decrypt", ...(write ? ["kms:Encrypt", "kms:GenerateDataKey"] : [])],
      Resource: keyArn,
    },
  ];
}

const title = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);

/** Statements of one kind, one per scope, with each action once. */
function statements(kind: "read" | "write", types: readonly string[], scope: DeploymentScope): Statement[] {
  return Object.entries(SCOPES).flatMap(([name, resources]): Statement[] => {
    const actions = types.flatMap((type) => RESOURCE_TYPES[type]?.[kind][name] ?? []);
    return actions.length === 0
      ? []
      : [
          {
            Sid: `${title(kind)}${title(name)}`,
            Effect: "Allow",
            Action: [...new Set(actions)].sort(),
            Resource: resources(scope),
          },
        ];
  });
}

/** The statements in as few documents as IAM's quota allows, in their order. */
function documents(all: Statement[]): PolicyDocument[] {
  return all.reduce<PolicyDocument[]>((done, statement) => {
    const last = done.at(-1);
    const longer = policyOf(...(last?.Statement ?? []), statement);
    return last !== undefined && JSON.stringify(longer).length <= LIMITS.managedPolicy.max
      ? [...done.slice(0, -1), longer]
      : [...done, policyOf(statement)];
  }, []);
}

/**
 * What the roles that deploy a stack may do: the preview role reads what the stack declares, the update role
 * changes it as well. Both are narrowed to the stack's own names wherever IAM can; passing a role and
 * creating roles is limited to roles of the stack.
 * @param types resource types that the stack declares
 * @throws Error for a type without a row in aws/resource-types
 */
export function deploymentPolicies(
  scope: DeploymentScope,
  types: readonly string[],
  state?: StateBackend,
): { preview: PolicyDocument[]; update: PolicyDocument[] } {
  const unknown = types.find((type) => RESOURCE_TYPES[type] === undefined);
  if (unknown !== undefined) {
    throw new Error(
      `The IAM permissions for ${unknown} are not known. Fix: add the type to ${resourceTypeFile(unknown)}.`,
    );
  }
  const ofState = (write: boolean) => (state === undefined ? [] : stateStatements(state, write));
  const read = statements("read", types, scope);
  return {
    preview: documents([...ofState(false), ...read]),
    update: documents([...ofState(true), ...read, ...statements("write", types, scope)]),
  };
}

/**
 * Trust policies of the roles that deploy a stack from one GitHub repository.
 * @param repository `owner/name`, or `owner@id/name@id`
 */
export function deploymentTrusts(
  place: Place,
  repository: string,
  stack: string,
): { preview: PolicyDocument; update: PolicyDocument } {
  const trust = (contexts: string[]) => workflowTrust(place, repository, contexts);
  return {
    // Pull requests of the repository itself, and the nightly look for drift.
    preview: trust(["pull_request", "ref:refs/heads/main"]),
    update: trust([`environment:${stack}`]),
  };
}

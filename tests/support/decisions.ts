import assert from "node:assert/strict";
import { runSimulation, type Simulation } from "@cloud-copilot/iam-simulate";
import type { Place } from "../../aws/arns";
import type { PolicyDocument } from "../../documents/iam";
import type { SharingSettings } from "../../documents/repository-policy";

export const place: Place = { partition: "aws", region: "eu-west-1", accountId: "111122223333" };
export const repository = "arn:aws:ecr:eu-west-1:111122223333:repository/payments-api-prod";
export const PARTNER = "222233334444";
export const ORGANIZATION = "o-a1b2c3d4e5";

const allowsAll: PolicyDocument = {
  Version: "2012-10-17",
  Statement: [{ Sid: "All", Effect: "Allow", Action: "*", Resource: "*" }],
};

export async function decides(request: {
  principal: string;
  action: string;
  resource: string;
  owner?: string;
  resourcePolicy?: PolicyDocument;
  identityPolicy?: PolicyDocument | undefined;
  endpointPolicy?: PolicyDocument;
  context?: Record<string, string | string[]>;
}): Promise<string> {
  const simulation: Simulation = {
    request: {
      principal: request.principal,
      action: request.action,
      resource: { resource: request.resource, accountId: request.owner ?? place.accountId },
      contextVariables: request.context ?? {},
    },
    identityPolicies:
      "identityPolicy" in request
        ? request.identityPolicy === undefined
          ? []
          : [{ name: "identity", policy: request.identityPolicy }]
        : [{ name: "all", policy: allowsAll }],
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    resourcePolicy: request.resourcePolicy,
    ...(request.endpointPolicy === undefined
      ? {}
      : { vpcEndpointPolicies: [{ name: "endpoint", policy: request.endpointPolicy }] }),
  };
  const result = await runSimulation(simulation, {});
  if (result.resultType === "error") {
    throw new Error(JSON.stringify(result.errors));
  }
  return result.overallResult;
}

export const nobody: SharingSettings = {
  accounts: [],
  organization: false,
  organizationPaths: [],
  principals: [],
  lambda: false,
  pushPrincipals: [],
  outsideOrganization: false,
};

export const PULL = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"];
export const PUSH = [
  "ecr:PutImage",
  "ecr:InitiateLayerUpload",
  "ecr:UploadLayerPart",
  "ecr:CompleteLayerUpload",
];
export const DESTROY = [
  "ecr:BatchDeleteImage",
  "ecr:DeleteRepository",
  "ecr:SetRepositoryPolicy",
  "ecr:PutLifecyclePolicy",
];

export async function expectDecisions(
  expected: "Allowed" | "denied",
  actions: string[],
  policy: PolicyDocument | undefined,
  principal: string,
  context?: Record<string, string | string[]>,
): Promise<void> {
  for (const action of actions) {
    const decision = await decides({
      principal,
      action,
      resource: repository,
      resourcePolicy: policy,
      context,
    });
    assert.equal(decision === "Allowed", expected === "Allowed", `${principal} ${action}: ${decision}`);
  }
}

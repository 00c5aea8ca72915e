import assert from "node:assert/strict";
import { runSimulation } from "@cloud-copilot/iam-simulate";
import type { PolicyDocument } from "../../documents/iam";

/** A call that somebody makes. */
export interface SimulatedCall {
  /** ARN; its account is the resource's unless `owner` is given. */
  principal: string;
  action: string;
  resource: string;
  /** Account of the resource. */
  owner?: string;
  /** Policy of the resource. */
  resourcePolicy?: PolicyDocument;
  context?: Record<string, string | string[]>;
}

/** Whether identity policies, and the resource's policy, let a principal make a call, as IAM decides. */
export async function allows(
  policies: PolicyDocument[],
  { principal, action, resource, owner, resourcePolicy, context = {} }: SimulatedCall,
): Promise<boolean> {
  const accountId = owner ?? principal.split(":")[4] ?? "";
  const result = await runSimulation(
    {
      request: { principal, action, resource: { resource, accountId }, contextVariables: context },
      identityPolicies: policies.map((policy, i) => ({ name: String(i), policy })),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      ...(resourcePolicy === undefined ? {} : { resourcePolicy }),
      // A KMS key's policy must leave the decision to IAM, as AWS's default one does.
      ...(resource.includes(":kms:")
        ? {
            resourcePolicy: {
              Version: "2012-10-17",
              Statement: [
                {
                  Effect: "Allow",
                  Principal: { AWS: `arn:aws:iam::${accountId}:root` },
                  Action: "kms:*",
                  Resource: "*",
                },
              ],
            },
          }
        : {}),
    },
    {},
  );
  assert.notEqual(result.resultType, "error", JSON.stringify(result));
  return result.resultType !== "error" && result.overallResult === "Allowed";
}

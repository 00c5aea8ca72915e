import assert from "node:assert/strict";
import { runSimulation } from "@cloud-copilot/iam-simulate";
import type { PolicyDocument } from "../../documents/iam";

/** A call that somebody makes. */
export interface SimulatedCall {
  /** ARN; its account is the resource's. */
  principal: string;
  action: string;
  resource: string;
  context?: Record<string, string | string[]>;
}

/** Whether identity policies let a principal make a call in its own account, as IAM decides. */
export async function allows(
  policies: PolicyDocument[],
  { principal, action, resource, context = {} }: SimulatedCall,
): Promise<boolean> {
  const accountId = principal.split(":")[4] ?? "";
  const result = await runSimulation(
    {
      request: { principal, action, resource: { resource, accountId }, contextVariables: context },
      identityPolicies: policies.map((policy, i) => ({ name: String(i), policy })),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
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

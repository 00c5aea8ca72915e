import { messageOf } from "../../images/registry";
import { declaredTypes, type PlannedResource } from "../../plan/run";
import { awsProblem } from "../aws-errors";
import type { Context } from "../context";
import { fail, skip, warn, type Checked, type Result } from "./result";
import { checkReach } from "./reach";
import { checkCredentials, checkPermissions } from "./credentials";
import { checkQuotas } from "./quotas";
import { checkScanning, checkRegistry, checkRepositories } from "./registry";
import { checkInspector, checkSecurityHub } from "./findings";
import { checkGithub, githubRoles } from "./github";
import { checkPrivateDns } from "./network";
import { checkBilling, checkSubscriptions } from "./notifications";

/**
 * Looks at an account before (or after) a stack is deployed to it. A check that cannot be made says so.
 * @param resources what the stack declares
 */
export async function examine(context: Context, resources: readonly PlannedResource[]): Promise<Checked[]> {
  const checks: [string, () => Promise<Result>][] = [
    ["endpoints reachable", () => checkReach(context)],
    ["credentials", () => checkCredentials(context)],
    ["permissions", () => checkPermissions(context, declaredTypes(resources))],
    ["quotas", () => checkQuotas(context, resources)],
    ["scanning configuration", () => checkScanning(context)],
    ["Inspector", () => checkInspector(context)],
    ["Security Hub", () => checkSecurityHub(context)],
    ["replication and registry policy", () => checkRegistry(context)],
    ["GitHub's OIDC provider", () => checkGithub(context)],
    ["GitHub roles", () => Promise.resolve(githubRoles(context))],
    ["repositories", () => checkRepositories(context)],
    ["private DNS of endpoints", () => checkPrivateDns(context)],
    ["billing alerts", () => checkBilling(context)],
    ["subscriptions", () => checkSubscriptions(context, resources)],
  ];
  const results: Checked[] = [];
  for (const [check, run] of checks) {
    const result = await run().catch((error: unknown) => {
      const { problem, fix } = awsProblem(error) ?? { problem: messageOf(error), fix: "see what it says" };
      const denied = /AccessDenied|UnauthorizedOperation|not authorized/i.test(messageOf(error));
      return check === "credentials"
        ? fail(problem, fix)
        : denied
          ? warn(`not allowed to look: ${messageOf(error)}`, "give the caller read access, and run it again")
          : skip(`could not be looked at: ${messageOf(error)}`);
    });
    results.push({ check, ...result });
    // Without credentials nothing else has an answer.
    if (check === "credentials" && result.status === "fail") {
      break;
    }
  }
  return results;
}

import { regionProblem } from "../formats";
import type { Reporter, Subject } from "./subject";

/** The region, and that the AWS provider takes the stack's account only. */
export function checkAccount({ config, settings, allowedAccountIds }: Subject, error: Reporter): void {
  const problem = regionProblem(settings.place.region);
  if (problem !== undefined) {
    error("aws:region", problem);
  }
  const allowed = Array.isArray(allowedAccountIds) ? allowedAccountIds.map(String) : [];
  if (!allowed.includes(config.accountId)) {
    error("aws:allowedAccountIds", {
      rule: "the AWS provider must refuse every account but the stack's own, or wrong credentials deploy elsewhere",
      fix: `write aws:allowedAccountIds: ["${config.accountId}"]`,
    });
  }
}

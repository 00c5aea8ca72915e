import { regionProblem } from "../formats";
import type { Report, Subject } from "./report";

/** The region, and that the AWS provider takes the stack's account only. */
export function checkAccount({ config, settings, allowedAccountIds }: Subject, error: Report): void {
  const problem = regionProblem(settings.place.region);
  if (problem !== undefined) {
    error("aws:region", settings.place.region || undefined, problem.rule, problem.fix);
  }
  const allowed = Array.isArray(allowedAccountIds) ? allowedAccountIds.map(String) : [];
  if (!allowed.includes(config.accountId)) {
    error(
      "aws:allowedAccountIds",
      allowedAccountIds,
      "the AWS provider must refuse every account but the stack's own, or wrong credentials deploy elsewhere",
      `write aws:allowedAccountIds: ["${config.accountId}"]`,
    );
  }
}

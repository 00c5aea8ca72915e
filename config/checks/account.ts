import type { Reporter, Subject } from "./subject";

/** That the AWS provider takes the stack's account only. */
export function checkAccount({ config, allowedAccountIds }: Subject, error: Reporter): void {
  const allowed = Array.isArray(allowedAccountIds) ? allowedAccountIds.map(String) : [];
  if (!allowed.includes(config.accountId)) {
    error("aws:allowedAccountIds", {
      rule: "the AWS provider must refuse every account but accountId, or wrong credentials deploy elsewhere",
      fix: `write aws:allowedAccountIds: ["${config.accountId}"]`,
    });
  }
}

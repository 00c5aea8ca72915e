import { checkAccount } from "./account";
import { checkAudit, checkCosts } from "./audit-and-costs";
import { checkFindings } from "./findings";
import { checkLimits } from "./limits";
import { checkNames, checkTags } from "./names";
import { checkNetwork } from "./network";
import { checkOperations } from "./operations";
import { checkRegistry } from "./registry";
import type { Finding, Report, Subject } from "./report";
import { checkRepositoryOptions } from "./repositories";
import { checkScanning } from "./scanning";

/** Everything that one value alone does not show: what config keys say of each other and of AWS. */
export function crossChecks(subject: Subject): Finding[] {
  const found: Finding[] = [];
  const report =
    (severity: Finding["severity"]): Report =>
    (key, value, rule, fix) =>
      void found.push({ severity, key, value, rule, fix });
  const error = report("error");
  const warn = report("warning");
  checkAccount(subject, error);
  checkNames(subject, error);
  checkTags(subject, error);
  checkRepositoryOptions(subject, error, warn);
  checkScanning(subject, error, warn);
  checkFindings(subject, error, warn);
  checkNetwork(subject, error, warn);
  checkRegistry(subject, error);
  checkAudit(subject, error);
  checkCosts(subject, error, warn);
  checkOperations(subject, error, warn);
  checkLimits(subject, error, warn);
  return found;
}

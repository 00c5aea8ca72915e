import { checkAccount } from "./account";
import { checkAudit, checkCosts } from "./audit-and-costs";
import { checkDuplicates } from "./duplicates";
import { checkFindings } from "./findings";
import { checkLimits } from "./limits";
import { checkNames, checkTags } from "./names";
import { checkNetwork } from "./network";
import { checkNoEffect } from "./no-effect";
import { checkOperations } from "./operations";
import { checkPartition } from "./partition";
import { checkRegistry } from "./registry";
import type { Diagnostic } from "../diagnostics";
import type { Finding, Reporter, Subject } from "./subject";
import { checkRepositoryOptions } from "./repositories";
import { checkScanning } from "./scanning";

/** What a check found, before the value is looked up. */
type Checked = Pick<Diagnostic, "severity" | "key"> & Finding;

/** Everything that one value alone does not show: what config keys say of each other and of AWS. */
export function crossChecks(subject: Subject): Checked[] {
  const found: Checked[] = [];
  const report =
    (severity: Checked["severity"]): Reporter =>
    (key, finding) =>
      void found.push({ ...finding, severity, key });
  const error = report("error");
  const warn = report("warning");
  checkAccount(subject, error);
  checkDuplicates(subject, error);
  checkPartition(subject, error);
  checkNames(subject, error, warn);
  checkTags(subject, error);
  checkRepositoryOptions(subject, error, warn);
  checkScanning(subject, error, warn);
  checkFindings(subject, error, warn);
  checkNetwork(subject, error, warn);
  checkRegistry(subject, error, warn);
  checkAudit(subject, error);
  checkCosts(subject, error, warn);
  checkOperations(subject, error, warn);
  checkNoEffect(subject, error, warn);
  checkLimits(subject, error, warn);
  return found;
}

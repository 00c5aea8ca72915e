import type { Place } from "../aws/arns";
import type { Severity } from "../aws/severities";
import {
  basicScanAlert,
  coverageAlert,
  failedCacheAlert,
  failedReplicationAlert,
  failedScanAlert,
  findingAlert,
  imageActionAlert,
  initialScanAlert,
  splitByNames,
  unscannedAlert,
  type Alert,
  type Repositories,
} from "./events";

/** What a stack's alerts are about. */
export interface AlertScope {
  place: Place;
  environment: string;
  /** How the registry is scanned: it decides which events there are. */
  scanType: "enhanced" | "basic";
  /** Whether the stack owns pull through cache rules. */
  caches: boolean;
  findings: {
    scope: "account" | "environment";
    minimumSeverity: Severity;
    scanComplete: boolean;
    scanFailures: boolean;
    registryFailures: boolean;
    pushes: boolean;
    deletes: boolean;
  };
}

/** Builds an alert for some of the repositories. */
type AlertBuilder = (place: Place, minimum: Severity, repositories: Repositories) => Alert;

/** Builders of the alerts about findings that this scan type can raise. */
function findingAlerts({ scanType, findings }: AlertScope): AlertBuilder[] {
  return scanType === "basic"
    ? [basicScanAlert]
    : [findingAlert, ...(findings.scanComplete ? [initialScanAlert] : [])];
}

/** The alerts to the platform's topic, each of which becomes a rule. */
export function platformAlerts(scope: AlertScope): Alert[] {
  const { place, environment, findings, scanType } = scope;
  const repositories: Repositories = findings.scope === "account" ? "all" : { suffix: `-${environment}` };
  const scanFailures = scanType === "basic" ? [failedScanAlert] : [coverageAlert, unscannedAlert];
  return [
    ...findingAlerts(scope).map((alert) => alert(place, findings.minimumSeverity, repositories)),
    ...(findings.scanFailures ? scanFailures.map((alert) => alert(place, repositories)) : []),
    ...(findings.registryFailures
      ? [failedReplicationAlert(place, repositories), ...(scope.caches ? [failedCacheAlert(place)] : [])]
      : []),
    ...(findings.pushes ? [imageActionAlert(place, "PUSH", repositories)] : []),
    ...(findings.deletes ? [imageActionAlert(place, "DELETE", repositories)] : []),
  ];
}

/** The alerts to a team's own topic: several of a kind where the names are too long for one pattern. */
export function teamAlerts(
  scope: AlertScope,
  team: { name: string; repositories: { name: string }[]; findings?: { minimumSeverity: Severity } },
): Alert[] {
  const names = team.repositories.map(({ name }) => name);
  const minimum = team.findings?.minimumSeverity ?? scope.findings.minimumSeverity;
  return findingAlerts(scope).flatMap((build) =>
    splitByNames(names, (some) => build(scope.place, minimum, { names: some })).map((alert) => ({
      ...alert,
      name: `${team.name}-${alert.name}`,
      description: `${alert.description}, for ${team.name}`,
    })),
  );
}

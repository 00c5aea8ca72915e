import { SEVERITIES } from "../aws/severities";
import type { ImageFinding } from "./finding";
import { groupBy } from "./groups";

/** An upgrade of a package, and the findings that it ends. */
export interface Fix {
  package: string;
  /** The version to upgrade to. */
  version: string;
  /** The highest severity of its findings. */
  worst: string;
  findings: number;
  images: number;
  repositories: string[];
}

/** How severe a finding is, as a number; least where it has no rating yet. */
export function rankOf(severity: string): number {
  return SEVERITIES.findIndex((one) => one === severity);
}

/** The highest severity of some findings. */
export function worstOf(findings: readonly ImageFinding[]): string {
  const [worst = ""] = findings.map(({ severity }) => severity).sort((a, b) => rankOf(b) - rankOf(a));
  return worst;
}

/** Later versions last; of the forms that package managers use, only numbers are compared as such. */
const byVersion = new Intl.Collator("en", { numeric: true });

/**
 * The upgrades that end findings, most severe first. An installed version needs the latest version that one of its findings
 * names; others may need another, because images of different bases are fixed by different versions.
 */
export function fixesOf(findings: readonly ImageFinding[]): Fix[] {
  const fixable = findings.filter(({ fixedIn }) => fixedIn !== undefined);
  const upgrades = groupBy(fixable, (one) => JSON.stringify([one.package, one.installed])).flatMap(
    ([, group]) => {
      const versions = group.map(({ fixedIn = "" }) => fixedIn).sort(byVersion.compare);
      return group.map((finding) => ({ finding, version: versions.at(-1) ?? "" }));
    },
  );
  return groupBy(upgrades, ({ finding, version }) => JSON.stringify([finding.package, version]))
    .map(([, group]): Fix => {
      const found = group.map(({ finding }) => finding);
      const [{ finding, version }] = group;
      return {
        package: finding.package,
        version,
        worst: worstOf(found),
        findings: found.length,
        images: new Set(found.map(({ repository, digest }) => `${repository}@${digest}`)).size,
        repositories: [...new Set(found.map(({ repository }) => repository))].sort(),
      };
    })
    .sort(
      (a, b) =>
        rankOf(b.worst) - rankOf(a.worst) || b.findings - a.findings || a.package.localeCompare(b.package),
    );
}

import { SEVERITIES } from "../aws/severities";
import type { ImageFinding } from "./finding";

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

/** Later versions last; of the forms that package managers use, only numbers are compared as such. */
const byVersion = new Intl.Collator("en", { numeric: true });

function groupBy<T>(list: readonly T[], key: (one: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const one of list) {
    const group = groups.get(key(one));
    if (group === undefined) {
      groups.set(key(one), [one]);
    } else {
      group.push(one);
    }
  }
  return [...groups.values()];
}

/**
 * The upgrades that end findings, most severe first. An installed version needs the latest version that one of its findings
 * names; others may need another, because images of different bases are fixed by different versions.
 */
export function fixesOf(findings: readonly ImageFinding[]): Fix[] {
  const fixable = findings.filter(({ fixedIn }) => fixedIn !== undefined);
  const upgrades = groupBy(fixable, (one) => JSON.stringify([one.package, one.installed])).flatMap(
    (group) => {
      const version =
        group
          .map(({ fixedIn = "" }) => fixedIn)
          .sort(byVersion.compare)
          .at(-1) ?? "";
      return group.map((finding) => ({ finding, version }));
    },
  );
  return groupBy(upgrades, ({ finding, version }) => JSON.stringify([finding.package, version]))
    .map((group): Fix => {
      const found = group.map(({ finding }) => finding);
      const [first] = group;
      return {
        package: first?.finding.package ?? "",
        version: first?.version ?? "",
        worst: found.map(({ severity }) => severity).sort((a, b) => rankOf(b) - rankOf(a))[0] ?? "",
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

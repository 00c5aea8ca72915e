import { coversGlob, matchesGlob } from "../../aws/globs";
import { LIMITS, limitRule } from "../../aws/limits";
import type { Report, Subject } from "./report";

/** ECR reads a filter without a wildcard as "contains". */
function asGlob(filter: string): string {
  return filter.includes("*") ? filter : `*${filter}*`;
}

/** Filters that do not do what they seem to, repositories without a scan, and Inspector. */
export function checkScanning({ config, settings }: Subject, error: Report, warn: Report): void {
  const { scanning } = settings;
  if (!scanning.manage) {
    return;
  }
  if (scanning.type === "basic" && (config.scanning.continuous ?? []).length > 0) {
    error(
      "scanning.continuous",
      config.scanning.continuous,
      "basic scanning has no continuous scans",
      "use type: enhanced, or onPush",
    );
  }
  const filters = [
    ...scanning.continuous.map((filter, i) => ({ filter, key: `scanning.continuous[${i}]` })),
    ...scanning.onPush.map((filter, i) => ({ filter, key: `scanning.onPush[${i}]` })),
  ];
  for (const rule of ["continuous", "onPush"] as const) {
    if (scanning[rule].length > LIMITS.scanningFilters.max) {
      error(
        `scanning.${rule}`,
        `${scanning[rule].length} filters`,
        limitRule(LIMITS.scanningFilters, settings.place.region),
        "merge some with *",
      );
    }
  }
  const names = settings.teams.flatMap((team) => team.repositories.map((repository) => repository.name));
  for (const { filter, key } of filters.filter((one) => !one.filter.includes("*"))) {
    const more = names.filter((name) => name !== filter && matchesGlob(asGlob(filter), name));
    if (more.length > 0) {
      warn(
        key,
        filter,
        `without * it matches every name that contains it, here ${more.slice(0, 5).join(", ")}${more.length > 5 ? ` and ${more.length - 5} more` : ""}`,
        `write "${filter}*" or "*${filter}*" to say what is meant`,
      );
    }
  }
  scanning.onPush.forEach((filter, i) => {
    const wider = scanning.continuous.find((other) => coversGlob(asGlob(other), asGlob(filter)));
    if (wider !== undefined) {
      warn(
        `scanning.onPush[${i}]`,
        filter,
        `scanning.continuous (${wider}) covers it, and continuous scanning wins`,
        "remove it",
      );
    }
  });
  settings.teams.forEach((team, t) =>
    team.repositories.forEach((repository, s) => {
      if (!filters.some(({ filter }) => matchesGlob(asGlob(filter), repository.name))) {
        warn(
          `teams[${t}].services[${s}].name`,
          repository.service,
          `no scanning filter matches ${repository.name}, so it is not scanned at all`,
          'add a filter to scanning.continuous or scanning.onPush, such as "*"',
        );
      }
    }),
  );
  const inspector = scanning.inspector;
  if (!inspector.resourceTypes.includes("ECR")) {
    error(
      "scanning.inspector.resourceTypes",
      inspector.resourceTypes,
      "enhanced scanning needs the resource type ECR",
      "add ECR",
    );
  }
  if (inspector.resourceTypes.includes("LAMBDA_CODE") && !inspector.resourceTypes.includes("LAMBDA")) {
    error(
      "scanning.inspector.resourceTypes",
      inspector.resourceTypes,
      "LAMBDA_CODE needs LAMBDA",
      "add LAMBDA",
    );
  }
  if (inspector.memberAccounts.length > 0 && (inspector.mode === "elsewhere" || scanning.type === "basic")) {
    error(
      "scanning.inspector.memberAccounts",
      inspector.memberAccounts,
      "only a stack that enables Inspector enables it for members",
      "remove them here, and list them in the delegated administrator's stack",
    );
  }
  inspector.memberAccounts.forEach((account, i) => {
    if (account === config.accountId) {
      error(
        `scanning.inspector.memberAccounts[${i}]`,
        account,
        "the stack's own account is no member of itself",
        "remove it",
      );
    }
  });
}

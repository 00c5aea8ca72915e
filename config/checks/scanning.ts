import { coversGlob, matchesGlob, scanningGlob } from "../../aws/globs";
import { exceeded, LIMITS } from "../../aws/limits";
import type { Reporter, Subject } from "./subject";

/** Filters that do not do what they seem to, repositories without a scan, and Inspector. */
export function checkScanning({ config, settings }: Subject, error: Reporter, warn: Reporter): void {
  const { scanning } = settings;
  if (!scanning.manage) {
    return;
  }
  if (scanning.type === "basic" && (config.scanning.continuous ?? []).length > 0) {
    error("scanning.continuous", {
      rule: "basic scanning has no continuous scans",
      fix: "use type: enhanced, or onPush",
    });
  }
  const filters = [
    ...scanning.continuous.map((filter, i) => ({ filter, key: `scanning.continuous[${i}]` })),
    ...scanning.onPush.map((filter, i) => ({ filter, key: `scanning.onPush[${i}]` })),
  ];
  for (const rule of ["continuous", "onPush"] as const) {
    if (scanning[rule].length > LIMITS.scanningFilters.max) {
      error(`scanning.${rule}`, {
        rule: exceeded(LIMITS.scanningFilters, settings.place.region, scanning[rule].length),
        fix: "merge some with *",
      });
    }
  }
  const names = settings.teams.flatMap((team) => team.repositories.map((repository) => repository.name));
  for (const { filter, key } of filters.filter((one) => !one.filter.includes("*"))) {
    const more = names.filter((name) => name !== filter && matchesGlob(scanningGlob(filter), name));
    if (more.length > 0) {
      warn(key, {
        rule: `without * it matches every name that contains it, here ${more.slice(0, 5).join(", ")}${more.length > 5 ? ` and ${more.length - 5} more` : ""}`,
        fix: `write "${filter}*" or "*${filter}*" to say what is meant`,
      });
    }
  }
  config.scanning.onPush?.forEach((filter, i) => {
    const wider = scanning.continuous.find((other) => coversGlob(scanningGlob(other), scanningGlob(filter)));
    if (wider !== undefined) {
      warn(`scanning.onPush[${i}]`, {
        rule: `scanning.continuous (${wider}) covers it, and continuous scanning wins`,
        fix: "remove it",
      });
    }
  });
  settings.teams.forEach((team, t) =>
    team.repositories.forEach((repository, s) => {
      if (!filters.some(({ filter }) => matchesGlob(scanningGlob(filter), repository.name))) {
        warn(`teams[${t}].services[${s}].name`, {
          rule: `no scanning filter matches ${repository.name}, so it is not scanned at all`,
          fix: 'add a filter to scanning.continuous or scanning.onPush, such as "*"',
        });
      }
    }),
  );
  const inspector = scanning.inspector;
  if (!inspector.resourceTypes.includes("ECR")) {
    error("scanning.inspector.resourceTypes", {
      rule: "enhanced scanning needs the resource type ECR",
      fix: "add ECR",
    });
  }
  if (inspector.resourceTypes.includes("LAMBDA_CODE") && !inspector.resourceTypes.includes("LAMBDA")) {
    error("scanning.inspector.resourceTypes", { rule: "LAMBDA_CODE needs LAMBDA", fix: "add LAMBDA" });
  }
  if (inspector.memberAccounts.length > 0 && (inspector.mode === "elsewhere" || scanning.type === "basic")) {
    error("scanning.inspector.memberAccounts", {
      rule: "only a stack that enables Inspector enables it for members",
      fix: "remove them here, and list them in the delegated administrator's stack",
    });
  }
  inspector.memberAccounts.forEach((account, i) => {
    if (account === config.accountId) {
      error(`scanning.inspector.memberAccounts[${i}]`, {
        rule: "the stack's own account cannot be its own member account",
        fix: "remove it",
      });
    }
  });
}

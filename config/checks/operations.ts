import { archivesFirst, cleansUp, hasCleanUpRules, type RepositorySettings } from "../settings";
import { ARCHIVE_DAYS } from "../../aws/archive";
import { everRuns, longestGap } from "../../aws/schedules";
import type { StackConfig } from "../schema";
import type { Reporter, Subject } from "./subject";

const DAY_SECONDS = 24 * 3600;

/** How long records of archived images are kept at least: until the images may be deleted, and as long again for runs to do it. */
const RECORD_DAYS = 2 * ARCHIVE_DAYS;

/** The beginning of a tag that is a date, such as `2026-*` or `202601*`: no semantic version has leading zeros. */
const DATE = /^20\d\d([-_]|[01]\d|\.0\d)/;

const accountOf = (arn: string) => arn.split(":")[4] ?? "";

/** What clean-up cannot see although it may run images of the stack. */
export interface Unseen {
  /** Accounts that images are shared with, and whose tasks and functions nobody reads. */
  accounts: string[];
  /** A repository that is shared with accounts which are not listed one by one. */
  open: string | undefined;
}

/**
 * Who may use images of repositories where clean-up cannot look: accounts that they are shared with, without a role there
 * and without a list of images in use.
 */
export function unseenUsers(
  repositories: readonly RepositorySettings[],
  accountId: string,
  inUse: StackConfig["operations"]["cleanUp"]["inUse"],
): Unseen {
  if (inUse.list !== undefined) {
    return { accounts: [], open: undefined };
  }
  const seen = new Set([accountId, ...inUse.roles.map(accountOf)]);
  const shared = repositories.flatMap(({ sharing }) => [
    ...sharing.accounts,
    ...sharing.principals.map(accountOf),
  ]);
  return {
    accounts: [...new Set(shared)].filter((account) => !seen.has(account)),
    open: repositories.find(({ sharing }) => sharing.organization || sharing.organizationPaths.length > 0)
      ?.name,
  };
}

/** A clean-up that deletes has to see everything that may run its images. */
function checkInUse({ config, settings }: Subject, error: Reporter): void {
  const { inUse } = config.operations.cleanUp;
  const repositories = settings.teams.flatMap((team) => team.repositories);
  const { accounts, open } = unseenUsers(repositories, settings.place.accountId, inUse);
  if (accounts.length > 0) {
    error("operations.cleanUp.inUse.roles", {
      rule: `images are shared with ${accounts.join(", ")}, and clean-up cannot see which images are in use there`,
      fix: "name a role in each of them that may read ECS and Lambda, or give inUse.list, or set operations.cleanUp.mode: dry-run",
    });
  }
  if (open !== undefined) {
    error("operations.cleanUp.inUse.list", {
      rule: `${open} is shared with accounts that are not listed one by one, and clean-up cannot see which images are in use there`,
      fix: "give inUse.list, a list of images in use, or set operations.cleanUp.mode: dry-run",
    });
  }
}

/** Functions, clean-up and alarms, and what they need of each other. */
export function checkOperations(subject: Subject, error: Reporter, warn: Reporter): void {
  const { config, settings } = subject;
  const { operations, findings } = config;
  if (hasCleanUpRules(settings.teams) && (!operations.manage || operations.cleanUp.mode === "off")) {
    warn(operations.manage ? "operations.cleanUp.mode" : "operations.manage", {
      rule: "rules of cleanUp are given, and nothing in this stack acts on them",
      fix: "set operations.cleanUp.mode: dry-run, or remove the rules; keep them if another stack cleans up this environment",
    });
  }
  if (cleansUp(settings) && archivesFirst(settings) && operations.cleanUp.reportDays < RECORD_DAYS) {
    error("operations.cleanUp.reportDays", {
      rule: `clean-up deletes archived images after ${ARCHIVE_DAYS} days by the records that are kept with its reports, for at least ${RECORD_DAYS} days`,
      fix: `set at least ${RECORD_DAYS}, or operations.cleanUp.archive: false, by which clean-up deletes at once`,
    });
  }
  config.teams.forEach((team, t) => {
    if (team.storageAlarm !== undefined && !operations.manage) {
      error(`teams[${t}].storageAlarm`, {
        rule: "a team's alarm needs operations.manage, which is off in this stack",
        fix: "remove it, or set operations.manage: true",
      });
    }
  });
  if (!operations.manage) {
    return;
  }
  if (!findings.manage && findings.topicArn === undefined) {
    error("operations.manage", {
      rule: "alarms and reports need a topic, and findings.manage is off",
      fix: "give findings.topicArn, or set operations.manage: false",
    });
  }
  for (const part of ["metrics", "cleanUp"] as const) {
    if (!everRuns(operations[part].schedule)) {
      error(`operations.${part}.schedule`, {
        rule: "it never runs: its days are not in its months, or its years are over",
        fix: 'write it like "cron(0 3 ? * SUN *)"',
      });
    }
  }
  const { schedule } = operations.metrics;
  if (everRuns(schedule) && longestGap(schedule) > DAY_SECONDS) {
    error("operations.metrics.schedule", {
      rule: "metrics are published at least once a day: alarms look back one day (CloudWatch: alarm periods)",
      fix: 'write "rate(6 hours)"',
    });
  }
  operations.cleanUp.inUse.roles.forEach((arn, i) => {
    if (!arn.includes(":role/")) {
      error(`operations.cleanUp.inUse.roles[${i}]`, {
        rule: "must be a role: users cannot be assumed",
        fix: "write it like arn:aws:iam::777788889999:role/ecr-clean-up-reader",
      });
    }
  });
  const layers = [
    { key: "repositories", cleanUp: config.repositories.cleanUp },
    ...config.teams.flatMap((team, t) => [
      { key: `teams[${t}]`, cleanUp: team.cleanUp },
      ...team.services.map((service, s) => ({ key: `teams[${t}].services[${s}]`, cleanUp: service.cleanUp })),
    ]),
  ];
  const keeps = layers.some(({ cleanUp }) => cleanUp?.keep !== undefined);
  for (const { key, cleanUp } of layers) {
    if (cleanUp?.keepBy !== undefined && !keeps) {
      warn(`${key}.cleanUp.keepBy`, {
        rule: "keepBy says which images keep counts, and there is no keep",
        fix: "add keep, or remove keepBy",
      });
    }
  }
  const dated = settings.teams.flatMap(({ repositories }) =>
    repositories.flatMap(({ name, cleanUp, lifecycle }) => {
      const tag = lifecycle.rules.flatMap(({ tags }) => tags).find((pattern) => DATE.test(pattern));
      return cleanUp.keep !== undefined && cleanUp.keepBy === "semver" && tag !== undefined
        ? [{ name, tag }]
        : [];
    }),
  );
  if (!cleansUp(settings)) {
    return;
  }
  if (dated[0] !== undefined) {
    const layer = layers.find(({ cleanUp }) => cleanUp?.keepBy === "semver");
    warn(`${layer?.key}.cleanUp.keepBy`, {
      rule: `dates are not semantic versions and sort last, and ${dated[0].name} has tags such as ${dated[0].tag}`,
      fix: "write keepBy: pushed",
    });
  }
  if (operations.cleanUp.mode === "delete") {
    checkInUse(subject, error);
    if (findings.manage && findings.deletes) {
      warn("findings.deletes", {
        rule: `clean-up deletes up to ${operations.cleanUp.maxDeletions} images a run, and each would alert`,
        fix: "set findings.deletes: false; calls by others still alert (audit.alerts)",
      });
    }
  }
}

import type { Settings } from "../../config/settings";
import { counted, type Statement } from "./change";
import { Saying } from "./saying";

const audit = new Saying("audit", "protection");
const protection = new Saying("protection", "protection");
const registry = new Saying("registry", "access");
const operations = new Saying("operations", "scanning");
const costs = new Saying("cost", "cost");

/** What is recorded no longer, or for a shorter time. */
function auditStatements({ audit: old }: Settings, { audit: now }: Settings): Statement[] {
  if (old.manage !== now.manage) {
    return audit.say(
      now.manage
        ? "the stack now has a trail"
        : `the stack no longer has a trail${now.trailArn === undefined ? "" : `: ${now.trailArn} records the calls`}`,
      !now.manage,
    );
  }
  const lock = ({ lock: { mode, days: locked } }: Settings["audit"]) => `${counted(locked, "day")} (${mode})`;
  const logs = ({ logGroup }: Settings["audit"]) =>
    logGroup === undefined
      ? "no log group gets the calls"
      : `a log group keeps the calls ${counted(logGroup.retentionDays, "day")}`;
  return [
    ...(!now.manage
      ? []
      : [
          ...audit.becomes(
            counted(old.retentionDays, "day"),
            counted(now.retentionDays, "day"),
            now.retentionDays < old.retentionDays,
            (days) => `log files are kept for ${days}`,
          ),
          ...audit.becomes(
            lock(old),
            lock(now),
            now.lock.days < old.lock.days ||
              (old.lock.mode === "COMPLIANCE" && now.lock.mode !== "COMPLIANCE"),
            (days) => `log files are locked for ${days}`,
          ),
          ...audit.becomes(
            logs(old),
            logs(now),
            (now.logGroup?.retentionDays ?? 0) < (old.logGroup?.retentionDays ?? 0),
          ),
        ]),
    ...(old.alerts === now.alerts
      ? []
      : audit.say(`sensitive calls to ECR ${now.alerts ? "now" : "no longer"} alert`, !now.alerts)),
    ...audit.lists(old.deploymentRoles, now.deploymentRoles, {
      gone: (words) => `sensitive calls by ${words} now alert`,
      come: (words) => `sensitive calls by ${words} no longer alert`,
      weaker: "come",
    }),
  ];
}

/** Where replication copies images: to other regions of the account, or to other accounts. */
function copies({ registry: { manage, replication }, place }: Settings, elsewhere: boolean): string[] {
  return (manage ? replication : []).flatMap(({ prefixes, destinations }) =>
    destinations.flatMap(({ region, accountId = place.accountId }) => {
      const what =
        prefixes.length === 0 ? "every repository" : prefixes.map((prefix) => `${prefix}*`).join(", ");
      const where = accountId === place.accountId ? region : `${region} of account ${accountId}`;
      return (accountId !== place.accountId) === elsewhere ? [`${what} to ${where}`] : [];
    }),
  );
}

function registryStatements(before: Settings, after: Settings): Statement[] {
  const caches = ({ registry: { manage, pullThroughCache } }: Settings) =>
    manage ? pullThroughCache.map(({ prefix, upstream }) => `${prefix} (of ${upstream})`) : [];
  const copied = (elsewhere: boolean) =>
    registry.lists(copies(before, elsewhere), copies(after, elsewhere), {
      gone: (words) => `images are no longer copied: ${words}`,
      come: (words) => `images are now copied: ${words}`,
      weaker: elsewhere ? "come" : undefined,
    });
  return [
    ...copied(false),
    ...copied(true),
    ...registry.becomes(
      before.registry.githubOidcProvider,
      after.registry.githubOidcProvider,
      false,
      (mode) => `GitHub's OIDC provider: ${mode}`,
    ),
    ...registry.lists(caches(before), caches(after), {
      gone: (words) => `there is no cache ${words} any more`,
      come: (words) => `there is a cache ${words}`,
    }),
  ];
}

/** What is watched no longer, besides findings. */
function operationsStatements(before: Settings, after: Settings): Statement[] {
  const [old, now] = [before.operations, after.operations];
  if (old.manage !== now.manage) {
    return operations.say(
      now.manage
        ? "the stack now has metrics, alarms and clean-up"
        : "the stack no longer has metrics, alarms and clean-up",
      !now.manage,
    );
  }
  if (!now.manage) {
    return [];
  }
  const limit = (key: "storage" | "unscannedDays", unit: string, what: string) => {
    const [was, is] = [old.alarms[key], now.alarms[key]];
    const words = (value: number | undefined) => (value === undefined ? "no alarm" : `${value} ${unit}`);
    return operations.becomes(
      words(was),
      words(is),
      (is ?? Infinity) > (was ?? Infinity),
      (amount) => `the alarm on ${what}: ${amount}`,
    );
  };
  const flag = (key: "criticalFindings" | "scanFailures", what: string) =>
    old.alarms[key] === now.alarms[key]
      ? []
      : operations.say(`there is ${now.alarms[key] ? "now an" : "no"} alarm on ${what}`, !now.alarms[key]);
  return [
    ...operations.becomes(
      old.metrics.schedule,
      now.metrics.schedule,
      false,
      (schedule) => `storage, images and findings are measured at ${schedule}`,
    ),
    ...flag("criticalFindings", "critical findings"),
    ...flag("scanFailures", "images that cannot be scanned"),
    ...limit("storage", "GiB", "a team's images"),
    ...limit("unscannedDays", "days", "repositories that are not scanned"),
  ];
}

/** Limits on spending that change, in USD. */
function budgetStatements(before: Settings, after: Settings): Statement[] {
  const limits = (settings: Settings): [string, number][] => {
    const { manage, monthlyBudget, billingAlarm, anomalyThreshold } = settings.costs;
    const all: [string, number | undefined][] = [
      ["the monthly budget", monthlyBudget],
      ["the billing alarm", billingAlarm],
      ["the alert on cost anomalies", anomalyThreshold],
      ...settings.teams.map(({ name, monthlyBudget: own }): [string, number | undefined] => [
        `the monthly budget of ${name}`,
        own,
      ]),
    ];
    return manage ? all.filter((one): one is [string, number] => one[1] !== undefined) : [];
  };
  const [old, now] = [new Map(limits(before)), new Map(limits(after))];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((what) => {
    const [was, is] = [old, now].map((all) => {
      const amount = all.get(what);
      return amount === undefined ? "none" : `${amount.toLocaleString("en-US")} USD`;
    }) as [string, string];
    return costs.becomes(was, is, false, (amount) => `${what}: ${amount}`);
  });
}

/** What changes for a whole stack, besides access, scanning and clean-up. */
export function stackStatements(before: Settings, after: Settings): Statement[] {
  return [
    ...(before.production === after.production
      ? []
      : protection.say(
          after.production
            ? "it is production now: what holds data is protected and kept"
            : "it is not production any more: nothing is protected from deletion or kept after it",
          !after.production,
        )),
    ...auditStatements(before, after),
    ...registryStatements(before, after),
    ...operationsStatements(before, after),
    ...budgetStatements(before, after),
  ];
}

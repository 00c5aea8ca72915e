import { SEVERITIES } from "../../aws/severities";
import type { Settings, TeamSettings } from "../../config/settings";
import type { SubscriptionConfig } from "../../config/schema";
import { counted, type Statement } from "./change";
import { Saying } from "./saying";

const alerts = new Saying("alerts", "scanning");

function subscribers(
  whose: string,
  before: readonly SubscriptionConfig[],
  after: readonly SubscriptionConfig[],
): Statement[] {
  const others = (list: readonly SubscriptionConfig[]) =>
    list
      .filter(({ protocol }) => protocol !== "https")
      .map(({ endpoint, protocol }) => `${endpoint} (${protocol})`);
  // The address of a webhook is often its own password.
  const webhooks = (list: readonly SubscriptionConfig[]) =>
    list.filter(({ protocol }) => protocol === "https").map(({ endpoint }) => endpoint);
  const [old, now] = [webhooks(before), webhooks(after)];
  const lost = old.filter((endpoint) => !now.includes(endpoint)).length;
  const got = now.filter((endpoint) => !old.includes(endpoint)).length;
  const endpoints = (count: number) => counted(count, "https endpoint");
  return [
    ...alerts.lists(others(before), others(after), {
      gone: (words) => `${words} no longer gets ${whose}`,
      come: (words) => `${words} now gets ${whose}`,
      weaker: "gone",
    }),
    ...(lost === 0 ? [] : alerts.say(`${endpoints(lost)} no longer gets ${whose}`, true)),
    ...(got === 0 ? [] : alerts.say(`${endpoints(got)} now gets ${whose}`)),
  ];
}

const KINDS = {
  scanComplete: "the first scan of an image with findings",
  scanFailures: "failed scans and repositories that are no longer scanned",
  registryFailures: "failed replication and caching",
  pushes: "pushes of images",
  deletes: "deletions of images",
} as const;

function higher(was: (typeof SEVERITIES)[number], is: (typeof SEVERITIES)[number]): boolean {
  return SEVERITIES.indexOf(is) > SEVERITIES.indexOf(was);
}

function teamAlerts(old: TeamSettings, now: TeamSettings): Statement[] {
  const whose = `the alerts of team ${now.name}`;
  if (old.findings === undefined || now.findings === undefined) {
    return old.findings === now.findings
      ? []
      : alerts.say(
          now.findings === undefined
            ? `team ${now.name} no longer has alerts of its own`
            : `team ${now.name} now has alerts of its own, from severity ${now.findings.minimumSeverity}`,
          now.findings === undefined,
        );
  }
  return [
    ...alerts.becomes(
      old.findings.minimumSeverity,
      now.findings.minimumSeverity,
      higher(old.findings.minimumSeverity, now.findings.minimumSeverity),
      (severity) => `team ${now.name} is alerted from severity ${severity}`,
    ),
    ...subscribers(whose, old.findings.subscriptions, now.findings.subscriptions),
  ];
}

/** Which alerts are sent no longer, or to others. */
export function alertStatements(before: Settings, after: Settings): Statement[] {
  const [old, now] = [before.findings, after.findings];
  if (old.manage !== now.manage) {
    return alerts.say(
      now.manage
        ? "the stack now sends alerts"
        : "the stack no longer sends alerts on findings, scans and deletions",
      !now.manage,
    );
  }
  if (!now.manage) {
    return [];
  }
  const teams = new Map(before.teams.map((team) => [team.name, team]));
  const channels = ({ slack, microsoftTeams }: Settings["findings"]) => [
    ...slack.map(({ name }) => `the Slack channel ${name}`),
    ...microsoftTeams.map(({ name }) => `the Microsoft Teams channel ${name}`),
  ];
  return [
    ...alerts.becomes(
      old.minimumSeverity,
      now.minimumSeverity,
      higher(old.minimumSeverity, now.minimumSeverity),
      (severity) => `findings alert from severity ${severity}`,
    ),
    ...(old.scope === now.scope
      ? []
      : alerts.say(
          `alerts are about ${now.scope === "account" ? "every repository of the account" : "this environment's repositories only"}`,
          now.scope === "environment",
        )),
    ...(Object.entries(KINDS) as [keyof typeof KINDS, string][]).flatMap(([key, words]) =>
      old[key] === now[key] ? [] : alerts.say(`${words} ${now[key] ? "now" : "no longer"} alert`, !now[key]),
    ),
    ...subscribers("the platform's alerts", old.subscriptions, now.subscriptions),
    ...alerts.lists(channels(old), channels(now), {
      gone: (words) => `${words} no longer gets the platform's alerts`,
      come: (words) => `${words} now gets the platform's alerts`,
      weaker: "gone",
    }),
    ...alerts.becomes(
      old.securityHub,
      now.securityHub,
      now.securityHub === "off",
      (mode) => `Security Hub: ${mode}`,
    ),
    ...after.teams.flatMap((team) => {
      const earlier = teams.get(team.name);
      return earlier === undefined ? [] : teamAlerts(earlier, team);
    }),
  ];
}

import { platformAlerts, teamAlerts } from "../../documents/alerts";
import { arnOf, functionNames, reportBucketName, topicName, type TopicPurpose } from "../../aws/arns";
import { clientCidrs, ecrEndpointPolicy, s3EndpointPolicy } from "../../documents/endpoint-policies";
import { sensitiveCallAlert } from "../../documents/events";
import { cleanUpPolicy } from "../../documents/function-policies";
import { githubTrust, pushPolicy } from "../../documents/github-role";
import { exceeded, LIMITS, raise, standingOf, type Limit } from "../../aws/limits";
import { registryPolicy } from "../../documents/registry-policy";
import { cacheSharing, repositoryPolicy } from "../../documents/repository-policy";
import { alertScopeOf, archivesFirst, cleansUp, cleanUpRequestOf, unalertedRoles } from "../settings";
import type { Reporter, Subject } from "./subject";

/**
 * Holds a number to a limit: an error where AWS refuses it, a warning where the account's quota may have to be raised.
 * Returns whether it was within.
 */
type Hold = (
  limit: Limit,
  count: number,
  at: {
    key: string;
    /** What has this many, such as a repository's name. */
    of?: string;
    fix: string;
  },
) => boolean;

const ONE_BY_ONE = "share with the organization or organizationPaths instead of one by one, or list fewer";

/** The name of the longest of some lists. */
function longest(lists: Record<string, readonly unknown[]>): string {
  return Object.entries(lists).reduce((most, one) => (one[1].length > most[1].length ? one : most))[0];
}

const lengthOf = (document: object | undefined) =>
  document === undefined ? 0 : JSON.stringify(document).length;

/** Who may use a repository: one policy for each repository, reported where its longest list is set. */
function checkRepositoryPolicies({ config, settings }: Subject, hold: Hold): void {
  const reported = new Set<string>();
  const { place, organizationId } = settings;
  settings.teams.forEach(({ repositories }, t) => {
    repositories.forEach(({ name, sharing }, s) => {
      const list = longest({
        accounts: sharing.accounts,
        principals: sharing.principals,
        pushPrincipals: sharing.pushPrincipals,
        organizationPaths: sharing.organizationPaths,
      });
      const layers = [
        { key: `teams[${t}].services[${s}]`, options: config.teams[t]?.services[s] },
        { key: `teams[${t}]`, options: config.teams[t] },
        { key: "repositories", options: config.repositories },
      ];
      const origin = layers.find(({ options }) => Object.hasOwn(options?.sharing ?? {}, list));
      const key = `${origin?.key ?? "repositories"}.sharing.${list}`;
      const within =
        reported.has(key) ||
        hold(LIMITS.repositoryPolicy, lengthOf(repositoryPolicy(place, organizationId, sharing)), {
          key,
          of: name,
          fix: ONE_BY_ONE,
        });
      if (!within) {
        reported.add(key);
      }
    });
  });
}

/** What other accounts and networks may do: the registry's and the endpoints' policies, and the endpoints' security group. */
function checkReach({ settings }: Subject, hold: Hold): void {
  const { place, registry, network, organizationId } = settings;
  const { accounts, principals, organizationPaths } = settings.defaults.sharing;
  const granted = longest({
    "registry.replicateFrom": registry.replicateFrom,
    "repositories.sharing.accounts": accounts,
    "repositories.sharing.principals": principals,
    "repositories.sharing.organizationPaths": organizationPaths,
  });
  hold(
    LIMITS.registryPolicy,
    lengthOf(registryPolicy(place, organizationId, registry, settings.defaults.sharing)),
    {
      key: granted,
      fix:
        granted === "registry.replicateFrom"
          ? "list fewer accounts"
          : "share with the organization instead of one by one: everyone who pulls through the caches is in this policy",
    },
  );
  if (registry.pullThroughCache.length > 0) {
    const cached = repositoryPolicy(place, organizationId, cacheSharing(settings.defaults.sharing));
    hold(LIMITS.repositoryPolicy, lengthOf(cached), {
      key: `repositories.sharing.${longest({ accounts, principals, organizationPaths })}`,
      of: "the repositories of the caches",
      fix: ONE_BY_ONE,
    });
  }
  const destinations = registry.replication.flatMap((rule) =>
    rule.destinations.map(({ region, accountId }) => `${accountId ?? place.accountId} ${region}`),
  );
  hold(LIMITS.replicationDestinations, new Set(destinations).size, {
    key: "registry.replication",
    fix: "replicate to fewer regions and accounts",
  });
  if (network === undefined) {
    return;
  }
  const made = (service: (typeof network.services)[number]) =>
    network.services.includes(service) && network.existing[service] === undefined;
  if (made("ecr.api") || made("ecr.dkr")) {
    const reach = {
      accounts: network.allowedAccounts,
      organizationId: network.allowOrganization ? organizationId : undefined,
    };
    hold(LIMITS.endpointPolicy, lengthOf(ecrEndpointPolicy(place, reach)), {
      key: "network.allowedAccounts",
      fix: "write network.allowOrganization: true instead, or list fewer accounts",
    });
  }
  if (made("s3")) {
    hold(LIMITS.endpointPolicy, lengthOf(s3EndpointPolicy(place, network.s3Policy, network.s3Buckets)), {
      key: "network.s3Buckets",
      fix: "list fewer buckets, or write network.s3Policy: any",
    });
  }
  if (network.services.some((service) => service !== "s3" && made(service))) {
    const cidrs = clientCidrs(network.vpc, network.allowedCidrs);
    const ipv6 = cidrs.filter((cidr) => cidr.includes(":")).length;
    const others = network.allowedPrefixLists.length + network.allowedSecurityGroups.length;
    const { allowedCidrs, allowedPrefixLists, allowedSecurityGroups } = network;
    hold(LIMITS.securityGroupRules, Math.max(ipv6, cidrs.length - ipv6) + others, {
      key: `network.${longest({ allowedCidrs, allowedPrefixLists, allowedSecurityGroups })}`,
      fix: "merge networks into larger blocks",
    });
  }
}

/** Roles: what each may do and who may assume it, and how many there are. */
function checkRoles({ config, settings }: Subject, hold: Hold): void {
  const { place, prefix, environment, operations } = settings;
  settings.teams.forEach(({ name, githubRoles }, t) => {
    githubRoles.forEach((role, i) => {
      const key = `teams[${t}].githubRoles[${i}]`;
      const of = `${name}-${role.name}-${environment}-push`;
      hold(LIMITS.rolePolicies, lengthOf(pushPolicy(place, role.repositoryNames)), {
        key: `${key}.services`,
        of,
        fix: "split it into several roles, each with some of the services",
      });
      const { branches, tags, environments } = role;
      hold(LIMITS.trustPolicy, lengthOf(githubTrust(place, role)), {
        key: `${key}.${longest({ branches, tags, environments })}`,
        of,
        fix: "use wildcards or a GitHub environment instead of a long list",
      });
    });
  });
  hold(LIMITS.roles, settings.teams.flatMap(({ githubRoles }) => githubRoles).length, {
    key: "teams",
    fix: "let teams share roles",
  });
  if (!cleansUp(settings)) {
    return;
  }
  const { inUse } = operations.cleanUp;
  const { logGroupName, queueName } = functionNames(prefix, "clean-up");
  const chats = config.findings.slack.length + config.findings.microsoftTeams.length > 0;
  const topics: TopicPurpose[] = chats ? ["alerts", "chat"] : ["alerts"];
  const policy = cleanUpPolicy(
    {
      place,
      logGroupArn: arnOf(place, "logs", `log-group:${logGroupName}`),
      queueArn: arnOf(place, "sqs", queueName),
      tracing: operations.tracing,
    },
    { project: settings.tags.Project ?? "", environment },
    {
      bucketArn: `arn:${place.partition}:s3:::${reportBucketName(place, prefix)}`,
      topicArns: config.findings.manage
        ? topics.map((topic) => arnOf(place, "sns", topicName(prefix, topic)))
        : [config.findings.topicArn ?? ""],
      inUse,
      archive: archivesFirst(settings),
    },
  );
  hold(LIMITS.rolePolicies, lengthOf(policy), {
    key: "operations.cleanUp.inUse.roles",
    of: "the clean-up's role",
    fix: "list fewer roles, and give operations.cleanUp.inUse.list for images in use in the other accounts",
  });
}

/** Events and what schedules send. */
function checkEvents({ settings }: Subject, hold: Hold): void {
  const { audit, findings, place, teams } = settings;
  const scope = alertScopeOf(settings);
  const alerts = findings.manage
    ? [
        ...platformAlerts(scope),
        ...teams.flatMap((team) => (team.findings === undefined ? [] : teamAlerts(scope, team))),
      ]
    : [];
  hold(LIMITS.rulesPerBus, alerts.length + Number(audit.alerts), {
    key: "teams",
    fix: "give fewer teams a topic of their own",
  });
  if (audit.alerts) {
    hold(LIMITS.eventPattern, lengthOf(sensitiveCallAlert(place, unalertedRoles(settings)).pattern), {
      key: "audit.deploymentRoles",
      fix: "list fewer roles",
    });
  }
  if (!cleansUp(settings)) {
    return;
  }
  const request = cleanUpRequestOf(settings, settings.tags.Project ?? "");
  const parts: [string, object | undefined][] = [
    ["operations.cleanUp.inUse.images", request.inUse?.images],
    ["operations.cleanUp.inUse.roles", request.inUse?.roles],
    ["repositories.cleanUp", request.rules],
    ["teams", request.exceptions],
  ];
  const [key] = parts.reduce((most, one) => (lengthOf(one[1]) > lengthOf(most[1]) ? one : most));
  hold(LIMITS.scheduleInput, Buffer.byteLength(JSON.stringify(request)), {
    key,
    of: "the clean-up's rules",
    fix:
      key === "teams"
        ? "give fewer services and teams cleanUp rules of their own"
        : key === "operations.cleanUp.inUse.images"
          ? "use wildcards, or give operations.cleanUp.inUse.list"
          : "shorten the list",
  });
}

/** Limits of AWS on what the config adds up to: documents are built as they will be declared, and counted. */
export function checkLimits(subject: Subject, error: Reporter, warn: Reporter): void {
  const { region } = subject.settings.place;
  const hold: Hold = (limit, count, { key, of, fix }) => {
    const standing = standingOf(limit, count, region);
    const rule = exceeded(limit, region, count, of);
    if (standing === "refused") {
      error(key, { rule: rule, fix: fix });
    } else if (standing === "quota" && limit.quota !== undefined) {
      warn(key, { rule: rule, fix: `${fix}, or ${raise(limit.quota)}` });
    }
    return standing === "within";
  };
  checkRepositoryPolicies(subject, hold);
  checkReach(subject, hold);
  checkRoles(subject, hold);
  checkEvents(subject, hold);
}

import { UPSTREAMS } from "../../aws/upstreams";
import { partitionOf } from "../settings";
import { nearest } from "../suggest";
import { regionProblem } from "../formats";
import { repeated, type Reporter, type Subject } from "./subject";

/** Replication, cache rules and push roles. */
export function checkRegistry({ config, settings }: Subject, error: Reporter, warn: Reporter): void {
  const { registry } = config;
  const { place } = settings;
  const names = settings.teams.flatMap((team) => team.repositories.map(({ name }) => name));
  const caches = registry.pullThroughCache.map((rule) => `${rule.prefix}/`);
  registry.replication.forEach((rule, r) => {
    rule.prefixes.forEach((prefix, p) => {
      const copies =
        names.some((name) => name.startsWith(prefix)) ||
        caches.some((cache) => cache.startsWith(prefix) || prefix.startsWith(cache));
      if (!copies) {
        const near = nearest(
          prefix,
          config.teams.map(({ name }) => name),
        );
        warn(`registry.replication[${r}].prefixes[${p}]`, {
          rule: "no repository of this stack begins with it, so nothing of this stack is copied",
          fix: near === undefined ? "correct or remove it" : `did you mean ${near}?`,
          from: "teams",
        });
      }
    });
    rule.destinations.forEach((destination, d) => {
      const key = `registry.replication[${r}].destinations[${d}]`;
      const problem = regionProblem(destination.region);
      if (problem !== undefined) {
        error(`${key}.region`, problem);
      } else if (partitionOf(destination.region) !== place.partition) {
        error(`${key}.region`, {
          rule: `a region of the partition ${partitionOf(destination.region)}, and aws:region ${place.region} is in ${place.partition}`,
          fix: "remove it",
        });
      } else if (
        destination.region === place.region &&
        (destination.accountId ?? place.accountId) === place.accountId
      ) {
        error(key, {
          rule: "a registry does not replicate to itself",
          fix: "name another region or account",
        });
      }
    });
    for (const { index } of repeated(
      rule.destinations.map((d) => `${d.accountId ?? place.accountId} ${d.region}`),
    )) {
      error(`registry.replication[${r}].destinations[${index}]`, { rule: "listed twice", fix: "remove one" });
    }
  });
  registry.replicateFrom.forEach((account, i) => {
    if (account === place.accountId) {
      error(`registry.replicateFrom[${i}]`, {
        rule: "a registry does not replicate from itself across accounts",
        fix: "remove it",
      });
    }
  });
  for (const { index, first } of repeated(registry.pullThroughCache.map((rule) => rule.prefix))) {
    error(`registry.pullThroughCache[${index}].prefix`, {
      rule: `the same prefix as registry.pullThroughCache[${first}]`,
      fix: "choose another",
    });
  }
  // https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html#pull-through-cache-considerations
  if (place.partition !== "aws" && registry.pullThroughCache.length > 0) {
    error("registry.pullThroughCache", {
      rule: `ECR does not support pull through caches in ${place.region}, or anywhere else in China and AWS GovCloud (US)`,
      fix: "remove it, and push copies of the images to a team's repositories",
    });
  }
  registry.pullThroughCache.forEach((rule, i) => {
    if (UPSTREAMS[rule.upstream].credentials && rule.credentialArn === undefined) {
      error(`registry.pullThroughCache[${i}].credentialArn`, {
        rule: `${rule.upstream} requires credentials`,
        fix: "create a secret named ecr-pullthroughcache/… in the stack's account and region, and write its ARN here",
      });
    }
    const [, partition, , region, accountId] = rule.credentialArn?.split(":") ?? [];
    if (!UPSTREAMS[rule.upstream].credentials && rule.credentialArn !== undefined) {
      error(`registry.pullThroughCache[${i}].credentialArn`, {
        rule: `${rule.upstream} takes no credentials`,
        fix: "remove it",
      });
    } else if (partition === place.partition && (region !== place.region || accountId !== place.accountId)) {
      error(`registry.pullThroughCache[${i}].credentialArn`, {
        rule: `the secret must be in accountId and aws:region, ${place.accountId} and ${place.region}`,
        fix: "create a secret named ecr-pullthroughcache/… there, and write its ARN here",
      });
    }
  });
  const owners = new Map<string, string>();
  config.teams.forEach((team, t) => {
    (team.githubRoles ?? []).forEach((role, i) => {
      const key = `teams[${t}].githubRoles[${i}]`;
      if (registry.githubOidcProvider === "none") {
        error(key, {
          rule: "a GitHub role needs GitHub's OIDC provider, and registry.githubOidcProvider is set to none",
          fix: "write registry.githubOidcProvider: create, or existing",
        });
      }
      const full = `${team.name}-${role.name}-${settings.environment}-push`;
      if (full.length > 64) {
        error(`${key}.name`, {
          rule: `the role's name ${full} has ${full.length} characters; IAM takes 64`,
          fix: "shorten it",
        });
      }
      const owner = owners.get(full);
      if (owner !== undefined && owner !== team.name) {
        error(`${key}.name`, {
          rule: `the role ${full} would belong to the teams ${owner} and ${team.name}`,
          fix: "rename one of the roles",
        });
      }
      owners.set(full, owner ?? team.name);
      const services = team.services.map((service) => service.name);
      role.services?.forEach((service, s) => {
        if (!services.includes(service)) {
          const near = nearest(service, services);
          error(`${key}.services[${s}]`, {
            rule: `no service of the team ${team.name}`,
            fix: near === undefined ? `one of ${services.join(", ")}` : `did you mean ${near}?`,
            from: `teams[${t}].services`,
          });
        }
      });
    });
    for (const { index, first } of repeated((team.githubRoles ?? []).map((role) => role.name))) {
      error(`teams[${t}].githubRoles[${index}].name`, {
        rule: `the same name as teams[${t}].githubRoles[${first}]`,
        fix: "rename one",
      });
    }
  });
}

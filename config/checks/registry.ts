import { UPSTREAMS } from "../../aws/upstreams";
import { partitionOf } from "../settings";
import { nearest } from "../suggest";
import { regionProblem } from "../formats";
import { repeated, type Report, type Subject } from "./report";

/** Replication, cache rules and push roles. */
export function checkRegistry({ config, settings }: Subject, error: Report): void {
  const { registry } = config;
  const { place } = settings;
  for (const list of ["replication", "replicateFrom", "pullThroughCache"] as const) {
    if (!registry.manage && registry[list].length > 0) {
      error(
        `registry.${list}`,
        registry[list].length,
        "needs registry.manage, which is off in this stack",
        "set it in the stack that owns the registry",
      );
    }
  }
  registry.replication.forEach((rule, r) => {
    rule.destinations.forEach((destination, d) => {
      const key = `registry.replication[${r}].destinations[${d}]`;
      const problem = regionProblem(destination.region);
      if (problem !== undefined) {
        error(`${key}.region`, destination.region, problem.rule, problem.fix);
      } else if (partitionOf(destination.region) !== place.partition) {
        error(
          `${key}.region`,
          destination.region,
          `replication stays in one partition, here ${place.partition}`,
          "remove it",
        );
      } else if (
        destination.region === place.region &&
        (destination.accountId ?? place.accountId) === place.accountId
      ) {
        error(key, destination, "a registry does not replicate to itself", "name another region or account");
      }
    });
    for (const { value, index } of repeated(
      rule.destinations.map((d) => `${d.accountId ?? place.accountId} ${d.region}`),
    )) {
      error(`registry.replication[${r}].destinations[${index}]`, value, "listed twice", "remove one");
    }
  });
  registry.replicateFrom.forEach((account, i) => {
    if (account === place.accountId) {
      error(
        `registry.replicateFrom[${i}]`,
        account,
        "a registry does not replicate from itself across accounts",
        "remove it",
      );
    }
  });
  for (const { value, index, first } of repeated(registry.pullThroughCache.map((rule) => rule.prefix))) {
    error(
      `registry.pullThroughCache[${index}].prefix`,
      value,
      `the same prefix as registry.pullThroughCache[${first}]`,
      "choose another",
    );
  }
  // https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html#pull-through-cache-considerations
  if (place.partition !== "aws" && registry.pullThroughCache.length > 0) {
    error(
      "registry.pullThroughCache",
      registry.pullThroughCache.length,
      `ECR does not support pull through caches in ${place.region}, or anywhere else in China and AWS GovCloud (US)`,
      "remove it, and push copies of the images to a team's repositories",
    );
  }
  registry.pullThroughCache.forEach((rule, i) => {
    if (UPSTREAMS[rule.upstream].credentials && rule.credentialArn === undefined) {
      error(
        `registry.pullThroughCache[${i}].credentialArn`,
        undefined,
        `${rule.upstream} requires credentials`,
        "create a secret named ecr-pullthroughcache/… in the stack's account and region, and write its ARN here",
      );
    }
    const [, , , region, accountId] = rule.credentialArn?.split(":") ?? [];
    if (!UPSTREAMS[rule.upstream].credentials && rule.credentialArn !== undefined) {
      error(
        `registry.pullThroughCache[${i}].credentialArn`,
        rule.credentialArn,
        `${rule.upstream} takes no credentials`,
        "remove it",
      );
    } else if (
      rule.credentialArn !== undefined &&
      (region !== place.region || accountId !== place.accountId)
    ) {
      error(
        `registry.pullThroughCache[${i}].credentialArn`,
        rule.credentialArn,
        `the secret must be in the stack's account and region, ${place.accountId} and ${place.region}`,
        "create a secret named ecr-pullthroughcache/… there, and write its ARN here",
      );
    }
  });
  config.teams.forEach((team, t) => {
    (team.githubRoles ?? []).forEach((role, i) => {
      const key = `teams[${t}].githubRoles[${i}]`;
      if (registry.githubOidcProvider === "none") {
        error(
          key,
          role.name,
          "a GitHub role needs GitHub's OIDC provider, and registry.githubOidcProvider is none",
          "write registry.githubOidcProvider: create, or existing",
        );
      }
      const full = `${team.name}-${role.name}-${settings.environment}-push`;
      if (full.length > 64) {
        error(
          `${key}.name`,
          role.name,
          `the role's name ${full} has ${full.length} characters; IAM takes 64`,
          "shorten it",
        );
      }
      const services = team.services.map((service) => service.name);
      role.services?.forEach((service, s) => {
        if (!services.includes(service)) {
          const near = nearest(service, services);
          error(
            `${key}.services[${s}]`,
            service,
            `no service of the team ${team.name}`,
            near === undefined ? `one of ${services.join(", ")}` : `did you mean ${near}?`,
          );
        }
      });
    });
    for (const { value, index, first } of repeated((team.githubRoles ?? []).map((role) => role.name))) {
      error(
        `teams[${t}].githubRoles[${index}].name`,
        value,
        `the same name as githubRoles[${first}]`,
        "rename one",
      );
    }
  });
}

import { exceeded, LIMITS } from "../../aws/limits";
import { SLUG } from "../formats";
import { AUTO_PRODUCTION, OWN_TAGS, repositoryName } from "../settings";
import { repeated, type Reporter, type Subject } from "./subject";

/** Words that would make a repository's name say what it is not. */
const RESERVED = ["all", "any", "aws", "amazon", "default", "latest", "none", "untagged"];
const ENVIRONMENTS = ["dev", "prod", "production", "staging"];

/** The house convention for names (docs/naming.md), and collisions. */
export function checkNames({ config, settings }: Subject, error: Reporter, warn: Reporter): void {
  if (!SLUG.test(settings.environment)) {
    error("environment", {
      rule: `the default is the stack's name, ${settings.environment}, which is not lowercase letters and digits, in groups joined by single hyphens`,
      fix: "set environment: it is the last part of every repository's name",
    });
  } else if (config.production === "auto" && !AUTO_PRODUCTION.has(settings.environment)) {
    error("production", {
      rule: `auto decides for ${[...AUTO_PRODUCTION.keys()].join(", ")}, and the environment is ${settings.environment}`,
      fix: "write production: yes if what holds data must be protected and retained, or production: no",
    });
  }
  for (const { index, first } of repeated(config.teams.map((team) => team.name))) {
    error(`teams[${index}].name`, {
      rule: `duplicate of teams[${first}]; list each team once`,
      fix: "merge the two entries",
    });
  }
  const reserved = [...RESERVED, ...ENVIRONMENTS, settings.environment];
  /** @returns whether a part of a repository's name is sound. `plain` is the name without what else is put before it */
  const checkPart = (key: string, name: string, plain = name): boolean => {
    if (reserved.includes(name)) {
      error(key, {
        rule: "reserved: the name would read as an environment or a wildcard",
        fix: "choose a name of your own",
      });
    }
    if (/(^|-)v\d+(-\d+)*$/.test(name)) {
      error(key, {
        rule: "versions live in image tags, not in repository names",
        fix: `write ${name.replace(/-?v\d+(-\d+)*$/, "") || "a name"}`,
      });
    }
    if (name.endsWith(`-${settings.environment}`)) {
      error(key, {
        rule: "the environment is appended to the name",
        fix: `write ${plain.slice(0, -settings.environment.length - 1)}`,
      });
      return false;
    }
    const other = ENVIRONMENTS.find((environment) => name.endsWith(`-${environment}`));
    if (other !== undefined) {
      warn(key, {
        rule: `the environment ${settings.environment} is appended to the name, which ends in another one, ${other}`,
        fix: `write ${plain.slice(0, -other.length - 1)}, or rename it`,
      });
    }
    return other === undefined;
  };
  const owners = new Map<string, string>();
  config.teams.forEach((team, t) => {
    checkPart(`teams[${t}].name`, team.name);
    for (const { index, first } of repeated(team.services.map((service) => service.name))) {
      error(`teams[${t}].services[${index}].name`, {
        rule: `duplicate of teams[${t}].services[${first}]; list each service of a team once`,
        fix: "merge the two entries",
      });
    }
    team.services.forEach((service, s) => {
      const key = `teams[${t}].services[${s}].name`;
      const plain = service.name.startsWith(`${team.name}-`)
        ? service.name.slice(team.name.length + 1)
        : service.name;
      if (checkPart(key, service.name, plain) && plain !== service.name) {
        warn(key, {
          rule: `the team's name is put before the service's, so that the repository is ${repositoryName(team.name, service.name, settings.environment)}`,
          fix: `write ${plain}`,
        });
      }
      const name = settings.teams[t]?.repositories[s]?.name ?? "";
      if (name.length < 2 || name.length > LIMITS.repositoryName.max) {
        error(key, {
          rule: `the repository's name has ${name.length} characters; ECR takes 2 to ${LIMITS.repositoryName.max}`,
          fix: "shorten team or service",
        });
      }
      const owner = owners.get(name);
      if (owner !== undefined && owner !== team.name) {
        error(key, {
          rule: `${name} would belong to the teams ${owner} and ${team.name}`,
          fix: "rename one of the services",
        });
      }
      owners.set(name, owner ?? team.name);
    });
  });
}

/** Tags that the platform sets itself, and how many a resource takes. */
export function checkTags({ config, settings }: Subject, error: Reporter): void {
  for (const key of Object.keys(config.tags)) {
    const own = OWN_TAGS.find((tag) => tag.toLowerCase() === key.toLowerCase());
    if (own !== undefined) {
      error(`tags.${key}`, { rule: `the platform sets the tag ${own} itself`, fix: "choose another key" });
    }
  }
  const keys = Object.keys(config.tags);
  keys.forEach((key, i) => {
    const first = keys.slice(0, i).find((other) => other.toLowerCase() === key.toLowerCase());
    if (first !== undefined) {
      error(`tags.${key}`, {
        rule: `differs from tags.${first} only in letter case, and for an IAM role they are one key (IAM: Case sensitivity)`,
        fix: "remove one",
      });
    }
  });
  // Endpoints and their security group also carry a Name.
  const named = settings.network === undefined ? [] : [{ ...settings.tags, Name: "" }];
  const tagSets = [
    settings.tags,
    ...named,
    ...settings.teams.flatMap((team) => [team.tags, ...team.repositories.map(({ tags }) => tags)]),
  ];
  const most = Math.max(...tagSets.map((tags) => Object.keys(tags).length));
  if (most > LIMITS.tags.max) {
    error("tags", {
      rule: `${exceeded(LIMITS.tags, settings.place.region, most)} with the platform's own`,
      fix: "remove some",
    });
  }
}

import { deadRules, lifecyclePolicy } from "../../documents/lifecycle";
import { exceeded, LIMITS } from "../../aws/limits";
import type { Advice } from "../../documents/values";
import type { RepositoryOptions } from "../schema";
import type { Settings } from "../settings";
import type { Reporter, Subject } from "./subject";

/** A place where repository options can stand. */
interface Layer {
  key: string;
  options: RepositoryOptions;
}

/** Every place where repository options can stand. */
function layersOf({ config }: Subject): Layer[] {
  return [
    { key: "repositories", options: config.repositories },
    ...config.teams.flatMap((team, t) => [
      { key: `teams[${t}]`, options: team },
      ...team.services.map((service, s) => ({ key: `teams[${t}].services[${s}]`, options: service })),
    ]),
  ];
}

/** What the options come to for the defaults and each repository, with the layers they come from. */
function resultsOf({ config, settings }: Subject): {
  layers: Layer[];
  result: Settings["defaults"];
}[] {
  const base: Layer = { key: "repositories", options: config.repositories };
  return [
    { layers: [base], result: settings.defaults },
    ...config.teams.flatMap((team, t) =>
      team.services.flatMap((service, s) => {
        const result = settings.teams[t]?.repositories[s];
        const own = [
          { key: `teams[${t}]`, options: team },
          { key: `teams[${t}].services[${s}]`, options: service },
        ];
        return result === undefined ? [] : [{ layers: [base, ...own], result }];
      }),
    ),
  ];
}

/** What production promises, and where a key must lie. */
function checkPromises({ key, options }: Layer, settings: Settings, error: Reporter): void {
  if (options.forceDelete === true && settings.production) {
    error(`${key}.forceDelete`, {
      rule: "in production no repository is deleted with its images",
      fix: "remove it",
    });
  }
  if (options.imageTags?.immutable === false && settings.production) {
    error(`${key}.imageTags.immutable`, {
      rule: "in production tags are immutable (Security Hub ECR.2)",
      fix: 'list the tags that move in imageTags.mutable, such as ["latest*"]',
    });
  }
  options.imageTags?.mutable?.forEach((filter, i) => {
    if (/^\*+$/.test(filter) && settings.production) {
      error(`${key}.imageTags.mutable[${i}]`, {
        rule: "in production tags are immutable (Security Hub ECR.2), and this filter matches every tag",
        fix: 'list the tags that move, such as "latest*"',
      });
    }
  });
  const { partition, region } = settings.place;
  const [, keyPartition, , keyRegion] = options.encryption?.split(":") ?? [];
  if (keyPartition === partition && keyRegion !== region) {
    error(`${key}.encryption`, {
      rule: `a repository's KMS key is in the repository's region, and aws:region is ${region}`,
      fix: "name a key (or replica) of that region",
    });
  }
}

/** Grants to the organization and to accounts. */
function checkSharing({ key, options }: Layer, settings: Settings, error: Reporter, warn: Reporter): void {
  const { place, organizationId } = settings;
  const sharing = options.sharing ?? {};
  if (sharing.organization === true && organizationId === undefined) {
    error(`${key}.sharing.organization`, {
      rule: "sharing with the organization needs its id",
      fix: "set organizationId",
    });
  }
  sharing.organizationPaths?.forEach((path, i) => {
    if (organizationId === undefined || !path.startsWith(`${organizationId}/`)) {
      error(`${key}.sharing.organizationPaths[${i}]`, {
        rule: "a path begins with the stack's organizationId",
        fix: organizationId === undefined ? "set organizationId" : `write ${organizationId}/…`,
      });
    }
  });
  sharing.accounts?.forEach((account, i) => {
    if (account === place.accountId) {
      warn(`${key}.sharing.accounts[${i}]`, {
        rule: "the stack's own account needs no grant: IAM policies of its own decide there",
        fix: "remove it",
      });
    }
  });
}

/** Lifecycle rules that ECR refuses or that never fire, reported once where they are written. */
function checkLifecycle(subject: Subject, error: Reporter, warn: Reporter): void {
  const reported = new Set<string>();
  const once = (report: Reporter, key: string, advice: Advice) => {
    if (!reported.has(`${key}: ${advice.rule}`)) {
      reported.add(`${key}: ${advice.rule}`);
      report(key, advice);
    }
  };
  const { region } = subject.settings.place;
  for (const { layers, result } of resultsOf(subject)) {
    const origin = (group: "lifecycle" | "imageTags", part: string) => {
      const layer = layers.findLast(({ options }) => Object.hasOwn(options[group] ?? {}, part)) ?? layers[0];
      return `${layer?.key}.${group}`;
    };
    if (!result.immutableTags && result.mutableTagFilters.length > 0) {
      once(error, `${origin("imageTags", "mutable")}.mutable`, {
        rule: "mutable lists exceptions to immutable tags, and all tags are mutable here",
        fix: "remove mutable, or immutable: false",
      });
    }
    const policy = lifecyclePolicy(result.lifecycle);
    const text = JSON.stringify(policy);
    if (policy.rules.length > LIMITS.lifecycleRules.max) {
      once(error, `${origin("lifecycle", "rules")}.rules`, {
        rule: `${exceeded(LIMITS.lifecycleRules, region, policy.rules.length)}: one per tag pattern, and up to three that the platform adds${result.lifecycle.others.deleteArchivedDays === undefined ? "" : "; deleteArchivedDays adds one, and one per pattern that never expires"}`,
        fix: "merge patterns with *",
      });
      continue;
    }
    if (text.length > LIMITS.lifecyclePolicy.max) {
      once(error, `${origin("lifecycle", "rules")}.rules`, {
        rule: exceeded(LIMITS.lifecyclePolicy, region, text.length),
        fix: "shorten or merge patterns",
      });
    }
    for (const dead of deadRules(result.lifecycle)) {
      once(
        dead.refused ? error : warn,
        `${origin("lifecycle", dead.key.replace(/\W.*/, ""))}.${dead.key}`,
        dead,
      );
    }
  }
}

/** Options of repositories, wherever they are given. */
export function checkRepositoryOptions(subject: Subject, error: Reporter, warn: Reporter): void {
  for (const layer of layersOf(subject)) {
    checkPromises(layer, subject.settings, error);
    checkSharing(layer, subject.settings, error, warn);
  }
  checkLifecycle(subject, error, warn);
}

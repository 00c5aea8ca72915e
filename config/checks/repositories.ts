import { deadRules, lifecyclePolicy } from "../../documents/lifecycle";
import { inDigits, LIMITS, limitRule } from "../../aws/limits";
import type { RepositoryOptions } from "../schema";
import type { Settings } from "../settings";
import type { Report, Subject } from "./report";

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
function checkPromises({ key, options }: Layer, settings: Settings, error: Report): void {
  if (options.forceDelete === true && settings.production) {
    error(`${key}.forceDelete`, true, "in production no repository is deleted with its images", "remove it");
  }
  if (options.imageTags?.immutable === false && settings.production) {
    error(
      `${key}.imageTags.immutable`,
      false,
      "in production tags are immutable (Security Hub ECR.2)",
      'list the tags that move in imageTags.mutable, such as ["latest*"]',
    );
  }
  const { region } = settings.place;
  const keyRegion = options.encryption?.match(/^arn:[^:]+:kms:([^:]+):/)?.[1];
  if (keyRegion !== undefined && keyRegion !== region) {
    error(
      `${key}.encryption`,
      options.encryption,
      `a repository's KMS key lies in its own region, ${region}`,
      "name a key (or replica) of that region",
    );
  }
}

/** That whoever is granted something exists in this partition and organization. */
function checkSharing({ key, options }: Layer, settings: Settings, error: Report, warn: Report): void {
  const { place, organizationId } = settings;
  const sharing = options.sharing ?? {};
  if (sharing.organization === true && organizationId === undefined) {
    error(
      `${key}.sharing.organization`,
      true,
      "sharing with the organization needs its id",
      "set organizationId",
    );
  }
  sharing.organizationPaths?.forEach((path, i) => {
    if (organizationId === undefined || !path.startsWith(`${organizationId}/`)) {
      error(
        `${key}.sharing.organizationPaths[${i}]`,
        path,
        "a path begins with the stack's organizationId",
        organizationId === undefined ? "set organizationId" : `write ${organizationId}/…`,
      );
    }
  });
  sharing.accounts?.forEach((account, i) => {
    if (account === place.accountId) {
      warn(
        `${key}.sharing.accounts[${i}]`,
        account,
        "the stack's own account needs no grant: IAM policies of its own decide there",
        "remove it",
      );
    }
  });
  for (const list of ["principals", "pushPrincipals"] as const) {
    sharing[list]?.forEach((arn, i) => {
      if (arn.split(":")[1] !== place.partition) {
        error(
          `${key}.sharing.${list}[${i}]`,
          arn,
          `principals of another partition than ${place.partition} cannot be granted anything`,
          "remove it",
        );
      }
    });
  }
}

/** Lifecycle rules that ECR refuses or that never fire, told once where they are written. */
function checkLifecycle(subject: Subject, error: Report, warn: Report): void {
  const told = new Set<string>();
  const tell = (report: Report, key: string, value: unknown, rule: string, fix: string) => {
    if (!told.has(`${key}: ${rule}`)) {
      told.add(`${key}: ${rule}`);
      report(key, value, rule, fix);
    }
  };
  const { region } = subject.settings.place;
  for (const { layers, result } of resultsOf(subject)) {
    const origin = (group: "lifecycle" | "imageTags", part: string) => {
      const layer = layers.findLast(({ options }) => Object.hasOwn(options[group] ?? {}, part)) ?? layers[0];
      return `${layer?.key}.${group}`;
    };
    if (!result.immutableTags && result.mutableTagFilters.length > 0) {
      tell(
        error,
        `${origin("imageTags", "mutable")}.mutable`,
        result.mutableTagFilters,
        "mutable lists exceptions to immutable tags, and all tags are mutable here",
        "remove mutable, or immutable: false",
      );
    }
    const policy = lifecyclePolicy(result.lifecycle);
    const text = JSON.stringify(policy);
    if (policy.rules.length > LIMITS.lifecycleRules.max) {
      tell(
        error,
        `${origin("lifecycle", "rules")}.rules`,
        `${policy.rules.length} rules`,
        `${limitRule(LIMITS.lifecycleRules, region)}: one per tag pattern, and up to three that the platform adds`,
        "merge patterns with *",
      );
    } else if (text.length > LIMITS.lifecyclePolicy.max) {
      tell(
        error,
        `${origin("lifecycle", "rules")}.rules`,
        `${inDigits(text.length)} characters`,
        limitRule(LIMITS.lifecyclePolicy, region),
        "shorten or merge patterns",
      );
    }
    for (const dead of deadRules(result.lifecycle)) {
      tell(
        dead.refused ? error : warn,
        `${origin("lifecycle", dead.key.replace(/\W.*/, ""))}.${dead.key}`,
        dead.value,
        dead.reason,
        dead.fix,
      );
    }
  }
}

/** Options of repositories, wherever they are given. */
export function checkRepositoryOptions(subject: Subject, error: Report, warn: Report): void {
  for (const layer of layersOf(subject)) {
    checkPromises(layer, subject.settings, error);
    checkSharing(layer, subject.settings, error, warn);
  }
  checkLifecycle(subject, error, warn);
}

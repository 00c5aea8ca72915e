import { Region } from "@pulumi/aws/types/enums";
import { coversGlob, matchesGlob } from "../documents/globs";
import { deadRules, lifecyclePolicy, MAX_CHARACTERS, MAX_RULES } from "../documents/lifecycle";
import { networkOf, SLUG } from "./formats";
import type { Problem } from "./report";
import { UPSTREAMS, type RepositoryOptions, type StackConfig, type SubscriptionConfig } from "./schema";
import { OWN_TAGS, partitionOf, type RepositorySettings, type Settings } from "./settings";
import { nearest } from "./suggest";

/** A problem, and whether it stops the stack (`error`) or is only told (`warning`). */
export interface Finding extends Problem {
  severity: "error" | "warning";
}

/** What crossChecks compares: the parsed config, what it resolves to, and the `aws:` namespace. */
export interface Subject {
  config: StackConfig;
  settings: Settings;
  /** `aws:allowedAccountIds`, where set. */
  allowedAccountIds: unknown;
}

type Report = (key: string, value: unknown, rule: string, fix: string) => void;

const REGIONS: readonly string[] = Object.values(Region).filter((region) =>
  /^(?!.*iso)(?!eusc)/.test(region),
);

/** Words that would make a repository's name say what it is not. */
const RESERVED = ["all", "any", "aws", "amazon", "default", "latest", "none", "untagged"];
const ENVIRONMENTS = ["dev", "prod", "production", "staging"];

function repeated<T>(list: readonly T[]): { value: T; index: number; first: number }[] {
  return list.flatMap((value, index) => {
    const first = list.indexOf(value);
    return first < index ? [{ value, index, first }] : [];
  });
}

function regionProblem(region: string): { rule: string; fix: string } | undefined {
  if (REGIONS.includes(region)) {
    return undefined;
  }
  const near = nearest(region, REGIONS);
  return {
    rule: "a region of the partitions aws, aws-cn or aws-us-gov",
    fix: near === undefined ? "write it like eu-west-1" : `did you mean ${near}?`,
  };
}

function checkAccount({ config, settings, allowedAccountIds }: Subject, error: Report): void {
  const problem = regionProblem(settings.place.region);
  if (problem !== undefined) {
    error("aws:region", settings.place.region || undefined, problem.rule, problem.fix);
  }
  const allowed = Array.isArray(allowedAccountIds) ? allowedAccountIds.map(String) : [];
  if (!allowed.includes(config.accountId)) {
    error(
      "aws:allowedAccountIds",
      allowedAccountIds,
      "the AWS provider must refuse every account but the stack's own, or wrong credentials deploy elsewhere",
      `write aws:allowedAccountIds: ["${config.accountId}"]`,
    );
  }
}

function checkNames({ config, settings }: Subject, error: Report): void {
  if (!SLUG.test(settings.environment)) {
    error(
      "environment",
      settings.environment,
      "lowercase letters and digits, in groups joined by single hyphens",
      "set environment, since the stack's name cannot be part of a repository's name",
    );
  }
  for (const { value, index, first } of repeated(config.teams.map((team) => team.name))) {
    error(
      `teams[${index}].name`,
      value,
      `a team is listed once, and teams[${first}] is it`,
      "merge the two entries",
    );
  }
  const reserved = [...RESERVED, ...ENVIRONMENTS, settings.environment];
  const checkPart = (key: string, name: string) => {
    if (reserved.includes(name)) {
      error(
        key,
        name,
        "reserved: the name would read as an environment or a wildcard",
        "choose a name of your own",
      );
    }
    if (/(^|-)v\d+(-\d+)*$/.test(name)) {
      error(
        key,
        name,
        "versions live in image tags, not in repository names",
        `write ${name.replace(/-?v\d+(-\d+)*$/, "") || "a name"}`,
      );
    }
    if (name.endsWith(`-${settings.environment}`)) {
      error(
        key,
        name,
        "the environment is appended to the name",
        `write ${name.slice(0, -settings.environment.length - 1)}`,
      );
    }
  };
  const owners = new Map<string, string>();
  config.teams.forEach((team, t) => {
    checkPart(`teams[${t}].name`, team.name);
    for (const { value, index, first } of repeated(team.services.map((service) => service.name))) {
      error(
        `teams[${t}].services[${index}].name`,
        value,
        `a service is listed once in a team, and services[${first}] is it`,
        "merge the two entries",
      );
    }
    team.services.forEach((service, s) => {
      const key = `teams[${t}].services[${s}].name`;
      checkPart(key, service.name);
      const name = settings.teams[t]?.repositories[s]?.name ?? "";
      if (name.length < 2 || name.length > 256) {
        error(
          key,
          service.name,
          `the repository's name has ${name.length} characters; ECR takes 2 to 256`,
          "shorten team or service",
        );
      }
      const owner = owners.get(name);
      if (owner !== undefined && owner !== team.name) {
        error(
          key,
          service.name,
          `${name} would belong to the teams ${owner} and ${team.name}`,
          "rename one of the services",
        );
      }
      owners.set(name, owner ?? team.name);
    });
  });
}

function checkTags({ config, settings }: Subject, error: Report): void {
  for (const key of Object.keys(config.tags)) {
    const own = OWN_TAGS.find((tag) => tag.toLowerCase() === key.toLowerCase());
    if (own !== undefined) {
      error(`tags.${key}`, config.tags[key], `the platform sets the tag ${own} itself`, "choose another key");
    }
  }
  const most = Math.max(
    0,
    ...settings.teams.flatMap((team) => team.repositories.map((r) => Object.keys(r.tags).length)),
  );
  if (most > 50) {
    error(
      "tags",
      `${Object.keys(config.tags).length} tags`,
      `a resource has at most 50 tags, and with the platform's own it would have ${most}`,
      "remove some",
    );
  }
}

interface Layer {
  key: string;
  options: RepositoryOptions;
}

/** Every place where repository options can stand, with those it inherits from. */
function layersOf({ config, settings }: Subject): {
  layers: Layer[];
  result: Pick<RepositorySettings, "lifecycle" | "encryption" | "immutableTags" | "mutableTagFilters">;
}[] {
  const base: Layer = { key: "repositories", options: config.repositories };
  return [
    { layers: [base], result: settings.defaults },
    ...config.teams.flatMap((team, t) => {
      const ofTeam: Layer = { key: `teams[${t}]`, options: team };
      return team.services.flatMap((service, s) => {
        const result = settings.teams[t]?.repositories[s];
        const ofService: Layer = { key: `teams[${t}].services[${s}]`, options: service };
        return result === undefined ? [] : [{ layers: [base, ofTeam, ofService], result }];
      });
    }),
  ];
}

function checkRepositoryOptions(subject: Subject, error: Report, warn: Report): void {
  const { config, settings } = subject;
  const { place, organizationId } = settings;
  const everyLayer: Layer[] = [
    { key: "repositories", options: config.repositories },
    ...config.teams.flatMap((team, t) => [
      { key: `teams[${t}]`, options: team },
      ...team.services.map((service, s) => ({ key: `teams[${t}].services[${s}]`, options: service })),
    ]),
  ];
  for (const { key, options } of everyLayer) {
    if (options.forceDelete === true && settings.production) {
      error(
        `${key}.forceDelete`,
        true,
        "in production no repository is deleted with its images",
        "remove it",
      );
    }
    if (options.imageTags?.immutable === false && settings.production) {
      error(
        `${key}.imageTags.immutable`,
        false,
        "in production tags are immutable (Security Hub ECR.2)",
        'list the tags that move in imageTags.mutable, such as ["latest*"]',
      );
    }
    const keyRegion = options.encryption?.match(/^arn:[^:]+:kms:([^:]+):/)?.[1];
    if (keyRegion !== undefined && keyRegion !== place.region) {
      error(
        `${key}.encryption`,
        options.encryption,
        `a repository's KMS key lies in its own region, ${place.region}`,
        "name a key (or replica) of that region",
      );
    }
    const sharing = options.sharing;
    if (sharing === undefined) {
      continue;
    }
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
  const told = new Set<string>();
  const tell = (report: Report, key: string, value: unknown, rule: string, fix: string) => {
    if (!told.has(`${key}: ${rule}`)) {
      told.add(`${key}: ${rule}`);
      report(key, value, rule, fix);
    }
  };
  for (const { layers, result } of layersOf(subject)) {
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
    if (policy.rules.length > MAX_RULES) {
      tell(
        error,
        `${origin("lifecycle", "rules")}.rules`,
        `${policy.rules.length} rules`,
        `ECR takes at most ${MAX_RULES} rules, one a tag pattern`,
        "merge patterns with *",
      );
    } else if (text.length > MAX_CHARACTERS) {
      tell(
        error,
        `${origin("lifecycle", "rules")}.rules`,
        `${text.length} characters`,
        `ECR takes at most ${MAX_CHARACTERS} characters`,
        "shorten or merge patterns",
      );
    }
    const patterns = policy.rules.flatMap((rule) => rule.selection.tagPatternList ?? []);
    for (const dead of deadRules(result.lifecycle)) {
      const twice =
        typeof dead.value === "string" && patterns.filter((pattern) => pattern === dead.value).length > 1;
      tell(
        twice ? error : warn,
        `${origin("lifecycle", dead.key.replace(/\W.*/, ""))}.${dead.key}`,
        dead.value,
        twice
          ? "a tag pattern stands in one rule only (ECR: Lifecycle policy evaluation rules)"
          : dead.reason,
        twice ? "remove the repetition" : "put the narrower pattern first, or remove this one",
      );
    }
  }
}

function checkScanning({ config, settings }: Subject, error: Report, warn: Report): void {
  const { scanning } = settings;
  if (!scanning.manage) {
    return;
  }
  if (scanning.type === "basic" && (config.scanning.continuous ?? []).length > 0) {
    error(
      "scanning.continuous",
      config.scanning.continuous,
      "basic scanning has no continuous scans",
      "use type: enhanced, or onPush",
    );
  }
  const filters = [
    ...scanning.continuous.map((filter, i) => ({ filter, key: `scanning.continuous[${i}]` })),
    ...scanning.onPush.map((filter, i) => ({ filter, key: `scanning.onPush[${i}]` })),
  ];
  if (filters.length > 100) {
    error(
      "scanning",
      `${filters.length} filters`,
      "a registry takes at most 100 scanning filters",
      "merge some with *",
    );
  }
  // ECR reads a filter without a wildcard as "contains".
  const matches = (filter: string, name: string) =>
    filter.includes("*") ? matchesGlob(filter, name) : name.includes(filter);
  const names = settings.teams.flatMap((team) => team.repositories.map((repository) => repository.name));
  for (const { filter, key } of filters) {
    if (!filter.includes("*")) {
      const more = names.filter((name) => name !== filter && matches(filter, name));
      if (more.length > 0) {
        warn(
          key,
          filter,
          `without * it matches every name that contains it, here ${more.slice(0, 5).join(", ")}${more.length > 5 ? ` and ${more.length - 5} more` : ""}`,
          `write "${filter}*" or "*${filter}*" to say what is meant`,
        );
      }
    }
    const earlier = filters.find(
      (other) => other.key < key && coversGlob(other.filter, filter) && other.filter !== filter,
    );
    if (earlier !== undefined && filter.includes("*") && key.startsWith("scanning.onPush")) {
      warn(
        key,
        filter,
        `${earlier.key} (${earlier.filter}) covers it, and continuous scanning wins`,
        "remove it",
      );
    }
  }
  settings.teams.forEach((team, t) =>
    team.repositories.forEach((repository, s) => {
      if (!filters.some(({ filter }) => matches(filter, repository.name))) {
        warn(
          `teams[${t}].services[${s}].name`,
          repository.service,
          `no scanning filter matches ${repository.name}, so it is not scanned at all`,
          'add a filter to scanning.continuous or scanning.onPush, such as "*"',
        );
      }
    }),
  );
  const inspector = scanning.inspector;
  if (!inspector.resourceTypes.includes("ECR")) {
    error(
      "scanning.inspector.resourceTypes",
      inspector.resourceTypes,
      "enhanced scanning needs the resource type ECR",
      "add ECR",
    );
  }
  if (inspector.resourceTypes.includes("LAMBDA_CODE") && !inspector.resourceTypes.includes("LAMBDA")) {
    error(
      "scanning.inspector.resourceTypes",
      inspector.resourceTypes,
      "LAMBDA_CODE needs LAMBDA",
      "add LAMBDA",
    );
  }
  if (inspector.memberAccounts.length > 0 && (inspector.mode === "elsewhere" || scanning.type === "basic")) {
    error(
      "scanning.inspector.memberAccounts",
      inspector.memberAccounts,
      "only a stack that enables Inspector enables it for members",
      "remove them here, and list them in the delegated administrator's stack",
    );
  }
  inspector.memberAccounts.forEach((account, i) => {
    if (account === config.accountId) {
      error(
        `scanning.inspector.memberAccounts[${i}]`,
        account,
        "the stack's own account is no member of itself",
        "remove it",
      );
    }
  });
}

const ENDPOINTS: Record<SubscriptionConfig["protocol"], { pattern: RegExp; form: string }> = {
  email: { pattern: /^[^\s@"'<>]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/, form: "a mail address" },
  https: { pattern: /^https:\/\/[A-Za-z0-9.-]+(:\d+)?(\/\S*)?$/, form: "an https:// URL" },
  sqs: {
    pattern: /^arn:aws(-cn|-us-gov)?:sqs:[a-z0-9-]+:\d{12}:[\w-]{1,80}$/,
    form: "the ARN of an SQS queue",
  },
  lambda: {
    pattern: /^arn:aws(-cn|-us-gov)?:lambda:[a-z0-9-]+:\d{12}:function:[\w-]+(:[\w-]+)?$/,
    form: "the ARN of a Lambda function",
  },
};

function checkFindings({ config, settings }: Subject, error: Report, warn: Report): void {
  const { findings } = config;
  const checkSubscriptions = (key: string, list: SubscriptionConfig[]) => {
    list.forEach(({ protocol, endpoint }, i) => {
      if (!ENDPOINTS[protocol].pattern.test(endpoint)) {
        const shown = protocol === "https" ? endpoint.replace(/^(\w+:\/\/[^/]*).*/s, "$1/…") : endpoint;
        error(
          `${key}[${i}].endpoint`,
          shown,
          `with protocol ${protocol} it is ${ENDPOINTS[protocol].form}`,
          "change the endpoint or the protocol",
        );
      }
    });
    for (const { value, index, first } of repeated(
      list.map(({ protocol, endpoint }) => `${protocol} ${endpoint}`),
    )) {
      error(`${key}[${index}]`, value, `the same subscription as ${key}[${first}]`, "remove one");
    }
  };
  checkSubscriptions("findings.subscriptions", findings.subscriptions);
  for (const list of ["slack", "microsoftTeams"] as const) {
    for (const { value, index, first } of repeated(findings[list].map((channel) => channel.name))) {
      error(
        `findings.${list}[${index}].name`,
        value,
        `the same name as findings.${list}[${first}]`,
        "rename one",
      );
    }
    if (findings[list].length > 0 && settings.place.partition !== "aws") {
      error(
        `findings.${list}`,
        findings[list].map((channel) => channel.name),
        `chat channels are not available in the partition ${settings.place.partition}`,
        "use mail or https",
      );
    }
  }
  config.teams.forEach((team, t) => {
    if (team.findings !== undefined) {
      checkSubscriptions(`teams[${t}].findings.subscriptions`, team.findings.subscriptions);
      if (!findings.manage) {
        error(
          `teams[${t}].findings`,
          team.findings.subscriptions.length,
          "a team's topic needs findings.manage, which is off in this stack",
          "switch findings on, or remove it",
        );
      }
    }
  });
  if (findings.manage && findings.topicArn !== undefined) {
    error(
      "findings.topicArn",
      findings.topicArn,
      "a stack that makes its topic takes none from elsewhere",
      "remove it, or set findings.manage: false",
    );
  }
  if (
    findings.manage &&
    findings.subscriptions.length + findings.slack.length + findings.microsoftTeams.length === 0
  ) {
    warn(
      "findings.subscriptions",
      [],
      "nobody hears the platform's alerts",
      "list a mail address, webhook or channel",
    );
  }
}

function checkNetwork({ config, settings }: Subject, error: Report, warn: Report): void {
  const { network } = config;
  const vpc = network.vpc;
  if (!network.manage || vpc === undefined) {
    return;
  }
  const ways = [vpc.id, vpc.tags, vpc.cidr].filter((way) => way !== undefined).length;
  if (ways !== 1) {
    error(
      "network.vpc",
      Object.keys(vpc),
      "a VPC is named by id, found by tags, or made from cidr: exactly one of them",
      "leave one",
    );
    return;
  }
  const makes = (service: (typeof network.services)[number]) =>
    network.services.includes(service) && network.existing[service] === undefined;
  const interfaces = network.services.filter(
    (service) => service !== "s3" && network.existing[service] === undefined,
  );
  if (vpc.id !== undefined && interfaces.length > 0 && (vpc.subnetIds ?? []).length === 0) {
    error(
      "network.vpc.subnetIds",
      vpc.subnetIds,
      `the endpoints of ${interfaces.join(", ")} stand in subnets of the VPC`,
      "list one subnet a zone",
    );
  }
  if (vpc.id !== undefined && makes("s3") && (vpc.routeTableIds ?? []).length === 0) {
    error(
      "network.vpc.routeTableIds",
      vpc.routeTableIds,
      "the S3 gateway endpoint is a route in route tables",
      "list those of the subnets that pull",
    );
  }
  for (const list of ["subnetIds", "routeTableIds"] as const) {
    for (const { value, index } of repeated(vpc[list] ?? [])) {
      error(`network.vpc.${list}[${index}]`, value, "listed twice", "remove one");
    }
    if (vpc.id === undefined && vpc[list] !== undefined) {
      error(`network.vpc.${list}`, vpc[list], "goes with vpc.id", "remove it");
    }
  }
  if (vpc.tags !== undefined && Object.keys(vpc.tags).length === 0) {
    error("network.vpc.tags", vpc.tags, "a lookup needs a tag", "write tags: { Name: main }");
  }
  if (vpc.tags !== undefined && interfaces.length > 0 && Object.keys(vpc.subnetTags ?? {}).length === 0) {
    error(
      "network.vpc.subnetTags",
      vpc.subnetTags,
      "which of the VPC's subnets is found by tags as well",
      "write subnetTags: { Tier: private }",
    );
  }
  if (vpc.tags === undefined && vpc.subnetTags !== undefined) {
    error("network.vpc.subnetTags", vpc.subnetTags, "goes with vpc.tags", "remove it");
  }
  if (vpc.cidr !== undefined) {
    const parsed = networkOf(vpc.cidr);
    if (parsed !== undefined && (parsed.version !== 4 || parsed.bits < 16 || parsed.bits > 24)) {
      error(
        "network.vpc.cidr",
        vpc.cidr,
        "a new VPC takes an IPv4 block from /16 to /24 (AWS takes up to /28; smaller ones leave no room for a subnet a zone)",
        "write it like 10.20.0.0/20",
      );
    }
  } else if (vpc.zones !== undefined) {
    error("network.vpc.zones", vpc.zones, "goes with vpc.cidr", "remove it");
  }
  const sources =
    network.allowedCidrs.length + network.allowedPrefixLists.length + network.allowedSecurityGroups.length;
  if (interfaces.length > 0 && vpc.cidr === undefined && sources === 0) {
    error(
      "network.allowedCidrs",
      [],
      "nobody could reach the endpoints",
      "list the networks, prefix lists or security groups that pull",
    );
  }
  for (const service of Object.keys(network.existing) as (typeof network.services)[number][]) {
    if (!network.services.includes(service)) {
      error(
        `network.existing.${service}`,
        network.existing[service],
        "an existing endpoint is one of network.services",
        `add ${service} to network.services`,
      );
    }
    if (vpc.cidr !== undefined) {
      error(
        `network.existing.${service}`,
        network.existing[service],
        "a new VPC has no endpoints yet",
        "remove it",
      );
    }
  }
  for (const service of ["ecr.api", "ecr.dkr", "s3"] as const) {
    if (!network.services.includes(service)) {
      warn(
        "network.services",
        network.services,
        `without an endpoint for ${service} an image cannot be pulled without internet access`,
        `add ${service}`,
      );
    }
  }
  if (network.s3Buckets.length > 0 && settings.network?.s3Policy === "any") {
    error(
      "network.s3Buckets",
      network.s3Buckets,
      "with s3Policy any every bucket is reached",
      "write s3Policy: ecr-layers, or remove it",
    );
  }
  if (network.allowOrganization && config.organizationId === undefined) {
    error(
      "network.allowOrganization",
      true,
      "reaching the organization's repositories needs its id",
      "set organizationId",
    );
  }
}

function checkRegistry({ config, settings }: Subject, error: Report): void {
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
  registry.pullThroughCache.forEach((rule, i) => {
    if (UPSTREAMS[rule.upstream].credentials && rule.credentialArn === undefined) {
      error(
        `registry.pullThroughCache[${i}].credentialArn`,
        undefined,
        `${rule.upstream} wants credentials`,
        "create a secret named ecr-pullthroughcache/… and give its ARN",
      );
    }
    if (!UPSTREAMS[rule.upstream].credentials && rule.credentialArn !== undefined) {
      error(
        `registry.pullThroughCache[${i}].credentialArn`,
        rule.credentialArn,
        `${rule.upstream} takes no credentials`,
        "remove it",
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

function checkAudit({ config }: Subject, error: Report): void {
  const { audit, findings } = config;
  if (audit.lock.days > audit.retentionDays) {
    error(
      "audit.lock.days",
      audit.lock.days,
      `a log file cannot be locked longer than it is kept, ${audit.retentionDays} days`,
      "shorten the lock or lengthen audit.retentionDays",
    );
  }
  if (audit.manage && audit.trailArn !== undefined) {
    error(
      "audit.trailArn",
      audit.trailArn,
      "a stack that makes its trail takes none from elsewhere",
      "remove it, or set audit.manage: false",
    );
  }
  if (audit.alerts && !audit.manage && audit.trailArn === undefined) {
    error(
      "audit.alerts",
      true,
      "alerts on API calls need a logging trail, and audit.manage is off",
      "give audit.trailArn, or set audit.alerts: false",
    );
  }
  if (audit.alerts && !findings.manage && findings.topicArn === undefined) {
    error(
      "audit.alerts",
      true,
      "alerts on API calls need a topic, and findings.manage is off",
      "give findings.topicArn, or set audit.alerts: false",
    );
  }
  audit.deploymentRoles.forEach((arn, i) => {
    if (!arn.includes(":role/")) {
      error(
        `audit.deploymentRoles[${i}]`,
        arn,
        "a role: calls are told apart by the session's issuer",
        "name the role that runs pulumi up",
      );
    }
  });
}

function checkCosts({ config, settings }: Subject, error: Report, warn: Report): void {
  const { costs } = config;
  const { partition } = settings.place;
  config.teams.forEach((team, t) => {
    if (team.monthlyBudget !== undefined && !costs.manage) {
      error(
        `teams[${t}].monthlyBudget`,
        team.monthlyBudget,
        "a team's budget needs costs.manage, which is off in this stack",
        "remove it, or set it in the stack that owns the budgets",
      );
    }
  });
  if (!costs.manage) {
    return;
  }
  const budgets = [costs.monthlyBudget, ...config.teams.map((team) => team.monthlyBudget)].some(
    (b) => b !== undefined,
  );
  if (costs.billingAlarm !== undefined && partition !== "aws") {
    error(
      "costs.billingAlarm",
      costs.billingAlarm,
      `estimated charges are published in us-east-1, which the partition ${partition} lacks`,
      "remove it",
    );
  }
  if (costs.anomalyThreshold !== undefined && partition !== "aws") {
    error(
      "costs.anomalyThreshold",
      costs.anomalyThreshold,
      `cost anomaly detection is not available in the partition ${partition}`,
      "remove it",
    );
  }
  if (budgets && partition === "aws-us-gov") {
    error(
      "costs.monthlyBudget",
      costs.monthlyBudget,
      "GovCloud accounts are billed, and budgeted, in their standard account",
      "set costs.manage: false",
    );
  }
  const count = costs.actualThresholds.length + costs.forecastThresholds.length;
  if (budgets && (count === 0 || count > 10)) {
    error(
      "costs.actualThresholds",
      count,
      "a budget has 1 to 10 notifications (AWS Budgets quotas)",
      "list fewer actual and forecast thresholds",
    );
  }
  if (
    (budgets || costs.billingAlarm !== undefined || costs.anomalyThreshold !== undefined) &&
    costs.emails.length === 0
  ) {
    warn("costs.emails", [], "nobody hears of the costs", "list a mail address");
  }
}

/** Everything that one value alone does not show: what config keys say of each other and of AWS. */
export function crossChecks(subject: Subject): Finding[] {
  const found: Finding[] = [];
  const report =
    (severity: Finding["severity"]): Report =>
    (key, value, rule, fix) =>
      void found.push({ severity, key, value, rule, fix });
  const error = report("error");
  const warn = report("warning");
  checkAccount(subject, error);
  checkNames(subject, error);
  checkTags(subject, error);
  checkRepositoryOptions(subject, error, warn);
  checkScanning(subject, error, warn);
  checkFindings(subject, error, warn);
  checkNetwork(subject, error, warn);
  checkRegistry(subject, error);
  checkAudit(subject, error);
  checkCosts(subject, error, warn);
  return found;
}

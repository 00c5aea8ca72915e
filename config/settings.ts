import type { Severity } from "../aws/severities";
import type { AlertScope } from "../documents/alerts";
import { functionRoleArn, registryHost, repositoryArn, resourcePrefix, type Place } from "../aws/arns";
import type { LifecycleSettings } from "../documents/lifecycle";
import type { SharingSettings } from "../documents/repository-policy";
import { selectsAny, type CleanUpInput, type CleanUpRules } from "../documents/clean-up-request";
import { REPOSITORY_DEFAULTS } from "./defaults";
import {
  NEW_VPC_ZONES,
  type EndpointService,
  type RepositoryOptions,
  type StackConfig,
  type SubscriptionConfig,
  type TeamConfig,
} from "./schema";

/** How a repository's images are encrypted: a key of the stack's, an existing KMS key, or S3's own. */
export type Encryption = { type: "stack-key" } | { type: "KMS"; keyArn: string } | { type: "AES256" };

/** One repository, with the environment's, team's and service's options merged. */
export interface RepositorySettings {
  service: string;
  /** `<team>-<service>-<env>` */
  name: string;
  arn: string;
  /** Host and name, as `docker push` takes it. */
  url: string;
  encryption: Encryption;
  immutableTags: boolean;
  /** Tags that may move although the rest are immutable. */
  mutableTagFilters: string[];
  lifecycle: LifecycleSettings;
  sharing: SharingSettings;
  cleanUp: CleanUpRules;
  forceDelete: boolean;
  tags: Record<string, string>;
}

/** A role that workflows of one GitHub repository assume to push. */
export interface GithubRoleSettings {
  name: string;
  repository: string;
  branches: string[];
  tags: string[];
  environments: string[];
  /** Repositories it may push to, by name. */
  repositoryNames: string[];
}

/** One team, with its repositories resolved. */
export interface TeamSettings {
  name: string;
  repositories: RepositorySettings[];
  findings?: { minimumSeverity: Severity; subscriptions: SubscriptionConfig[] };
  githubRoles: GithubRoleSettings[];
  /** USD a month. */
  monthlyBudget?: number;
  /** GiB of images that alarm. */
  storageAlarm?: number;
  tags: Record<string, string>;
}

/** The VPC of the endpoints: an existing one, one found by tags, or a new one. */
export type VpcSettings =
  | { kind: "ids"; id: string; subnetIds: string[]; routeTableIds: string[] }
  | { kind: "lookup"; tags: Record<string, string>; subnetTags: Record<string, string> }
  | { kind: "new"; cidr: string; zones: number };

/** The VPC endpoints, with what may reach them and be reached through them. */
export interface NetworkSettings {
  vpc: VpcSettings;
  services: EndpointService[];
  existing: Partial<Record<EndpointService, string>>;
  allowedCidrs: string[];
  allowedPrefixLists: string[];
  allowedSecurityGroups: string[];
  allowedAccounts: string[];
  allowOrganization: boolean;
  s3Policy: "ecr-layers" | "any";
  s3Buckets: string[];
}

/** A whole stack, checked and resolved: everything the components receive. */
export interface Settings {
  place: Place;
  stack: string;
  environment: string;
  /** Whether what holds data is protected and retained. */
  production: boolean;
  /** First part of the physical names of the stack's own resources. */
  prefix: string;
  organizationId?: string;
  /** Tags of every resource. */
  tags: Record<string, string>;
  /** The environment's defaults, also of the repositories that ECR creates by itself. */
  defaults: Pick<
    RepositorySettings,
    "encryption" | "immutableTags" | "mutableTagFilters" | "lifecycle" | "sharing" | "cleanUp"
  >;
  teams: TeamSettings[];
  scanning: Required<StackConfig["scanning"]>;
  findings: StackConfig["findings"];
  network?: NetworkSettings;
  registry: StackConfig["registry"];
  audit: StackConfig["audit"];
  costs: StackConfig["costs"];
  operations: StackConfig["operations"];
}

/** What the boundary knows besides the project's own keys. */
export interface Surroundings {
  project: string;
  stack: string;
  /** `aws:region`. */
  region: string;
}

/** Partition of a region. https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html */
export function partitionOf(region: string): string {
  return region.startsWith("cn-") ? "aws-cn" : region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}

/** `<team>-<service>-<env>`, the identity of a repository. */
export function repositoryName(team: string, service: string, environment: string): string {
  return `${team}-${service}-${environment}`;
}

function encryptionOf(text: string): Encryption {
  return text === "stack-key" || text === "AES256" ? { type: text } : { type: "KMS", keyArn: text };
}

type Defaults = typeof REPOSITORY_DEFAULTS;

/** The options of a repository, the most specific last; inside a group, key by key. */
function merged(layers: RepositoryOptions[]) {
  const all: RepositoryOptions[] = [REPOSITORY_DEFAULTS, ...layers];
  const group = <K extends "imageTags" | "lifecycle" | "sharing" | "cleanUp">(key: K) =>
    Object.fromEntries(
      all.flatMap((layer) => Object.entries(layer[key] ?? {})).filter(([, value]) => value !== undefined),
    ) as Defaults[K] & RepositoryOptions[K];
  const last = <K extends "encryption" | "forceDelete">(key: K) =>
    all.map((layer) => layer[key]).findLast((value) => value !== undefined) as Defaults[K];
  const imageTags = group("imageTags");
  const lifecycle = group("lifecycle");
  const { keepBy, protect, ...selecting } = group("cleanUp");
  return {
    encryption: encryptionOf(last("encryption")),
    immutableTags: imageTags.immutable,
    mutableTagFilters: imageTags.mutable,
    mutableTagsReason: imageTags.reason,
    lifecycle,
    sharing: group("sharing"),
    cleanUp: { ...selecting, keepBy, protect: [...new Set([...lifecycle.protect, ...protect])] },
    forceDelete: last("forceDelete"),
  };
}

function teamSettings(
  team: TeamConfig,
  config: StackConfig,
  place: Place,
  base: Pick<Settings, "environment" | "tags">,
): TeamSettings {
  const tags = {
    ...base.tags,
    Team: team.name,
    Contact: team.contact,
    ...(team.costCentre === undefined ? {} : { CostCentre: team.costCentre }),
  };
  const nameOf = (service: string) => repositoryName(team.name, service, base.environment);
  return {
    name: team.name,
    tags,
    repositories: team.services.map((service) => {
      const { mutableTagsReason, ...options } = merged([config.repositories, team, service]);
      const tagsMove = !options.immutableTags || options.mutableTagFilters.length > 0;
      return {
        service: service.name,
        name: nameOf(service.name),
        arn: repositoryArn(place, nameOf(service.name)),
        url: `${registryHost(place)}/${nameOf(service.name)}`,
        ...options,
        tags: {
          ...tags,
          Service: service.name,
          ...(service.description === undefined ? {} : { Description: service.description }),
          ...(tagsMove && mutableTagsReason !== undefined ? { MutableTags: mutableTagsReason } : {}),
        },
      };
    }),
    findings:
      team.findings === undefined
        ? undefined
        : {
            minimumSeverity: team.findings.minimumSeverity ?? config.findings.minimumSeverity,
            subscriptions: team.findings.subscriptions,
          },
    githubRoles: (team.githubRoles ?? []).map((role) => ({
      name: role.name,
      repository: role.repository,
      branches: role.branches ?? [],
      tags: role.tags ?? [],
      environments: role.environments ?? [],
      repositoryNames: (role.services ?? team.services.map((service) => service.name)).map(nameOf),
    })),
    monthlyBudget: team.monthlyBudget,
    storageAlarm: team.storageAlarm ?? config.operations.alarms.storage,
  };
}

function networkSettings(network: StackConfig["network"]): NetworkSettings | undefined {
  const vpc = network.vpc;
  if (!network.manage || vpc === undefined) {
    return undefined;
  }
  const { manage: _manage, vpc: _vpc, s3Policy, ...rest } = network;
  const resolved: VpcSettings =
    vpc.cidr !== undefined
      ? { kind: "new", cidr: vpc.cidr, zones: vpc.zones ?? NEW_VPC_ZONES }
      : vpc.id !== undefined
        ? { kind: "ids", id: vpc.id, subnetIds: vpc.subnetIds ?? [], routeTableIds: vpc.routeTableIds ?? [] }
        : { kind: "lookup", tags: vpc.tags ?? {}, subnetTags: vpc.subnetTags ?? {} };
  return { ...rest, vpc: resolved, s3Policy: s3Policy ?? (resolved.kind === "new" ? "ecr-layers" : "any") };
}

/** The environments for which `production: auto` decides, and whether each is production. */
export const AUTO_PRODUCTION: ReadonlyMap<string, boolean> = new Map([
  ["dev", false],
  ["test", false],
  ["staging", false],
  ["prod", true],
  ["production", true],
]);

/** The tag keys that the platform sets itself. */
export const OWN_TAGS = [
  "Contact",
  "CostCentre",
  "Description",
  "Environment",
  "ManagedBy",
  "MutableTags",
  "Project",
  "Service",
  "Team",
];

/**
 * Resolves a parsed config: merges defaults with overrides and computes names, ARNs and tags. Pure; what
 * may be wrong across keys is found by `crossChecks` on the result.
 */
export function resolve(config: StackConfig, around: Surroundings): Settings {
  const place: Place = {
    partition: partitionOf(around.region),
    region: around.region,
    accountId: config.accountId,
  };
  const environment = config.environment ?? around.stack;
  const tags = {
    ...config.tags,
    Project: around.project,
    Environment: environment,
    ManagedBy: "pulumi",
    Contact: config.contact,
    ...(config.costCentre === undefined ? {} : { CostCentre: config.costCentre }),
  };
  const enhanced = config.scanning.type === "enhanced";
  const { encryption, immutableTags, mutableTagFilters, lifecycle, sharing, cleanUp } = merged([
    config.repositories,
  ]);
  return {
    place,
    stack: around.stack,
    environment,
    production:
      config.production === "yes" ||
      (config.production === "auto" && AUTO_PRODUCTION.get(environment) === true),
    prefix: resourcePrefix(around.project, environment),
    organizationId: config.organizationId,
    tags,
    defaults: { encryption, immutableTags, mutableTagFilters, lifecycle, sharing, cleanUp },
    teams: config.teams.map((team) => teamSettings(team, config, place, { environment, tags })),
    scanning: {
      ...config.scanning,
      continuous: config.scanning.continuous ?? (enhanced ? ["*"] : []),
      onPush: config.scanning.onPush ?? (enhanced ? [] : ["*"]),
    },
    findings: config.findings,
    network: networkSettings(config.network),
    registry: config.registry,
    audit: config.audit,
    costs: config.costs,
    operations: config.operations,
  };
}

/** Whether anything in the stack is encrypted with the stack's own key. */
export function usesStackKey(settings: Settings): boolean {
  const ofRepositories = settings.teams.flatMap((team) =>
    team.repositories.map(({ encryption }) => encryption),
  );
  const created = settings.registry.pullThroughCache.length + settings.registry.replicateFrom.length > 0;
  return [...ofRepositories, ...(created ? [settings.defaults.encryption] : [])].some(
    ({ type }) => type === "stack-key",
  );
}

/** Whether this stack makes any budget, alarm or monitor of costs. */
export function watchesCosts({ costs, teams }: Settings): boolean {
  const asked = [
    costs.monthlyBudget,
    costs.billingAlarm,
    costs.anomalyThreshold,
    ...teams.map((t) => t.monthlyBudget),
  ];
  return costs.manage && asked.some((amount) => amount !== undefined);
}

/** Whether any repository has a rule by which clean-up selects images. */
export function hasCleanUpRules(teams: readonly TeamSettings[]): boolean {
  return teams.some(({ repositories }) => repositories.some(({ cleanUp }) => selectsAny(cleanUp)));
}

/** Whether this stack has a clean-up. */
export function cleansUp({ operations, teams }: Settings): boolean {
  return operations.manage && operations.cleanUp.mode !== "off" && hasCleanUpRules(teams);
}

/** Whether clean-up archives tagged images before it deletes them. */
export function archivesFirst({ operations, production }: Settings): boolean {
  return operations.cleanUp.archive ?? production;
}

/** What the stack's alerts are about. */
export function alertScopeOf({ place, environment, scanning, findings, registry }: Settings): AlertScope {
  return {
    place,
    environment,
    scanType: scanning.type,
    caches: registry.manage && registry.pullThroughCache.length > 0,
    findings,
  };
}

/** Roles whose own calls do not alert: those that deploy, and the clean-up's. */
export function unalertedRoles(settings: Settings): string[] {
  return [
    ...settings.audit.deploymentRoles,
    ...(cleansUp(settings) ? [functionRoleArn(settings.place, settings.prefix, "clean-up")] : []),
  ];
}

/** What a clean-up of the stack's repositories is asked to do: the input of its schedule, and of the commands. */
export function cleanUpRequestOf(settings: Settings, project: string): CleanUpInput {
  const { cleanUp } = settings.operations;
  const { defaults, teams } = settings;
  const usual = JSON.stringify(defaults.cleanUp);
  return {
    project,
    environment: settings.environment,
    dryRun: cleanUp.mode !== "delete",
    rules: defaults.cleanUp,
    // Only what differs, so that a new team with the usual rules leaves the schedule as it is.
    exceptions: Object.fromEntries(
      teams
        .flatMap(({ repositories }) =>
          repositories.flatMap(({ name, cleanUp: rules }): [string, CleanUpRules][] =>
            JSON.stringify(rules) === usual ? [] : [[name, rules]],
          ),
        )
        // The order of teams in the config means nothing.
        .sort(([a], [b]) => a.localeCompare(b)),
    ),
    inUse: cleanUp.inUse,
    maxDeletions: cleanUp.maxDeletions,
    archive: archivesFirst(settings),
  };
}

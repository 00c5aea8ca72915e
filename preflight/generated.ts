import fc from "fast-check";
import { UPSTREAMS } from "../aws/upstreams";
import { partitionOf } from "../config/settings";

/** A config that no file has, with the region and stack that it is for. */
export interface GeneratedStack {
  stack: string;
  region: string;
  /** The project's own keys, as in a stack file below its namespace. */
  config: Record<string, unknown> & { accountId: string };
}

const ACCOUNT = "111122223333";
const OTHERS = ["777788889999", "012345678901", "444455556666"];
const ORGANIZATION = "o-a1b2c3d4e5";
/** Commercial regions with and without opt-in, and both other partitions. */
const REGIONS = ["eu-west-1", "us-east-1", "ap-southeast-2", "eu-south-1", "cn-north-1", "us-gov-west-1"];

const sometimes = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });
const some = <T>(values: readonly T[], minLength = 0) => fc.subarray([...values], { minLength });
/** Now and then so many that a limit of AWS is near, which is mostly where nobody has looked. */
const many = <T>(usual: fc.Arbitrary<T[]>, one: fc.Arbitrary<T>, most: number) =>
  fc.oneof(
    { arbitrary: usual, weight: 30 },
    {
      arbitrary: fc.uniqueArray(one, { minLength: Math.ceil(most / 3), maxLength: most, size: "max" }),
      weight: 1,
    },
  );
const account = fc.stringMatching(/^[1-9][0-9]{11}$/);
const accounts = (most: number) => many(some(OTHERS), account, most);
const hex = (prefix: string) => fc.stringMatching(/^[0-9a-f]{17}$/).map((id) => `${prefix}-${id}`);
const uniqueBy = <T>(
  arbitrary: fc.Arbitrary<T>,
  key: (value: T) => string,
  minLength: number,
  maxLength: number,
) =>
  fc.uniqueArray(arbitrary, {
    selector: key,
    minLength,
    maxLength,
    ...(minLength > 10 ? { size: "max" as const } : {}),
  });

/** Mostly short, and at times as long as a name's limits let pass or not. */
const slug = fc.oneof(
  { arbitrary: fc.stringMatching(/^[a-u][a-z]{1,7}(-[a-u][a-z0-9]{0,5})?$/), weight: 9 },
  { arbitrary: fc.stringMatching(/^[a-u][a-z0-9]{20,38}(-[a-u]{1,20})?$/), weight: 1 },
);
/** Patterns of rules, and others that are protected: ECR takes each in one rule only. */
const rulePattern = fc.constantFrom("v*", "rc-*", "pr-*", "feature-*", "*-debug", "1.*", "*-*-*", "latest");
const protectedPattern = fc.constantFrom("deployed-*", "release");
const tagText = fc.oneof(
  { arbitrary: fc.stringMatching(/^[A-Za-z0-9 _.:/=+@-]{1,40}$/), weight: 20 },
  { arbitrary: fc.constantFrom("x".repeat(255), "x".repeat(256)), weight: 1 },
);
const prefix = fc.stringMatching(/^[a-z][a-z0-9]{3,12}$/);
const tagKey = fc.stringMatching(/^[A-Z][A-Za-z:/-]{1,20}$/);
const days = fc.constantFrom(1, 7, 30, 90, 365, 3650);
const severity = fc.constantFrom("INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL");
const logDays = fc.constantFrom(1, 30, 90, 365, 3653);
const schedule = fc.constantFrom(
  "rate(5 minutes)",
  "rate(1 hour)",
  "rate(6 hours)",
  "rate(1 day)",
  "cron(0 3 ? * SUN *)",
  "cron(15 2 * * ? *)",
);
const usd = fc.constantFrom(0.5, 1, 80, 1250.75, 100_000);
const email = fc.constantFrom("team@acme.example", "a.b+c@mail.acme.example", "x@y.zz");
const cidr = fc.constantFrom("10.32.0.0/16", "10.64.0.0/20", "192.168.7.0/24", "fd00:1234::/48");

const anyCidr = fc.integer({ min: 0, max: 255 }).map((n) => `10.${n}.0.0/16`);

const lifecycleRules = fc
  .uniqueArray(rulePattern, { maxLength: 5 })
  .chain((patterns) =>
    fc.tuple(
      ...patterns.map((pattern) =>
        fc.oneof(
          fc.record({ tags: fc.constant([pattern]), keep: fc.integer({ min: 1, max: 500 }) }),
          fc.record({ tags: fc.constant([pattern]), days }),
        ),
      ),
    ),
  );
const lifecycle = fc.record(
  {
    protect: fc.uniqueArray(protectedPattern, { maxLength: 2 }),
    rules: lifecycleRules,
    untaggedDays: days,
    others: fc.oneof(
      fc.record({ days }),
      fc.record({ keep: fc.integer({ min: 1, max: 1000 }) }),
      fc.record({ archiveDays: days, deleteArchivedDays: sometimes(fc.integer({ min: 90, max: 900 })) }),
      fc.record({
        archiveUnpulledDays: days,
        deleteArchivedDays: sometimes(fc.integer({ min: 90, max: 900 })),
      }),
    ),
  },
  { requiredKeys: [] },
);
const mutableTags = fc.record({
  mutable: fc.uniqueArray(fc.constantFrom("latest*", "main", "*-snapshot", "pr-*-*"), { maxLength: 3 }),
  reason: sometimes(tagText),
});
const cleanUp = fc.record(
  {
    untaggedDays: days,
    olderThanDays: days,
    unpulledDays: days,
    keep: fc.integer({ min: 0, max: 100 }),
    keepBy: fc.constantFrom("semver", "pushed"),
    protect: fc.uniqueArray(protectedPattern, { maxLength: 2 }),
  },
  { requiredKeys: [] },
);

const PARTS = ["scanning", "findings", "network", "registry", "audit", "costs", "operations"] as const;
type Part = (typeof PARTS)[number];

/** Mostly one part, so that many configs can be held to the rules in little time; at times any of them together. */
const parts: fc.Arbitrary<readonly Part[]> = fc.oneof(
  { arbitrary: fc.constantFrom(...PARTS).map((part) => [part]), weight: 4 },
  { arbitrary: some(PARTS), weight: 1 },
);

/** What decides over much of a config: without it few of the configs would be accepted. */
interface Scenario {
  region: string;
  environment: string;
  production: "auto" | "yes" | "no";
  /** Whether tags move everywhere, or nowhere but where a list says so. */
  openTags: boolean;
  github: "none" | "create" | "existing";
}

/** Configs of a scenario: ARNs name the region's partition, and some features are in none but the first. */
function stackIn({
  region,
  environment,
  production,
  openTags,
  github,
}: Scenario): fc.Arbitrary<GeneratedStack> {
  const guarded = production === "yes" || (production === "auto" && environment === "prod");
  const partition = partitionOf(region);
  const commercial = partition === "aws";
  const arn = (rest: string) => `arn:${partition}:${rest}`;
  const role = fc
    .tuple(fc.constantFrom(...OTHERS, ACCOUNT), fc.constantFrom("deploy", "ci/push", "app.runtime", "x@y"))
    .map(([account, name]) => arn(`iam::${account}:role/${name}`));
  const anyRole = fc.tuple(account, slug).map(([id, name]) => arn(`iam::${id}:role/${name}`));
  const roles = (maxLength: number) => many(fc.uniqueArray(role, { maxLength }), anyRole, 60);
  const sharing = fc.record(
    {
      accounts: accounts(200),
      organization: fc.boolean(),
      organizationPaths: some([`${ORGANIZATION}/r-ab12/ou-ab12-11111111/*`, `${ORGANIZATION}/r-ab12/*`]),
      principals: roles(3),
      lambda: fc.boolean(),
      pushPrincipals: roles(2),
      outsideOrganization: fc.boolean(),
    },
    { requiredKeys: [] },
  );
  const repositoryOptions = {
    encryption: fc.constantFrom(
      "stack-key",
      "AES256",
      arn(`kms:${region}:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`),
    ),
    imageTags: guarded || !openTags ? mutableTags : fc.record({ immutable: fc.constant(false) }),
    lifecycle,
    sharing,
    cleanUp,
    forceDelete: guarded ? fc.constant(false) : fc.boolean(),
  };
  const subscription = fc.oneof(
    fc.record({ protocol: fc.constant("email"), endpoint: email }),
    fc.record({
      protocol: fc.constant("https"),
      endpoint: fc.constantFrom("https://hooks.acme.example/a?t=1", "https://acme.example:8443/x"),
    }),
    fc.record({
      protocol: fc.constant("sqs"),
      endpoint: fc.constantFrom(
        arn(`sqs:${region}:${ACCOUNT}:siem`),
        arn(`sqs:${region}:${OTHERS[0]}:intake`),
      ),
    }),
    fc.record({
      protocol: fc.constant("lambda"),
      endpoint: fc.constantFrom(
        arn(`lambda:${region}:${ACCOUNT}:function:notify`),
        arn(`lambda:${region}:${OTHERS[0]}:function:notify:live`),
      ),
    }),
  );
  const subscriptions = (minLength: number) =>
    uniqueBy(subscription, ({ protocol, endpoint }) => `${protocol} ${endpoint}`, minLength, 4);
  const service = fc.record(
    { name: slug, description: tagText, ...repositoryOptions },
    { requiredKeys: ["name"] },
  );
  const gitRefs = fc.uniqueArray(fc.constantFrom("main", "release/*", "v*", "feature/x_1"), {
    minLength: 1,
    maxLength: 3,
  });
  const githubRole = (services: string[]) =>
    fc.record(
      {
        name: slug,
        repository: fc.constantFrom("acme/payments", "Acme-Corp/web.shop", "a@1/b_c@2"),
        branches: gitRefs,
        tags: gitRefs,
        environments: gitRefs,
        services: some(services, 1),
      },
      { requiredKeys: ["name", "repository", "branches"] },
    );
  const team = (github: boolean) =>
    fc
      .oneof(
        { arbitrary: uniqueBy(service, ({ name }) => name, 1, 2), weight: 60 },
        { arbitrary: uniqueBy(fc.record({ name: slug }), ({ name }) => name, 30, 60), weight: 1 },
      )
      .chain((services: { name: string }[]) =>
        fc.record(
          {
            name: slug,
            contact: email,
            costCentre: tagText,
            services: fc.constant(services),
            ...repositoryOptions,
            findings: fc.record(
              { minimumSeverity: severity, subscriptions: subscriptions(1) },
              { requiredKeys: ["subscriptions"] },
            ),
            ...(github
              ? {
                  githubRoles: uniqueBy(
                    githubRole(services.map(({ name }) => name)),
                    ({ name }) => name,
                    0,
                    2,
                  ),
                }
              : {}),
            ...(partition === "aws-us-gov" ? {} : { monthlyBudget: usd }),
            storageAlarm: usd,
          },
          { requiredKeys: ["name", "contact", "services"] },
        ),
      );
  const channel = { name: slug };
  const guid = fc.uuid();
  const network = fc.oneof(
    fc.record({
      vpc: fc.record({
        cidr: fc.constantFrom("10.20.0.0/16", "10.64.0.0/20", "172.16.4.0/24"),
        zones: sometimes(fc.integer({ min: 2, max: 6 })),
      }),
    }),
    fc.record({
      vpc: fc.record({ tags: fc.constant({ Name: "main" }), subnetTags: fc.constant({ Tier: "private" }) }),
    }),
    fc.record(
      {
        vpc: fc.record({
          id: hex("vpc"),
          subnetIds: fc.uniqueArray(hex("subnet"), { minLength: 1, maxLength: 3 }),
          routeTableIds: fc.uniqueArray(hex("rtb"), { minLength: 1, maxLength: 3 }),
        }),
        services: fc.constant(["ecr.api", "ecr.dkr", "s3"]),
        existing: fc.record({ "ecr.api": hex("vpce") }),
      },
      { requiredKeys: ["vpc", "services"] },
    ),
  );
  const networkRest = fc.record(
    {
      services: some(["ecr.api", "ecr.dkr", "s3", "logs", "sts"], 1),
      allowedPrefixLists: fc.array(hex("pl"), { maxLength: 2 }),
      allowedSecurityGroups: fc.array(hex("sg"), { maxLength: 2 }),
      allowedAccounts: accounts(200),
      allowOrganization: fc.boolean(),
      s3: fc.constantFrom({ s3Policy: "any" }, { s3Policy: "ecr-layers", s3Buckets: ["acme-artifacts"] }, {}),
    },
    { requiredKeys: ["s3"] },
  );
  const cacheRule = fc.constantFrom(...Object.keys(UPSTREAMS)).chain((upstream) =>
    fc.record({
      prefix: fc.constantFrom("ecr-public", "docker-hub", "cache/quay", "k8s_io", "x0"),
      upstream: fc.constant(upstream),
      credentialArn: UPSTREAMS[upstream as keyof typeof UPSTREAMS].credentials
        ? fc.constant(arn(`secretsmanager:${region}:${ACCOUNT}:secret:ecr-pullthroughcache/hub-AbCdEf`))
        : fc.constant(undefined),
    }),
  );
  const destinations = REGIONS.concat("eu-central-1", "us-gov-east-1", "cn-northwest-1").filter(
    (other) => other !== region && partitionOf(other) === partition,
  );
  const replicationRule = fc.record({
    prefixes: fc.oneof(
      fc.constant([]),
      fc.uniqueArray(fc.constantFrom("payments", "store", "data"), { minLength: 1, maxLength: 3 }),
    ),
    destinations: uniqueBy(
      fc.record({
        region: fc.constantFrom(...destinations),
        accountId: sometimes(fc.constantFrom(...OTHERS)),
      }),
      (one) => `${one.region} ${one.accountId}`,
      1,
      3,
    ),
  });

  const config = fc.record(
    {
      accountId: fc.constant(ACCOUNT),
      contact: email,
      environment: fc.constant(guarded ? "production" : "test"),
      costCentre: tagText,
      organizationId: fc.constant(ORGANIZATION),
      production: fc.constant(production),
      tags: fc.oneof(
        { arbitrary: fc.dictionary(tagKey, tagText, { maxKeys: 4 }), weight: 30 },
        { arbitrary: fc.dictionary(tagKey, tagText, { minKeys: 35, maxKeys: 50, size: "max" }), weight: 1 },
      ),
      repositories: fc.record(repositoryOptions, { requiredKeys: [] }),
      teams: uniqueBy(team(github !== "none"), ({ name }) => name, 1, 2),
      scanning: fc.oneof(
        fc.constant({ type: "enhanced", inspector: { mode: "elsewhere" } }),
        fc.record({
          type: fc.constant("basic"),
          onPush: sometimes(
            many(
              fc.constantFrom(["*"], ["*-prod", "*"]),
              prefix.map((name) => `${name}*`),
              120,
            ),
          ),
        }),
        fc.record({
          type: fc.constant("enhanced"),
          continuous: fc.constant(["*"]),
          pullTimeExclusions: fc.constantFrom([], [`arn:${partition}:iam::${ACCOUNT}:role/scanner`]),
          inspector: fc.record(
            {
              resourceTypes: fc.constantFrom(["ECR"], ["ECR", "LAMBDA", "LAMBDA_CODE"], ["ECR", "EC2"]),
              memberAccounts: accounts(110),
            },
            { requiredKeys: [] },
          ),
        }),
      ),
      findings: fc.record(
        {
          minimumSeverity: severity,
          scope: fc.constantFrom("account", "environment"),
          scanComplete: fc.boolean(),
          scanFailures: fc.boolean(),
          pushes: fc.boolean(),
          deletes: fc.boolean(),
          registryFailures: fc.boolean(),
          subscriptions: subscriptions(0),
          securityHub: fc.constantFrom("off", "integrate", "enable"),
          ...(commercial
            ? {
                slack: uniqueBy(
                  fc.record({
                    ...channel,
                    workspaceId: fc.constant("T0ACME0001"),
                    channelId: fc.constant("C0SECURE01"),
                  }),
                  ({ name }) => name,
                  0,
                  2,
                ),
                microsoftTeams: uniqueBy(
                  fc.record({
                    ...channel,
                    tenantId: guid,
                    teamId: guid,
                    channelId: fc.constantFrom("19%3aab_c%40thread.tacv2", "19:ab_c@thread.tacv2"),
                  }),
                  ({ name }) => name,
                  0,
                  1,
                ),
              }
            : {}),
        },
        { requiredKeys: [] },
      ),
      network: fc
        .tuple(network, networkRest, many(fc.uniqueArray(cidr, { minLength: 1, maxLength: 3 }), anyCidr, 90))
        .map(([kind, { s3, ...rest }, allowedCidrs]) => ({
          manage: true,
          ...s3,
          ...rest,
          ...kind,
          allowedCidrs,
        })),
      registry: fc.record(
        {
          replication: fc.array(replicationRule, { maxLength: 3 }),
          replicateFrom: accounts(200),
          ...(commercial ? { pullThroughCache: uniqueBy(cacheRule, ({ prefix }) => prefix, 0, 3) } : {}),
          githubOidcProvider: fc.constant(github),
        },
        { requiredKeys: ["githubOidcProvider"] },
      ),
      audit: fc.record(
        {
          retentionDays: fc.constantFrom(90, 400, 3650),
          lock: fc.record({
            mode: fc.constantFrom("GOVERNANCE", "COMPLIANCE"),
            days: fc.constantFrom(1, 90),
          }),
          logGroup: fc.record({ retentionDays: logDays }),
          alerts: fc.boolean(),
          deploymentRoles: roles(3),
        },
        { requiredKeys: [] },
      ),
      costs: fc.record(
        {
          emails: fc.uniqueArray(email, { maxLength: 3 }),
          actualThresholds: fc.uniqueArray(fc.constantFrom(50, 80, 100, 150), { minLength: 1 }),
          forecastThresholds: fc.uniqueArray(fc.constantFrom(80, 100)),
          // GovCloud has none.
          manage: fc.constant(partition !== "aws-us-gov"),
          ...(partition === "aws-us-gov" ? {} : { monthlyBudget: usd }),
          ...(commercial ? { billingAlarm: usd, anomalyThreshold: usd } : {}),
        },
        { requiredKeys: ["manage"] },
      ),
      operations: fc.record(
        {
          logRetentionDays: logDays,
          tracing: fc.boolean(),
          metrics: fc.record({
            schedule: fc.constantFrom("rate(5 minutes)", "rate(6 hours)", "cron(15 2 * * ? *)"),
          }),
          cleanUp: fc.record(
            {
              mode: fc.constantFrom("off", "dry-run", "delete"),
              schedule,
              maxDeletions: fc.integer({ min: 1, max: 100_000 }),
              archive: fc.boolean(),
              // Not less where clean-up archives.
              reportDays: fc.constantFrom(180, 365, 3650),
              inUse: fc.record(
                {
                  regions: some(destinations),
                  checkedByHand: fc.constantFrom([], ["codebuild", "app-runner"]),
                  roles: roles(3),
                  images: fc.constant(["payments-api-prod:v1.*"]),
                  list: fc.record({
                    bucket: fc.constant("acme-images"),
                    key: fc.constant("prod/images.txt"),
                    maxAgeDays: sometimes(fc.constantFrom(1, 365)),
                  }),
                  taskDefinitionRevisions: fc.integer({ min: 1, max: 100 }),
                },
                { requiredKeys: [] },
              ),
            },
            { requiredKeys: [] },
          ),
          alarms: fc.record(
            {
              storage: usd,
              criticalFindings: fc.boolean(),
              scanFailures: fc.boolean(),
              unscannedDays: fc.constantFrom(1, 14, 365),
              pullsPerSecond: fc.constantFrom(1, 2000),
              imagesPerRepository: fc.constantFrom(1, 100_000),
            },
            { requiredKeys: [] },
          ),
          dashboard: fc.boolean(),
        },
        { requiredKeys: [] },
      ),
    },
    {
      requiredKeys: ["accountId", "contact", "teams", "organizationId", "production", ...PARTS],
    },
  );
  const elsewhere = {
    topicArn: arn(`sns:${region}:${ACCOUNT}:alerts`),
    trailArn: arn(`cloudtrail:${region}:${ACCOUNT}:trail/organization`),
  };
  return fc.tuple(config, parts).map(([one, owned]) => ({
    stack: environment,
    region,
    // As a file has them: a key without a value is not there.
    config: JSON.parse(JSON.stringify(withParts(one, owned, elsewhere))) as GeneratedStack["config"],
  }));
}

/** A config with some parts only; the rest, and what teams have of it, is off. */
function withParts(
  config: { teams: object[]; registry: { githubOidcProvider?: string } },
  owned: readonly Part[],
  { topicArn, trailArn }: { topicArn: string; trailArn: string },
): object {
  const off: Record<Part, unknown> = {
    scanning: { manage: false },
    findings: { manage: false, topicArn },
    network: undefined,
    registry: { manage: false, githubOidcProvider: config.registry.githubOidcProvider },
    audit: { manage: false, trailArn },
    costs: { manage: false },
    operations: { manage: false },
  };
  const without = PARTS.filter((part) => !owned.includes(part));
  const ofTeam: Partial<Record<Part, string>> = {
    findings: "findings",
    costs: "monthlyBudget",
    operations: "storageAlarm",
  };
  const gone = without.map((part) => ofTeam[part]);
  return {
    ...config,
    ...Object.fromEntries(without.map((part) => [part, off[part]])),
    teams: config.teams.map((team) =>
      Object.fromEntries(Object.entries(team).filter(([key]) => !gone.includes(key))),
    ),
  };
}

const arbitraries = new Map<string, fc.Arbitrary<GeneratedStack>>();

/** Configs of every kind. Most of them are accepted, and every key occurs. */
export const stacks: fc.Arbitrary<GeneratedStack> = fc
  .record<Scenario>({
    region: fc.constantFrom(...REGIONS),
    environment: fc.constantFrom("dev", "prod", "staging-2"),
    production: fc.constantFrom("auto", "auto", "yes"),
    openTags: fc.boolean(),
    github: fc.constantFrom("none", "create", "existing"),
  })
  // Auto decides for some environments only.
  .map((one) =>
    one.environment === "staging-2" && one.production === "auto"
      ? { ...one, production: "no" as const }
      : one,
  )
  .chain((scenario) => {
    const key = JSON.stringify(scenario);
    const arbitrary = arbitraries.get(key) ?? stackIn(scenario);
    arbitraries.set(key, arbitrary);
    return arbitrary;
  });

/** Configs that are made at once: ten thousand would take gigabytes. */
const CHUNK = 250;

/** The first configs of a seed, the same each time. Most of them are accepted, and every key occurs. */
export function* generatedStacks(count: number, seed: number): Generator<GeneratedStack> {
  for (let made = 0; made < count; made += CHUNK) {
    const numRuns = Math.min(CHUNK, count - made);
    yield* fc.sample(stacks, { numRuns, seed: seed * 10_007 + made });
  }
}

/** A generated stack's config in the form in which Pulumi hands it over. */
export function pulumiConfig({ region, config }: GeneratedStack, project: string): Record<string, string> {
  const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
  return {
    "aws:region": region,
    "aws:allowedAccountIds": JSON.stringify([config.accountId]),
    ...Object.fromEntries(Object.entries(config).map(([key, value]) => [`${project}:${key}`, text(value)])),
  };
}

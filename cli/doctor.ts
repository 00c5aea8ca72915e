import * as dns from "node:dns/promises";
import * as net from "node:net";
import { CloudWatchClient, ListMetricsCommand } from "@aws-sdk/client-cloudwatch";
import { DescribeVpcEndpointsCommand, DescribeVpcsCommand, EC2Client } from "@aws-sdk/client-ec2";
import {
  DescribeRegistryCommand,
  GetRegistryPolicyCommand,
  GetRegistryScanningConfigurationCommand,
  paginateDescribeRepositories,
  RegistryPolicyNotFoundException,
} from "@aws-sdk/client-ecr";
import {
  IAMClient,
  ListOpenIDConnectProvidersCommand,
  paginateSimulatePrincipalPolicy,
} from "@aws-sdk/client-iam";
import { BatchGetAccountStatusCommand, Inspector2Client } from "@aws-sdk/client-inspector2";
import {
  InvalidAccessException,
  paginateListEnabledProductsForImport,
  SecurityHubClient,
} from "@aws-sdk/client-securityhub";
import {
  GetServiceQuotaCommand,
  NoSuchResourceException,
  ServiceQuotasClient,
} from "@aws-sdk/client-service-quotas";
import { NotFoundException, paginateListSubscriptionsByTopic } from "@aws-sdk/client-sns";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { arnOf, billingRegion, dnsSuffix, githubProviderArn, registryHost, type Place } from "../aws/arns";
import { deploymentPolicies } from "../documents/deployment-permissions";
import { endpointServiceName } from "../documents/endpoint-policies";
import { acceptedClaims } from "../documents/github-role";
import { inDigits, raise } from "../aws/limits";
import { registryPolicy } from "../documents/registry-policy";
import { chunks } from "../aws/chunks";
import { clientConfig, ecrClient, snsClient } from "../images/clients";
import { messageOf } from "../images/registry";
import { measure, type Measurable } from "../plan/limits";
import { declaredTypes, type PlannedResource } from "../plan/run";
import type { Context } from "./context";

/** What one check found. */
export interface Checked {
  check: string;
  /** `fail` stops an update, `warn` may, or leaves something silent; `skip` could not be looked at. */
  status: "ok" | "warn" | "fail" | "skip";
  detail: string;
  fix?: string;
}

type Result = Omit<Checked, "check">;

const ok = (detail: string): Result => ({ status: "ok", detail });
const warn = (detail: string, fix: string): Result => ({ status: "warn", detail, fix });
const fail = (detail: string, fix: string): Result => ({ status: "fail", detail, fix });
const skip = (detail: string): Result => ({ status: "skip", detail });

/** The worst of several results as one. */
function together(results: Result[], well: string): Result {
  const order: Result["status"][] = ["fail", "warn", "skip"];
  const bad = results.filter(({ status }) => status !== "ok");
  const worst = order.find((status) => bad.some((one) => one.status === status));
  const fixes = [...new Set(bad.flatMap(({ fix }) => fix ?? []))];
  return worst === undefined
    ? ok(well)
    : {
        status: worst,
        detail: bad.map(({ detail }) => detail).join("; "),
        ...(fixes.length === 0 ? {} : { fix: fixes.join("; ") }),
      };
}

async function checkCredentials({ connection, registry, settings }: Context): Promise<Result> {
  const { Account, Arn } = await new STSClient(clientConfig(connection)).send(
    new GetCallerIdentityCommand({}),
  );
  return Account === registry.accountId
    ? ok(`${Arn}`)
    : fail(
        `the credentials are of account ${Account}, and ${settings.stack} is in ${registry.accountId}`,
        "set AWS_PROFILE to one of that account",
      );
}

/** ARN of the role behind a session, as IAM simulates it. */
function principalOf(arn: string): string {
  const session = /^arn:(aws[\w-]*):sts::(\d{12}):assumed-role\/([^/]+)\//.exec(arn);
  return session === null ? arn : `arn:${session[1]}:iam::${session[2]}:role/${session[3]}`;
}

/** Asks IAM whether the caller may do all that an update of the stack does. */
async function checkPermissions(context: Context, types: readonly string[]): Promise<Result> {
  const { connection, settings } = context;
  const { Arn } = await new STSClient(clientConfig(connection)).send(new GetCallerIdentityCommand({}));
  const { prefix, environment, place } = settings;
  const statements = deploymentPolicies({ place, prefix, environment }, types).update.flatMap(
    ({ Statement }) => Statement,
  );
  const iam = new IAMClient(clientConfig(connection));
  const denied = new Set<string>();
  for (const { Action, Resource } of statements) {
    const resources = [Resource ?? "*"].flat().filter((resource) => resource !== "*");
    for (const some of chunks([Action].flat(), 50)) {
      const pages = paginateSimulatePrincipalPolicy(
        { client: iam },
        {
          PolicySourceArn: principalOf(Arn ?? ""),
          ActionNames: some,
          ...(resources.length === 0 ? {} : { ResourceArns: resources.map((one) => exampleOf(one, place)) }),
        },
      );
      for await (const page of pages) {
        for (const { EvalActionName = "", EvalDecision } of page.EvaluationResults ?? []) {
          if (EvalDecision !== "allowed") {
            denied.add(EvalActionName);
          }
        }
      }
    }
  }
  const all = new Set(statements.flatMap(({ Action }) => Action)).size;
  const names = [...denied].sort();
  // A condition in a policy may allow what a simulation without its keys refuses.
  return names.length === 0
    ? ok(`all ${all} actions that an update takes are allowed`)
    : warn(
        `${names.length} of the ${all} actions that an update takes are not allowed: ${names.slice(0, 5).join(", ")}${names.length > 5 ? ", …" : ""}`,
        `attach what npm run permissions -- --stack ${settings.stack} prints`,
      );
}

/** One resource that a pattern of ARNs is about: IAM simulates calls, and a call is on one. */
function exampleOf(pattern: string, { region }: Place): string {
  return pattern
    .split(":")
    .map((part, i) => (i === 3 ? part.replace("*", region) : part.replaceAll("*", "example")))
    .join(":");
}

/** Compares what the stack declares beyond AWS's defaults with the quotas of the account. */
export async function checkQuotas(
  { connection, settings }: Pick<Context, "connection" | "settings">,
  resources: readonly Measurable[],
): Promise<Result> {
  const { place } = settings;
  const { findings } = measure(resources, place.region);
  const compared = findings.map(async ({ name, count, message, quota }): Promise<Result> => {
    if (quota === undefined) {
      return fail(`${name}: ${message}`, "npm run plan names the limit's source");
    }
    const region = quota.global === true && place.partition === "aws" ? "us-east-1" : place.region;
    const value = await new ServiceQuotasClient(clientConfig({ ...connection, region }))
      .send(new GetServiceQuotaCommand({ ServiceCode: quota.service, QuotaCode: quota.code }))
      .then(({ Quota }) => Quota?.Value)
      .catch((error: unknown) => {
        // The account has no value of its own.
        if (error instanceof NoSuchResourceException) {
          return undefined;
        }
        throw error;
      });
    return value !== undefined && count <= value
      ? ok("")
      : fail(
          `${name}: ${message}, and the account's quota is ${value === undefined ? "AWS's default" : inDigits(value)}`,
          raise(quota),
        );
  });
  return together(
    await Promise.all(compared),
    findings.length === 0 ? "AWS's defaults are enough" : "the account's quotas are enough",
  );
}

async function checkScanning({ connection, settings }: Context): Promise<Result> {
  if (!settings.scanning.manage) {
    return ok("another stack's");
  }
  const { scanningConfiguration } = await ecrClient(connection).send(
    new GetRegistryScanningConfigurationCommand({}),
  );
  const rules = (scanningConfiguration?.rules ?? []).flatMap(({ scanFrequency, repositoryFilters }) =>
    (repositoryFilters ?? []).map(({ filter }) => `${scanFrequency} ${filter}`),
  );
  const wanted = [
    ...settings.scanning.continuous.map((filter) => `CONTINUOUS_SCAN ${filter}`),
    ...settings.scanning.onPush.map((filter) => `SCAN_ON_PUSH ${filter}`),
  ];
  const type = scanningConfiguration?.scanType ?? "BASIC";
  const same =
    type === settings.scanning.type.toUpperCase() && [...rules].sort().join() === [...wanted].sort().join();
  const untouched = type === "BASIC" && rules.length === 0;
  return same
    ? ok(`${type}, as this stack declares it`)
    : untouched
      ? ok("nobody has set it yet")
      : warn(
          `it is ${type} with ${rules.join(", ") || "no filters"}, and this stack would overwrite it`,
          "see that nobody else owns it, or set scanning.manage: false",
        );
}

async function checkRegistry({ connection, settings }: Context): Promise<Result> {
  if (!settings.registry.manage) {
    return ok("another stack's");
  }
  const ecr = ecrClient(connection);
  const { replicationConfiguration } = await ecr.send(new DescribeRegistryCommand({}));
  const rules = replicationConfiguration?.rules ?? [];
  const policy = await ecr.send(new GetRegistryPolicyCommand({})).catch((error: unknown) => {
    if (error instanceof RegistryPolicyNotFoundException) {
      return undefined;
    }
    throw error;
  });
  const others = "see that nobody else owns it, or set registry.manage: false";
  const wanted = settings.registry.replication.flatMap(({ destinations }) =>
    destinations.map((one) => `${one.region} ${one.accountId ?? settings.place.accountId}`),
  );
  const found = rules.flatMap(({ destinations }) =>
    (destinations ?? []).map((one) => `${one.region} ${one.registryId}`),
  );
  const { place, organizationId, registry, defaults } = settings;
  const declared = registryPolicy(place, organizationId, registry, defaults.sharing);
  const differs = [...wanted].sort().join() !== [...found].sort().join();
  return together(
    [
      rules.length > 0 && differs
        ? warn(
            `images are replicated to ${found.join(", ")}${wanted.length > 0 ? ", and this stack would overwrite that" : ", by somebody else"}`,
            others,
          )
        : ok(""),
      policy?.policyText !== undefined && declared === undefined
        ? warn("there is a registry policy that this stack does not declare", others)
        : ok(""),
    ],
    "nothing that somebody else has set",
  );
}

async function checkInspector({ connection, settings }: Context): Promise<Result> {
  if (!settings.scanning.manage || settings.scanning.type === "basic") {
    return ok("not this stack's");
  }
  const { accounts } = await new Inspector2Client(clientConfig(connection)).send(
    new BatchGetAccountStatusCommand({ accountIds: [settings.place.accountId] }),
  );
  const { mode, resourceTypes } = settings.scanning.inspector;
  const state = accounts?.[0]?.resourceState;
  const enabled = [
    ...(state?.ecr?.status === "ENABLED" ? ["ECR"] : []),
    ...(state?.ec2?.status === "ENABLED" ? ["EC2"] : []),
    ...(state?.lambda?.status === "ENABLED" ? ["LAMBDA"] : []),
  ];
  if (mode === "elsewhere") {
    return enabled.includes("ECR")
      ? ok("the organization has enabled it for images")
      : fail(
          "the organization has not enabled it for images",
          "ask the delegated administrator, or set scanning.inspector.mode: enable",
        );
  }
  const lost = enabled.filter((type) => !resourceTypes.some((one) => one === type));
  return lost.length > 0
    ? fail(
        `it scans ${lost.join(", ")} too, which the enabler would switch off`,
        `write scanning.inspector.resourceTypes: [${[...resourceTypes, ...lost].join(", ")}]`,
      )
    : ok(enabled.length === 0 ? "not enabled yet" : `enabled for ${enabled.join(", ")}`);
}

/** Whether Inspector sends its findings to Security Hub, as AWS sets up once both are enabled. */
async function checkSecurityHub({ connection, settings }: Context): Promise<Result> {
  const { manage, securityHub } = settings.findings;
  if (!manage || securityHub === "off") {
    return ok("not used");
  }
  const client = new SecurityHubClient(clientConfig(connection));
  const products: string[] = [];
  try {
    for await (const page of paginateListEnabledProductsForImport({ client }, {})) {
      products.push(...(page.ProductSubscriptions ?? []));
    }
  } catch (error) {
    if (!(error instanceof InvalidAccessException)) {
      throw error;
    }
    return securityHub === "enable"
      ? ok("this stack enables it")
      : fail(
          `Security Hub is not enabled in ${settings.place.region}`,
          "enable it, or set findings.securityHub: enable",
        );
  }
  return products.some((arn) => arn.endsWith(":product-subscription/aws/inspector"))
    ? ok("Inspector sends its findings there")
    : warn(
        "Security Hub is enabled, but Inspector does not send findings to it",
        "accept findings from Amazon Inspector under Integrations in the Security Hub console",
      );
}

async function checkGithub({ connection, settings }: Context): Promise<Result> {
  const wanted = settings.registry.githubOidcProvider;
  if (wanted === "none") {
    return ok("not used");
  }
  const { OpenIDConnectProviderList } = await new IAMClient(clientConfig(connection)).send(
    new ListOpenIDConnectProvidersCommand({}),
  );
  const arn = githubProviderArn(settings.place);
  const there = (OpenIDConnectProviderList ?? []).some(({ Arn }) => Arn === arn);
  return wanted === "existing" && !there
    ? fail(`${arn} does not exist`, "set registry.githubOidcProvider: create")
    : wanted === "create" && there
      ? warn(
          `${arn} exists: an update is refused unless this stack has made it`,
          "if it has not, set registry.githubOidcProvider: existing",
        )
      : ok(there ? "it exists" : "this stack makes it");
}

/** The claims that the push roles accept, to compare with those of a refused workflow. */
function githubRoles({ settings }: Context): Result {
  const roles = settings.teams.flatMap(({ name, githubRoles }) =>
    githubRoles.map((role) => `${name}/${role.name} accepts ${acceptedClaims(settings.place, role)}`),
  );
  return ok(roles.length === 0 ? "none" : roles.join("; "));
}

async function checkRepositories({ connection, settings }: Context): Promise<Result> {
  const wanted = new Set(settings.teams.flatMap(({ repositories }) => repositories.map(({ name }) => name)));
  const foreign: string[] = [];
  for await (const page of paginateDescribeRepositories(
    { client: ecrClient(connection), pageSize: 1000 },
    {},
  )) {
    foreign.push(
      ...(page.repositories ?? []).flatMap(({ repositoryName = "" }) =>
        wanted.has(repositoryName) ? [repositoryName] : [],
      ),
    );
  }
  return foreign.length === 0
    ? ok(`none of the ${wanted.size} exists yet`)
    : warn(
        `${foreign.length} of ${wanted.size} exist: ${foreign.slice(0, 3).join(", ")}${foreign.length > 3 ? ", …" : ""}`,
        `if this stack has not made them, take them in: npm run import -- --stack ${settings.stack}`,
      );
}

/** Whether an address takes connections. */
async function reach(host: string, port: number): Promise<string | undefined> {
  try {
    await dns.lookup(host);
  } catch {
    return `${host} has no address`;
  }
  return new Promise((resolve) => {
    const socket = net.connect({ host, port, timeout: 5000 });
    const done = (problem: string | undefined) => {
      socket.destroy();
      resolve(problem);
    };
    socket.once("connect", () => {
      done(undefined);
    });
    socket.once("timeout", () => {
      done(`${host}:${port} does not answer`);
    });
    socket.once("error", ({ message }) => {
      done(`${host}:${port} cannot be reached: ${message}`);
    });
  });
}

async function checkReach({ connection, settings }: Context): Promise<Result> {
  const { place } = settings;
  const targets =
    connection.endpoint === undefined
      ? [
          { host: `api.ecr.${place.region}.${dnsSuffix(place.partition)}`, port: 443 },
          { host: registryHost(place), port: 443 },
          { host: `s3.${place.region}.${dnsSuffix(place.partition)}`, port: 443 },
        ]
      : [connection.endpoint].map((address) => {
          const { hostname, port, protocol } = new URL(address);
          return { host: hostname, port: Number(port) || (protocol === "https:" ? 443 : 80) };
        });
  const problems = await Promise.all(targets.map(({ host, port }) => reach(host, port)));
  const bad = problems.filter((problem) => problem !== undefined);
  return bad.length === 0
    ? ok(targets.map(({ host }) => host).join(", "))
    : fail(
        bad.join("; "),
        "see that the network lets port 443 out, and that a proxy is set where one is needed",
      );
}

async function vpcIdOf(ec2: EC2Client, { settings }: Context): Promise<string | undefined> {
  const vpc = settings.network?.vpc;
  if (vpc?.kind !== "lookup") {
    return vpc?.kind === "ids" ? vpc.id : undefined;
  }
  const { Vpcs } = await ec2.send(
    new DescribeVpcsCommand({
      Filters: Object.entries(vpc.tags).map(([key, value]) => ({ Name: `tag:${key}`, Values: [value] })),
    }),
  );
  return Vpcs?.length === 1 ? Vpcs[0]?.VpcId : undefined;
}

async function checkPrivateDns(context: Context): Promise<Result> {
  const { network, place, prefix } = context.settings;
  if (network === undefined || network.vpc.kind === "new") {
    return ok(network === undefined ? "no network in this stack" : "the VPC is made by this stack");
  }
  const ec2 = new EC2Client(clientConfig(context.connection));
  const vpcId = await vpcIdOf(ec2, context);
  if (vpcId === undefined) {
    return fail("the tags of network.vpc find no VPC, or several", "name it by network.vpc.id");
  }
  const { VpcEndpoints } = await ec2.send(
    new DescribeVpcEndpointsCommand({ Filters: [{ Name: "vpc-id", Values: [vpcId] }] }),
  );
  const conflicts = network.services.flatMap((service): Result[] => {
    const name = endpointServiceName(place, service);
    const there = (VpcEndpoints ?? []).find(
      (one) =>
        one.ServiceName === name &&
        (one.PrivateDnsEnabled === true || one.VpcEndpointType === "Gateway") &&
        // What this stack has made carries its tags.
        !(one.Tags ?? []).some(({ Key, Value }) => Key === "Environment" && prefix.endsWith(`-${Value}`)),
    );
    const known = network.existing[service];
    return there === undefined || there.VpcEndpointId === known
      ? []
      : [
          fail(
            `${vpcId} has ${there.VpcEndpointId} for ${service} already, and a second one is refused`,
            `write network.existing: { ${service}: ${there.VpcEndpointId} }`,
          ),
        ];
  });
  return together(conflicts, `no conflict in ${vpcId}`);
}

async function checkBilling({ connection, settings }: Context): Promise<Result> {
  if (settings.costs.billingAlarm === undefined || !settings.costs.manage) {
    return ok("no billing alarm in this stack");
  }
  const { Metrics } = await new CloudWatchClient(
    clientConfig({ ...connection, region: billingRegion(settings.place) }),
  ).send(new ListMetricsCommand({ Namespace: "AWS/Billing", MetricName: "EstimatedCharges" }));
  return (Metrics ?? []).length > 0
    ? ok("estimated charges are published")
    : warn(
        "no estimated charges are published, so the billing alarm would never fire",
        "switch on Receive CloudWatch billing alerts in the billing preferences of the account (or of the payer)",
      );
}

async function checkSubscriptions(
  { connection, settings }: Context,
  resources: readonly PlannedResource[],
): Promise<Result> {
  const topics = resources
    .filter(({ type }) => type === "aws:sns/topic:Topic")
    .map(({ inputs }) => ({ name: String(inputs.name), region: String(inputs.region) }));
  const pending: string[] = [];
  let found = 0;
  for (const { name, region } of topics) {
    const TopicArn = arnOf({ ...settings.place, region }, "sns", name);
    try {
      const client = snsClient({ ...connection, region });
      for await (const page of paginateListSubscriptionsByTopic({ client }, { TopicArn })) {
        for (const { SubscriptionArn, Endpoint } of page.Subscriptions ?? []) {
          found++;
          if (SubscriptionArn === "PendingConfirmation") {
            pending.push(`${Endpoint} to ${name}`);
          }
        }
      }
    } catch (error) {
      if (!(error instanceof NotFoundException)) {
        throw error;
      }
    }
  }
  return pending.length > 0
    ? warn(
        `not confirmed: ${pending.join(", ")}`,
        "confirm by the link in the mail; delete and make anew a subscription whose link is older than three days",
      )
    : ok(found === 0 ? "no topic yet" : `${found} confirmed`);
}

/**
 * Looks at an account before (or after) a stack is deployed to it. A check that cannot be made says so.
 * @param resources what the stack declares
 */
export async function examine(context: Context, resources: readonly PlannedResource[]): Promise<Checked[]> {
  const checks: [string, () => Promise<Result>][] = [
    ["endpoints reachable", () => checkReach(context)],
    ["credentials", () => checkCredentials(context)],
    ["permissions", () => checkPermissions(context, declaredTypes(resources))],
    ["quotas", () => checkQuotas(context, resources)],
    ["scanning configuration", () => checkScanning(context)],
    ["Inspector", () => checkInspector(context)],
    ["Security Hub", () => checkSecurityHub(context)],
    ["replication and registry policy", () => checkRegistry(context)],
    ["GitHub's OIDC provider", () => checkGithub(context)],
    ["GitHub roles", () => Promise.resolve(githubRoles(context))],
    ["repositories", () => checkRepositories(context)],
    ["private DNS of endpoints", () => checkPrivateDns(context)],
    ["billing alerts", () => checkBilling(context)],
    ["subscriptions", () => checkSubscriptions(context, resources)],
  ];
  const results: Checked[] = [];
  for (const [check, run] of checks) {
    const result = await run().catch((error: unknown) => {
      const denied = /AccessDenied|UnauthorizedOperation|not authorized/i.test(messageOf(error));
      return check === "credentials"
        ? fail(messageOf(error), "sign in (aws sso login), or set AWS_PROFILE")
        : denied
          ? warn(`not allowed to look: ${messageOf(error)}`, "give the caller read access, and run it again")
          : skip(`could not be looked at: ${messageOf(error)}`);
    });
    results.push({ check, ...result });
    // Without credentials nothing else has an answer.
    if (check === "credentials" && result.status === "fail") {
      break;
    }
  }
  return results;
}

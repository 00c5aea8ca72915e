import * as pulumi from "@pulumi/pulumi";
import { Audit } from "./components/audit";
import { Costs } from "./components/costs";
import { EventRoutes } from "./components/event-routes";
import { Findings } from "./components/findings";
import { GithubRoles } from "./components/github-roles";
import { Network } from "./components/network";
import { Operations } from "./components/operations";
import { Registry } from "./components/registry";
import { RepositoryKey } from "./components/repository-key";
import { Scanning } from "./components/scanning";
import { TeamRepositories } from "./components/team-repositories";
import { loadSettings } from "./config/load";
import {
  alertScopeOf,
  cleansUp,
  cleanUpRequestOf,
  unalertedRoles,
  usesStackKey,
  watchesCosts,
} from "./config/settings";
import { registryHost } from "./aws/arns";
import { sensitiveCallAlert } from "./documents/events";
import type { PlatformOutputs } from "./outputs";

const settings = loadSettings();
const project = pulumi.getProject();
const { place, prefix, production, tags, organizationId, environment, teams } = settings;
const common = { place, prefix, production, tags };

// Repositories, one component per team.
const key = usesStackKey(settings) ? new RepositoryKey("repositories", common) : undefined;
for (const team of teams) {
  new TeamRepositories(team.name, {
    place,
    organizationId,
    production,
    repositories: team.repositories,
    stackKeyArn: key?.arn,
  });
}

// What an account and region have once; each is owned by one stack.
const scanning = settings.scanning.manage
  ? new Scanning("scanning", { ...common, scanning: settings.scanning })
  : undefined;
if (settings.registry.manage) {
  new Registry("registry", {
    ...common,
    registry: settings.registry,
    defaults: settings.defaults,
    organizationId,
    stackKeyArn: key?.arn,
  });
}
const network =
  settings.network && new Network("network", { ...common, network: settings.network, organizationId });
const audit = settings.audit.manage ? new Audit("audit", { ...common, audit: settings.audit }) : undefined;

// Alerts: which events go to which topic.
const findings = settings.findings.manage
  ? new Findings("findings", {
      ...common,
      environment,
      findings: settings.findings,
      alerts: alertScopeOf(settings),
      teams,
    })
  : undefined;
const alertTopicArn = findings?.topicArn ?? settings.findings.topicArn;
const chatTopicArn = findings?.chatTopicArn;
if (settings.audit.alerts && alertTopicArn !== undefined) {
  const alert = sensitiveCallAlert(place, unalertedRoles(settings));
  new EventRoutes("audit-alerts", {
    ...common,
    part: "audit",
    routes: [{ alert, topicArn: alertTopicArn, chatTopicArn }],
    alarmTopicArn: alertTopicArn,
    chatTopicArn,
  });
}

// CI push roles, and budgets.
const githubRoles =
  settings.registry.githubOidcProvider === "none"
    ? undefined
    : new GithubRoles("github", {
        ...common,
        environment,
        provider: settings.registry.githubOidcProvider,
        teams,
      });
const costs = watchesCosts(settings)
  ? new Costs("costs", { ...common, costs: settings.costs, teams, project })
  : undefined;

// Operations: metrics that ECR does not publish, clean-up, and alarms.
const operations =
  settings.operations.manage && alertTopicArn !== undefined
    ? new Operations("operations", {
        ...common,
        environment,
        project,
        operations: settings.operations,
        scanType: settings.scanning.type,
        teams,
        cleanUp: cleansUp(settings) ? cleanUpRequestOf(settings, project) : undefined,
        alarmTopicArn: alertTopicArn,
        chatTopicArn,
      })
    : undefined;

const host = registryHost(place);
const outputs: pulumi.Inputs & { [Key in keyof PlatformOutputs]: pulumi.Input<unknown> } = {
  registry: host,
  repositories: Object.fromEntries(
    teams.flatMap((team) =>
      team.repositories.map(({ service, name, arn, url }) => [`${team.name}/${service}`, { name, arn, url }]),
    ),
  ),
  repositoryKeyArn: key?.arn,
  scanType: scanning?.scanType,
  alertTopicArn,
  teamAlertTopicArns: findings?.teamTopicArns,
  vpcId: network?.vpcId,
  endpointIds: network?.endpointIds,
  s3PrefixListId: network?.s3PrefixListId,
  githubRoleArns: githubRoles?.roleArns,
  trailArn: audit?.trailArn ?? settings.audit.trailArn,
  trailBucket: audit?.bucketName,
  budgetNames: costs?.budgetNames,
  costTopicArn: costs?.topicArn,
  metricsFunctionName: operations?.metricsFunctionName,
  cleanUpFunctionName: operations?.cleanUpFunctionName,
  reportBucket: operations?.reportBucket,
  dashboardUrl: operations?.dashboardUrl,
  hints: {
    login: `aws ecr get-login-password --region ${place.region} | docker login --username AWS --password-stdin ${host}`,
    push: `docker push ${host}/<team>-<service>-${environment}:<version>`,
  },
};
// Pulumi warns of each output that is undefined.
export = Object.fromEntries(Object.entries(outputs).filter(([, value]) => value !== undefined));

import * as aws from "./parts/aws";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../config/schema";
import type { TeamSettings } from "../config/settings";
import { platformAlerts, teamAlerts, type AlertScope } from "../documents/alerts";
import { AlertTopic } from "./parts/alert-topic";
import { ChatChannels } from "./parts/chat-channels";
import { EventRoutes, type Route } from "./event-routes";
import type { Common } from "./parts/options";

/** Arguments of {@link Findings}. */
export interface FindingsArgs extends Common {
  environment: string;
  findings: StackConfig["findings"];
  /** What alerts are about. */
  alerts: AlertScope;
  /** Teams; those with `findings` get a topic of their own. */
  teams: TeamSettings[];
}

/**
 * Alerts on findings, scans, pushes, deletes, replication and caching: to the platform's topic and its chat channels,
 * and to the topics of the teams that ask for their own repositories' findings; optionally Security Hub.
 */
export class Findings extends pulumi.ComponentResource {
  /** ARN of the platform's topic. */
  readonly topicArn: pulumi.Output<string>;
  /** ARN of the topic whose messages chat channels show; undefined where there are none. */
  readonly chatTopicArn: pulumi.Output<string> | undefined;
  /** ARNs of the teams' topics, by team. */
  readonly teamTopicArns: Readonly<Record<string, pulumi.Output<string>>>;

  constructor(name: string, args: FindingsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ecr-platform:index:Findings", name, {}, opts);
    const { findings } = args;
    const common: Common = {
      place: args.place,
      prefix: args.prefix,
      production: args.production,
      tags: args.tags,
    };
    const platform = new AlertTopic(
      name,
      {
        ...common,
        topic: "alerts",
        displayName: `ECR ${args.environment}`,
        publishers: ["events", "cloudwatch"],
        subscriptions: findings.subscriptions,
      },
      { parent: this },
    );
    const chat =
      findings.slack.length + findings.microsoftTeams.length > 0
        ? new ChatChannels(
            `${name}-chat`,
            {
              ...common,
              environment: args.environment,
              slack: findings.slack,
              microsoftTeams: findings.microsoftTeams,
              kmsKeyArn: platform.kmsKeyArn,
            },
            { parent: this },
          )
        : undefined;
    const routes: Route[] = platformAlerts(args.alerts).map((alert) => ({
      alert,
      topicArn: platform.arn,
      chatTopicArn: chat?.topicArn,
    }));
    this.teamTopicArns = Object.fromEntries(
      args.teams.flatMap((team): [string, pulumi.Output<string>][] => {
        if (team.findings === undefined) {
          return [];
        }
        const topic = new AlertTopic(
          `${name}-${team.name}`,
          {
            ...common,
            tags: team.tags,
            topic: `alerts-${team.name}`,
            displayName: `ECR ${args.environment} ${team.name}`,
            publishers: ["events"],
            subscriptions: team.findings.subscriptions,
            kmsKeyArn: platform.kmsKeyArn,
          },
          { parent: this },
        );
        routes.push(
          ...teamAlerts(args.alerts, team).map((alert) => ({
            alert,
            topicArn: topic.arn,
          })),
        );
        return [[team.name, topic.arn]];
      }),
    );
    new EventRoutes(
      `${name}-routes`,
      { ...common, part: "findings", routes, alarmTopicArn: platform.arn, chatTopicArn: chat?.topicArn },
      { parent: this },
    );
    if (findings.securityHub === "enable") {
      // One per account and region, and other products use it, so it is never disabled from here. AWS makes Inspector
      // send its findings there by itself. https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-internal-providers.html
      new aws.securityhub.Account(
        `${name}-security-hub`,
        { enableDefaultStandards: false },
        { parent: this, retainOnDelete: true },
      );
    }
    this.topicArn = platform.arn;
    this.chatTopicArn = chat?.topicArn;
    this.registerOutputs({ topicArn: this.topicArn, teamTopicArns: this.teamTopicArns });
  }
}

import * as aws from "./parts/aws";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../config/schema";
import type { TeamSettings } from "../config/settings";
import { billingRegion } from "../aws/arns";
import { shortName } from "../aws/names";
import { AlertTopic } from "./parts/alert-topic";
import type { Common } from "./parts/options";

/** Arguments of {@link Costs}. */
export interface CostsArgs extends Common {
  costs: StackConfig["costs"];
  /** Teams; those with a budget get one. */
  teams: TeamSettings[];
  /** Value of the Project tag, by which the anomaly monitor picks costs. */
  project: string;
}

/** How AWS Budgets names the service. */
const ECR_IN_BUDGETS = "Amazon EC2 Container Registry (ECR)";

/**
 * Budgets for Amazon ECR and per team, the billing alarm and the cost anomaly monitor, with one topic of
 * their own in the billing region: estimated charges exist there only, and only where billing alerts are on.
 * A team's budget counts what carries its Team tag, once the tag is activated for cost allocation.
 * https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html
 */
export class Costs extends pulumi.ComponentResource {
  /** Names of the budgets: `ecr`, and a team's as `team/<name>`. */
  readonly budgetNames: Readonly<Record<string, pulumi.Output<string>>>;
  readonly topicArn: pulumi.Output<string>;

  constructor(name: string, args: CostsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ecr-platform:index:Costs", name, {}, opts);
    const { costs } = args;
    const region = billingRegion(args.place);
    const topic = new AlertTopic(
      name,
      {
        place: { ...args.place, region },
        prefix: args.prefix,
        production: args.production,
        tags: args.tags,
        topic: `costs-${args.place.region}`,
        displayName: "ECR costs",
        publishers: ["budgets", "cloudwatch", "costalerts"],
        subscriptions: costs.emails.map((endpoint) => ({ protocol: "email", endpoint })),
      },
      { parent: this },
    );
    const budgets: [string, aws.budgets.Budget][] = [
      ...(costs.monthlyBudget === undefined
        ? []
        : [
            this.declareBudget(`${name}-ecr`, args, topic, {
              key: "ecr",
              limit: costs.monthlyBudget,
              filter: { name: "Service", values: [ECR_IN_BUDGETS] },
              emails: [],
            }),
          ]),
      ...args.teams.flatMap((team) =>
        team.monthlyBudget === undefined
          ? []
          : [
              this.declareBudget(`${name}-team-${team.name}`, args, topic, {
                key: `team/${team.name}`,
                limit: team.monthlyBudget,
                // Without user: a budget shows 0 USD.
                filter: { name: "TagKeyValue", values: [`user:Team$${team.name}`] },
                emails: team.tags.Contact === undefined ? [] : [team.tags.Contact],
              }),
            ],
      ),
    ];
    if (costs.billingAlarm !== undefined) {
      this.declareAlarm(name, args, topic, costs.billingAlarm, region);
    }
    if (costs.anomalyThreshold !== undefined) {
      this.declareAnomalyMonitor(name, args, topic, costs.anomalyThreshold);
    }
    this.budgetNames = Object.fromEntries(budgets.map(([key, budget]) => [key, budget.name]));
    this.topicArn = topic.arn;
    this.registerOutputs({ budgetNames: this.budgetNames, topicArn: this.topicArn });
  }

  private declareBudget(
    name: string,
    args: CostsArgs,
    topic: AlertTopic,
    budget: { key: string; limit: number; filter: { name: string; values: string[] }; emails: string[] },
  ): [string, aws.budgets.Budget] {
    const notify = (notificationType: string) => (threshold: number) => ({
      notificationType,
      threshold,
      thresholdType: "PERCENTAGE",
      comparisonOperator: "GREATER_THAN",
      subscriberSnsTopicArns: [topic.arn],
      subscriberEmailAddresses: budget.emails,
    });
    return [
      budget.key,
      new aws.budgets.Budget(
        name,
        {
          // Budgets are the account's, not the region's.
          name: shortName(`${args.prefix}-${args.place.region}-${budget.key.replace("/", "-")}`, 100),
          budgetType: "COST",
          timeUnit: "MONTHLY",
          limitAmount: String(budget.limit),
          limitUnit: "USD",
          costFilters: [budget.filter],
          notifications: [
            ...args.costs.actualThresholds.map(notify("ACTUAL")),
            ...args.costs.forecastThresholds.map(notify("FORECASTED")),
          ],
          tags: args.tags,
        },
        { parent: this },
      ),
    ];
  }

  private declareAlarm(name: string, args: CostsArgs, topic: AlertTopic, usd: number, region: string): void {
    new aws.cloudwatch.MetricAlarm(
      `${name}-billing-alarm`,
      {
        name: shortName(`${args.prefix}-${args.place.region}-billing`, 255),
        alarmDescription: `Amazon ECR's estimated charges of this month passed ${usd} USD`,
        namespace: "AWS/Billing",
        metricName: "EstimatedCharges",
        dimensions: { ServiceName: "AmazonECR", Currency: "USD" },
        statistic: "Maximum",
        // Published every few hours.
        period: 6 * 3600,
        evaluationPeriods: 1,
        threshold: usd,
        comparisonOperator: "GreaterThanThreshold",
        treatMissingData: "notBreaching",
        alarmActions: [topic.arn],
        region,
        tags: args.tags,
      },
      { parent: this },
    );
  }

  private declareAnomalyMonitor(name: string, args: CostsArgs, topic: AlertTopic, usd: number): void {
    const monitor = new aws.costexplorer.AnomalyMonitor(
      `${name}-anomalies`,
      {
        name: shortName(`${args.prefix}-${args.place.region}`, 50),
        monitorType: "CUSTOM",
        // The whole expression as the API returns it, or every preview would show a difference.
        monitorSpecification: JSON.stringify({
          And: null,
          CostCategories: null,
          Dimensions: null,
          Not: null,
          Or: null,
          Tags: { Key: "Project", MatchOptions: null, Values: [args.project] },
        }),
        tags: args.tags,
      },
      { parent: this },
    );
    new aws.costexplorer.AnomalySubscription(
      `${name}-anomalies-subscription`,
      {
        name: shortName(`${args.prefix}-${args.place.region}`, 50),
        frequency: "IMMEDIATE",
        monitorArnLists: [monitor.arn],
        subscribers: [{ type: "SNS", address: topic.arn }],
        thresholdExpression: {
          dimension: {
            key: "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
            matchOptions: ["GREATER_THAN_OR_EQUAL"],
            values: [String(usd)],
          },
        },
        tags: args.tags,
      },
      { parent: this },
    );
  }
}

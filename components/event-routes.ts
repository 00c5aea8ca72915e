import * as aws from "./parts/aws";
import * as pulumi from "@pulumi/pulumi";
import { arnOf } from "../aws/arns";
import type { Alert } from "../documents/events";
import { chatMessage, textMessage, type InputTransformer } from "../documents/messages";
import { shortName } from "../aws/names";
import { deadLetterQueuePolicy } from "../documents/queue-policy";
import { deadLetterQueue } from "./parts/dead-letter-queue";
import type { Common } from "./parts/options";
import { thresholdAlarm, type AlarmTo } from "./parts/threshold-alarm";

/** An alert and the topics that get its message. */
export interface Route {
  alert: Alert;
  /** Topic that gets the message as text. */
  topicArn: pulumi.Input<string>;
  /** Topic that gets the message in the form that chat channels show. Default none. */
  chatTopicArn?: pulumi.Input<string>;
}

/** Arguments of {@link EventRoutes}. */
export interface EventRoutesArgs extends Common, AlarmTo {
  /** Part of the physical names of rules and queue. */
  part: string;
  /** Routes; the alerts' names are unique among them. */
  routes: Route[];
}

/**
 * EventBridge rules with readable messages to SNS topics. Deliveries are retried for a day and then kept in
 * a dead-letter queue for two weeks; alarms report a queue that is not empty and a rule that cannot deliver.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
 */
export class EventRoutes extends pulumi.ComponentResource {
  /** ARN of the dead-letter queue. */
  readonly deadLetterQueueArn: pulumi.Output<string>;

  constructor(name: string, args: EventRoutesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ecr-platform:index:EventRoutes", name, {}, opts);
    const queueName = shortName(`${args.prefix}-${args.part}-dead-letters`, 80);
    const queue = deadLetterQueue(
      `${name}-dead-letters`,
      {
        ...args,
        queueName,
        policy: deadLetterQueuePolicy(args.place, arnOf(args.place, "sqs", queueName), `${args.prefix}-`),
        holds: "Alerts that could not be delivered",
      },
      this,
    );
    for (const route of args.routes) {
      this.declareRoute(`${name}-${route.alert.name}`, route, queue, args);
    }
    this.deadLetterQueueArn = queue.arn;
    this.registerOutputs({ deadLetterQueueArn: this.deadLetterQueueArn });
  }

  private declareRoute(
    name: string,
    { alert, topicArn, chatTopicArn }: Route,
    queue: aws.sqs.Queue,
    args: EventRoutesArgs,
  ): void {
    const ruleName = shortName(`${args.prefix}-${args.part}-${alert.name}`, 64);
    const rule = new aws.cloudwatch.EventRule(
      name,
      {
        name: ruleName,
        description: alert.description,
        eventPattern: JSON.stringify(alert.pattern),
        // Without it the provider would not notice that somebody disabled the rule.
        state: "ENABLED",
        tags: args.tags,
      },
      { parent: this },
    );
    const declareTarget = (
      logicalName: string,
      targetId: string,
      arn: pulumi.Input<string>,
      inputTransformer: InputTransformer,
    ) =>
      new aws.cloudwatch.EventTarget(
        logicalName,
        {
          rule: rule.name,
          targetId,
          arn,
          inputTransformer,
          deadLetterConfig: { arn: queue.arn },
          retryPolicy: { maximumEventAgeInSeconds: 24 * 3600, maximumRetryAttempts: 185 },
        },
        { parent: rule },
      );
    declareTarget(`${name}-target`, "topic", topicArn, textMessage(alert.message));
    if (chatTopicArn !== undefined) {
      declareTarget(`${name}-chat`, "chat", chatTopicArn, chatMessage(alert.message));
    }
    thresholdAlarm(
      `${name}-alarm`,
      {
        description: `The rule ${ruleName} cannot deliver`,
        namespace: "AWS/Events",
        metricName: "FailedInvocations",
        dimensions: { RuleName: ruleName },
        statistic: "Sum",
      },
      args,
      this,
    );
  }
}

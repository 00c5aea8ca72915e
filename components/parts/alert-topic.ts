import * as aws from "./aws";
import * as pulumi from "@pulumi/pulumi";
import type { SubscriptionConfig } from "../../config/schema";
import { arnOf, topicName, type TopicPurpose } from "../../aws/arns";
import { alertKeyPolicy, type Publisher } from "../../documents/key-policies";
import { digest } from "../../aws/names";
import { topicPolicy } from "../../documents/topic-policy";
import { encryptionKey } from "./encryption-key";
import type { Common } from "./options";

/** Arguments of {@link AlertTopic}. */
export interface AlertTopicArgs extends Common {
  /** Last part of the topic's physical name. */
  topic: TopicPurpose;
  /** Name of the sender in mails, at most 100 characters. */
  displayName: string;
  /** AWS services that publish to the topic. */
  publishers: readonly Publisher[];
  subscriptions: readonly SubscriptionConfig[];
  /** ARN of a key whose policy allows the publishers. Default a key of the topic's own. */
  kmsKeyArn?: pulumi.Input<string>;
}

/**
 * An SNS topic for alerts, encrypted with a key that its publishers may use (SNS.1), which refuses plain
 * HTTP and whose policy names its publishers. It stands in `place.region`, whatever the stack's.
 */
export class AlertTopic extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  /** ARN of the key that encrypts the topic. */
  readonly kmsKeyArn: pulumi.Output<string>;

  constructor(name: string, args: AlertTopicArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ecr-platform:index:AlertTopic", name, {}, opts);
    const { place, tags } = args;
    const region = place.region;
    const physicalName = topicName(args.prefix, args.topic);
    this.kmsKeyArn = pulumi.output(
      args.kmsKeyArn ??
        encryptionKey(
          name,
          {
            ...args,
            description: `Alerts of ${args.prefix} (${args.topic})`,
            alias: args.topic,
            policy: alertKeyPolicy(place, args.publishers),
            region,
          },
          this,
        ).arn,
    );
    const topic = new aws.sns.Topic(
      `${name}-topic`,
      {
        name: physicalName,
        displayName: args.displayName.slice(0, 100),
        kmsMasterKeyId: this.kmsKeyArn,
        region,
        tags,
      },
      { parent: this },
    );
    new aws.sns.TopicPolicy(
      `${name}-topic-policy`,
      {
        arn: topic.arn,
        policy: JSON.stringify(
          topicPolicy(place, arnOf(place, "sns", physicalName), args.publishers, `${args.prefix}-`),
        ),
        region,
      },
      { parent: this },
    );
    for (const subscription of args.subscriptions) {
      this.subscribe(name, subscription, topic, args);
    }
    this.arn = topic.arn;
    this.registerOutputs({ arn: this.arn });
  }

  private subscribe(
    name: string,
    { protocol, endpoint }: SubscriptionConfig,
    topic: aws.sns.Topic,
    { place }: AlertTopicArgs,
  ): void {
    // A webhook's address holds its token, so it is neither part of a name nor shown.
    const label = `${name}-${protocol}-${protocol === "https" ? digest(endpoint) : endpoint}`;
    const [, , , region = "", accountId] = endpoint.split(":");
    if (protocol === "lambda" && accountId === place.accountId) {
      // SNS invokes a function only where the function's policy says so; another account's is its own to change.
      new aws.lambda.Permission(
        `${label}-permission`,
        {
          action: "lambda:InvokeFunction",
          function: endpoint,
          principal: "sns.amazonaws.com",
          sourceArn: topic.arn,
          region,
        },
        { parent: this },
      );
    }
    new aws.sns.TopicSubscription(
      label,
      {
        topic: topic.arn,
        protocol,
        endpoint: protocol === "https" ? pulumi.secret(endpoint) : endpoint,
        region: place.region,
      },
      { parent: this },
    );
  }
}

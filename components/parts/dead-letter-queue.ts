import * as aws from "./aws";
import type * as pulumi from "@pulumi/pulumi";
import type { PolicyDocument } from "../../documents/iam";
import { thresholdAlarm, type AlarmTo } from "./threshold-alarm";

/** Arguments of {@link deadLetterQueue}. */
export interface DeadLetterQueueArgs extends AlarmTo {
  /** Physical name, at most 80 characters. */
  queueName: string;
  policy: PolicyDocument;
  /** What waits in the queue, for the alarm. */
  holds: string;
}

/** Declares an encrypted queue that keeps what could not be delivered for two weeks, and an alarm while it is not empty. */
export function deadLetterQueue(
  name: string,
  args: DeadLetterQueueArgs,
  parent: pulumi.Resource,
): aws.sqs.Queue {
  const { queueName, tags } = args;
  const queue = new aws.sqs.Queue(
    name,
    { name: queueName, messageRetentionSeconds: 14 * 24 * 3600, sqsManagedSseEnabled: true, tags },
    { parent },
  );
  new aws.sqs.QueuePolicy(
    `${name}-policy`,
    { queueUrl: queue.url, policy: JSON.stringify(args.policy) },
    { parent },
  );
  thresholdAlarm(
    `${name}-alarm`,
    {
      description: `${args.holds} wait in ${queueName}`,
      namespace: "AWS/SQS",
      metricName: "ApproximateNumberOfMessagesVisible",
      dimensions: { QueueName: queueName },
      statistic: "Maximum",
    },
    args,
    parent,
  );
  return queue;
}

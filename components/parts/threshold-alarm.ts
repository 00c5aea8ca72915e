import * as aws from "./aws";
import type * as pulumi from "@pulumi/pulumi";
import type { AlarmSpec } from "../../documents/alarms";
import { shortName } from "../../aws/names";
import type { Common } from "./options";

/** Who is notified of an alarm, and how it is named and tagged. */
export interface AlarmTo extends Pick<Common, "prefix" | "tags"> {
  /** Topic that is notified when the alarm begins and ends. */
  alarmTopicArn: pulumi.Input<string>;
  /** Topic of the chat channels, which is notified too. Default none. */
  chatTopicArn?: pulumi.Input<string>;
}

/**
 * Declares an alarm on a metric above a threshold, named after its logical name.
 * @returns its physical name
 */
export function thresholdAlarm(
  name: string,
  { description, keepState = false, period = 300, threshold = 0, ...metric }: AlarmSpec,
  to: AlarmTo,
  parent: pulumi.Resource,
): string {
  const alarmName = shortName(`${to.prefix}-${name}`, 255);
  const topicArns = [to.alarmTopicArn, ...(to.chatTopicArn === undefined ? [] : [to.chatTopicArn])];
  new aws.cloudwatch.MetricAlarm(
    name,
    {
      ...metric,
      alarmDescription: description,
      name: alarmName,
      period,
      evaluationPeriods: 1,
      threshold,
      comparisonOperator: "GreaterThanThreshold",
      treatMissingData: keepState ? "ignore" : "notBreaching",
      alarmActions: topicArns,
      okActions: topicArns,
      tags: to.tags,
    },
    { parent },
  );
  return alarmName;
}

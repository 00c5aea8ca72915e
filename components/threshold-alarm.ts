import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { AlarmSpec } from "../documents/alarms";
import { shortName } from "../documents/names";
import type { Common } from "./options";

/** Whom an alarm tells, and how it is named and tagged. */
export interface AlarmTo extends Pick<Common, "prefix" | "tags"> {
  /** Topic that hears of the alarm and of its end. */
  alarmTopicArn: pulumi.Input<string>;
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
      alarmActions: [to.alarmTopicArn],
      okActions: [to.alarmTopicArn],
      tags: to.tags,
    },
    { parent },
  );
  return alarmName;
}

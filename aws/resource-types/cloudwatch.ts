import type { ResourceType } from "./resource-type";

/**
 * Amazon CloudWatch, CloudWatch Logs and EventBridge.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html
 */
export const cloudwatch: Record<string, ResourceType> = {
  "aws:cloudwatch/dashboard:Dashboard": {
    read: { dashboard: ["cloudwatch:GetDashboard"] },
    write: { dashboard: ["cloudwatch:DeleteDashboards", "cloudwatch:PutDashboard"] },
    replace: ["dashboardName"],
    update: ["dashboardBody"],
  },
  "aws:cloudwatch/eventRule:EventRule": {
    read: { rule: ["events:DescribeRule", "events:ListTagsForResource"] },
    write: {
      rule: ["events:DeleteRule", "events:PutRule", "events:TagResource", "events:UntagResource"],
    },
    replace: ["name"],
    update: ["description", "eventPattern", "state"],
  },
  "aws:cloudwatch/eventTarget:EventTarget": {
    read: { rule: ["events:ListTargetsByRule"] },
    write: { rule: ["events:PutTargets", "events:RemoveTargets"] },
    replace: ["rule", "targetId"],
    update: ["arn", "deadLetterConfig", "inputTransformer", "retryPolicy"],
  },
  "aws:cloudwatch/logGroup:LogGroup": {
    read: { any: ["logs:DescribeLogGroups"], logGroup: ["logs:ListTagsForResource"] },
    write: {
      logGroup: [
        "logs:AssociateKmsKey",
        "logs:CreateLogGroup",
        "logs:DeleteLogGroup",
        "logs:DeleteRetentionPolicy",
        "logs:PutRetentionPolicy",
        "logs:TagResource",
        "logs:UntagResource",
      ],
    },
    replace: ["name"],
    update: ["kmsKeyId", "retentionInDays"],
  },
  "aws:cloudwatch/metricAlarm:MetricAlarm": {
    // Listing calls of CloudWatch are authorized on all alarms.
    read: { any: ["cloudwatch:DescribeAlarms"], alarm: ["cloudwatch:ListTagsForResource"] },
    write: {
      alarm: [
        "cloudwatch:DeleteAlarms",
        "cloudwatch:PutMetricAlarm",
        "cloudwatch:TagResource",
        "cloudwatch:UntagResource",
      ],
    },
    replace: ["name"],
    update: [
      "alarmActions",
      "alarmDescription",
      "comparisonOperator",
      "dimensions",
      "evaluationPeriods",
      "metricName",
      "metricQueries",
      "namespace",
      "okActions",
      "period",
      "statistic",
      "threshold",
      "treatMissingData",
    ],
  },
};

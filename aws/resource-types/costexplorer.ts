import type { ResourceType } from "./resource-type";

/**
 * AWS Cost Explorer.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscostexplorerservice.html
 */
export const costexplorer: Record<string, ResourceType> = {
  "aws:costexplorer/anomalyMonitor:AnomalyMonitor": {
    read: { any: ["ce:GetAnomalyMonitors", "ce:ListTagsForResource"] },
    write: {
      any: [
        "ce:CreateAnomalyMonitor",
        "ce:DeleteAnomalyMonitor",
        "ce:TagResource",
        "ce:UntagResource",
        "ce:UpdateAnomalyMonitor",
      ],
    },
    replace: ["monitorSpecification", "monitorType"],
    update: ["name"],
  },
  "aws:costexplorer/anomalySubscription:AnomalySubscription": {
    read: { any: ["ce:GetAnomalySubscriptions", "ce:ListTagsForResource"] },
    write: {
      any: [
        "ce:CreateAnomalySubscription",
        "ce:DeleteAnomalySubscription",
        "ce:TagResource",
        "ce:UntagResource",
        "ce:UpdateAnomalySubscription",
      ],
    },
    replace: ["name"],
    update: ["frequency", "monitorArnLists", "subscribers", "thresholdExpression"],
  },
};

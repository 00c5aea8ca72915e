import { passRole, serviceLinkedRole, type ResourceType } from "./resource-type";

/**
 * AWS CloudTrail.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudtrail.html
 */
export const cloudtrail: Record<string, ResourceType> = {
  "aws:cloudtrail/trail:Trail": {
    read: {
      any: ["cloudtrail:DescribeTrails"],
      trail: [
        "cloudtrail:GetEventSelectors",
        "cloudtrail:GetInsightSelectors",
        "cloudtrail:GetTrailStatus",
        "cloudtrail:ListTags",
      ],
    },
    write: {
      trail: [
        "cloudtrail:AddTags",
        "cloudtrail:CreateTrail",
        "cloudtrail:DeleteTrail",
        "cloudtrail:PutEventSelectors",
        "cloudtrail:RemoveTags",
        "cloudtrail:StartLogging",
        "cloudtrail:StopLogging",
        "cloudtrail:UpdateTrail",
      ],
      ...passRole,
      ...serviceLinkedRole,
    },
    replace: ["name"],
    update: [
      "cloudWatchLogsGroupArn",
      "cloudWatchLogsRoleArn",
      "enableLogFileValidation",
      "enableLogging",
      "includeGlobalServiceEvents",
      "isMultiRegionTrail",
      "kmsKeyId",
      "s3BucketName",
    ],
    keep: "calls are not recorded without it",
  },
};

import type { ResourceType } from "./resource-type";

/**
 * AWS KMS.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html
 */
export const kms: Record<string, ResourceType> = {
  "aws:kms/alias:Alias": {
    read: { any: ["kms:ListAliases"] },
    write: {
      alias: ["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"],
      key: ["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"],
    },
    replace: ["name"],
    update: ["targetKeyId"],
  },
  "aws:kms/key:Key": {
    read: {
      key: ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"],
    },
    write: {
      any: ["kms:CreateKey"],
      key: [
        "kms:EnableKeyRotation",
        "kms:PutKeyPolicy",
        "kms:ScheduleKeyDeletion",
        "kms:TagResource",
        "kms:UntagResource",
        "kms:UpdateKeyDescription",
      ],
    },
    replace: [],
    update: ["deletionWindowInDays", "description", "enableKeyRotation", "policy", "rotationPeriodInDays"],
    keep: "nothing that it encrypts can be read without it",
  },
};

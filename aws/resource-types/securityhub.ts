import { serviceLinkedRole, type ResourceType } from "./resource-type";

/**
 * AWS Security Hub.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecurityhub.html
 */
export const securityhub: Record<string, ResourceType> = {
  "aws:securityhub/account:Account": {
    read: { any: ["securityhub:DescribeHub"] },
    write: {
      any: [
        "securityhub:DisableSecurityHub",
        "securityhub:EnableSecurityHub",
        "securityhub:UpdateSecurityHubConfiguration",
      ],
      ...serviceLinkedRole,
    },
    replace: ["enableDefaultStandards"],
    update: [],
  },
};

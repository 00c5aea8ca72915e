import type { ResourceType } from "./resource-type";

/**
 * Security group rules of Amazon EC2.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
 */
export const vpc: Record<string, ResourceType> = {
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {
    read: { any: ["ec2:DescribeSecurityGroupRules"] },
    write: {
      any: [
        "ec2:AuthorizeSecurityGroupIngress",
        "ec2:CreateTags",
        "ec2:DeleteTags",
        "ec2:ModifySecurityGroupRules",
        "ec2:RevokeSecurityGroupIngress",
      ],
    },
    replace: ["securityGroupId"],
    update: [
      "cidrIpv4",
      "cidrIpv6",
      "description",
      "fromPort",
      "ipProtocol",
      "prefixListId",
      "referencedSecurityGroupId",
      "toPort",
    ],
  },
};

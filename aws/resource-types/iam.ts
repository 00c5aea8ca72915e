import type { ResourceType } from "./resource-type";

/**
 * AWS IAM.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
 */
export const iam: Record<string, ResourceType> = {
  "aws:iam/openIdConnectProvider:OpenIdConnectProvider": {
    read: { oidcProvider: ["iam:GetOpenIDConnectProvider"] },
    write: {
      oidcProvider: [
        "iam:AddClientIDToOpenIDConnectProvider",
        "iam:CreateOpenIDConnectProvider",
        "iam:DeleteOpenIDConnectProvider",
        "iam:RemoveClientIDFromOpenIDConnectProvider",
        "iam:TagOpenIDConnectProvider",
        "iam:UntagOpenIDConnectProvider",
        "iam:UpdateOpenIDConnectProviderThumbprint",
      ],
    },
    replace: ["url"],
    update: ["clientIdLists"],
    keep: "no workflow in the account can push or deploy without it",
  },
  "aws:iam/role:Role": {
    read: { role: ["iam:GetRole", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"] },
    write: {
      role: [
        "iam:CreateRole",
        "iam:DeleteRole",
        "iam:ListInstanceProfilesForRole",
        "iam:TagRole",
        "iam:UntagRole",
        "iam:UpdateAssumeRolePolicy",
        "iam:UpdateRole",
        "iam:UpdateRoleDescription",
      ],
    },
    replace: ["name"],
    update: ["assumeRolePolicy", "description", "maxSessionDuration"],
  },
  "aws:iam/rolePolicy:RolePolicy": {
    read: { role: ["iam:GetRolePolicy"] },
    write: { role: ["iam:DeleteRolePolicy", "iam:PutRolePolicy"] },
    replace: ["name", "role"],
    update: ["policy"],
  },
};

import { serviceLinkedRole, type ResourceType } from "./resource-type";

/**
 * Amazon Inspector.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoninspector2.html
 */
export const inspector2: Record<string, ResourceType> = {
  "aws:inspector2/enabler:Enabler": {
    read: { any: ["inspector2:BatchGetAccountStatus"] },
    write: { any: ["inspector2:Disable", "inspector2:Enable"], ...serviceLinkedRole },
    replace: [],
    update: ["accountIds", "resourceTypes"],
  },
  "aws:inspector2/memberAssociation:MemberAssociation": {
    read: { any: ["inspector2:GetMember"] },
    write: { any: ["inspector2:AssociateMember", "inspector2:DisassociateMember"] },
    replace: ["accountId"],
    update: [],
  },
};

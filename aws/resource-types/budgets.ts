import type { ResourceType } from "./resource-type";

/**
 * AWS Budgets.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbudgetservice.html
 */
export const budgets: Record<string, ResourceType> = {
  "aws:budgets/budget:Budget": {
    read: { any: ["budgets:ListTagsForResource", "budgets:ViewBudget"] },
    write: { any: ["budgets:ModifyBudget", "budgets:TagResource", "budgets:UntagResource"] },
    replace: ["name"],
    update: ["budgetType", "costFilters", "limitAmount", "limitUnit", "notifications", "timeUnit"],
  },
};

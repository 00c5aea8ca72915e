import { passRole, type ResourceType } from "./resource-type";

/**
 * Amazon EventBridge Scheduler.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridgescheduler.html
 */
export const scheduler: Record<string, ResourceType> = {
  "aws:scheduler/schedule:Schedule": {
    read: { schedule: ["scheduler:GetSchedule"] },
    write: {
      schedule: ["scheduler:CreateSchedule", "scheduler:DeleteSchedule", "scheduler:UpdateSchedule"],
      ...passRole,
    },
    replace: ["name"],
    update: [
      "description",
      "flexibleTimeWindow",
      "scheduleExpression",
      "scheduleExpressionTimezone",
      "target",
    ],
  },
};

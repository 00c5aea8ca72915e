import type { ResourceType } from "./resource-type";

/**
 * Amazon SQS.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html
 */
export const sqs: Record<string, ResourceType> = {
  "aws:sqs/queue:Queue": {
    read: { queue: ["sqs:GetQueueAttributes", "sqs:ListQueueTags"] },
    write: {
      queue: [
        "sqs:CreateQueue",
        "sqs:DeleteQueue",
        "sqs:SetQueueAttributes",
        "sqs:TagQueue",
        "sqs:UntagQueue",
      ],
    },
    replace: ["name"],
    update: ["messageRetentionSeconds", "sqsManagedSseEnabled"],
  },
  "aws:sqs/queuePolicy:QueuePolicy": {
    read: { queue: ["sqs:GetQueueAttributes"] },
    write: { queue: ["sqs:SetQueueAttributes"] },
    replace: ["queueUrl"],
    update: ["policy"],
  },
};

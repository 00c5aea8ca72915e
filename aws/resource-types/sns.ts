import type { ResourceType } from "./resource-type";

/**
 * Amazon SNS.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html
 */
export const sns: Record<string, ResourceType> = {
  "aws:sns/topic:Topic": {
    read: { topic: ["sns:GetTopicAttributes", "sns:ListTagsForResource"] },
    write: {
      topic: [
        "sns:CreateTopic",
        "sns:DeleteTopic",
        "sns:SetTopicAttributes",
        "sns:TagResource",
        "sns:UntagResource",
      ],
    },
    replace: ["name"],
    update: ["displayName", "kmsMasterKeyId"],
  },
  "aws:sns/topicPolicy:TopicPolicy": {
    read: { topic: ["sns:GetTopicAttributes"] },
    write: { topic: ["sns:SetTopicAttributes"] },
    replace: ["arn"],
    update: ["policy"],
  },
  "aws:sns/topicSubscription:TopicSubscription": {
    read: { topic: ["sns:GetSubscriptionAttributes"] },
    write: { any: ["sns:SetSubscriptionAttributes", "sns:Unsubscribe"], topic: ["sns:Subscribe"] },
    replace: ["endpoint", "protocol", "topic"],
    update: [],
  },
};

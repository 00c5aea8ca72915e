import { passRole, serviceLinkedRole, type ResourceType } from "./resource-type";

/**
 * Amazon Q Developer in chat applications, formerly AWS Chatbot.
 * The API changes neither workspace nor team; the program asks for the replacement (components/parts/chat-channels.ts).
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awschatbot.html
 */
export const chatbot: Record<string, ResourceType> = {
  "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": {
    read: { any: ["chatbot:DescribeSlackChannelConfigurations", "chatbot:ListTagsForResource"] },
    write: {
      any: [
        "chatbot:CreateSlackChannelConfiguration",
        "chatbot:DeleteSlackChannelConfiguration",
        "chatbot:TagResource",
        "chatbot:UntagResource",
        "chatbot:UpdateSlackChannelConfiguration",
      ],
      ...passRole,
      ...serviceLinkedRole,
    },
    replace: [],
    update: ["guardrailPolicyArns", "iamRoleArn", "loggingLevel", "slackChannelId", "snsTopicArns"],
  },
  "aws:chatbot/teamsChannelConfiguration:TeamsChannelConfiguration": {
    // The provider looks a channel up by its team, in the list.
    read: { any: ["chatbot:ListMicrosoftTeamsChannelConfigurations", "chatbot:ListTagsForResource"] },
    write: {
      any: [
        "chatbot:CreateMicrosoftTeamsChannelConfiguration",
        "chatbot:DeleteMicrosoftTeamsChannelConfiguration",
        "chatbot:TagResource",
        "chatbot:UntagResource",
        "chatbot:UpdateMicrosoftTeamsChannelConfiguration",
      ],
      ...passRole,
      ...serviceLinkedRole,
    },
    replace: [],
    update: ["channelId", "guardrailPolicyArns", "iamRoleArn", "loggingLevel", "snsTopicArns"],
  },
};

import * as aws from "./aws";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../../config/schema";
import { serviceTrust } from "../../documents/iam";
import { shortName } from "../../aws/names";
import { AlertTopic } from "./alert-topic";
import type { Common } from "./options";

/** Arguments of {@link ChatChannels}. */
export interface ChatChannelsArgs extends Common {
  environment: string;
  slack: StackConfig["findings"]["slack"];
  microsoftTeams: StackConfig["findings"]["microsoftTeams"];
  /** ARN of a key whose policy lets EventBridge and CloudWatch encrypt messages. */
  kmsKeyArn: pulumi.Input<string>;
}

/**
 * Slack and Microsoft Teams channels, and the topic whose messages they show, through Amazon Q Developer in chat
 * applications (AWS Chatbot). The topic is one of its own, since the service shows alarms and its own notification
 * schema but drops text for mail. The channels notify only: the guardrail denies every command typed in the channel,
 * where the service's default would be AdministratorAccess. The workspace or team must have been authorized once in the
 * console. https://docs.aws.amazon.com/chatbot/latest/adminguide/setting-up.html
 */
export class ChatChannels extends pulumi.ComponentResource {
  /** ARN of the topic whose messages the channels show. */
  readonly topicArn: pulumi.Output<string>;

  constructor(name: string, args: ChatChannelsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ecr-platform:index:ChatChannels", name, {}, opts);
    const { arn: topicArn } = new AlertTopic(
      `${name}-alerts`,
      {
        ...args,
        topic: "chat",
        displayName: `ECR ${args.environment} chat`,
        publishers: ["events", "cloudwatch"],
        subscriptions: [],
      },
      { parent: this },
    );
    const role = new aws.iam.Role(
      `${name}-role`,
      {
        name: shortName(`${args.prefix}-${args.place.region}-chat`, 64),
        description: "Shows alerts in chat channels; may do nothing itself",
        assumeRolePolicy: JSON.stringify(serviceTrust("chatbot.amazonaws.com")),
        tags: args.tags,
      },
      { parent: this },
    );
    const common = (channel: string) => ({
      configurationName: shortName(`${args.prefix}-${channel}`, 128),
      iamRoleArn: role.arn,
      guardrailPolicyArns: [`arn:${args.place.partition}:iam::aws:policy/AWSDenyAll`],
      loggingLevel: "ERROR",
      snsTopicArns: [topicArn],
      tags: args.tags,
    });
    // The API cannot change these of a configuration, and takes a name once; the provider does not replace for them.
    // https://docs.aws.amazon.com/chatbot/latest/APIReference/API_UpdateMicrosoftTeamsChannelConfiguration.html
    const replacedBy = (...inputs: string[]) => ({
      parent: this,
      deleteBeforeReplace: true,
      replaceOnChanges: ["configurationName", ...inputs],
    });
    for (const channel of args.slack) {
      new aws.chatbot.SlackChannelConfiguration(
        `${name}-slack-${channel.name}`,
        { ...common(channel.name), slackTeamId: channel.workspaceId, slackChannelId: channel.channelId },
        replacedBy("slackTeamId"),
      );
    }
    for (const channel of args.microsoftTeams) {
      new aws.chatbot.TeamsChannelConfiguration(
        `${name}-teams-${channel.name}`,
        {
          ...common(channel.name),
          tenantId: channel.tenantId,
          teamId: channel.teamId,
          channelId: channel.channelId,
        },
        replacedBy("teamId", "tenantId"),
      );
    }
    this.topicArn = topicArn;
    this.registerOutputs({ topicArn });
  }
}

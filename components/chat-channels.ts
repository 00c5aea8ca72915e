import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../config/schema";
import { serviceTrust } from "../documents/iam";
import { shortName } from "../documents/names";
import type { Common } from "./options";

/** What {@link ChatChannels} is told. */
export interface ChatChannelsArgs extends Common {
  slack: StackConfig["findings"]["slack"];
  microsoftTeams: StackConfig["findings"]["microsoftTeams"];
  /** Topic whose messages the channels show. */
  topicArn: pulumi.Input<string>;
}

/**
 * Slack and Microsoft Teams channels that show a topic's messages, through Amazon Q Developer in chat
 * applications (AWS Chatbot). They notify only: the guardrail denies every command typed in the channel,
 * where the service's default would be AdministratorAccess. The workspace or team must have been
 * authorized once in the console. https://docs.aws.amazon.com/chatbot/latest/adminguide/setting-up.html
 */
export class ChatChannels extends pulumi.ComponentResource {
  constructor(name: string, args: ChatChannelsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ecr-platform:index:ChatChannels", name, {}, opts);
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
      snsTopicArns: [args.topicArn],
      tags: args.tags,
    });
    for (const channel of args.slack) {
      new aws.chatbot.SlackChannelConfiguration(
        `${name}-slack-${channel.name}`,
        { ...common(channel.name), slackTeamId: channel.workspaceId, slackChannelId: channel.channelId },
        { parent: this },
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
        { parent: this },
      );
    }
    this.registerOutputs({});
  }
}

import { EMAIL } from "../formats";
import type { SubscriptionConfig } from "../schema";
import { repeated, type Reporter, type Subject } from "./subject";

const ENDPOINTS: Record<SubscriptionConfig["protocol"], { pattern: RegExp; form: string }> = {
  email: { pattern: EMAIL, form: "a mail address" },
  https: { pattern: /^https:\/\/[A-Za-z0-9.-]+(:\d+)?(\/\S*)?$/, form: "an https:// URL" },
  sqs: {
    pattern: /^arn:aws(-cn|-us-gov)?:sqs:[a-z0-9-]+:\d{12}:[\w-]{1,80}$/,
    form: "the ARN of an SQS queue",
  },
  lambda: {
    pattern: /^arn:aws(-cn|-us-gov)?:lambda:[a-z0-9-]+:\d{12}:function:[\w-]+(:[\w-]+)?$/,
    form: "the ARN of a Lambda function",
  },
};

/** Hosts of chats, whose webhooks never confirm a subscription of SNS and cannot read its messages. */
const CHATS = ["hooks.slack.com", "webhook.office.com"];

function isChat(url: string): boolean {
  const [, host = ""] = url.toLowerCase().split(/[/:]+/, 2);
  return CHATS.some((chat) => host === chat || host.endsWith(`.${chat}`));
}

/** Subscriptions, channels, and parts that need the topic. */
export function checkFindings({ config, settings }: Subject, error: Reporter, warn: Reporter): void {
  const { findings } = config;
  const checkSubscriptions = (key: string, list: SubscriptionConfig[]) => {
    list.forEach(({ protocol, endpoint }, i) => {
      if (!ENDPOINTS[protocol].pattern.test(endpoint)) {
        error(`${key}[${i}].endpoint`, {
          rule: `with protocol ${protocol} it is ${ENDPOINTS[protocol].form}`,
          fix: "change the endpoint or the protocol",
        });
      } else if (protocol === "https" && isChat(endpoint)) {
        error(`${key}[${i}].endpoint`, {
          rule: "a chat's webhook does not confirm a subscription of SNS, so nothing would arrive",
          fix: "list the channel in findings.slack or findings.microsoftTeams, or subscribe a Lambda function that posts to the webhook",
        });
      }
    });
    for (const { index, first } of repeated(
      list.map(({ protocol, endpoint }) => `${protocol} ${endpoint}`),
    )) {
      error(`${key}[${index}]`, { rule: `the same subscription as ${key}[${first}]`, fix: "remove one" });
    }
  };
  checkSubscriptions("findings.subscriptions", findings.subscriptions);
  for (const list of ["slack", "microsoftTeams"] as const) {
    for (const { index, first } of repeated(findings[list].map((channel) => channel.name))) {
      error(`findings.${list}[${index}].name`, {
        rule: `the same name as findings.${list}[${first}]`,
        fix: "rename one",
      });
    }
    if (findings[list].length > 0 && settings.place.partition !== "aws") {
      error(`findings.${list}`, {
        rule: `chat channels are not available in the partition ${settings.place.partition}`,
        fix: "use mail or https",
      });
    }
  }
  // The provider finds a channel by its team, and fails where it finds several.
  for (const { index, first } of repeated(
    findings.microsoftTeams.map(({ teamId }) => teamId.toLowerCase()),
  )) {
    error(`findings.microsoftTeams[${index}].teamId`, {
      rule: `the same Microsoft Teams team as findings.microsoftTeams[${first}], and the AWS provider manages one channel per team`,
      fix: "keep one channel, or create the other in the console",
    });
  }
  config.teams.forEach((team, t) => {
    if (team.findings !== undefined) {
      checkSubscriptions(`teams[${t}].findings.subscriptions`, team.findings.subscriptions);
      if (!findings.manage) {
        error(`teams[${t}].findings`, {
          rule: "a team's topic needs findings.manage, which is off in this stack",
          fix: "switch findings on, or remove it",
        });
      }
    }
  });
  if (findings.manage && findings.topicArn !== undefined) {
    error("findings.topicArn", {
      rule: "a stack that makes its topic takes none from elsewhere",
      fix: "remove it, or set findings.manage: false",
    });
  }
  if (
    findings.manage &&
    findings.subscriptions.length + findings.slack.length + findings.microsoftTeams.length === 0
  ) {
    warn("findings.subscriptions", {
      rule: "nobody is notified of the platform's alerts",
      fix: "list a mail address or webhook here, or a channel in findings.slack or findings.microsoftTeams",
    });
  }
}

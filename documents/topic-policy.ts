import { arnOf, type Place } from "../aws/arns";
import { denyPlainHttp, policyOf, type PolicyDocument, type Statement } from "./iam";
import type { Publisher } from "./key-policies";

/** ARNs that a publisher other than EventBridge states as its source, where AWS documents that it does. */
function sourceOf(place: Place, publisher: Exclude<Publisher, "events">): string | undefined {
  switch (publisher) {
    case "cloudwatch":
      return arnOf(place, "cloudwatch", "alarm:*");
    case "budgets":
      return `arn:${place.partition}:budgets::${place.accountId}:*`;
    case "costalerts":
      return undefined;
  }
}

/** Binds a publisher to this account, and to its own kind of resource. */
function fromThisAccount(place: Place, publisher: Exclude<Publisher, "events">): Statement["Condition"] {
  const source = sourceOf(place, publisher);
  return {
    StringEquals: { "aws:SourceAccount": place.accountId },
    ...(source === undefined ? {} : { ArnLike: { "aws:SourceArn": source } }),
  };
}

function publish(sid: string, effect: "Allow" | "Deny", service: string, topicArn: string): Statement {
  return {
    Sid: sid,
    Effect: effect,
    Principal: { Service: `${service}.amazonaws.com` },
    Action: "sns:Publish",
    Resource: topicArn,
  };
}

/**
 * The policy of an alert topic. EventBridge's guide says that `Condition` blocks in topic policies are not
 * supported for it, so its grant has none; two denials bind it to this account and to rules with the given
 * name prefix wherever the request does state a source, and stay silent where it does not (docs/decisions/0003).
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions
 */
export function topicPolicy(
  place: Place,
  topicArn: string,
  publishers: readonly Publisher[],
  rulePrefix: string,
): PolicyDocument {
  const statements = publishers.flatMap((publisher): Statement[] =>
    publisher === "events"
      ? [
          publish("AllowEventBridge", "Allow", "events", topicArn),
          {
            ...publish("DenyEventBridgeOfOtherAccounts", "Deny", "events", topicArn),
            Condition: {
              Null: { "aws:SourceAccount": "false" },
              StringNotEquals: { "aws:SourceAccount": place.accountId },
            },
          },
          {
            ...publish("DenyOtherRules", "Deny", "events", topicArn),
            Condition: {
              Null: { "aws:SourceArn": "false" },
              ArnNotLike: { "aws:SourceArn": arnOf(place, "events", `rule/${rulePrefix}*`) },
            },
          },
        ]
      : [
          {
            ...publish(
              `Allow${publisher[0]?.toUpperCase()}${publisher.slice(1)}`,
              "Allow",
              publisher,
              topicArn,
            ),
            Condition: fromThisAccount(place, publisher),
          },
        ],
  );
  return policyOf(...statements, denyPlainHttp("sns:Publish", [topicArn]));
}

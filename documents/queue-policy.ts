import { arnOf, type Place } from "../aws/arns";
import { denyPlainHttp, policyOf, type PolicyDocument } from "./iam";

/**
 * The policy of a dead-letter queue of EventBridge rules: only rules of this account with the given name prefix.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
 */
export function deadLetterQueuePolicy(place: Place, queueArn: string, rulePrefix: string): PolicyDocument {
  return policyOf(
    {
      Sid: "AllowRules",
      Effect: "Allow",
      Principal: { Service: "events.amazonaws.com" },
      Action: "sqs:SendMessage",
      Resource: queueArn,
      Condition: { ArnLike: { "aws:SourceArn": arnOf(place, "events", `rule/${rulePrefix}*`) } },
    },
    denyPlainHttp("sqs:*", [queueArn]),
  );
}

/** The policy of a function's dead-letter queue: roles of this account send by their own policies, never without TLS. */
export function functionQueuePolicy(queueArn: string): PolicyDocument {
  return policyOf(denyPlainHttp("sqs:*", [queueArn]));
}

import { CloudWatchClient, ListMetricsCommand } from "@aws-sdk/client-cloudwatch";
import { NotFoundException, paginateListSubscriptionsByTopic } from "@aws-sdk/client-sns";
import { arnOf, billingRegion } from "../../aws/arns";
import { clientConfig, snsClient } from "../../images/clients";
import { type PlannedResource } from "../../plan/run";
import type { Context } from "../context";
import { ok, warn, type Result } from "./result";

export async function checkBilling({ connection, settings }: Context): Promise<Result> {
  if (settings.costs.billingAlarm === undefined || !settings.costs.manage) {
    return ok("no billing alarm in this stack");
  }
  const { Metrics } = await new CloudWatchClient(
    clientConfig({ ...connection, region: billingRegion(settings.place) }),
  ).send(new ListMetricsCommand({ Namespace: "AWS/Billing", MetricName: "EstimatedCharges" }));
  return (Metrics ?? []).length > 0
    ? ok("estimated charges are published")
    : warn(
        "no estimated charges are published, so the billing alarm would never fire",
        "switch on Receive CloudWatch billing alerts in the billing preferences of the account (or of the payer)",
      );
}

export async function checkSubscriptions(
  { connection, settings }: Context,
  resources: readonly PlannedResource[],
): Promise<Result> {
  const topics = resources
    .filter(({ type }) => type === "aws:sns/topic:Topic")
    .map(({ inputs }) => ({ name: String(inputs.name), region: String(inputs.region) }));
  const pending: string[] = [];
  let found = 0;
  for (const { name, region } of topics) {
    const TopicArn = arnOf({ ...settings.place, region }, "sns", name);
    try {
      const client = snsClient({ ...connection, region });
      for await (const page of paginateListSubscriptionsByTopic({ client }, { TopicArn })) {
        for (const { SubscriptionArn, Endpoint } of page.Subscriptions ?? []) {
          found++;
          if (SubscriptionArn === "PendingConfirmation") {
            pending.push(`${Endpoint} to ${name}`);
          }
        }
      }
    } catch (error) {
      if (!(error instanceof NotFoundException)) {
        throw error;
      }
    }
  }
  return pending.length > 0
    ? warn(
        `not confirmed: ${pending.join(", ")}`,
        "confirm by the link in the mail; delete and recreate a subscription whose link is older than three days",
      )
    : ok(found === 0 ? "no topic yet" : `${found} confirmed`);
}

import {
  GetServiceQuotaCommand,
  NoSuchResourceException,
  ServiceQuotasClient,
} from "@aws-sdk/client-service-quotas";
import { inDigits, raise } from "../../aws/limits";
import { clientConfig } from "../../images/clients";
import { measure, type Measurable } from "../../plan/limits";
import type { Context } from "../context";
import { fail, ok, together, type Result } from "./result";

/** Compares what the stack declares beyond AWS's defaults with the quotas of the account. */
export async function checkQuotas(
  { connection, settings }: Pick<Context, "connection" | "settings">,
  resources: readonly Measurable[],
): Promise<Result> {
  const { place } = settings;
  const { findings } = measure(resources, place.region);
  const compared = findings.map(async ({ name, count, message, quota }): Promise<Result> => {
    if (quota === undefined) {
      return fail(`${name}: ${message}`, "npm run plan names the limit's source");
    }
    const region = quota.global === true && place.partition === "aws" ? "us-east-1" : place.region;
    const value = await new ServiceQuotasClient(clientConfig({ ...connection, region }))
      .send(new GetServiceQuotaCommand({ ServiceCode: quota.service, QuotaCode: quota.code }))
      .then(({ Quota }) => Quota?.Value)
      .catch((error: unknown) => {
        // The account has no value of its own.
        if (error instanceof NoSuchResourceException) {
          return undefined;
        }
        throw error;
      });
    return value !== undefined && count <= value
      ? ok("")
      : fail(
          `${name}: ${message}, and the account's quota is ${value === undefined ? "AWS's default" : inDigits(value)}`,
          raise(quota),
        );
  });
  return together(
    await Promise.all(compared),
    findings.length === 0 ? "AWS's defaults are enough" : "the account's quotas are enough",
  );
}

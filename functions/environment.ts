import type { Context } from "aws-lambda";
import { z } from "zod";
import type { Connection } from "../images/clients";
import type { RegistryPlace } from "../images/references";

/** Where a function runs: the region that Lambda sets, and another endpoint than AWS's own where one is set. */
export function connectionOf(environment: NodeJS.ProcessEnv): Connection {
  const { AWS_REGION, AWS_ENDPOINT_URL } = z
    .object({ AWS_REGION: z.string(), AWS_ENDPOINT_URL: z.string().optional() })
    .parse(environment);
  return { region: AWS_REGION, ...(AWS_ENDPOINT_URL === undefined ? {} : { endpoint: AWS_ENDPOINT_URL }) };
}

/** The function's own account and region, from its ARN. */
export function registryOf({ invokedFunctionArn }: Pick<Context, "invokedFunctionArn">): RegistryPlace {
  const [, , , region = "", accountId = ""] = invokedFunctionArn.split(":");
  return { accountId, region };
}

/** One line of JSON in the function's log. */
export function log(message: string, details: object): void {
  console.log(JSON.stringify({ message, ...details }));
}

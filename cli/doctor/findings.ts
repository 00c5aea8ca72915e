import { BatchGetAccountStatusCommand, Inspector2Client } from "@aws-sdk/client-inspector2";
import {
  InvalidAccessException,
  paginateListEnabledProductsForImport,
  SecurityHubClient,
} from "@aws-sdk/client-securityhub";
import { clientConfig } from "../../images/clients";
import type { Context } from "../context";
import { fail, ok, warn, type Result } from "./result";

export async function checkInspector({ connection, settings }: Context): Promise<Result> {
  if (!settings.scanning.manage || settings.scanning.type === "basic") {
    return ok("not managed by this stack");
  }
  const { accounts } = await new Inspector2Client(clientConfig(connection)).send(
    new BatchGetAccountStatusCommand({ accountIds: [settings.place.accountId] }),
  );
  const { mode, resourceTypes } = settings.scanning.inspector;
  const state = accounts?.[0]?.resourceState;
  const enabled = [
    ...(state?.ecr?.status === "ENABLED" ? ["ECR"] : []),
    ...(state?.ec2?.status === "ENABLED" ? ["EC2"] : []),
    ...(state?.lambda?.status === "ENABLED" ? ["LAMBDA"] : []),
  ];
  if (mode === "elsewhere") {
    return enabled.includes("ECR")
      ? ok("the organization has enabled it for images")
      : fail(
          "the organization has not enabled it for images",
          "ask the delegated administrator, or set scanning.inspector.mode: enable",
        );
  }
  const lost = enabled.filter((type) => !resourceTypes.some((one) => one === type));
  return lost.length > 0
    ? fail(
        `it scans ${lost.join(", ")} too, which the enabler would switch off`,
        `write scanning.inspector.resourceTypes: [${[...resourceTypes, ...lost].join(", ")}]`,
      )
    : ok(enabled.length === 0 ? "not enabled yet" : `enabled for ${enabled.join(", ")}`);
}

/** Whether Inspector sends its findings to Security Hub, as AWS sets up once both are enabled. */
export async function checkSecurityHub({ connection, settings }: Context): Promise<Result> {
  const { manage, securityHub } = settings.findings;
  if (!manage || securityHub === "off") {
    return ok("not used");
  }
  const client = new SecurityHubClient(clientConfig(connection));
  const products: string[] = [];
  try {
    for await (const page of paginateListEnabledProductsForImport({ client }, {})) {
      products.push(...(page.ProductSubscriptions ?? []));
    }
  } catch (error) {
    if (!(error instanceof InvalidAccessException)) {
      throw error;
    }
    return securityHub === "enable"
      ? ok("this stack enables it")
      : fail(
          `Security Hub is not enabled in ${settings.place.region}`,
          "enable it, or set findings.securityHub: enable",
        );
  }
  return products.some((arn) => arn.endsWith(":product-subscription/aws/inspector"))
    ? ok("Inspector sends its findings there")
    : warn(
        "Security Hub is enabled, but Inspector does not send findings to it",
        "accept findings from Amazon Inspector under Integrations in the Security Hub console",
      );
}

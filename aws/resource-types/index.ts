import { budgets } from "./budgets";
import { chatbot } from "./chatbot";
import { cloudtrail } from "./cloudtrail";
import { cloudwatch } from "./cloudwatch";
import { costexplorer } from "./costexplorer";
import { ec2 } from "./ec2";
import { ecr } from "./ecr";
import { iam } from "./iam";
import { inspector2 } from "./inspector2";
import { kms } from "./kms";
import { lambda } from "./lambda";
import { s3 } from "./s3";
import { scheduler } from "./scheduler";
import { securityhub } from "./securityhub";
import { sns } from "./sns";
import { sqs } from "./sqs";
import { vpc } from "./vpc";
import type { ResourceType } from "./resource-type";

/** One row per resource type that the components declare, by its Pulumi type token. */
export const RESOURCE_TYPES: Readonly<Record<string, ResourceType>> = {
  ...budgets,
  ...chatbot,
  ...cloudtrail,
  ...cloudwatch,
  ...costexplorer,
  ...ec2,
  ...ecr,
  ...iam,
  ...inspector2,
  ...kms,
  ...lambda,
  ...s3,
  ...scheduler,
  ...securityhub,
  ...sns,
  ...sqs,
  ...vpc,
};

/** The file that holds the row of a resource type, by the module in its token. */
export function resourceTypeFile(type: string): string {
  return `aws/resource-types/${type.split(/[:/]/)[1] ?? ""}.ts`;
}

import type { NetworkSettings, Settings, VpcSettings } from "../../config/settings";
import { clientCidrs } from "../../documents/endpoint-policies";
import { listed, type Statement } from "./change";
import { Saying } from "./saying";

const network = new Saying("network", "access");

/** What may reach the endpoints on port 443. */
function clients({
  vpc,
  allowedCidrs,
  allowedPrefixLists,
  allowedSecurityGroups,
}: NetworkSettings): string[] {
  return [
    ...clientCidrs(vpc, allowedCidrs),
    ...allowedPrefixLists.map((id) => `prefix list ${id}`),
    ...allowedSecurityGroups.map((id) => `security group ${id}`),
  ];
}

/** Whose repositories may be reached through the endpoints. */
function reached(
  { allowedAccounts, allowOrganization }: NetworkSettings,
  organizationId: string | undefined,
): string[] {
  return [
    ...allowedAccounts.map((id) => `account ${id}`),
    ...(allowOrganization ? [`organization ${organizationId}`] : []),
  ];
}

function place(vpc: VpcSettings): string {
  switch (vpc.kind) {
    case "new":
      return `a new VPC of ${vpc.cidr} in ${vpc.zones} zones`;
    case "ids":
      return `${vpc.id} (${listed(vpc.subnetIds)})`;
    case "lookup":
      return `the VPC with the tags ${JSON.stringify(vpc.tags)}`;
  }
}

function throughS3({ s3Policy, s3Buckets, services, existing }: NetworkSettings): string[] {
  return !services.includes("s3") || existing.s3 !== undefined
    ? []
    : s3Policy === "any"
      ? ["any bucket"]
      : s3Buckets.map((bucket) => `the bucket ${bucket}`);
}

/** What may now reach the VPC endpoints, and what may be reached through them. */
export function networkStatements(before: Settings | undefined, after: Settings): Statement[] {
  const now = after.network;
  const old = before?.network;
  if (now === undefined) {
    return old === undefined ? [] : network.say(`the VPC endpoints for ${listed(old.services)} are removed`);
  }
  return [
    ...(old === undefined
      ? network.say(`VPC endpoints for ${listed(now.services)} in ${place(now.vpc)}`)
      : [
          ...(JSON.stringify(old.vpc) === JSON.stringify(now.vpc)
            ? []
            : network.say(`the VPC endpoints are in ${place(now.vpc)}; before, in ${place(old.vpc)}`)),
          ...network.lists(old.services, now.services, {
            gone: (words) => `there is no VPC endpoint for ${words} any more`,
            come: (words) => `there is a VPC endpoint for ${words}`,
          }),
        ]),
    ...network.lists(old === undefined ? [] : clients(old), clients(now), {
      gone: (words) => `${words} may no longer reach the VPC endpoints`,
      come: (words) => `${words} may now reach the VPC endpoints (port 443)`,
      weaker: "come",
    }),
    ...network.lists(
      old === undefined ? [] : reached(old, before?.organizationId),
      reached(now, after.organizationId),
      {
        gone: (words) => `repositories of ${words} can no longer be reached through the VPC endpoints`,
        come: (words) => `repositories of ${words} can now be reached through the VPC endpoints`,
        weaker: "come",
      },
    ),
    ...network.lists(old === undefined ? [] : throughS3(old), throughS3(now), {
      gone: (words) => `${words} can no longer be reached through the S3 endpoint`,
      come: (words) => `${words} can now be reached through the S3 endpoint`,
      weaker: "come",
    }),
  ];
}

import { DescribeVpcEndpointsCommand, DescribeVpcsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { endpointServiceName } from "../../documents/endpoint-policies";
import { clientConfig } from "../../images/clients";
import type { Context } from "../context";
import { fail, ok, together, type Result } from "./result";

async function vpcIdOf(ec2: EC2Client, { settings }: Context): Promise<string | undefined> {
  const vpc = settings.network?.vpc;
  if (vpc?.kind !== "lookup") {
    return vpc?.kind === "ids" ? vpc.id : undefined;
  }
  const { Vpcs } = await ec2.send(
    new DescribeVpcsCommand({
      Filters: Object.entries(vpc.tags).map(([key, value]) => ({ Name: `tag:${key}`, Values: [value] })),
    }),
  );
  return Vpcs?.length === 1 ? Vpcs[0]?.VpcId : undefined;
}

export async function checkPrivateDns(context: Context): Promise<Result> {
  const { network, place, prefix } = context.settings;
  if (network === undefined || network.vpc.kind === "new") {
    return ok(network === undefined ? "no network in this stack" : "the VPC is made by this stack");
  }
  const ec2 = new EC2Client(clientConfig(context.connection));
  const vpcId = await vpcIdOf(ec2, context);
  if (vpcId === undefined) {
    return fail("the tags of network.vpc find no VPC, or several", "name it by network.vpc.id");
  }
  const { VpcEndpoints } = await ec2.send(
    new DescribeVpcEndpointsCommand({ Filters: [{ Name: "vpc-id", Values: [vpcId] }] }),
  );
  const conflicts = network.services.flatMap((service): Result[] => {
    const name = endpointServiceName(place, service);
    const there = (VpcEndpoints ?? []).find(
      (one) =>
        one.ServiceName === name &&
        (one.PrivateDnsEnabled === true || one.VpcEndpointType === "Gateway") &&
        // What this stack has made carries its tags.
        !(one.Tags ?? []).some(({ Key, Value }) => Key === "Environment" && prefix.endsWith(`-${Value}`)),
    );
    const known = network.existing[service];
    return there === undefined || there.VpcEndpointId === known
      ? []
      : [
          fail(
            `${vpcId} has ${there.VpcEndpointId} for ${service} already, and a second one is refused`,
            `write network.existing: { ${service}: ${there.VpcEndpointId} }`,
          ),
        ];
  });
  return together(conflicts, `no conflict in ${vpcId}`);
}

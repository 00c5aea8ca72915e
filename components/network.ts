import * as aws from "./parts/aws";
import { Vpc } from "@pulumi/awsx/ec2/vpc";
import * as pulumi from "@pulumi/pulumi";
import type { NetworkSettings, VpcSettings } from "../config/settings";
import {
  clientCidrs,
  ecrEndpointPolicy,
  endpointServiceName,
  ownCallersPolicy,
  s3EndpointPolicy,
} from "../documents/endpoint-policies";
import type { PolicyDocument } from "../documents/iam";
import type { Common } from "./parts/options";

/** Arguments of {@link Network}. */
export interface NetworkArgs extends Common {
  network: NetworkSettings;
  /** Needed where the organization's repositories may be reached. */
  organizationId?: string;
}

/** The VPC, subnets and route tables of the endpoints. */
interface Site {
  vpcId: pulumi.Input<string>;
  subnetIds: pulumi.Input<string[]>;
  routeTableIds: pulumi.Input<string[]>;
}

/**
 * VPC endpoints for pulling images without a NAT gateway: interface endpoints with private DNS, the S3
 * gateway endpoint through which layers come, a security group for port 443 and endpoint policies. A VPC
 * takes one endpoint with private DNS a service, so one stack owns them and existing ones are accepted.
 * Clients also need port 443 out to the S3 prefix list.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
 */
export class Network extends pulumi.ComponentResource {
  readonly vpcId: pulumi.Output<string>;
  /** Ids of the endpoints by service, existing ones included. */
  readonly endpointIds: Readonly<Record<string, pulumi.Output<string>>>;
  /** The S3 prefix list that clients' security groups allow; undefined where the S3 endpoint is not ours. */
  readonly s3PrefixListId: pulumi.Output<string> | undefined;

  /** Zones of existing subnets; rejects where two subnets share one. Undefined where there is nothing to check. */
  readonly zones: pulumi.Output<string[]> | undefined;

  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ecr-platform:index:Network", name, {}, opts);
    const { network } = args;
    const site = this.findOrMake(name, args);
    const made = network.services.filter((service) => network.existing[service] === undefined);
    const securityGroup = made.some((service) => service !== "s3")
      ? this.declareSecurityGroup(name, args, site)
      : undefined;
    const endpoints = made.map((service): [string, aws.ec2.VpcEndpoint] => {
      const logicalName = `${name}-${service.replace(".", "-")}`;
      const common = {
        vpcId: site.vpcId,
        serviceName: endpointServiceName(args.place, service),
        policy: JSON.stringify(endpointPolicy(args, service)),
        tags: { ...args.tags, Name: `${args.prefix}-${service}` },
      };
      const kind =
        service === "s3" || securityGroup === undefined
          ? { vpcEndpointType: "Gateway", routeTableIds: site.routeTableIds }
          : {
              vpcEndpointType: "Interface",
              privateDnsEnabled: true,
              subnetIds: site.subnetIds,
              securityGroupIds: [securityGroup.id],
            };
      return [service, new aws.ec2.VpcEndpoint(logicalName, { ...common, ...kind }, { parent: this })];
    });
    this.vpcId = pulumi.output(site.vpcId);
    this.endpointIds = Object.fromEntries([
      ...Object.entries(network.existing).map(([service, id]) => [service, pulumi.output(id)]),
      ...endpoints.map(([service, endpoint]) => [service, endpoint.id]),
    ]) as Record<string, pulumi.Output<string>>;
    this.s3PrefixListId = endpoints.find(([service]) => service === "s3")?.[1].prefixListId;
    // awsx gives each zone of a new VPC its subnet.
    this.zones =
      network.vpc.kind === "new" || securityGroup === undefined ? undefined : this.zonesOf(site.subnetIds);
    this.registerOutputs({
      vpcId: this.vpcId,
      endpointIds: this.endpointIds,
      s3PrefixListId: this.s3PrefixListId,
      zones: this.zones,
    });
  }

  private findOrMake(name: string, args: NetworkArgs): Site {
    const { vpc } = args.network;
    switch (vpc.kind) {
      case "new":
        return this.makeVpc(name, vpc, args);
      case "ids":
        return { vpcId: vpc.id, subnetIds: vpc.subnetIds, routeTableIds: vpc.routeTableIds };
      case "lookup": {
        const vpcId = aws.ec2.getVpcOutput({ tags: vpc.tags }, { parent: this }).id;
        const inVpc = { name: "vpc-id", values: [vpcId] };
        const subnets = aws.ec2.getSubnetsOutput(
          { filters: [inVpc], tags: vpc.subnetTags },
          { parent: this },
        );
        const routeTables = aws.ec2.getRouteTablesOutput({ vpcId }, { parent: this });
        return { vpcId, subnetIds: subnets.ids, routeTableIds: routeTables.ids };
      }
    }
  }

  private makeVpc(name: string, vpc: Extract<VpcSettings, { kind: "new" }>, args: NetworkArgs): Site {
    const made = new Vpc(
      `${name}-vpc`,
      {
        cidrBlock: vpc.cidr,
        numberOfAvailabilityZones: vpc.zones,
        // Private DNS of the endpoints needs both.
        enableDnsHostnames: true,
        enableDnsSupport: true,
        natGateways: { strategy: "None" },
        subnetStrategy: "Auto",
        subnetSpecs: [{ type: "Isolated" }],
        tags: args.tags,
      },
      { parent: this },
    );
    return {
      vpcId: made.vpcId,
      subnetIds: made.isolatedSubnetIds,
      routeTableIds: made.routeTables.apply((tables) => pulumi.all(tables.map((table) => table.id))),
    };
  }

  /**
   * The zones of existing subnets, looked up, which rejects where two share one: AWS refuses that for an
   * interface endpoint, halfway through an update.
   */
  private zonesOf(subnetIds: pulumi.Input<string[]>): pulumi.Output<string[]> {
    return pulumi
      .output(subnetIds)
      .apply((ids) => pulumi.all(ids.map((id) => aws.ec2.getSubnetOutput({ id }, { parent: this }))))
      .apply((subnets) => {
        const zones = subnets.map((subnet) => subnet.availabilityZoneId);
        const shared = zones.find((zone, i) => zones.indexOf(zone) < i);
        if (shared !== undefined) {
          const ids = subnets.filter((subnet) => subnet.availabilityZoneId === shared).map(({ id }) => id);
          throw new pulumi.RunError(
            `network.vpc: the subnets ${ids.join(", ")} share the zone ${shared}; ` +
              "an interface endpoint takes one subnet a zone. Fix: keep one of them.",
          );
        }
        return zones;
      });
  }

  private declareSecurityGroup(name: string, args: NetworkArgs, site: Site): aws.ec2.SecurityGroup {
    const { network, tags } = args;
    const group = new aws.ec2.SecurityGroup(
      `${name}-endpoints`,
      {
        name: `${args.prefix}-endpoints`,
        description: "HTTPS to the VPC endpoints of the container registry",
        vpcId: site.vpcId,
        tags: { ...tags, Name: `${args.prefix}-endpoints` },
      },
      // By default Pulumi deletes a group with a fixed name before it creates the new one, which AWS refuses while
      // the endpoints of the old VPC use it. Names are unique per VPC only, so the new group can be created first.
      { parent: this, deleteBeforeReplace: false },
    );
    const allow = (source: string, from: Partial<aws.vpc.SecurityGroupIngressRuleArgs>) =>
      new aws.vpc.SecurityGroupIngressRule(
        `${name}-from-${source}`,
        {
          securityGroupId: group.id,
          description: `HTTPS from ${source}`,
          ipProtocol: "tcp",
          fromPort: 443,
          toPort: 443,
          tags,
          ...from,
        },
        { parent: group },
      );
    clientCidrs(network.vpc, network.allowedCidrs).forEach((cidr) =>
      allow(cidr, cidr.includes(":") ? { cidrIpv6: cidr } : { cidrIpv4: cidr }),
    );
    network.allowedPrefixLists.forEach((prefixListId) => allow(prefixListId, { prefixListId }));
    network.allowedSecurityGroups.forEach((id) => allow(id, { referencedSecurityGroupId: id }));
    return group;
  }
}

function endpointPolicy({ place, network, organizationId }: NetworkArgs, service: string): PolicyDocument {
  switch (service) {
    case "ecr.api":
    case "ecr.dkr":
      return ecrEndpointPolicy(place, {
        accounts: network.allowedAccounts,
        organizationId: network.allowOrganization ? organizationId : undefined,
      });
    case "s3":
      return s3EndpointPolicy(place, network.s3Policy, network.s3Buckets);
    default:
      return ownCallersPolicy(place);
  }
}

import { networkOf } from "../formats";
import type { EndpointService, StackConfig } from "../schema";
import type { Reporter, Subject } from "./subject";

type Network = StackConfig["network"];
type Vpc = NonNullable<Network["vpc"]>;

/** The services for which this stack makes an endpoint. */
function madeEndpoints({ services, existing }: Network): EndpointService[] {
  return services.filter((service) => existing[service] === undefined);
}

/** An existing VPC, named by its id. */
function checkNamedVpc(vpc: Vpc, made: EndpointService[], error: Reporter): void {
  const interfaces = made.filter((service) => service !== "s3");
  if (interfaces.length > 0 && (vpc.subnetIds ?? []).length === 0) {
    error("network.vpc.subnetIds", {
      rule: `the endpoints of ${interfaces.join(", ")} need subnets of the VPC`,
      fix: "list one subnet per zone",
    });
  }
  if (made.includes("s3") && (vpc.routeTableIds ?? []).length === 0) {
    error("network.vpc.routeTableIds", {
      rule: "the S3 gateway endpoint is a route in route tables",
      fix: "list those of the subnets that pull",
    });
  }
}

/** An existing VPC, found by its tags. */
function checkTaggedVpc({ tags = {}, subnetTags = {} }: Vpc, made: EndpointService[], error: Reporter): void {
  if (Object.keys(tags).length === 0) {
    error("network.vpc.tags", { rule: "a lookup needs a tag", fix: "write tags: { Name: main }" });
  }
  if (made.some((service) => service !== "s3") && Object.keys(subnetTags).length === 0) {
    error("network.vpc.subnetTags", {
      rule: "a VPC found by tags needs subnetTags too",
      fix: "write subnetTags: { Tier: private }",
    });
  }
}

/** A new VPC. */
function checkNewVpc(cidr: string, { existing }: Network, error: Reporter): void {
  const parsed = networkOf(cidr);
  if (parsed !== undefined && (parsed.version !== 4 || parsed.bits < 16 || parsed.bits > 24)) {
    error("network.vpc.cidr", {
      rule: "a new VPC takes an IPv4 block from /16 to /24 (AWS takes up to /28; smaller ones leave no room for one subnet per zone)",
      fix: "write it like 10.20.0.0/20",
    });
  }
  for (const service of Object.keys(existing)) {
    error(`network.existing.${service}`, { rule: "a new VPC has no endpoints yet", fix: "remove it" });
  }
}

/** Keys that belong to another way of naming the VPC. */
function checkMisplacedKeys(vpc: Vpc, error: Reporter): void {
  const owners = { subnetIds: "id", routeTableIds: "id", subnetTags: "tags", zones: "cidr" } as const;
  for (const key of Object.keys(owners) as (keyof typeof owners)[]) {
    if (vpc[key] !== undefined && vpc[owners[key]] === undefined) {
      error(`network.vpc.${key}`, { rule: `allowed only with vpc.${owners[key]}`, fix: "remove it" });
    }
  }
}

/** Which endpoints there are, and who reaches them and what through them. */
function checkEndpoints({ config, settings }: Subject, error: Reporter, warn: Reporter): void {
  const { network } = config;
  const sources =
    network.allowedCidrs.length + network.allowedPrefixLists.length + network.allowedSecurityGroups.length;
  const interfaces = madeEndpoints(network).some((service) => service !== "s3");
  if (interfaces && network.vpc?.cidr === undefined && sources === 0) {
    error("network.allowedCidrs", {
      rule: "nobody could reach the endpoints",
      fix: "list the networks, prefix lists or security groups that pull",
    });
  }
  for (const service of Object.keys(network.existing) as EndpointService[]) {
    if (!network.services.includes(service)) {
      error(`network.existing.${service}`, {
        rule: "an existing endpoint is one of network.services",
        fix: `add ${service} to network.services`,
      });
    }
  }
  for (const service of ["ecr.api", "ecr.dkr", "s3"] as const) {
    if (!network.services.includes(service)) {
      warn("network.services", {
        rule: `without an endpoint for ${service} an image cannot be pulled without internet access`,
        fix: `add ${service}`,
      });
    }
  }
  if (network.s3Buckets.length > 0 && settings.network?.s3Policy === "any") {
    error("network.s3Buckets", {
      rule: "with network.s3Policy: any, every bucket is reached",
      fix: "write network.s3Policy: ecr-layers, or remove it",
    });
  }
  if (network.allowOrganization && config.organizationId === undefined) {
    error("network.allowOrganization", {
      rule: "reaching the organization's repositories needs its id",
      fix: "set organizationId",
    });
  }
}

/** The VPC, named in exactly one way, and its endpoints. */
export function checkNetwork(subject: Subject, error: Reporter, warn: Reporter): void {
  const { network } = subject.config;
  const { vpc } = network;
  if (!network.manage || vpc === undefined) {
    return;
  }
  if ([vpc.id, vpc.tags, vpc.cidr].filter((way) => way !== undefined).length !== 1) {
    error("network.vpc", {
      rule: "a VPC is named by id, found by tags, or made from cidr: exactly one of them",
      fix: "leave one",
    });
    return;
  }
  if (vpc.id !== undefined) {
    checkNamedVpc(vpc, madeEndpoints(network), error);
  } else if (vpc.cidr !== undefined) {
    checkNewVpc(vpc.cidr, network, error);
  } else {
    checkTaggedVpc(vpc, madeEndpoints(network), error);
  }
  checkMisplacedKeys(vpc, error);
  checkEndpoints(subject, error, warn);
}

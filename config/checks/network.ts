import { networkOf } from "../formats";
import { repeated, type Report, type Subject } from "./report";

/** That the VPC is given in one way, and that somebody reaches the endpoints. */
export function checkNetwork({ config, settings }: Subject, error: Report, warn: Report): void {
  const { network } = config;
  const vpc = network.vpc;
  if (!network.manage || vpc === undefined) {
    return;
  }
  const ways = [vpc.id, vpc.tags, vpc.cidr].filter((way) => way !== undefined).length;
  if (ways !== 1) {
    error(
      "network.vpc",
      Object.keys(vpc),
      "a VPC is named by id, found by tags, or made from cidr: exactly one of them",
      "leave one",
    );
    return;
  }
  const makes = (service: (typeof network.services)[number]) =>
    network.services.includes(service) && network.existing[service] === undefined;
  const interfaces = network.services.filter(
    (service) => service !== "s3" && network.existing[service] === undefined,
  );
  if (vpc.id !== undefined && interfaces.length > 0 && (vpc.subnetIds ?? []).length === 0) {
    error(
      "network.vpc.subnetIds",
      vpc.subnetIds,
      `the endpoints of ${interfaces.join(", ")} stand in subnets of the VPC`,
      "list one subnet a zone",
    );
  }
  if (vpc.id !== undefined && makes("s3") && (vpc.routeTableIds ?? []).length === 0) {
    error(
      "network.vpc.routeTableIds",
      vpc.routeTableIds,
      "the S3 gateway endpoint is a route in route tables",
      "list those of the subnets that pull",
    );
  }
  for (const list of ["subnetIds", "routeTableIds"] as const) {
    for (const { value, index } of repeated(vpc[list] ?? [])) {
      error(`network.vpc.${list}[${index}]`, value, "listed twice", "remove one");
    }
    if (vpc.id === undefined && vpc[list] !== undefined) {
      error(`network.vpc.${list}`, vpc[list], "goes with vpc.id", "remove it");
    }
  }
  if (vpc.tags !== undefined && Object.keys(vpc.tags).length === 0) {
    error("network.vpc.tags", vpc.tags, "a lookup needs a tag", "write tags: { Name: main }");
  }
  if (vpc.tags !== undefined && interfaces.length > 0 && Object.keys(vpc.subnetTags ?? {}).length === 0) {
    error(
      "network.vpc.subnetTags",
      vpc.subnetTags,
      "which of the VPC's subnets is found by tags as well",
      "write subnetTags: { Tier: private }",
    );
  }
  if (vpc.tags === undefined && vpc.subnetTags !== undefined) {
    error("network.vpc.subnetTags", vpc.subnetTags, "goes with vpc.tags", "remove it");
  }
  if (vpc.cidr !== undefined) {
    const parsed = networkOf(vpc.cidr);
    if (parsed !== undefined && (parsed.version !== 4 || parsed.bits < 16 || parsed.bits > 24)) {
      error(
        "network.vpc.cidr",
        vpc.cidr,
        "a new VPC takes an IPv4 block from /16 to /24 (AWS takes up to /28; smaller ones leave no room for a subnet a zone)",
        "write it like 10.20.0.0/20",
      );
    }
  } else if (vpc.zones !== undefined) {
    error("network.vpc.zones", vpc.zones, "goes with vpc.cidr", "remove it");
  }
  const sources =
    network.allowedCidrs.length + network.allowedPrefixLists.length + network.allowedSecurityGroups.length;
  if (interfaces.length > 0 && vpc.cidr === undefined && sources === 0) {
    error(
      "network.allowedCidrs",
      [],
      "nobody could reach the endpoints",
      "list the networks, prefix lists or security groups that pull",
    );
  }
  for (const service of Object.keys(network.existing) as (typeof network.services)[number][]) {
    if (!network.services.includes(service)) {
      error(
        `network.existing.${service}`,
        network.existing[service],
        "an existing endpoint is one of network.services",
        `add ${service} to network.services`,
      );
    }
    if (vpc.cidr !== undefined) {
      error(
        `network.existing.${service}`,
        network.existing[service],
        "a new VPC has no endpoints yet",
        "remove it",
      );
    }
  }
  for (const service of ["ecr.api", "ecr.dkr", "s3"] as const) {
    if (!network.services.includes(service)) {
      warn(
        "network.services",
        network.services,
        `without an endpoint for ${service} an image cannot be pulled without internet access`,
        `add ${service}`,
      );
    }
  }
  if (network.s3Buckets.length > 0 && settings.network?.s3Policy === "any") {
    error(
      "network.s3Buckets",
      network.s3Buckets,
      "with s3Policy any every bucket is reached",
      "write s3Policy: ecr-layers, or remove it",
    );
  }
  if (network.allowOrganization && config.organizationId === undefined) {
    error(
      "network.allowOrganization",
      true,
      "reaching the organization's repositories needs its id",
      "set organizationId",
    );
  }
}

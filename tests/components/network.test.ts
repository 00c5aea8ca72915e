import assert from "node:assert/strict";
import { Network } from "../../components/network";
import { parse, smallStack } from "../support/config";
import { lookups, mock, resolved, runStack } from "../support/stack";

const ENDPOINT = "ec2/vpcEndpoint:VpcEndpoint";
const RULE = "vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const ids = {
  id: "vpc-0a1b2c3d4e5f60718",
  subnetIds: ["subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712"],
  routeTableIds: ["rtb-0a1b2c3d4e5f60721"],
};

for (const preview of [true, false]) {
  describe(`the network, in ${preview ? "a preview" : "an update"}`, () => {
    const run = (
      network: Record<string, unknown>,
      rest: Record<string, unknown> = {},
      region = "eu-west-1",
    ) =>
      runStack(smallStack({ network: { allowedCidrs: ["10.0.0.0/8"], ...network }, ...rest }), {
        preview,
        lookups,
        region,
      });

    it("has private endpoints for ECR and the S3 gateway, in the VPC that is named", async () => {
      const stack = await run({ vpc: ids, services: ["ecr.api", "ecr.dkr", "s3", "logs"] });
      const endpoints = stack.all(ENDPOINT);
      assert.deepEqual([...endpoints.keys()].sort(), [
        "network-ecr-api",
        "network-ecr-dkr",
        "network-logs",
        "network-s3",
      ]);
      for (const name of ["network-ecr-api", "network-ecr-dkr", "network-logs"]) {
        const endpoint = endpoints.get(name)!;
        assert.deepEqual(
          [endpoint.vpcEndpointType, endpoint.privateDnsEnabled, endpoint.subnetIds, endpoint.vpcId],
          ["Interface", true, ids.subnetIds, ids.id],
        );
      }
      assert.equal(endpoints.get("network-ecr-api")!.serviceName, "com.amazonaws.eu-west-1.ecr.api");
      assert.deepEqual(
        [endpoints.get("network-s3")!.vpcEndpointType, endpoints.get("network-s3")!.routeTableIds],
        ["Gateway", ids.routeTableIds],
      );
      const policy = stack.document(ENDPOINT, "network-ecr-dkr");
      assert.ok(!JSON.stringify(policy).includes("arn:aws:ecr:*:*:"));
      assert.equal(stack.all("ec2/natGateway:NatGateway").size, 0);
    });

    it("lets in port 443 from what is named, and nothing else", async () => {
      const stack = await run({
        vpc: ids,
        allowedCidrs: ["10.0.0.0/8", "fd00::/8"],
        allowedPrefixLists: ["pl-0a1b2c3d"],
        allowedSecurityGroups: ["sg-0a1b2c3d"],
      });
      const rules = [...stack.all(RULE).values()];
      assert.ok(
        rules.every(
          ({ fromPort, toPort, ipProtocol }) => fromPort === 443 && toPort === 443 && ipProtocol === "tcp",
        ),
      );
      assert.deepEqual(
        rules.map(
          (rule) => rule.cidrIpv4 ?? rule.cidrIpv6 ?? rule.prefixListId ?? rule.referencedSecurityGroupId,
        ),
        ["10.0.0.0/8", "fd00::/8", "pl-0a1b2c3d", "sg-0a1b2c3d"],
      );
      assert.equal(stack.one("ec2/securityGroup:SecurityGroup", "network-endpoints").egress, undefined);
    });

    it("finds a VPC, its subnets and route tables by tags", async () => {
      const stack = await run({ vpc: { tags: { Name: "main" }, subnetTags: { Tier: "private" } } });
      const endpoint = stack.one(ENDPOINT, "network-ecr-api");
      assert.equal(endpoint.vpcId, "vpc-of-main");
      assert.deepEqual(endpoint.subnetIds, ["subnet-vpc-of-main-private-1", "subnet-2"]);
      assert.deepEqual(stack.one(ENDPOINT, "network-s3").routeTableIds, ["rtb-vpc-of-main"]);
    });

    it("makes a VPC without a NAT gateway where none exists", async () => {
      const stack = await run({ vpc: { cidr: "10.64.0.0/20", zones: 3 }, allowedCidrs: [] });
      const vpc = stack.resources.find(({ type }) => type === "awsx:ec2:Vpc")!.inputs;
      assert.deepEqual(
        [
          vpc.cidrBlock,
          vpc.numberOfAvailabilityZones,
          vpc.natGateways,
          vpc.subnetSpecs,
          vpc.enableDnsHostnames,
        ],
        ["10.64.0.0/20", 3, { strategy: "None" }, [{ type: "Isolated" }], true],
      );
      assert.deepEqual(
        [...stack.all(RULE).values()].map(({ cidrIpv4 }) => cidrIpv4),
        ["10.64.0.0/20"],
      );
      assert.ok(stack.document(ENDPOINT, "network-s3").Statement.every((s: any) => s.Action !== "*"));
      if (!preview) {
        assert.deepEqual(stack.one(ENDPOINT, "network-ecr-dkr").subnetIds, ["subnet-0new1", "subnet-0new2"]);
      }
    });

    it("uses an endpoint that is there already instead of a second one", async () => {
      const stack = await run({ vpc: ids, existing: { "ecr.api": "vpce-0a1b2c3d" } });
      assert.deepEqual([...stack.all(ENDPOINT).keys()].sort(), ["network-ecr-dkr", "network-s3"]);
    });

    it("refuses subnets that share a zone, by name", async () => {
      const subnetIds = ["subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712", "subnet-1a1b2c3d4e5f60711"];
      await mock({ preview, lookups });
      const { settings } = parse(
        smallStack({ network: { vpc: { ...ids, subnetIds }, allowedCidrs: ["10.0.0.0/8"] } }),
      );
      const { place, prefix, production, tags, network } = settings!;
      const { zones } = new Network("network", { place, prefix, production, tags, network: network! });
      await assert.rejects(
        resolved(zones),
        /subnet-0a1b2c3d4e5f60711, subnet-1a1b2c3d4e5f60711 share the zone euw1-az1/,
      );
    });

    it("bears China's service names", async () => {
      const stack = await run({ vpc: ids }, {}, "cn-north-1");
      assert.equal(stack.one(ENDPOINT, "network-ecr-api").serviceName, "cn.com.amazonaws.cn-north-1.ecr.api");
      assert.equal(stack.one(ENDPOINT, "network-s3").serviceName, "com.amazonaws.cn-north-1.s3");
    });

    it("is left out where there is no VPC, or another stack owns the endpoints", async () => {
      assert.equal((await run({})).all(ENDPOINT).size, 0);
      assert.equal((await run({ manage: false, vpc: ids })).all(ENDPOINT).size, 0);
    });
  });
}

import assert from "node:assert/strict";
import { accepts, keysOf, parse, rejects, smallStack } from "../support/config";

describe("a stack's config", () => {
  describe("network", () => {
    const ids = {
      id: "vpc-0a1b2c3d4e5f60718",
      subnetIds: ["subnet-0a1b2c3d4e5f60711"],
      routeTableIds: ["rtb-0a1b2c3d4e5f60721"],
    };
    const net = (network: Record<string, unknown>) => ({
      network: { allowedCidrs: ["10.0.0.0/8"], ...network },
    });
    it("takes an existing VPC", () => assert.equal(accepts(net({ vpc: ids })).network?.vpc.kind, "ids"));
    it("refuses a VPC both named and made", () =>
      rejects("network.vpc", net({ vpc: { ...ids, cidr: "10.0.0.0/16" } }), /exactly one/));
    it("refuses an id of another kind", () =>
      rejects("network.vpc.id", net({ vpc: { ...ids, id: "subnet-0a1b2c3d4e5f60711" } })));
    it("refuses a malformed subnet id", () =>
      rejects("network.vpc.subnetIds[0]", net({ vpc: { ...ids, subnetIds: ["subnet-1"] } })));
    it("wants subnets", () => rejects("network.vpc.subnetIds", net({ vpc: { ...ids, subnetIds: [] } })));
    it("wants route tables for S3", () =>
      rejects("network.vpc.routeTableIds", net({ vpc: { ...ids, routeTableIds: [] } })));
    it("refuses a CIDR with host bits", () =>
      rejects(
        "network.allowedCidrs[0]",
        net({ vpc: ids, allowedCidrs: ["10.0.0.5/8"] }),
        /write 10\.0\.0\.0\/8/,
      ));
    it("refuses the whole internet", () =>
      rejects("network.allowedCidrs[0]", net({ vpc: ids, allowedCidrs: ["0.0.0.0/0"] })));
    it("refuses text that is not a CIDR block", () =>
      rejects("network.allowedCidrs[0]", net({ vpc: ids, allowedCidrs: ["10.0.0.0"] })));
    it("refuses a new VPC that is too small for its zones", () =>
      rejects("network.vpc.cidr", net({ vpc: { cidr: "10.0.0.0/28" } })));
    it("refuses endpoints that nobody reaches", () =>
      rejects("network.allowedCidrs", { network: { vpc: ids } }));
    it("refuses an existing endpoint that is not wanted", () =>
      rejects(
        "network.existing.sts",
        net({ vpc: ids, existing: { sts: "vpce-0a1b2c3d4e5f60731" } }),
        /add sts/,
      ));
    it("wants the organization's id to reach its repositories", () =>
      rejects("network.allowOrganization", net({ vpc: ids, allowOrganization: true })));
    it("refuses named buckets beside any", () =>
      rejects("network.s3Buckets", net({ vpc: ids, s3Buckets: ["my-bucket"] })));
    it("opens a shared gateway for everything unless told otherwise", () => {
      assert.equal(accepts(net({ vpc: ids })).network?.s3Policy, "any");
      assert.equal(accepts({ network: { vpc: { cidr: "10.0.0.0/20" } } }).network?.s3Policy, "ecr-layers");
    });
    it("tells that layers come from S3", () => {
      assert.deepEqual(
        keysOf(parse(smallStack(net({ vpc: ids, services: ["ecr.api", "ecr.dkr"] }))), "warning"),
        ["network.services"],
      );
    });
  });
});

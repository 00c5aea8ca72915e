import assert from "node:assert/strict";
import { accepts, parse, rejects, smallStack, team } from "../support/config";

describe("a stack's config", () => {
  describe("names", () => {
    const named = (name: string, service = "api") => ({ teams: [team(name, [service])] });
    for (const bad of ["Payments", "pay_ments", "-pay", "pay-", "pay--ments", "", "pay ments", "päy"]) {
      it(`refuses the team ${JSON.stringify(bad)}`, () => rejects("teams[0].name", named(bad)));
    }
    it("refuses a name longer than ECR takes, counting the whole", () =>
      rejects(
        "teams[0].services[0].name",
        named("a".repeat(125), "b".repeat(127)),
        /257 characters; ECR takes 2 to 256/,
      ));
    it("takes a name of exactly 256 characters", () => void accepts(named("a".repeat(125), "b".repeat(126))));
    it("refuses words that read as something else", () => rejects("teams[0].name", named("all"), /reserved/));
    it("refuses an environment as a service", () =>
      rejects("teams[0].services[0].name", named("x", "prod"), /reserved/));
    it("refuses versions in names", () =>
      rejects("teams[0].services[0].name", named("x", "api-v2"), /versions live in image tags.*write api$/));
    it("refuses the environment twice", () =>
      rejects("teams[0].services[0].name", named("x", "api-dev"), /appended.*write api$/));
    it("names both teams of a collision", () =>
      rejects(
        "teams[1].services[0].name",
        { teams: [team("a-b", ["c"]), team("a", ["b-c"])] },
        /teams a-b and a/,
      ));
    it("refuses a team twice", () =>
      rejects("teams[1].name", { teams: [team("a", ["x"]), team("a", ["y"])] }, /list each team once/));
    it("refuses a service twice", () =>
      rejects("teams[0].services[1].name", { teams: [team("a", ["x", "x"])] }));
    it("refuses a stack whose name cannot be part of a repository's name", () =>
      rejects("environment", {}, /set environment/, { stack: "Dev_1" }));
    it("takes the environment from config instead", () => {
      const settings = accepts({ environment: "qa", production: "no" }, { stack: "Dev_1" });
      assert.equal(settings.teams[0]?.repositories[0]?.name, "payments-api-qa");
    });
  });

  describe("accounts and organizations", () => {
    it("wants the provider bound to the account", () =>
      rejects("aws:allowedAccountIds", {}, /\["111122223333"\]/, { allowed: undefined }));
    it("refuses an organization id of another form", () =>
      rejects("organizationId", { organizationId: "acme" }));
    it("refuses organization shares without the organization", () =>
      rejects(
        "repositories.sharing.organization",
        { repositories: { sharing: { organization: true } } },
        /organizationId/,
      ));
    it("refuses a path of another organization", () =>
      rejects("repositories.sharing.organizationPaths[0]", {
        organizationId: "o-aaaaaaaaaa",
        repositories: { sharing: { organizationPaths: ["o-bbbbbbbbbb/r-ab12/*"] } },
      }));
  });

  describe("regions and partitions", () => {
    it("suggests the region that was meant", () =>
      rejects("aws:region", {}, /did you mean eu-west-1\?/, { region: "eu-wset-1" }));
    it("reports a wrong region once, also one that is the name of a property of every mapping", () =>
      assert.deepEqual(
        parse(smallStack(), { region: "constructor" }).diagnostics.map(({ key }) => key),
        ["aws:region"],
      ));
    it("misses a region", () => rejects("aws:region", {}, undefined, { region: "" }));
    for (const [region, partition] of [
      ["cn-north-1", "aws-cn"],
      ["us-gov-west-1", "aws-us-gov"],
      ["ap-south-2", "aws"],
    ] as const) {
      it(`knows ${region} as ${partition}`, () => {
        const settings = accepts({}, { region });
        assert.equal(settings.place.partition, partition);
        assert.match(settings.teams[0]!.repositories[0]!.arn, new RegExp(`^arn:${partition}:ecr:${region}:`));
      });
    }
    it("writes China's registry host", () =>
      assert.match(
        accepts({}, { region: "cn-north-1" }).teams[0]!.repositories[0]!.url,
        /\.amazonaws\.com\.cn\//,
      ));
    it("refuses principals of another partition", () =>
      rejects("repositories.sharing.principals[0]", {
        repositories: { sharing: { principals: ["arn:aws-cn:iam::111122223333:role/x"] } },
      }));
    it("refuses a billing alarm where no charges are published", () =>
      rejects("costs.billingAlarm", { costs: { billingAlarm: 5, emails: ["a@b.example"] } }, /us-east-1/, {
        region: "cn-north-1",
      }));
    it("refuses isolated regions", () => rejects("aws:region", {}, undefined, { region: "us-iso-east-1" }));
  });
});

import assert from "node:assert/strict";
import { smallStack } from "../support/config";
import { runStack } from "../support/stack";

const SCANNING = "ecr/registryScanningConfiguration:RegistryScanningConfiguration";
const ENABLER = "inspector2/enabler:Enabler";

for (const preview of [true, false]) {
  describe(`scanning, in ${preview ? "a preview" : "an update"}`, () => {
    it("excludes the pulls of the roles that the config lists, and of no other", async () => {
      const EXCLUSION = "ecr/pullTimeUpdateExclusion:PullTimeUpdateExclusion";
      const scanner = "arn:aws:iam::111122223333:role/scanners/trivy";
      const stack = await runStack(smallStack({ scanning: { pullTimeExclusions: [scanner] } }), { preview });
      assert.deepEqual(stack.one(EXCLUSION, "scanning-exclusion-111122223333:role/scanners/trivy"), {
        principalArn: scanner,
      });
      assert.equal((await runStack(smallStack(), { preview })).all(EXCLUSION).size, 0);
    });

    it("is enhanced and continuous, with Inspector for images only", async () => {
      const stack = await runStack(smallStack(), { preview });
      assert.deepEqual(stack.one(SCANNING, "scanning-configuration"), {
        scanType: "ENHANCED",
        rules: [
          { scanFrequency: "CONTINUOUS_SCAN", repositoryFilters: [{ filter: "*", filterType: "WILDCARD" }] },
        ],
      });
      assert.deepEqual(stack.one(ENABLER, "scanning-inspector"), {
        accountIds: ["111122223333"],
        resourceTypes: ["ECR"],
      });
    });
    it("mixes continuous and on push by filters", async () => {
      const stack = await runStack(smallStack({ scanning: { continuous: ["payments-*"], onPush: ["*"] } }), {
        preview,
      });
      const rules = stack.one(SCANNING, "scanning-configuration").rules as {
        scanFrequency: string;
        repositoryFilters: { filter: string }[];
      }[];
      assert.deepEqual(
        rules.map(({ scanFrequency, repositoryFilters }) => [scanFrequency, repositoryFilters[0]!.filter]),
        [
          ["CONTINUOUS_SCAN", "payments-*"],
          ["SCAN_ON_PUSH", "*"],
        ],
      );
    });
    it("is basic on push with the current version, without Inspector", async () => {
      const stack = await runStack(smallStack({ scanning: { type: "basic" } }), { preview });
      assert.equal(stack.one(SCANNING, "scanning-configuration").scanType, "BASIC");
      assert.deepEqual(stack.one("ecr/accountSetting:AccountSetting", "scanning-basic-version"), {
        name: "BASIC_SCAN_TYPE_VERSION",
        value: "AWS_NATIVE",
      });
      assert.equal(stack.all(ENABLER).size, 0);
    });
    it("is basic and manual where no filter is given", async () => {
      const stack = await runStack(smallStack({ scanning: { type: "basic", onPush: [] } }), { preview });
      assert.deepEqual(stack.one(SCANNING, "scanning-configuration").rules, []);
    });
    it("leaves Inspector alone where the organization manages it", async () => {
      const stack = await runStack(smallStack({ scanning: { inspector: { mode: "elsewhere" } } }), {
        preview,
      });
      assert.equal(stack.all(ENABLER).size, 0);
      assert.equal(stack.one(SCANNING, "scanning-configuration").scanType, "ENHANCED");
    });
    it("associates and enables members in the delegated administrator's account", async () => {
      const stack = await runStack(
        smallStack({ scanning: { inspector: { memberAccounts: ["222233334444", "333344445555"] } } }),
        { preview },
      );
      assert.equal(stack.all("inspector2/memberAssociation:MemberAssociation").size, 2);
      // One for each, so that no update takes an account from an enabler, which would switch Inspector off there.
      assert.deepEqual(
        [...stack.all(ENABLER).values()].map(({ accountIds }) => accountIds),
        [["111122223333"], ["222233334444"], ["333344445555"]],
      );
    });
    it("is left to its owner where this stack does not manage it", async () => {
      const stack = await runStack(smallStack({ scanning: { manage: false } }), { preview });
      assert.equal(stack.all(SCANNING).size + stack.all(ENABLER).size, 0);
      assert.equal(stack.outputs.scanType, undefined);
    });
  });
}

import assert from "node:assert/strict";
import { DEFAULT_ASSUMPTIONS, estimateCost, type CostEstimate } from "../../plan/cost";
import { renderMarkdown } from "../../plan/markdown";
import { BASE_REGION, priceIn } from "../../aws/prices";
import { reportOf } from "../../plan/report";
import { runProgram, type PlannedResource } from "../../plan/run";
import { readStackConfig } from "../../plan/stack-file";
import { renderText } from "../../plan/text";
import { planned, runOf } from "../support/planned";
import { ROOT } from "../support/project";

const ACCOUNT = "444455556666";

/** What a registry in eu-west-1 costs that declares these resources. */
function estimate(...resources: PlannedResource[]): CostEstimate {
  const run = { ...runOf(...resources), stack: "prod", accountId: ACCOUNT, environment: "prod" };
  return estimateCost(run, DEFAULT_ASSUMPTIONS);
}

const repository = (name: string) => planned(name, { name, tags: { Team: "payments" } });
const REPOSITORIES = ["payments-api-prod", "payments-ledger-prod", "storefront-web-prod"].map(repository);

/** A replication configuration with rules of prefixes and destinations. */
const replication = (...rules: { prefixes?: string[]; to: [region: string, account?: string][] }[]) =>
  planned(
    "replication",
    {
      replicationConfiguration: {
        rules: rules.map(({ prefixes, to }) => ({
          destinations: to.map(([region, registryId = ACCOUNT]) => ({ region, registryId })),
          ...(prefixes === undefined
            ? {}
            : { repositoryFilters: prefixes.map((filter) => ({ filter, filterType: "PREFIX_MATCH" })) }),
        })),
      },
    },
    { type: "aws:ecr/replicationConfiguration:ReplicationConfiguration" },
  );

const replicas = ({ lines }: CostEstimate) =>
  Object.fromEntries(
    lines.flatMap(({ item, quantity }) =>
      item.startsWith("Replicas") ? [[item, quantity / DEFAULT_ASSUMPTIONS.gbPerRepository]] : [],
    ),
  );

describe("the cost estimate", () => {
  it("counts the storage of replicas, once per repository and region", () => {
    const rules = [
      { prefixes: ["payments"], to: [["eu-central-1"], ["us-east-1"]] as [string][] },
      { prefixes: ["payments-api", "storefront"], to: [["eu-central-1"]] as [string][] },
    ];
    const cost = estimate(...REPOSITORIES, replication(...rules));
    assert.deepEqual(replicas(cost), { "Replicas in eu-central-1": 3, "Replicas in us-east-1": 2 });
    assert.deepEqual(replicas(estimate(...REPOSITORIES)), {});
  });

  it("counts all repositories for a rule without prefixes, and no storage in other accounts", () => {
    assert.deepEqual(replicas(estimate(...REPOSITORIES, replication({ to: [["eu-central-1"]] }))), {
      "Replicas in eu-central-1": 3,
    });
    const elsewhere = estimate(...REPOSITORIES, replication({ to: [["eu-central-1", "111122223333"]] }));
    assert.deepEqual(replicas(elsewhere), {});
    assert.ok(elsewhere.leftOut.some((what) => /storage in other accounts/.test(what)));
  });

  it("says that archiving saves nothing by itself, if a lifecycle policy or clean-up archives", () => {
    const policy = (type: string) =>
      planned(
        "api",
        { policy: JSON.stringify({ rules: [{ action: { type } }] }) },
        { type: "aws:ecr/lifecyclePolicy:LifecyclePolicy" },
      );
    const said = (...resources: PlannedResource[]) =>
      estimate(...resources).notes.filter((note) => note.startsWith("archiving images saves nothing"));
    assert.deepEqual(said(policy("expire")), []);
    assert.equal(said(policy("expire"), policy("transition")).length, 1);
    const cleanUp = (request: object) =>
      planned(
        "clean-up",
        { target: { input: JSON.stringify(request) } },
        { type: "aws:scheduler/schedule:Schedule" },
      );
    assert.equal(said(cleanUp({ dryRun: false, archive: true })).length, 1);
    assert.deepEqual(
      said(cleanUp({ dryRun: true, archive: true }), cleanUp({ dryRun: false, archive: false })),
      [],
    );
  });
  it("says what the first two rotations of the keys add", () => {
    const key = (name: string, enableKeyRotation: boolean) =>
      planned(name, { enableKeyRotation }, { type: "aws:kms/key:Key" });
    const { lines, notes } = estimate(key("a", true), key("b", true), key("c", false));
    assert.equal(lines.find(({ item }) => item === "KMS keys")?.usd, 3);
    assert.deepEqual(notes, [
      "the first and the second yearly rotation of KMS keys each add 2.00 USD a month",
    ]);
    assert.deepEqual(estimate(key("c", false)).notes, []);
  });

  for (const [type, what] of [
    ["aws:cloudtrail/trail:Trail", /management events, if another trail .*: 2 USD per 100,000 in us-east-1/],
    ["aws:ecr/pullThroughCacheRule:PullThroughCacheRule", /pull through caches: storage and scans/],
    ["aws:ecr/replicationConfiguration:ReplicationConfiguration", /replication: transfer to other regions/],
  ] as const) {
    it(`names what it leaves out about ${type.split(":")[2]}, if the stack declares one`, () => {
      const inputs = { replicationConfiguration: { rules: [] } };
      const named = (cost: CostEstimate) => cost.leftOut.some((one) => what.test(one));
      assert.ok(named(estimate(planned("one", inputs, { type }))));
      assert.ok(!named(estimate()));
    });
  }

  it("says the region of each price: the line's own, or the base region if the table has no price for that", () => {
    assert.deepEqual(priceIn("endpointHour", "eu-central-1"), { usd: 0.012, region: "eu-central-1" });
    assert.deepEqual(priceIn("storageGb", "eu-central-1"), { usd: 0.1, region: BASE_REGION });
    assert.deepEqual(priceIn("endpointHour", BASE_REGION), { usd: 0.01, region: BASE_REGION });
  });

  it("shows the region of each price in text and Markdown", async () => {
    const report = reportOf(await runProgram(ROOT, readStackConfig(ROOT, "prod")), DEFAULT_ASSUMPTIONS);
    const regions = Object.fromEntries(report.cost.lines.map(({ item, priceRegion }) => [item, priceRegion]));
    assert.equal(regions["Interface endpoints"], "eu-west-1");
    assert.equal(regions["Replicas in eu-central-1"], BASE_REGION);
    const [text, markdown] = [
      renderText(report, { policies: false }),
      renderMarkdown({ reports: [report], failed: [], summary: undefined }, { policies: false }),
    ];
    for (const { item, price, priceRegion, usd } of report.cost.lines) {
      const row = text.split("\n").find((line) => line.startsWith(`  ${item} `));
      assert.match(row ?? "", new RegExp(`${price} +${priceRegion} +${usd.toFixed(2)}$`));
      const cells = markdown.split("\n").find((line) => line.startsWith(`| ${item} `));
      assert.match(cells ?? "", new RegExp(`${price} \\| ${priceRegion} +\\| +${usd.toFixed(2)} \\|$`));
    }
  });
});

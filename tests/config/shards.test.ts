import assert from "node:assert/strict";
import { checkStacks } from "../../config/checks/stacks";
import { checkTeamFiles, type StackOfFiles } from "../../config/checks/team-files";
import { parseStack } from "../../config/parse";
import { smallStack, team } from "../support/config";

function settingsOf(stack: string, overrides: object) {
  const { settings, diagnostics } = parseStack(
    { ...smallStack(), environment: "prod", production: "yes", ...overrides },
    { project: "ecr-platform", stack, region: "eu-west-1", allowedAccountIds: ["111122223333"] },
  );
  assert.ok(settings !== undefined, JSON.stringify(diagnostics));
  return settings;
}

/** What a second shard leaves to the first one. */
const SECOND = {
  scanning: { manage: false },
  registry: { manage: false },
  findings: { manage: false, topicArn: "arn:aws:sns:eu-west-1:111122223333:ecr-platform-prod-alerts" },
  audit: { manage: false, alerts: false },
  costs: { manage: false },
  operations: { manage: false },
  repositories: {
    encryption: "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-000000000001",
  },
  teams: [team("web", ["shop"])],
};
const FIRST = {
  findings: { subscriptions: [{ protocol: "email", endpoint: "a@b.example" }] },
  audit: { manage: false, alerts: true, trailArn: "arn:aws:cloudtrail:eu-west-1:111122223333:trail/x" },
  network: {
    vpc: {
      id: "vpc-0a1b2c3d4e5f60718",
      subnetIds: ["subnet-0a1b2c3d4e5f60711"],
      routeTableIds: ["rtb-0a1b2c3d4e5f60721"],
    },
    allowedCidrs: ["10.0.0.0/16"],
  },
  costs: { monthlyBudget: 5, emails: ["a@b.example"] },
  repositories: { encryption: "stack-key" },
};

const between = (first: object, second: object) =>
  checkStacks([settingsOf("prod", first), settingsOf("prod-b", second)]).map(
    ({ stack, key, rule }) => `${stack} ${key}: ${rule}`,
  );

describe("two stacks of one environment, its shards", () => {
  it("have one owner of each part whose names begin with the project and the environment", () => {
    assert.deepEqual(between(FIRST, SECOND), []);
    const owns = "one stack owns it in an environment, and prod does in 111122223333 already";
    for (const [key, part] of [
      ["repositories.encryption", { repositories: FIRST.repositories }],
      ["findings.manage", { findings: { ...FIRST.findings, scope: "environment" } }],
      ["operations.manage", { operations: {} }],
      ["audit.alerts", { audit: FIRST.audit }],
      ["network.manage", { network: FIRST.network }],
      ["costs.manage", { costs: { anomalyThreshold: 5, emails: ["a@b.example"] } }],
    ] as const) {
      assert.deepEqual(between(FIRST, { ...SECOND, ...part }), [`prod-b ${key}: ${owns}`], key);
    }
    const elsewhere = { ...SECOND, operations: {}, environment: "staging" };
    assert.deepEqual(between(FIRST, elsewhere), []);
  });

  it("do not have a team both", () => {
    const [problem, ...others] = between(FIRST, {
      ...SECOND,
      teams: [...SECOND.teams, team("payments", ["api"])],
    });
    assert.match(
      problem ?? "",
      /^prod-b environment: a repository has one owner, and prod declares payments-/,
    );
    assert.deepEqual(others, []);
  });

  it("have the clean-up rules of the one that cleans up, which knows no other", () => {
    const cleanUp = { untaggedDays: 30 };
    const first = { ...FIRST, repositories: { ...FIRST.repositories, cleanUp } };
    const second = { ...SECOND, repositories: { ...SECOND.repositories, cleanUp } };
    assert.deepEqual(between(first, second), []);
    assert.deepEqual(between(first, SECOND), [
      "prod-b repositories.cleanUp: the clean-up of prod is in prod, and has other rules",
    ]);
    const keeping = team("web", ["shop"], { cleanUp: { untaggedDays: 90 } });
    const expected = [
      "prod-b teams[1].name: the clean-up of prod is in prod, and would not know this team's cleanUp",
    ];
    assert.deepEqual(between(first, { ...second, teams: [team("a", ["x"]), keeping] }), expected);
    assert.deepEqual(
      checkStacks([
        settingsOf("prod-b", { ...second, teams: [team("a", ["x"]), keeping] }),
        settingsOf("prod", first),
      ]).map(({ stack, key, rule }) => `${stack} ${key}: ${rule}`),
      expected,
    );
    const off = { ...first, operations: { cleanUp: { mode: "off" } } };
    assert.deepEqual(between(off, { ...second, teams: [keeping] }), []);
  });
});

describe("the team files of all stacks", () => {
  const file = (name: string, more = "") => ({
    file: `teams/${name}.yaml`,
    text: `name: ${name}\ncontact: a@acme.example\nservices: [{ name: x }]\n${more}`,
  });
  const stack = (name: string, environment: string, ...files: StackOfFiles["files"]) => ({
    stack: name,
    environment,
    registry: `${environment} account`,
    files,
  });
  const problems = (...stacks: StackOfFiles[]) =>
    checkTeamFiles(stacks).map((one) => `${one.stack} ${one.severity} ${one.file} ${one.key}: ${one.fix}`);

  it("name only environments that a stack has", () => {
    const typo = file("a", "environments: { prd: { monthlyBudget: 3 }, prod: {} }\n");
    const list = file("b", "environments: [dev, qa]\n");
    const service = {
      ...file("c"),
      text: file("c").text.replace("name: x", "name: x, environments: [prd]"),
    };
    assert.deepEqual(problems(stack("dev", "dev", typo, list, service), stack("prod", "prod", typo)), [
      "dev warning teams/a.yaml environments.prd: did you mean prod?",
      "dev warning teams/b.yaml environments[1]: name one of dev, prod",
      "dev warning teams/c.yaml services[0].environments[0]: did you mean prod?",
    ]);
  });

  it("are each read by a shard of every environment that has the team", () => {
    const [a, b, c] = [file("a"), file("b"), file("c")];
    const shards = [stack("prod", "prod", a), stack("prod-b", "prod", b)];
    assert.deepEqual(problems(stack("dev", "dev", a, b), ...shards), []);
    assert.deepEqual(problems(stack("dev", "dev", a, b, c), ...shards), [
      "prod error teams/c.yaml : let teamsFrom of one of them match it, or leave prod out under environments in the file",
    ]);
    const onlyDev = file("c", "environments: [dev]\n");
    assert.deepEqual(problems(stack("dev", "dev", a, b, onlyDev), ...shards), []);
    // One stack alone may leave teams out.
    assert.deepEqual(problems(stack("dev", "dev", a, b, c), shards[0]!), []);
  });

  it("are matched by every glob of a stack, or a warning names the glob", () => {
    const parse = (teamsFrom: string[]) =>
      parseStack(
        { ...smallStack(), teams: undefined, teamsFrom },
        {
          project: "ecr-platform",
          stack: "dev",
          region: "eu-west-1",
          allowedAccountIds: ["111122223333"],
          readFiles: (globs) => (globs.includes("teams/*.yaml") ? [file("a")] : []),
        },
      ).diagnostics.flatMap(({ severity, key, value }) =>
        key.startsWith("teamsFrom") ? [[severity, key, value]] : [],
      );
    assert.deepEqual(parse(["teams/*.yaml", "squads/*.yaml", "!teams/x.yaml"]), [
      ["warning", "teamsFrom[1]", "squads/*.yaml"],
    ]);
    assert.deepEqual(parse(["teams/*.yaml"]), []);
  });
});

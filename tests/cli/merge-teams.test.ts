import assert from "node:assert/strict";
import fc from "fast-check";
import { isMap, parseDocument, stringify } from "yaml";
import { mergedTeam } from "../../cli/merge-teams";
import { YamlText } from "../../cli/yaml-text";
import { parseStack } from "../../config/parse";
import { smallStack } from "../support/config";

/** The team file of entries by environment. */
function merged(entries: Record<string, string>, all = Object.keys(entries)): string {
  return mergedTeam(
    all,
    Object.entries(entries).map(([environment, text]) => {
      const map = parseDocument(text).contents;
      assert.ok(isMap(map));
      return { environment, map };
    }),
  );
}

/** The teams' settings of a stack in an environment. */
function teamsOf(stack: string, overrides: object, files: string[] = []) {
  const { settings, diagnostics } = parseStack(
    { ...smallStack(), teams: [], production: "no", ...overrides },
    {
      project: "ecr-platform",
      stack,
      region: "eu-west-1",
      allowedAccountIds: ["111122223333"],
      readFiles: () => files.map((text, i) => ({ file: `teams/${i}.yaml`, text })),
    },
  );
  assert.ok(
    settings !== undefined,
    JSON.stringify(diagnostics.filter(({ severity }) => severity === "error")),
  );
  return settings.teams;
}

describe("the entries of a team in several stacks, as one file", () => {
  it("have what they share once, the rest by environment, and their comments", () => {
    const dev = `
name: payments # in all
contact: p@acme.example
monthlyBudget: 50
# Short.
lifecycle: { untaggedDays: 3, others: { days: 60 } }
services:
  # The API.
  - { name: api, description: Payment API }
  - name: ledger
    lifecycle: { others: { days: 9 } }
  - { name: sandbox }
`;
    const staging = dev
      .replace("monthlyBudget: 50", "monthlyBudget: 90")
      .replace("  - { name: sandbox }\n", "");
    const prod = staging
      .replace("untaggedDays: 3", "untaggedDays: 14")
      .replace("{ others: { days: 9 } }", "{ others: { keep: 100 } }")
      .replace("services:", "sharing: {}\nservices:");
    assert.equal(
      merged({ dev, staging, prod }),
      `name: payments # in all
contact: p@acme.example
monthlyBudget: 90
# Short.
lifecycle: { untaggedDays: 3, others: { days: 60 } }
services:
  # The API.
  - { name: api, description: Payment API }
  - name: ledger
    lifecycle: { others: { days: 9 } }
    environments:
      prod:
        lifecycle:
          others: { keep: 100 }
  - { name: sandbox, environments: [ dev ] }
environments:
  dev:
    monthlyBudget: 50
  prod:
    lifecycle:
      untaggedDays: 14
    sharing: {}
`,
    );
  });

  it("say where the team is, if it is not in every environment", () => {
    const text = "name: a\ncontact: a@acme.example\nservices: [{ name: x }]\n";
    assert.match(merged({ dev: text }, ["dev", "prod"]), /\nenvironments: \[ dev \]\n$/);
    assert.match(
      merged({ dev: text, prod: `${text}monthlyBudget: 3\n` }, ["dev", "prod", "staging"]),
      /\nenvironments:\n {2}prod:\n {4}monthlyBudget: 3\n {2}staging: false\n$/,
    );
  });

  it("come to the same settings in each environment, whatever they are", () => {
    const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
    const options = {
      lifecycle: maybe(
        fc.record(
          {
            untaggedDays: fc.integer({ min: 1, max: 2 }),
            others: fc.constantFrom({ days: 9 }, { keep: 9 }),
            protect: fc.constantFrom([], ["v*"]),
          },
          { requiredKeys: [] },
        ),
      ),
      sharing: maybe(fc.record({ lambda: fc.boolean() }, { requiredKeys: [] })),
    };
    const service = fc.record({ ...options, description: maybe(fc.constantFrom("x", "012", "yes")) });
    const entry = fc.record({
      ...options,
      monthlyBudget: maybe(fc.integer({ min: 1, max: 2 })),
      costCentre: maybe(fc.constantFrom("0042", "A")),
      findings: maybe(
        fc.record({
          minimumSeverity: maybe(fc.constantFrom("HIGH", "LOW")),
          subscriptions: fc
            .constantFrom("a@b.example", "c@d.example")
            .map((endpoint) => [{ protocol: "email", endpoint }]),
        }),
      ),
      services: fc.dictionary(fc.constantFrom("api", "web", "etl"), service, { minKeys: 1 }),
    });
    fc.assert(
      fc.property(fc.tuple(fc.option(entry), entry, fc.option(entry)), (entries) => {
        const stacks = ["dev", "staging", "prod"];
        const texts = entries.map((one) =>
          one === null
            ? undefined
            : stringify(
                {
                  name: "payments",
                  contact: "p@acme.example",
                  ...one,
                  services: Object.keys(one.services)
                    .sort()
                    .map((name) => ({ name, ...one.services[name] })),
                },
                { aliasDuplicateObjects: false },
              ),
        );
        const file = merged(
          Object.fromEntries(
            stacks.flatMap((stack, i) => (texts[i] === undefined ? [] : [[stack, texts[i]]])),
          ),
          stacks,
        );
        stacks.forEach((stack, i) => {
          const teams = texts[i] === undefined ? [] : [parseDocument(texts[i]).toJS() as object];
          assert.deepEqual(
            teamsOf(stack, { teamsFrom: "teams/*.yaml" }, [file]),
            teamsOf(stack, { teams }),
            file,
          );
        });
      }),
      { numRuns: Number(process.env.RUNS ?? 60), seed: 1 },
    );
  });

  it("are copied with the comment above them, without those that stay behind them", () => {
    const yaml = new YamlText(
      "teams:\n  # Payments.\n  - name: a\n    # Of b.\n    b: 1 # one\n  # Data.\n  - &x { name: d }\n  - { name: e, like: *x }\n  - name: f\n    # behind\n",
      "x.yaml",
    );
    const copy = (index: number, data?: object) => stringify(yaml.copyOf(["teams", index], data));
    assert.equal(copy(0), "# Payments.\nname: a\n# Of b.\nb: 1 # one\n");
    assert.match(copy(1), /^# Data\.\n+\{ name: d \}\n$/);
    assert.equal(copy(3), "name: f\n");
    assert.equal(copy(2, { name: "e", like: { name: "d" } }), "name: e\nlike:\n  name: d\n");
  });
});

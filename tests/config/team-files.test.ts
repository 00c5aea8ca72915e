import assert from "node:assert/strict";
import { formatDiagnostics } from "../../config/diagnostics";
import { parseConfig } from "../../config/load";
import { parseStack } from "../../config/parse";
import { smallStack, team } from "../support/config";

/** A stack whose teams are in files, given by path. */
function parse(files: Record<string, string>, overrides: Record<string, unknown> = {}, stack = "dev") {
  const { teams: _teams, ...rest } = smallStack();
  return parseStack(
    { ...rest, teamsFrom: "teams/*.yaml", ...overrides },
    {
      project: "ecr-platform",
      stack,
      region: "eu-west-1",
      allowedAccountIds: ["111122223333"],
      readFiles: () => Object.entries(files).map(([file, text]) => ({ file, text })),
    },
  );
}

/** The settings of the one team that a file gives an environment; undefined where it has none. */
function settingsOf(text: string, stack = "dev") {
  const { settings, diagnostics } = parse({ "teams/payments.yaml": text }, {}, stack);
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity === "error"),
    [],
  );
  return settings?.teams[0];
}

/** Where the errors are, and what they say. */
function errorsOf(...args: Parameters<typeof parse>) {
  const { settings, diagnostics } = parse(...args);
  assert.equal(settings, undefined);
  return diagnostics
    .filter(({ severity }) => severity === "error")
    .map(({ file, key, rule }) => `${file ?? "stack"} ${key}: ${rule}`);
}

const PAYMENTS = `
name: payments
contact: payments@acme.example
monthlyBudget: 60
lifecycle: { untaggedDays: 3, others: { days: 60 } }
services:
  - name: api
  - name: ledger
    lifecycle: { untaggedDays: 5 }
    environments: { prod: { lifecycle: { untaggedDays: 9 } } }
  - { name: sandbox, environments: [dev] }
environments:
  prod:
    monthlyBudget: 500
    lifecycle: { others: { keep: 10 } }
  staging: false
`;

describe("a team file", () => {
  it("gives each environment the team with what differs there", () => {
    const [dev, prod] = [settingsOf(PAYMENTS), settingsOf(PAYMENTS, "prod")];
    assert.equal(dev?.monthlyBudget, 60);
    assert.equal(prod?.monthlyBudget, 500);
    assert.deepEqual(
      dev?.repositories.map(({ name, lifecycle: { untaggedDays, others } }) => [name, untaggedDays, others]),
      [
        ["payments-api-dev", 3, { days: 60 }],
        ["payments-ledger-dev", 5, { days: 60 }],
        ["payments-sandbox-dev", 3, { days: 60 }],
      ],
    );
    assert.deepEqual(
      prod?.repositories.map(({ name, lifecycle: { untaggedDays, others } }) => [name, untaggedDays, others]),
      [
        ["payments-api-prod", 3, { keep: 10 }],
        ["payments-ledger-prod", 9, { keep: 10 }],
      ],
    );
    assert.equal(settingsOf(PAYMENTS, "staging"), undefined);
  });

  it("is the same as the entry in the stack's file", () => {
    const entry = team("payments", ["api"], {
      findings: { subscriptions: [{ protocol: "email", endpoint: "a@b.example" }] },
    });
    assert.deepEqual(
      parse({ "teams/payments.yaml": JSON.stringify(entry) }).settings,
      parse({}, { teams: [entry], teamsFrom: undefined }).settings,
    );
  });

  it("is named with the key in it, in every kind of report", () => {
    assert.deepEqual(
      errorsOf({
        "teams/a.yaml": "name: a\ncontact: nobody\nservices: [{ name: x }]\n",
        "teams/b.yaml": "name: [b\n",
        "teams/c.yaml": "name: c\ncontact: c@acme.example\nservices: [{ name: x, lifecyle: {} }]\n",
        "teams/d.yaml":
          "name: d\ncontact: d@acme.example\nservices: [{ name: x }]\nenvironments: { prod: { contacts: x } }\n",
        "teams/e.yaml":
          "name: e\ncontact: e@acme.example\nservices: [{ name: x }, { name: y, environments: 3 }]\n",
        "teams/f.yaml":
          "name: f\ncontact: f@acme.example\nservices: [{ name: x, environments: [prod] }, { name: api-v2 }]\nenvironments: { dev: { sharing: { organization: true } } }\n",
      }).map((line) => line.replace(/(not YAML|a mail address).*/, "$1")),
      [
        "teams/f.yaml services[1].name: versions live in image tags, not in repository names",
        "teams/f.yaml environments.dev.sharing.organization: sharing with the organization needs its id",
        "teams/a.yaml contact: a mail address",
        "teams/b.yaml : line 2: not YAML",
        "teams/c.yaml services[0].lifecyle: unknown key",
        "teams/d.yaml environments.prod.contacts: unknown key",
        "teams/e.yaml services[1].environments: a list of environments, or a mapping from an environment to what differs there",
      ],
    );
    const { diagnostics } = parse({ "teams/c.yaml": "name: c\ncontact: c@acme.example\nservices: []\n" });
    assert.match(formatDiagnostics(diagnostics), /^ {2}teams\/c\.yaml: services = \[\]\n/);
  });

  it("may not repeat a team of the stack's file or of another file, and the report names both", () => {
    const file = JSON.stringify(team("payments", ["api"]));
    const { teams } = smallStack();
    assert.match(
      errorsOf({ "teams/payments.yaml": file }, { teams }).join("\n"),
      /^teams\/payments.yaml name: duplicate of teams\[0\] in Pulumi.dev.yaml;/,
    );
    assert.match(
      errorsOf({ "teams/a.yaml": file, "teams/b.yaml": file }).join("\n"),
      /^teams\/b.yaml name: duplicate of teams\/a.yaml;/,
    );
    // Every mapping has a property of this name.
    assert.match(
      errorsOf(
        {
          "teams/payments.yaml": JSON.stringify({ ...team("payments", ["api"]), environments: { prod: {} } }),
        },
        { teams, environment: "constructor", production: "no" },
      ).join("\n"),
      /^teams\/payments.yaml name: duplicate of/,
    );
  });

  it("may not have an encrypted value, which Pulumi decrypts in the stack's file only", () => {
    const text = `${PAYMENTS}findings: { subscriptions: [{ protocol: https, endpoint: { secure: AAA } }] }\n`;
    assert.deepEqual(errorsOf({ "teams/payments.yaml": text }), [
      "teams/payments.yaml findings.subscriptions[0].endpoint: it is encrypted, and Pulumi decrypts only what is in the stack's file",
    ]);
  });

  it("may not have the key __proto__", () => {
    const text = `${PAYMENTS}  __proto__: { monthlyBudget: 1 }\n`;
    assert.deepEqual(errorsOf({ "teams/payments.yaml": text }), [
      "teams/payments.yaml environments.__proto__: JavaScript has a use of its own for this key",
    ]);
  });

  it("has to be there for each glob, and globs stay in the project's folder", () => {
    assert.deepEqual(errorsOf({}), ["stack teamsFrom: matches no file below the project's folder"]);
    for (const teamsFrom of ["../teams/*.yaml", "/etc/*.yaml", "teams", 3, []]) {
      assert.match(
        errorsOf({}, { teamsFrom }).join("\n"),
        /stack teamsFrom: (a glob|at least one glob)/,
        String(teamsFrom),
      );
    }
  });
});

describe("a stack's config that no program can be given", () => {
  const config = (length: number) => ({
    "ecr-platform:accountId": "111122223333",
    "ecr-platform:contact": "platform@acme.example",
    "ecr-platform:findings": '{"manage":false}',
    "ecr-platform:teams": JSON.stringify([team("payments", [{ name: "api", description: "&<" }])]),
    "other:text": "a".repeat(length),
    "aws:region": "eu-west-1",
    "aws:allowedAccountIds": '["111122223333"]',
  });
  const errors = (length: number) =>
    parseConfig({ project: "ecr-platform", stack: "dev", config: config(length) }).diagnostics.filter(
      ({ key }) => key === "other:text",
    );

  it("is refused from the first byte that Linux does not take, measured on the real engine", () => {
    // The length that Pulumi's language host gave PULUMI_CONFIG for this config, with an empty other:text.
    const empty = 420;
    assert.deepEqual(errors(131_057 - empty), []);
    const [error, ...others] = errors(131_058 - empty);
    assert.deepEqual(others, []);
    assert.match(String(error?.rule), /takes 131,058 bytes, and Pulumi can pass at most 131,057/);
    assert.match(String(error?.fix), /team-files\.md/);
  });
});

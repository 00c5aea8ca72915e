import assert from "node:assert/strict";
import { parseStack, type Parsed } from "../../config/parse";
import { withoutSecrets } from "../../config/secrets";

/** A small stack, valid, with nothing switched off. Tests override what they are about. */
export function smallStack(overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    accountId: "111122223333",
    contact: "platform@acme.example",
    findings: { subscriptions: [{ protocol: "email", endpoint: "platform@acme.example" }] },
    teams: [{ name: "payments", contact: "payments@acme.example", services: [{ name: "api" }] }],
    ...overrides,
  };
}

/** A team with the named services. */
export function team(
  name: string,
  services: (string | Record<string, unknown>)[],
  rest: Record<string, unknown> = {},
) {
  return {
    name,
    contact: "team@acme.example",
    services: services.map((service) => (typeof service === "string" ? { name: service } : service)),
    ...rest,
  };
}

export function parse(
  config: unknown,
  around: { stack?: string; region?: string; allowed?: unknown } = {},
): Parsed {
  return parseStack(config, {
    project: "ecr-platform",
    stack: around.stack ?? "dev",
    region: around.region ?? "eu-west-1",
    allowedAccountIds: "allowed" in around ? around.allowed : [(config as { accountId?: string }).accountId],
  });
}

/** Keys of the errors (or warnings) that a config gets. */
export function keysOf(parsed: Parsed, severity: "error" | "warning" = "error"): string[] {
  return parsed.diagnostics.filter((one) => one.severity === severity).map(({ key }) => key);
}

/** The one error that a stack with the given overrides gets. */
function errorOf(overrides: Record<string, unknown>, around: Parameters<typeof parse>[1] = {}) {
  const { diagnostics, settings } = parse(smallStack(overrides), around);
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  assert.equal(errors.length, 1, JSON.stringify(errors, null, 2));
  assert.equal(settings, undefined);
  return errors[0]!;
}

/** The value at a key of a config, as a reader of the file finds it. */
function inFile(config: unknown, key: string): unknown {
  const parts = key.match(/aws:\w+|(?<=existing\.)ecr\.\w+|[^.[\]]+/g) ?? [];
  return parts.reduce<any>((at, part) => at?.[part], config);
}

/** Expects a stack with the given overrides to get one error, at the given key. */
export function rejects(
  key: string,
  overrides: Record<string, unknown>,
  says?: RegExp,
  around?: Parameters<typeof parse>[1],
) {
  const error = errorOf(overrides, around);
  assert.equal(error.key, key);
  const { region = "eu-west-1", allowed } = around ?? {};
  const file = {
    ...smallStack(overrides),
    "aws:region": region || undefined,
    "aws:allowedAccountIds": allowed,
  };
  assert.deepEqual(error.value, withoutSecrets(inFile(file, key)));
  assert.ok(error.rule.length > 0 && error.fix.length > 0);
  if (says !== undefined) {
    assert.match(`${error.rule}. ${error.fix}`, says);
  }
}

/** The settings of a stack with the given overrides, which gets no error. */
export function accepts(overrides: Record<string, unknown>, around?: Parameters<typeof parse>[1]) {
  const parsed = parse(smallStack(overrides), around);
  assert.deepEqual(keysOf(parsed), []);
  return parsed.settings!;
}

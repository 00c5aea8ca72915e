import { parseStack, type Parsed } from "../../config/parse";

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
  return parsed.findings.filter((finding) => finding.severity === severity).map(({ key }) => key);
}

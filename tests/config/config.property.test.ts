import assert from "node:assert/strict";
import fc from "fast-check";
import { stackConfigSchema, type JsonSchema } from "../../config/json-schema";
import { formatDiagnostics } from "../../config/diagnostics";
import { repositoryName } from "../../config/settings";
import { parse, smallStack, team } from "../support/config";

/** ECR's own pattern for repository names. https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html */
const ECR_NAME = /^(?:[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*\/)*[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;

const junk = fc.oneof(
  fc.anything({ withNullPrototype: false, maxDepth: 2 }),
  fc.constantFrom(
    null,
    "",
    0,
    -1,
    NaN,
    [],
    {},
    [[]],
    "x".repeat(300),
    "10.0.0.0/8",
    "eu-west-1",
    "*",
    "__proto__",
  ),
);

/** Values near what a schema wants: its own keys, with now and then a value of another kind. */
function near(schema: JsonSchema | undefined, depth: number): fc.Arbitrary<unknown> {
  if (schema === undefined || depth > 7) {
    return junk;
  }
  const sound = (): fc.Arbitrary<unknown> => {
    if (schema.enum !== undefined) {
      return fc.constantFrom(...schema.enum);
    }
    switch (schema.type) {
      case "object":
        return fc.record(
          Object.fromEntries(
            Object.entries(schema.properties ?? {}).map(([key, inner]) => [key, near(inner, depth + 1)]),
          ),
          { requiredKeys: schema.required ?? [] },
        );
      case "array":
        return fc.array(near(schema.items, depth + 1), { maxLength: 3 });
      case "string":
        return schema.pattern === undefined
          ? fc.string()
          : fc.oneof(
              fc.constantFrom("api", "111122223333", "team@acme.example", "v*", "10.0.0.0/8"),
              fc.string(),
            );
      case "number":
      case "integer":
        return fc.integer({ min: -1, max: 400 });
      case "boolean":
        return fc.boolean();
      default:
        return junk;
    }
  };
  return fc.oneof({ arbitrary: sound(), weight: 12 }, { arbitrary: junk, weight: 1 });
}

describe("config parsing, for any input", () => {
  it("ends in settings or in a report, never in an exception", () => {
    let settled = 0;
    fc.assert(
      fc.property(
        near(stackConfigSchema(), 0),
        fc.constantFrom("dev", "prod", "Bad Stack", ""),
        (config, stack) => {
          const { settings, diagnostics } = parse(config ?? null, { stack, allowed: ["111122223333"] });
          const errors = diagnostics.filter(({ severity }) => severity === "error");
          assert.equal(settings === undefined, errors.length > 0);
          for (const { key, rule, fix } of diagnostics) {
            assert.ok(typeof key === "string" && rule.length > 0 && fix.length > 0);
          }
          formatDiagnostics(diagnostics);
          settled++;
        },
      ),
      { numRuns: 400 },
    );
    assert.ok(settled >= 400);
  });

  it("reports each problem planted in a sound stack, however many", () => {
    const plants: Record<string, { path: string[]; value: unknown; key: string }> = {
      account: { path: ["accountId"], value: "12", key: "accountId" },
      contact: { path: ["contact"], value: 5, key: "contact" },
      unknown: { path: ["netwrok"], value: {}, key: "netwrok" },
      team: { path: ["teams", "0", "name"], value: "UPPER", key: "teams[0].name" },
      service: {
        path: ["teams", "1", "services", "0", "name"],
        value: "a--b",
        key: "teams[1].services[0].name",
      },
      days: { path: ["audit"], value: { retentionDays: 1 }, key: "audit.retentionDays" },
      severity: { path: ["findings", "minimumSeverity"], value: "BAD", key: "findings.minimumSeverity" },
      cidr: { path: ["network"], value: { vpc: { cidr: "10.0.0.1/16" } }, key: "network.vpc.cidr" },
      basic: { path: ["scanning"], value: { type: "basic", continuous: ["*"] }, key: "scanning.continuous" },
    };
    fc.assert(
      fc.property(fc.subarray(Object.keys(plants), { minLength: 1 }), (chosen) => {
        const config = structuredClone(
          smallStack({ teams: [team("a", ["x"]), team("b", ["y", "z"])] }),
        ) as any;
        for (const name of chosen) {
          const { path, value } = plants[name]!;
          const parent = path.slice(0, -1).reduce((at, part) => at[part], config);
          parent[path.at(-1)!] = value;
        }
        const keys = parse(config, { allowed: ["111122223333"] })
          .diagnostics.filter((f) => f.severity === "error")
          .map((f) => f.key);
        assert.deepEqual([...new Set(keys)].sort(), chosen.map((name) => plants[name]!.key).sort());
      }),
    );
  });
});

describe("repository names, for any team and service", () => {
  it("are accepted only where ECR accepts them and one repository has them", () => {
    const part = fc.oneof(
      fc.stringMatching(/^[ab](-[ab]{1,2}){0,2}$/),
      fc.stringMatching(/^[a-z0-9-]{1,5}$/),
    );
    let accepted = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(part, fc.array(part, { minLength: 1, maxLength: 3 })), {
          minLength: 1,
          maxLength: 3,
        }),
        (teams) => {
          const { settings } = parse(
            smallStack({ teams: teams.map(([name, services]) => team(name, services)) }),
          );
          if (settings === undefined) {
            return;
          }
          accepted++;
          const names = settings.teams.flatMap(({ repositories }) => repositories.map(({ name }) => name));
          assert.equal(new Set(names).size, names.length);
          for (const name of names) {
            assert.match(name, ECR_NAME);
            assert.ok(name.length >= 2 && name.length <= 256 && name.endsWith("-dev"));
          }
          assert.deepEqual(
            names,
            teams.flatMap(([name, services]) =>
              services.map((service) => repositoryName(name, service, "dev")),
            ),
          );
        },
      ),
      { numRuns: 500 },
    );
    assert.ok(accepted > 50, `only ${accepted} of 500 were accepted: the test says nothing`);
  });
});

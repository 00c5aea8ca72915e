import assert from "node:assert/strict";
import { parse, smallStack, team } from "../support/config";

/** A mapping as JSON.parse makes it, and with it a stack's config: `__proto__` is a key like any other. */
const mapping = (key: string, value: unknown) =>
  JSON.parse(`{${JSON.stringify(key)}:${JSON.stringify(value)}}`) as Record<string, unknown>;
const network = (vpc: object) => ({ network: { vpc } });

describe("a key that Pulumi or JavaScript has a use for", () => {
  const keys: [string, Record<string, unknown>][] = [
    ["tags.toString", { tags: { toString: "x" } }],
    ["tags.4dabf18193072939515e22adb298388d", { tags: { "4dabf18193072939515e22adb298388d": "x" } }],
    ["tags.__proto__", { tags: mapping("__proto__", "x") }],
    ["network.vpc.tags.toString", network({ tags: { Name: "main", toString: "x" } })],
    ["network.vpc.subnetTags.__proto__", network({ subnetTags: mapping("__proto__", "x") })],
    ["network.existing.__proto__", { network: { existing: mapping("__proto__", "x") } }],
    ["teams[0].services[0].__proto__", { teams: [team("a", [mapping("__proto__", {})])] }],
    ["__proto__", mapping("__proto__", {})],
  ];
  for (const [key, overrides] of keys) {
    it(`is refused: ${key}`, () => {
      const found = parse({ ...smallStack(), ...overrides }).diagnostics.filter((one) => one.key === key);
      assert.deepEqual(
        found.map(({ rule }) => rule.replace(/^\w+/, "")),
        [" has a use of its own for this key"],
      );
    });
  }
});

describe("an empty text", () => {
  it("is refused with what to write, as the key of a tag and of an object", () => {
    const inUse = { list: { bucket: "acme-images", key: "" } };
    const { diagnostics } = parse(smallStack({ tags: { "": "x" }, operations: { cleanUp: { inUse } } }));
    assert.deepEqual(
      diagnostics.map(({ key, fix }) => [key, fix]),
      [
        ["tags.", "name it, or remove it"],
        ["operations.cleanUp.inUse.list.key", "write it like key: prod/images.txt"],
      ],
    );
  });
});

describe("a stack's config with thousands of entries", () => {
  const many = <T>(count: number, make: (i: number) => T) => Array.from({ length: count }, (_, i) => make(i));
  const large: [string, Record<string, unknown>, string][] = [
    [
      "tag patterns",
      { repositories: { lifecycle: { protect: many(6000, (i) => `v${i}-*`) } } },
      "repositories.lifecycle.rules",
    ],
    ["unknown keys", { audit: Object.fromEntries(many(10_000, (i) => [`x${i}`, 1])) }, "audit.x9999"],
  ];
  for (const [what, overrides, key] of large) {
    it(`gets its report within seconds: ${what}`, function () {
      // Half a second alone. Where each entry was compared with each other one, it was half a minute.
      this.timeout(10_000);
      assert.ok(parse(smallStack(overrides)).diagnostics.some((one) => one.key === key));
    });
  }
});

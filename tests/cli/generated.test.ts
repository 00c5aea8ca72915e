import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import Ajv from "ajv";
import { parse } from "yaml";
import { generatedFiles } from "../../cli/commands/generate";
import { REPOSITORY_DEFAULTS } from "../../config/defaults";
import { stackConfigSchema, stackFileSchema, type JsonSchema } from "../../config/json-schema";
import { stacksOf } from "../../plan/stack-file";

const ROOT = path.resolve(__dirname, "../..");
const load = (file: string) => parse(fs.readFileSync(path.join(ROOT, file), "utf8"));

describe("what is generated from the schema", () => {
  it("is up to date", async () => {
    const stale = Object.entries(await generatedFiles())
      .filter(([file, text]) => fs.readFileSync(path.join(ROOT, file), "utf8") !== text)
      .map(([file]) => file);
    assert.deepEqual(stale, [], "run npm run generate");
  });

  it("describes every key in the reference, with its default", () => {
    const inherited = new Set(Object.keys(stackConfigSchema().properties?.repositories?.properties ?? {}));
    const keysOf = (schema: JsonSchema, prefix: string): string[] =>
      Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
        const key = `${prefix}${name}`;
        const below =
          inner.type === "array" ? keysOf(inner.items ?? {}, `${key}[].`) : keysOf(inner, `${key}.`);
        return prefix.startsWith("teams") && inherited.has(name) ? [key] : [key, ...below];
      });
    const rows = fs
      .readFileSync(path.join(ROOT, "docs/config.md"), "utf8")
      .split("\n")
      .flatMap((line) => (/^\| `/.test(line) ? [line.split(/(?<!\\)\|/).map((cell) => cell.trim())] : []));
    const described = rows.map(([, key = ""]) => key.replaceAll("`", ""));
    const headings = Object.entries(stackConfigSchema().properties ?? {})
      .filter(([, inner]) => inner.properties !== undefined || inner.items?.properties !== undefined)
      .map(([name]) => name);
    assert.deepEqual([...described, ...headings].sort(), keysOf(stackConfigSchema(), "").sort());
    // The default of a group is that of its keys.
    const withoutDefault = rows.filter(([, , value, usual]) => usual === "" && value !== "object");
    assert.deepEqual(withoutDefault, []);
  });

  it("gives repository options their defaults in `repositories` only, for teams and services inherit", () => {
    const { repositories, teams } = stackConfigSchema().properties!;
    const untaggedDays = (schema: JsonSchema | undefined) =>
      schema?.properties?.lifecycle?.properties?.untaggedDays?.default;
    assert.equal(untaggedDays(repositories), REPOSITORY_DEFAULTS.lifecycle.untaggedDays);
    assert.equal(untaggedDays(teams?.items), undefined);
    assert.equal(untaggedDays(teams?.items?.properties?.services?.items), undefined);
  });

  it("accepts the committed stack files in an editor, and marks what is wrong in one", () => {
    const validate = new Ajv({ strict: false, allErrors: true, formats: { uuid: true } }).compile(
      stackFileSchema("ecr-platform"),
    );
    for (const stack of stacksOf(ROOT)) {
      assert.ok(validate(load(`Pulumi.${stack}.yaml`)), JSON.stringify(validate.errors));
    }
    const encrypted = load("Pulumi.dev.yaml");
    encrypted.config["ecr-platform:findings"].subscriptions = [
      { protocol: "https", endpoint: { secure: "AAA" } },
    ];
    assert.ok(validate(encrypted), JSON.stringify(validate.errors));
    const bad = load("Pulumi.dev.yaml");
    bad.config["ecr-platform:accountId"] = 12345678901;
    bad.config["ecr-platform:teams"][0].services[0].nmae = "x";
    bad.config["ecr-platform:scanning"].type = "extended";
    assert.equal(validate(bad), false);
    const paths = (validate.errors ?? []).map(({ instancePath }) => instancePath);
    for (const expected of [
      "/config/ecr-platform:accountId",
      "/config/ecr-platform:teams/0/services/0",
      "/config/ecr-platform:scanning/type",
    ]) {
      assert.ok(paths.includes(expected), `${expected} in ${paths.join()}`);
    }
  });

  it("is what the stack files' first line points editors to", () => {
    for (const stack of stacksOf(ROOT)) {
      const [first] = fs.readFileSync(path.join(ROOT, `Pulumi.${stack}.yaml`), "utf8").split("\n");
      const schema = /^# yaml-language-server: \$schema=(.+)$/.exec(first ?? "")?.[1];
      assert.ok(schema !== undefined && fs.existsSync(path.join(ROOT, schema)), stack);
    }
  });
});

describe("Pulumi.yaml", () => {
  it("declares every key that the schema knows, with a description and a type Pulumi can check", () => {
    const declared = load("Pulumi.yaml").config as Record<
      string,
      { type: string; description: string; default?: unknown }
    >;
    const known = stackConfigSchema();
    assert.deepEqual(
      Object.keys(declared).sort(),
      Object.keys(known.properties ?? {})
        // A stack has one of them or both, and teamsFrom is text or a list: Pulumi's schema can say neither.
        .filter((key) => !["teams", "teamsFrom"].includes(key))
        .map((key) => `ecr-platform:${key}`)
        .sort(),
    );
    for (const [key, { type, description, default: fallback }] of Object.entries(declared)) {
      const name = key.replace("ecr-platform:", "");
      assert.equal(type, known.properties?.[name]?.type, key);
      assert.ok(description.length > 10, key);
      // Pulumi asks for every key without a default in every stack.
      assert.equal(fallback === undefined, (known.required ?? []).includes(name), key);
    }
  });
});

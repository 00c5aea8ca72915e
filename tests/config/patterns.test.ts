import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as vm from "node:vm";
import fc from "fast-check";
import { isSafe } from "redos-detector";
import ts from "typescript";
import { stackFileSchema, teamFileSchema } from "../../config/json-schema";
import { ROOT } from "../support/project";

/** Folders whose regular expressions read what users write in a stack file or a team file. */
const FOLDERS = ["aws", "config", "documents"];

/** The regular expressions in the source of those folders, with the file of each. */
function literals(): Map<string, RegExp> {
  const found = new Map<string, RegExp>();
  for (const folder of FOLDERS) {
    for (const name of fs.readdirSync(path.join(ROOT, folder), { recursive: true, encoding: "utf8" })) {
      const file = path.join(folder, name);
      if (!file.endsWith(".ts")) {
        continue;
      }
      const text = fs.readFileSync(path.join(ROOT, file), "utf8");
      const visit = (node: ts.Node): void => {
        if (ts.isRegularExpressionLiteral(node)) {
          const end = node.text.lastIndexOf("/");
          found.set(
            `${file}: ${node.text}`,
            new RegExp(node.text.slice(1, end), node.text.slice(end + 1).replace("g", "")),
          );
        }
        ts.forEachChild(node, visit);
      };
      visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest));
    }
  }
  return found;
}

/** The patterns of the JSON Schemas, which editors run on each keystroke. */
function schemaPatterns(schema: unknown): string[] {
  if (schema === null || typeof schema !== "object") {
    return [];
  }
  const { pattern } = schema as { pattern?: unknown };
  return [
    ...(typeof pattern === "string" ? [pattern] : []),
    ...Object.values(schema).flatMap(schemaPatterns),
  ];
}

const patterns = new Map([
  ...literals(),
  ...schemaPatterns([stackFileSchema("ecr-platform"), teamFileSchema()]).map((pattern): [string, RegExp] => [
    `JSON Schema: ${pattern}`,
    new RegExp(pattern, "u"),
  ]),
]);

describe("the regular expressions that read a stack file or a team file", () => {
  it("are found in the sources and in the JSON Schema", () => {
    const from = (place: string) => [...patterns.keys()].filter((name) => name.startsWith(place)).length;
    assert.ok(from("config/formats.ts") >= 20 && from("JSON Schema") >= 20, [...patterns.keys()].join("\n"));
  });

  it("match a text in one way only, or in a fixed number of ways, so that none takes exponential time", () => {
    // One that is not anchored starts again at each character, and is judged by the next test.
    const anchored = [...patterns].filter(([, { source }]) => source.startsWith("^"));
    const ambiguous = anchored.filter(([, pattern]) => isSafe(pattern, { maxScore: 10 }).score.infinite);
    assert.deepEqual(
      ambiguous.map(([name]) => name),
      [],
      "write the pattern so that no text can be split among its repetitions in two ways",
    );
  });

  it("answer for long texts that almost match", function () {
    const unit = fc.stringMatching(/^[a-z0A.*/_:@%[\]-]{1,4}$/);
    const text = fc
      .tuple(
        fc.constantFrom("", "a", "a@", "v*", "o-", "://", "arn:aws:"),
        unit,
        fc.nat(400),
        fc.constantFrom("", "A", "!", "\n", "é"),
      )
      .map(([start, middle, count, end]) => start + middle.repeat(count) + end);
    const context = vm.createContext({});
    fc.assert(
      fc.property(text, (value) => {
        for (const [name, pattern] of patterns) {
          Object.assign(context, { pattern, value });
          // A pattern with exponential time needs years, so the limit says nothing about speed.
          assert.doesNotThrow(
            () => vm.runInContext("pattern.test(value)", context, { timeout: 10_000 }),
            name,
          );
        }
      }),
      { numRuns: 300, seed: 20261125 },
    );
  });
});

import assert from "node:assert/strict";
import fc from "fast-check";
import { formatDiagnostics } from "../../config/diagnostics";
import { parseConfig } from "../../config/load";
import { unexplain } from "../../documents/values";
import { measure } from "../../plan/limits";
import { runProgram } from "../../plan/run";
import { pulumiConfig, type GeneratedStack } from "../../preflight/generated";
import { brokenStacks } from "../support/broken-stacks";
import { ROOT } from "../support/project";

/** How many stacks are tried. More by hand: STACKS_RUNS=10000 STACKS_SEED=2. */
const RUNS = Number(process.env.STACKS_RUNS ?? 25);
const SEED = Number(process.env.STACKS_SEED ?? 1);

/** What becomes text where a value is missing or of another kind. */
const NO_TEXT = /undefined|\[object |\bNaN\b|function \w*\(|native code/;

/** Checks what a stack comes to. Returns whether it was declared. */
async function isDeclared(one: GeneratedStack): Promise<boolean> {
  const stack = { project: "ecr-platform", stack: one.stack, config: pulumiConfig(one, "ecr-platform") };
  const { settings, diagnostics } = parseConfig(stack);
  assert.equal(
    settings === undefined,
    diagnostics.some(({ severity }) => severity === "error"),
  );
  assert.ok(diagnostics.every(({ key, rule, fix }) => key !== "" && rule !== "" && fix !== ""));
  // A message that the schema's library wrote itself.
  assert.ok(diagnostics.every(({ fix }) => fix !== unexplain("").fix));
  assert.doesNotMatch(formatDiagnostics(diagnostics), NO_TEXT);
  if (settings === undefined) {
    return false;
  }
  const { resources } = await runProgram(ROOT, stack, { references: true });
  assert.doesNotMatch(JSON.stringify(resources.map(({ name, inputs }) => [name, inputs])), NO_TEXT);
  const { findings, unknown } = measure(resources, one.region);
  assert.deepEqual(unknown, []);
  const limitOf = (text: string) => text.replace(/; here it is .*/, "");
  const warned = diagnostics.map(({ rule }) => limitOf(rule));
  assert.deepEqual(
    findings.filter(({ standing, message }) => standing === "refused" || !warned.includes(limitOf(message))),
    [],
  );
  return true;
}

describe("a stack's config, whatever is in it", () => {
  it("is reported, or declared as documents that are whole and within AWS's limits", async function () {
    this.timeout(0);
    let declared = 0;
    await fc.assert(
      fc.asyncProperty(brokenStacks, async (one) => {
        declared += Number(await isDeclared(one));
      }),
      { numRuns: RUNS, seed: SEED },
    );
    assert.ok(declared > RUNS / 5 && declared < (RUNS * 4) / 5, `${declared} of ${RUNS} were declared`);
  });
});

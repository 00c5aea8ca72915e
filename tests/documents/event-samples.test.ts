import assert from "node:assert/strict";
import type { InputTransformer } from "../../documents/messages";
import { runProgram, type PlannedResource, type ProgramRun } from "../../plan/run";
import { readStackConfig } from "../../plan/stack-file";
import { matchesPattern } from "../support/event-pattern";
import { samplesOf } from "../support/event-samples";
import { place } from "../support/events";
import { ROOT } from "../support/project";
import { rendered } from "../support/rendered";

/** Rules by the end of their names: an alert's name, after a team's where it is the team's. */
function rulesOf(run: ProgramRun): Map<string, { pattern: Record<string, unknown>; urn: string }> {
  return new Map(
    run.resources
      .filter(({ type }) => type === "aws:cloudwatch/eventRule:EventRule")
      .map(({ name, urn, inputs }) => [
        name.replace(/^(findings-routes|audit-alerts)-/, ""),
        { pattern: JSON.parse(inputs.eventPattern as string) as Record<string, unknown>, urn },
      ]),
  );
}

/** Samples as a stack gets them: in its account, with its repositories. */
function samplesIn({ accountId, environment }: ProgramRun) {
  return samplesOf(environment).map((sample) => ({
    ...sample,
    event: JSON.parse(JSON.stringify(sample.event).replaceAll(place.accountId, accountId)) as object,
  }));
}

for (const stack of ["prod", "dev"] as const) {
  describe(`the events that alert in ${stack}`, () => {
    let run: ProgramRun;
    let targets: PlannedResource[];
    before(async () => {
      run = await runProgram(ROOT, readStackConfig(ROOT, stack));
      targets = run.resources.filter(({ type }) => type === "aws:cloudwatch/eventTarget:EventTarget");
    });

    it("are those that somebody has to see, out of at least 100 samples of every form", () => {
      const samples = samplesIn(run);
      const rules = rulesOf(run);
      assert.ok(samples.length >= 100, String(samples.length));
      assert.equal(
        new Set(samples.map(({ what }) => what)).size,
        samples.length,
        "each sample has a name of its own",
      );
      const matched = samples.map(({ what, event }) => [
        what,
        [...rules].flatMap(([name, { pattern }]) => (matchesPattern(pattern, event) ? [name] : [])).sort(),
      ]);
      assert.deepEqual(
        matched,
        samples.map((sample) => [sample.what, [...sample[stack]].sort()]),
      );
      const seen = new Set(samples.flatMap((sample) => sample[stack]));
      assert.deepEqual([...rules.keys()].sort(), [...seen].sort(), "each rule matches a sample");
    });

    it("arrive as one JSON string, and in chat as a custom notification, whatever the event lacks", () => {
      const rules = rulesOf(run);
      for (const sample of samplesIn(run)) {
        for (const name of sample[stack]) {
          const own = targets.filter(({ parent }) => parent === rules.get(name)?.urn);
          const byId = new Map(
            own.map(({ inputs }) => [inputs.targetId, inputs.inputTransformer as InputTransformer]),
          );
          // Teams' topics have no chat, and dev has no channels.
          const chat = stack === "prod" && !/^(payments|storefront)-/.test(name);
          assert.deepEqual([...byId.keys()].sort(), chat ? ["chat", "topic"] : ["topic"], name);
          const text: unknown = JSON.parse(rendered(byId.get("topic") as InputTransformer, sample.event));
          assert.equal(typeof text, "string", name);
          if (chat) {
            const shown: any = JSON.parse(rendered(byId.get("chat") as InputTransformer, sample.event));
            assert.deepEqual(shown, {
              version: "1.0",
              source: "custom",
              content: { textType: "client-markdown", title: shown.content.title, description: text },
            });
            assert.ok(shown.content.title.length > 5, sample.what);
          }
        }
      }
    });

    it("match rules that the next update enables if somebody disabled them", () => {
      const rules = run.resources.filter(({ type }) => type === "aws:cloudwatch/eventRule:EventRule");
      assert.ok(rules.length > 0 && rules.every(({ inputs }) => inputs.state === "ENABLED"));
    });
  });
}

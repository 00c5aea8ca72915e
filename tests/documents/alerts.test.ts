import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as events from "../../documents/events";
import { everyAlert } from "../support/alerts";
import { matchesPattern } from "../support/event-pattern";
import { samplesOf } from "../support/event-samples";
import { ROOT } from "../support/project";

const read = (file: string) => fs.readFileSync(path.join(ROOT, file), "utf8");

describe("every alert of documents/events.ts", () => {
  it("is built for a topic", () => {
    const built = `${read("documents/alerts.ts")}${read("index.ts")}`;
    const unused = Object.keys(events).filter((name) => name.endsWith("Alert") && !built.includes(name));
    assert.deepEqual(unused, [], "add them to documents/alerts.ts");
  });

  it("matches a sample event", () => {
    const samples = samplesOf("prod");
    const without = everyAlert().filter(
      ({ pattern }) => !samples.some(({ event }) => matchesPattern(pattern, event)),
    );
    assert.deepEqual(
      without.map(({ name }) => name),
      [],
      "add AWS's sample of the event to tests/support/event-samples.ts",
    );
  });

  it("is described", () => {
    const text = read("docs/components.md");
    assert.deepEqual(
      everyAlert()
        .map(({ name }) => name)
        .filter((name) => !text.includes(`| \`${name}\``)),
      [],
      "add a row to the alerts in docs/components.md",
    );
  });
});

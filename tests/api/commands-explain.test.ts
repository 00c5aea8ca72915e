import assert from "node:assert/strict";
import { commandsApi } from "./commands";
import type { Emulator } from "./emulator";
import { image, repository } from "./registry";

describe("the commands, against an API", () => {
  let aws: Emulator;
  const { run, json } = commandsApi((started) => {
    ({ aws } = started);
  });

  it("explain what the lifecycle policy does to the images that are there, those that expire first", async () => {
    await aws.seed([
      repository("payments-api-dev", [
        image("new", { tags: ["v2"], days: 1 }),
        image("old", { tags: ["some-branch"], days: 400 }),
        image("untagged", { days: 2 }),
        image("archived", { tags: ["v0"], days: 400, archivedAt: "2026-09-01T12:00:00Z" }),
      ]),
    ]);
    const { images, total } = json<{
      total: number;
      images: { tags: string[]; action?: string; acts: boolean; due?: string; place?: number }[];
    }>("explain", "payments/api", "--images");
    assert.equal(total, 4);
    assert.deepEqual(
      images.map(({ tags: [tag], action, acts }) => [tag, action, acts]),
      [
        ["some-branch", "expire", true],
        [undefined, "expire", false],
        // No rule is about archived images.
        ["v0", undefined, false],
        ["v2", "expire", false],
      ],
    );
    const { stdout } = run("explain", "payments/api", "--images", "--limit", "1");
    assert.match(stdout, / some-branch .* expires within 24 hours\n/);
    assert.match(
      stdout,
      /\n4 images, 1 of which the policy expires or archives within 24 hours; the first 1 are shown \(--limit\)\n/,
    );
  });
});

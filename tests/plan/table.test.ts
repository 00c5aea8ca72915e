import assert from "node:assert/strict";
import { table } from "../../plan/table";

const HEAD = ["repository", "why", "images"];
const ROWS = [
  [
    "payments-card-vault-dev",
    "untagged for 30 days, and nothing that runs depends on it; " + "x".repeat(90),
    12,
  ],
  ["storefront-web-dev", "short", 3],
];

describe("a table", () => {
  it("fits a terminal of 80 columns, with every character of its cells", () => {
    const text = table(HEAD, ROWS, [2], 80);
    const lines = text.split("\n");
    assert.ok(lines.length > 3);
    assert.deepEqual(
      lines.filter((line) => line.length > 80),
      [],
    );
    assert.equal(text.match(/x/g)?.length, 90);
    assert.ok(!text.includes("…"));
  });

  it("is not narrowed where it fits", () => {
    const rows = [["payments-api-dev", "untagged", 1]];
    assert.equal(table(HEAD, rows, [2], 80), table(HEAD, rows, [2], undefined));
  });

  it("has one line per row in a file or a pipe, however long", () => {
    const lines = table(HEAD, ROWS, [2], undefined).split("\n");
    assert.equal(lines.length, 3);
    assert.ok(lines[1]?.includes(String(ROWS[0]?.[1])));
  });
});

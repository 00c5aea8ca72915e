import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { parseConfig } from "../../config/load";
import { readStackConfig } from "../../plan/stack-file";
import { UserError } from "../../plan/user-error";

/** Lines of a stack file's config, and what is reported. */
const REFUSED: { lines: string; says: RegExp }[] = [
  { lines: "a: *", says: /dev\.yaml, line 2: .* \* or & needs quotes\nfix: quote the value: "\*"/ },
  { lines: "a: @b", says: /line 2: a value that begins with @ needs quotes\nfix: quote the value: "@b"/ },
  { lines: "a: b: c", says: /line 2: a value that contains ": " needs quotes.*\nfix: .*"b: c"/ },
  { lines: "a: 1\n  a: 2", says: /line 3: a key that its mapping has already/ },
  { lines: "a: !!int '3'", says: /line 2: a tag: only !!str is read/ },
  { lines: "a: { 010: b }", says: /line 2: the key 010 is read as 8\nfix: quote it: "010"/ },
  { lines: "a: b\n---\nc: d", says: /line 3: a second document/ },
  { lines: "costs: {}\n  ecr-platform:costs: {}", says: /ecr-platform:costs is set twice/ },
  { lines: "a: &b [1, *b]", says: /line 2: \*b is part of what it stands for/ },
  { lines: "a: &b { c: [*b] }", says: /line 2: \*b is part of what it stands for/ },
  { lines: "a: \0", says: /not UTF-8\nfix: save it as UTF-8/ },
  { lines: "a: https://h.example/t0ken: x", says: /^(?!.*t0ken)[^]*quote the value/ },
];

/** Scalars that are refused at their key, and the fix. */
const MISREAD: { lines: string; key: string; fix: string }[] = [
  { lines: "costCentre: 0042", key: "costCentre", fix: 'quote it: "0042"' },
  { lines: "costCentre: 1.0", key: "costCentre", fix: 'quote it: "1.0"' },
  { lines: "accountId: 011122223333", key: "accountId", fix: 'quote it: "011122223333"' },
  {
    lines: "repositories: { lifecycle: { untaggedDays: 010 } }",
    key: "repositories.lifecycle.untaggedDays",
    fix: 'write 10, or quote it if it is text: "010"',
  },
  {
    lines: "teams: [{ services: [{ name: api, description: 2026-01-01 }] }]",
    key: "teams[0].services[0].description",
    fix: 'quote it: "2026-01-01"',
  },
  {
    lines: "aws:allowedAccountIds: [011122223333]",
    key: "aws:allowedAccountIds[0]",
    fix: 'quote it: "011122223333"',
  },
];

describe("the text of a stack file", () => {
  let folder: string;
  before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "ecr-platform-yaml-"));
    fs.writeFileSync(path.join(folder, "Pulumi.yaml"), "name: ecr-platform\nruntime: nodejs\n");
  });
  after(() => {
    fs.rmSync(folder, { recursive: true, force: true });
  });
  const read = (lines: string) => readStackConfig(folder, "dev", `config:\n  ${lines}\n`);

  for (const { lines, says } of REFUSED) {
    it(`is refused with its line and the fix: ${JSON.stringify(lines)}`, () => {
      assert.throws(
        () => read(lines),
        (error) => error instanceof UserError && says.test(error.message),
      );
    });
  }

  for (const { lines, key, fix } of MISREAD) {
    it(`is reported at its key where Pulumi reads something else: ${lines}`, () => {
      const found = parseConfig(read(lines)).diagnostics.filter((one) => one.key === key);
      assert.deepEqual(
        found.map((one) => one.fix),
        [fix],
      );
    });
  }

  it("may write a number in any form that is the same number", () => {
    assert.deepEqual(read("costs: { monthlyBudget: 1_000.50, anomalyThreshold: 1e2 }").misread, []);
  });
});

import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { ROOT } from "../support/project";

describe("the version in package.json", () => {
  const changelog = fs.readFileSync(path.join(ROOT, "CHANGELOG.md"), "utf8");
  const headings = [...changelog.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading!);

  it("is the newest one in CHANGELOG.md, below what is not released yet", () => {
    const { version } = JSON.parse(fs.readFileSync(path.join(ROOT, "package.json"), "utf8")) as {
      version: string;
    };
    assert.equal(headings[0], "[Unreleased]");
    assert.match(headings[1]!, /^\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d$/);
    assert.ok(
      headings[1]!.startsWith(`[${version}] `),
      `CHANGELOG.md describes ${headings[1]}, package.json has ${version}`,
    );
  });
});

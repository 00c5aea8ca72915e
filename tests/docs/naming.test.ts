import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { OWN_TAGS } from "../../config/settings";
import { ROOT } from "../support/project";

describe("docs/naming.md", () => {
  it("lists every tag that the platform sets", () => {
    const text = fs.readFileSync(path.join(ROOT, "docs/naming.md"), "utf8");
    const listed = /^Tags: ([^]*?)\n\n/m.exec(text)?.[1] ?? "";
    assert.deepEqual([...listed.matchAll(/`(\w+)`/g)].map(([, tag]) => tag).sort(), [...OWN_TAGS].sort());
  });
});

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { ROOT } from "../support/project";

const files = execFileSync("git", ["ls-files"], { cwd: ROOT, encoding: "utf8" }).trim().split("\n");
const folders = new Set(
  files.flatMap((file) => file.split("/").map((_, i, parts) => parts.slice(0, i).join("/"))),
);
const top = [...folders]
  .filter((folder) => folder !== "" && !folder.includes("/"))
  .map((name) => name.replace(".", "\\."));

/** Files and folders of the project that a text names, by their path below the root. */
function pathsIn(text: string): string[] {
  const inFolder = `(?:${top.join("|")})/[\\w./-]*\\w`;
  const found = [
    // With an ending it is a file wherever it is written; without one only in backticks.
    ...[
      ...text.matchAll(
        new RegExp(`(?<![\\w@:./-])(${inFolder}\\.(?:cjs|go|js|json|md|mjs|py|sh|ts|ya?ml))\\b`, "g"),
      ),
    ],
    ...[...text.matchAll(new RegExp(`\`(${inFolder})/?\``, "g"))],
    ...[...text.matchAll(/`([\w.-]+\.(?:cjs|ts))`/g)],
  ];
  return [...new Set(found.map(([, name]) => name!))];
}

/** What a path may name: a file or folder, or a file by its name alone. */
const exists = (name: string) =>
  fs.existsSync(path.join(ROOT, name)) || files.some((file) => path.basename(file) === name);

describe("the paths that the docs, stack files and comments name", () => {
  it("exist", () => {
    const read = files.filter(
      (file) => /\.(md|ts|ya?ml)$/.test(file) && !/^(tests\/|CHANGELOG|node_modules)/.test(file),
    );
    const missing = read.flatMap((file) =>
      pathsIn(fs.readFileSync(path.join(ROOT, file), "utf8")).flatMap((name) =>
        exists(name) ? [] : [`${file}: ${name}`],
      ),
    );
    assert.deepEqual(missing, []);
  });

  it("are found in backticks and in running text", () => {
    assert.deepEqual(
      pathsIn("See `config/checks.ts`, schema/x.schema.json and `plan/`; not https://a.example/docs/x.md"),
      ["config/checks.ts", "schema/x.schema.json"],
    );
  });
});

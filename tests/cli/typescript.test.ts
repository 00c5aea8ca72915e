import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

/** Runs a script in a process that loads TypeScript as the commands do. */
function run(script: string): string {
  const loader = path.resolve("cli/typescript.js");
  const { status, stdout, stderr } = spawnSync(process.execPath, ["-r", loader, "-e", script], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  return stdout.trim();
}

describe("how the commands load TypeScript", () => {
  let folder: string;
  let file: string;
  before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "ecr-platform-typescript-"));
    file = path.join(folder, "module.ts");
  });
  after(() => fs.rmSync(folder, { recursive: true }));

  it("a changed source is transpiled again, and one that is as before is not", () => {
    const load = `console.log(require(${JSON.stringify(file)}).value, require.cache[require.resolve("@swc/core")] !== undefined)`;
    fs.writeFileSync(file, `export const value: string = "${folder} one";`);
    assert.equal(run(load), `${folder} one true`);
    assert.equal(run(load), `${folder} one false`);
    fs.writeFileSync(file, `export const value: string = "${folder} two";`);
    assert.equal(run(load), `${folder} two true`);
  });

  it("errors name the lines of the sources", () => {
    fs.writeFileSync(
      file,
      `interface Gone {\n  a: string;\n}\n\nexport const fail = (_: Gone): never => {\n  throw new Error("here");\n};\n`,
    );
    assert.match(
      run(`try { require(${JSON.stringify(file)}).fail() } catch (error) { console.log(error.stack) }`),
      /module\.ts:6:9/,
    );
  });

  it("Pulumi's SDK loads TypeScript's compiler and npm's package reader only to serialize a function", () => {
    const loaded = `Object.keys(require.cache).filter((file) => /node_modules.(typescript.lib|@npmcli.arborist.lib.index)/.test(file)).length`;
    const script = `
      const pulumi = require("@pulumi/pulumi");
      const before = ${loaded};
      void (async () => {
        const { text } = await pulumi.runtime.serializeFunction(() => 42);
        await pulumi.runtime.computeCodePaths();
        console.log(before, ${loaded}, text.includes("42"));
      })();`;
    assert.equal(run(script), "0 2 true");
  });
});

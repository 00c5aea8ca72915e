import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { copyOfProject, ROOT } from "../support/project";
import { seedDemo, seedInspector } from "./demo";
import { Emulator } from "./emulator";
import { commandShims } from "./shims";

const FILE = path.join(ROOT, "docs/commands.md");

/** Moments differ from run to run; everything else is compared. */
const withoutTimes = (text: string) =>
  text.replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?Z?/g, "<time>");

describe("docs/commands.md", () => {
  let aws: Emulator;
  let folder: string;
  const variables = { ...process.env };
  before(async () => {
    aws = await Emulator.start();
    Object.assign(process.env, aws.environment);
    folder = copyOfProject();
    await seedDemo(aws);
  });
  after(() => {
    aws.close();
    fs.rmSync(folder, { recursive: true, force: true });
    process.env = variables;
  });

  it("shows what each command really prints", async () => {
    const shims = commandShims(folder);
    const text = fs.readFileSync(FILE, "utf8");
    let commands = 0;
    const parts: string[] = [];
    for (const part of text.split(/^(```console\n[\s\S]*?\n```|<!-- .* -->)$/m)) {
      if (part.startsWith("<!--")) {
        await seedInspector(aws);
      }
      const command = /^```console\n\$ (.*)/.exec(part)?.[1];
      if (command === undefined) {
        parts.push(part);
        continue;
      }
      commands++;
      const { stdout, stderr } = spawnSync("bash", ["-c", `${command} 2>&1`], {
        cwd: folder,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
        env: { ...process.env, PATH: `${shims}:${process.env.PATH}`, NO_COLOR: "1" },
      });
      const output = `${stdout}${stderr}`.replaceAll(aws.endpoint, "http://127.0.0.1").trimEnd();
      const shown = `\`\`\`console\n$ ${command}\n${output}\n\`\`\``;
      if (process.env.UPDATE_DOCS === undefined) {
        assert.equal(withoutTimes(part), withoutTimes(shown), "npm run docs:commands writes it anew");
      }
      // What differs in its moments only stays as it is.
      parts.push(withoutTimes(part) === withoutTimes(shown) ? part : shown);
    }
    assert.ok(commands > 15);
    if (process.env.UPDATE_DOCS !== undefined) {
      fs.writeFileSync(FILE, parts.join(""));
    }
  });
});

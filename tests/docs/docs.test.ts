import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { parseConfig } from "../../config/load";
import { OUTPUTS } from "../../outputs";
import { readStackConfig } from "../../plan/stack-file";
import { componentFiles } from "../support/components";
import { ROOT } from "../support/project";

const read = (file: string) => fs.readFileSync(path.join(ROOT, file), "utf8");

describe("the docs", () => {
  it("say what each component declares", () => {
    const classes = componentFiles()
      .flatMap((file) => [...read(file).matchAll(/class (\w+) extends pulumi\.ComponentResource/g)])
      .map(([, name = ""]) => name);
    const text = read("docs/components.md");
    assert.deepEqual(
      classes.filter((name) => !text.includes(`| \`${name}\``)),
      [],
      "add a row to docs/components.md",
    );
  });

  for (const stack of ["dev", "prod"]) {
    it(`show entries of a new team that the stack ${stack} takes as they are`, () => {
      const examples = [
        ...read("docs/onboarding-a-team.md").matchAll(/```yaml\n(- name: checkout\n[^]*?)```/g),
      ];
      assert.equal(examples.length, 2);
      for (const [, example = ""] of examples) {
        const toRun = readStackConfig(ROOT, stack);
        const teams = JSON.parse(toRun.config["ecr-platform:teams"] ?? "[]") as object[];
        const { diagnostics } = parseConfig({
          ...toRun,
          config: {
            ...toRun.config,
            "ecr-platform:teams": JSON.stringify([...teams, ...(parse(example) as object[])]),
          },
        });
        assert.deepEqual(
          diagnostics.filter(({ severity }) => severity === "error"),
          [],
        );
      }
    });
  }

  it("say what each output is", () => {
    const rows = [...read("docs/outputs.md").matchAll(/^\| (`.*?`) +\|/gm)].map(([, names = ""]) => names);
    const documented = rows.flatMap((names) => names.split(", ").map((name) => name.replaceAll("`", "")));
    assert.deepEqual(documented.sort(), Object.keys(OUTPUTS).sort(), "docs/outputs.md has a row per output");
  });

  it("show each command: as npx --offline ecr-platform in docs/commands.md, or as an npm script", () => {
    const help = execFileSync("node", ["cli/ecr-platform.js", "--help"], { cwd: ROOT, encoding: "utf8" });
    const commands = [...(help.split("\nCommands:\n")[1] ?? "").matchAll(/^ {2}([a-z][a-z-]*) /gm)].map(
      ([, name = ""]) => name,
    );
    assert.ok(commands.includes("validate"), help);
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const text = read("docs/commands.md");
    assert.deepEqual(
      commands.filter(
        (name) => !(name in scripts) && !text.includes(`\n$ npx --offline ecr-platform ${name}`),
      ),
      [],
      "add an example to docs/commands.md, and run npm run docs:commands",
    );
  });
});

import assert from "node:assert/strict";
import { Command } from "commander";
import { UserError } from "../../plan/user-error";
import { ROOT } from "../support/project";

/** Parses the arguments of a command, up to its action, which does nothing. */
async function parse(name: string, ...args: string[]): Promise<Record<string, unknown>> {
  const command = new Command(name).exitOverride().configureOutput({ outputError: () => undefined });
  const { configure } = (await import(`../../cli/commands/${name}`)) as {
    configure: (command: Command, directory: string) => void;
  };
  configure(command, ROOT);
  const leaf = command.commands.find((one) => one.name() === args[0]) ?? command;
  let options = {};
  leaf.action((given: object) => void (options = given));
  await command.parseAsync(args, { from: "user" });
  return options;
}

describe("options", () => {
  const refused: [says: RegExp, name: string, ...args: string[]][] = [
    [/^--gb -1: expected a number of at least 0\nfix: write it like --gb 30$/, "plan", "--gb", "-1"],
    [/^--gb : expected a number/, "plan", "--gb", ""],
    [/^--images Infinity: expected a number/, "plan", "--images", "Infinity"],
    [/^--rescans 0x10: expected a number/, "plan", "--rescans", "0x10"],
    [/^--limit 2\.5: expected a whole number of at least 0/, "images", "list", "--limit", "2.5"],
    [/^--keep 1e3: expected a whole number/, "images", "stale", "--keep", "1e3"],
    [/^--max 0: expected a whole number of at least 1/, "images", "clean", "--max", "0"],
    [/^--limit ten: expected a whole number/, "findings", "--limit", "ten"],
    [/^--timeout 5m: expected a whole number/, "scan", "--timeout", "5m"],
    [/^--days 0: expected a whole number from 1 to 455/, "cost", "--days", "0"],
    [/^--days 456: expected a whole number from 1 to 455/, "cost", "--days", "456"],
    [/^--monthly-budget 0: expected a number of at least 0\.01/, "new-team", "--monthly-budget", "0"],
    [/^--severity hgh: expected one of .*\nfix: did you mean HIGH\?$/, "findings", "--severity", "hgh"],
    [/^--client x: expected one of .*\nfix: write it like --client docker$/, "login", "--client", "x"],
  ];
  for (const [says, name, ...args] of refused) {
    it(`refuse ${name} ${args.join(" ")}`, async () => {
      await assert.rejects(
        parse(name, ...args),
        (error) => error instanceof UserError && says.test(error.message),
      );
    });
  }

  it("take numbers as numbers", async () => {
    assert.deepEqual(
      [(await parse("plan", "--gb", "0.5")).gb, (await parse("cost", "--days", "455")).days],
      [0.5, 455],
    );
  });

  it("take words in upper and lower case", async () => {
    const { severity, format } = await parse("findings", "--severity", "critical", "--format", "SARIF");
    assert.deepEqual([severity, format], ["CRITICAL", "sarif"]);
  });
});

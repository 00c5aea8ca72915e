import { Command } from "commander";
import colors from "picocolors";
import { runProgram } from "../../plan/run";
import { readStackConfig } from "../../plan/stack-file";
import { contextOf, withAwsOptions, type AwsOptions } from "../context";
import { examine, type Checked } from "../doctor";
import { print } from "../output";

const MARKS: Record<Checked["status"], string> = {
  ok: colors.green("ok  "),
  warn: colors.yellow("warn"),
  fail: colors.red("fail"),
  skip: colors.dim("skip"),
};

/** `doctor`: checks an account before a stack is deployed to it, and what is silent afterwards. */
export function doctorCommand(directory: string): Command {
  const command = new Command("doctor").description(
    "Check the stack's account before the first update: credentials, permissions, quotas, what others have set already, private DNS, billing alerts, subscriptions. Changes nothing.",
  );
  return withAwsOptions(command).action(async (options: AwsOptions) => {
    const context = contextOf(directory, options);
    const { resources } = await runProgram(directory, readStackConfig(directory, options.stack));
    const results = await examine(context, resources);
    print(options.json, results, () =>
      results
        .flatMap(({ check, status, detail, fix }) => [
          `${MARKS[status]}  ${check}: ${detail}`,
          ...(fix === undefined ? [] : [`      fix: ${fix}`]),
        ])
        .join("\n"),
    );
    process.exitCode = results.some(({ status }) => status === "fail") ? 1 : 0;
  });
}

import type { Command } from "commander";
import colors from "picocolors";
import { runProgram } from "../../plan/run";
import { readStackConfig } from "../../plan/stack-file";
import { contextOf, withAwsOptions, type AwsOptions } from "../context";
import { examine } from "../doctor/examine";
import type { Checked } from "../doctor/result";
import { print } from "../output";

const MARKS: Record<Checked["status"], string> = {
  ok: colors.green("ok  "),
  warn: colors.yellow("warn"),
  fail: colors.red("fail"),
  skip: colors.dim("skip"),
};

/** `doctor`: checks an account before a stack is deployed to it, and what is silent afterwards. */
export function configure(command: Command, directory: string): void {
  withAwsOptions(command, directory).action(async (options: AwsOptions) => {
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

import * as pulumi from "@pulumi/pulumi";
import { CommanderError } from "commander";
import { ConfigError, visible } from "../config/diagnostics";
import { UserError } from "../plan/user-error";
import { JSON_OUTPUT } from "./arguments";
import { awsProblem } from "./aws-errors";

/** An error as it is reported. */
export interface Reported {
  problem: string;
  fix: string;
  /** What is wrong with a stack's config, key by key. */
  diagnostics?: ConfigError["diagnostics"];
}

/** Codes of what the system does not allow with a file. https://nodejs.org/api/errors.html#common-system-errors */
const FILE_ERRORS = ["EACCES", "EISDIR", "ELOOP", "ENOSPC", "ENOTDIR", "EPERM", "EROFS"];

/** What is reported of an error; undefined if it is a defect of this program. */
export function reportedOf(error: unknown): Reported | undefined {
  if (error instanceof UserError) {
    return { problem: error.problem, fix: error.fix };
  }
  if (error instanceof ConfigError) {
    const [problem = ""] = error.message.split("\n");
    return { problem, fix: "correct each key as its fix says", diagnostics: error.diagnostics };
  }
  if (pulumi.RunError.isInstance(error)) {
    // Errors of the program itself, in the form in which Pulumi prints them.
    const [problem = "", fix] = error.message.split(/\n *fix: +|\.? Fix: /);
    return { problem, fix: fix ?? "correct what it names" };
  }
  if (error instanceof CommanderError) {
    const [problem = "", suggestion] = error.message.replace(/^error: /, "").split("\n");
    return { problem, fix: suggestion?.replace(/^\((.*)\)$/, "$1") ?? "see the command's --help" };
  }
  if (error instanceof Error && "code" in error && FILE_ERRORS.includes(String(error.code))) {
    return { problem: error.message, fix: "make it a file that this command may read and write" };
  }
  return awsProblem(error);
}

/** An error in words, as far as its reader can fix it. */
export function errorText(error: unknown): string {
  const reported = reportedOf(error);
  return error instanceof ConfigError || reported === undefined
    ? error instanceof Error
      ? error.message
      : String(error)
    : `${reported.problem}\nfix: ${reported.fix}`;
}

/**
 * Reports an error on standard error: what is wrong and the fix as text, or with `--json` as one line of JSON. A defect
 * of this program has a stack trace.
 */
export function reportError(error: unknown): void {
  const reported = reportedOf(error);
  if (JSON_OUTPUT) {
    const defect = {
      problem: String(error),
      fix: "run it without --json to see the stack trace, and report it",
    };
    console.error(visible(JSON.stringify(reported ?? defect)));
  } else if (error instanceof ConfigError) {
    console.error(error.message);
  } else {
    console.error(reported === undefined ? error : visible(`${reported.problem}\nfix: ${reported.fix}`));
  }
}

import * as fs from "node:fs";
import * as path from "node:path";
import { SingleBar } from "cli-progress";
import colors from "picocolors";
import { visible } from "../config/diagnostics";
import type { Progress, RepositoryFailure } from "../images/registry";
import { UserError } from "../plan/user-error";

/** Prints a text, with a line break at its end. */
export function printText(text: string): void {
  process.stdout.write(text.endsWith("\n") || text === "" ? text : `${text}\n`);
}

/** Prints a result: as JSON where it was asked for, else in words. */
export function print(json: boolean | undefined, result: unknown, words: () => string): void {
  printText(json === true ? visible(JSON.stringify(result, null, 2)) : words());
}

/**
 * Writes a result to a file that the caller named.
 * @throws UserError if the file cannot be written
 */
export function writeResult(file: string, text: string): void {
  try {
    fs.writeFileSync(file, text);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UserError(
      code === "ENOENT"
        ? `${file} cannot be written: there is no folder ${path.dirname(file)}`
        : `${file} cannot be written: ${message}`,
      "make the folder first, or name another file",
    );
  }
}

/** Lines about repositories that could not be read. */
export function notRead(failures: readonly RepositoryFailure[]): string[] {
  return failures.map(({ repository, error }) => colors.red(`not read: ${repository}: ${error}`));
}

/**
 * Does long work under a progress bar. The bar is on standard error, and only on a terminal, so that it is in
 * nobody's way.
 */
export async function withProgress<T>(what: string, work: (progress: Progress) => Promise<T>): Promise<T> {
  const bar = new SingleBar({
    format: `${what} {bar} {value}/{total}`,
    barCompleteChar: "█",
    barIncompleteChar: "░",
    stream: process.stderr,
    noTTYOutput: false,
    clearOnComplete: true,
    hideCursor: true,
  });
  let started = false;
  try {
    return await work((done, total) => {
      if (!started) {
        bar.start(total, done);
        started = true;
      }
      bar.setTotal(total);
      bar.update(done);
    });
  } finally {
    if (started) {
      bar.stop();
    }
  }
}

/** A severity in its color, on a terminal. */
export function severityColor(severity: string): string {
  switch (severity) {
    case "CRITICAL":
      return colors.bold(colors.red(severity));
    case "HIGH":
      return colors.red(severity);
    case "MEDIUM":
      return colors.yellow(severity);
    default:
      return colors.dim(severity);
  }
}

/** Days in words of people: `today`, `3 days ago`. */
export function ago(days: number | undefined): string {
  return days === undefined ? "never" : days === 0 ? "today" : days === 1 ? "a day ago" : `${days} days ago`;
}

/** A digest as short as people compare it. */
export function shortDigest(digest: string): string {
  return digest.slice(0, "sha256:".length + 12);
}

/** At most three tags of an image. */
export function tagsInWords(tags: readonly string[]): string {
  return tags.length === 0
    ? colors.dim("untagged")
    : tags.length > 3
      ? `${tags.slice(0, 2).join(", ")} and ${tags.length - 2} more`
      : tags.join(", ");
}

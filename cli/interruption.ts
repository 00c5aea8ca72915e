import * as fs from "node:fs";
import { JSON_OUTPUT } from "./arguments";

/** Exit codes of interrupted commands: 128 and the number of the signal, as shells report it. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, EPIPE: 141 };

/** A command's changes while they are made. */
interface Changes {
  /** Ends them at the next moment that leaves nothing half done. Default at once. */
  stop?: () => void;
  /** What was done so far, and what was not. */
  soFar: () => string;
}

let changes: Changes | undefined;
let interruptedBy: keyof typeof EXIT_CODES | undefined;
let readerIsGone = false;

function lastLine(problem: string): void {
  const line = JSON_OUTPUT ? JSON.stringify({ problem, fix: "run the command again" }) : problem;
  fs.writeSync(process.stderr.fd, `${line}\n`);
}

/** Ends the command after Ctrl-C or a signal, with its exit code and the last line. */
export function endInterrupted(by: "SIGINT" | "SIGTERM"): never {
  lastLine(`interrupted; ${changes?.soFar() ?? "nothing was changed"}`);
  process.exit(EXIT_CODES[by]);
}

function interrupt(by: keyof typeof EXIT_CODES): void {
  if (changes?.stop !== undefined && interruptedBy === undefined) {
    interruptedBy = by;
    changes.stop();
  } else if (by !== "EPIPE") {
    // A progress bar has a handler of its own that shows the cursor again, called after this one.
    setImmediate(endInterrupted, by);
  }
}

/**
 * Makes every end of a command a truthful one. Ctrl-C and SIGTERM end it with a line that says what was changed. Where
 * nobody reads the output to the end, as with `| head`, a command that only looks ends quietly with the exit code that
 * it would have had; one that changes something says on standard error what was done.
 */
export function handleInterruptions(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, interrupt);
  }
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") {
      throw error;
    }
    readerIsGone = true;
    interrupt("EPIPE");
  });
  process.on("exit", () => {
    if (readerIsGone && changes !== undefined) {
      lastLine(changes.soFar());
    }
  });
}

/**
 * Announces that the command changes something from here on. What has a way to stop is stopped between two steps by the
 * first interruption, and at once only by a second one.
 */
export function announceChanges(now: Changes): void {
  changes = now;
  if (readerIsGone) {
    interrupt("EPIPE");
  }
}

/** Exit code of a command that an interruption has stopped; undefined if there was none. */
export function interruptedExitCode(): number | undefined {
  return interruptedBy === undefined ? undefined : EXIT_CODES[interruptedBy];
}

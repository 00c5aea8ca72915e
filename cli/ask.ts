import * as pulumi from "@pulumi/pulumi";
import prompts from "prompts";

/** One thing that a command needs to know. */
export interface Question {
  /** The flag that answers it, such as `--name`. */
  flag: string;
  message: string;
  /** What is offered. */
  initial?: string;
  /** What is wrong with an answer, or true; the answers before it are known. */
  validate?: (answer: string, earlier: Partial<Record<string, string>>) => string | true;
}

/** Whether there is somebody to ask. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY;
}

/**
 * Asks what flags did not say.
 * @throws RunError where there is nobody to ask, naming all flags that are missing; and where the answer is Ctrl-C
 */
export async function ask<K extends string>(
  questions: Partial<Record<K, Question>>,
): Promise<Partial<Record<K, string>>> {
  const open = Object.entries<Question | undefined>(questions).flatMap(([name, question]) =>
    question === undefined ? [] : [{ name: name as K, ...question }],
  );
  if (open.length === 0) {
    return {};
  }
  if (!canAsk()) {
    throw new pulumi.RunError(
      `missing: ${open.map(({ flag }) => flag).join(", ")}\nfix: give the flags, or run it on a terminal to be asked`,
    );
  }
  const answers: Partial<Record<K, string>> = {};
  for (const { name, message, initial, validate } of open) {
    const { answer } = (await prompts(
      {
        type: "text",
        name: "answer",
        message,
        ...(initial === undefined ? {} : { initial }),
        ...(validate === undefined ? {} : { validate: (text: string) => validate(text, answers) }),
      },
      { onCancel: cancel },
    )) as { answer: string };
    answers[name] = answer;
  }
  return answers;
}

function cancel(): never {
  throw new pulumi.RunError("cancelled; nothing was changed");
}

/** The flags of every command that writes files. */
export interface WriteOptions {
  dryRun?: boolean;
  yes?: boolean;
  json?: boolean;
}

/**
 * Ends a command, before its work, that would have to ask whether to write where nobody can answer.
 * @throws RunError without a terminal, and with --json, unless a flag says what to do
 */
export function requireConsent({ dryRun, yes, json }: WriteOptions): void {
  if (dryRun !== true && yes !== true && (json === true || !canAsk())) {
    throw new pulumi.RunError(
      "nobody is there to confirm; nothing was written\nfix: look at it with --dry-run, or write with --yes",
    );
  }
}

/** Whether a command may write: as its flags say, or the person at the terminal. */
export async function consents(message: string, { dryRun, yes }: WriteOptions): Promise<boolean> {
  return dryRun !== true && (await confirm(message, yes));
}

/**
 * Asks whether to go on.
 * @param yes whether a flag has said so
 * @throws RunError where there is nobody to ask
 */
export async function confirm(message: string, yes: boolean | undefined): Promise<boolean> {
  if (yes === true) {
    return true;
  }
  if (!canAsk()) {
    throw new pulumi.RunError("nobody is there to confirm\nfix: look at it first, then run it with --yes");
  }
  const { go } = (await prompts(
    { type: "confirm", name: "go", message, initial: false },
    { onCancel: cancel },
  )) as { go: boolean };
  return go;
}
